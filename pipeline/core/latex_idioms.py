"""What neighbours in a row mean together: clock times, mixed numbers, intervals, arguments without brackets.

Finds and rewrites them in the tree, and decides what is said between two factors; `core.latex_read` says them.
"""

import re
from dataclasses import replace

from pipeline.core import numwords
from pipeline.core.latex_node import Kind, Node, Row, is_bare, is_integer, is_invisible
from pipeline.core.latex_said import Level, Said
from pipeline.core.latex_symbols import PLAIN_FUNCTIONS

POINTS = frozenset((Kind.LETTER, Kind.NAME, Kind.NUMBER))
_PLAIN_ARGUMENTS = POINTS | {
    Kind.FRACTION,
    Kind.ROOT,
    Kind.ACCENT,
    Kind.DEGREE,
    Kind.MATRIX,
    Kind.SHAPE,
    Kind.CHOOSE,
}
_CONNECTIVES = frozenset(
    ("and", "or", "if", "for", "when", "where", "so", "then", "but", "with", "such", "while", "since",
    "as", "is", "are",
     "because", "thus", "hence", "therefore", "but", "only", "implies", "to", "which", "that", "gives",
     "otherwise")
)  # fmt: skip


_ARROWS = ("to", "rightarrow", "longrightarrow", "→")


def mapped(row: Row) -> Row:
    """f: A -> B is "f from A to B"."""
    if not any(n.kind is Kind.RELATION and n.text in _ARROWS for n in row):
        return row
    if not any(n.kind is Kind.COLON or n.text == "colon" for n in row):
        return row
    return tuple(
        Node(Kind.TEXT, "from")
        if n.kind is Kind.COLON or n.text == "colon"
        else Node(Kind.TEXT, "to")
        if n.kind is Kind.RELATION and n.text in _ARROWS
        else n
        for n in row
    )


def clocked(row: Row) -> Row:
    """5:00 and 4:51 p.m. are times of day."""
    for i in range(len(row) - 2):
        hour, colon, minute = row[i : i + 3]
        if colon.kind is not Kind.COLON or hour.kind is not Kind.NUMBER or minute.kind is not Kind.NUMBER:
            continue
        if not (hour.text.isdigit() and minute.text.isdigit()):
            continue
        half = i + 3 < len(row) and row[i + 3].kind is Kind.TEXT and row[i + 3].text.strip()[:1] in "apAP"
        if len(minute.text) == 2 and (half or minute.text == "00" or hour.text.startswith("0")):
            return (*row[:i], Node(Kind.TEXT, _time(int(hour.text), int(minute.text))), *row[i + 3 :])
    return row


def _time(hour: int, minute: int) -> str:
    if not minute:
        return f"{numwords.cardinal(hour)} o'clock"
    return f"{numwords.cardinal(hour)} {'oh ' if minute < 10 else ''}{numwords.cardinal(minute)}"


INTEGRALS = frozenset(("int", "iint", "iiint", "oint"))


def differentials(row: Row) -> Row:
    """The d x that closes an integral is one thing, which follows without "times"."""
    found: list[Node] = []
    for node in row:
        before = found[-1] if found else None
        closes = node.kind in (Kind.LETTER, Kind.NAME) and before and before.kind is Kind.LETTER and before.text == "d"
        if closes and before and is_bare(before) and is_bare(node) and len(found) > 1:
            found[-1] = Node(Kind.TEXT, f"d {node.text}")
        else:
            found.append(node)
    return tuple(found)


def is_connective(node: Node) -> bool:
    """Whether words in a formula join two of its clauses."""
    first = node.text.strip(" ,~\\").split(" ")[0].strip(",").lower() if node.kind is Kind.TEXT else ""
    return first in _CONNECTIVES


def intervals(row: Row) -> Row:
    """Two members in round brackets are an interval after "in" and beside unions."""
    return tuple(
        replace(n, text="open")
        if n.kind is Kind.GROUP and n.text == "()" and sum(m.kind is Kind.COMMA for m in n.args[0]) == 1
        else n
        for n in row
    )


def slashed(row: Row) -> Row:
    """a/b between two numbers becomes a fraction."""
    nodes = list(row)
    i = 1
    while i < len(nodes) - 1:
        if nodes[i].kind is Kind.PRODUCT and nodes[i].text == "/":
            left, right = nodes[i - 1], nodes[i + 1]
            if left.kind is right.kind is Kind.NUMBER and is_bare(left) and is_bare(right):
                nodes[i - 1 : i + 2] = [Node(Kind.FRACTION, args=((left,), (right,)))]
                continue
        i += 1
    return tuple(nodes)


def chosen(row: Row) -> Row:
    """The old sign for combinations, n and r hanging on a C."""
    if len(row) < 2 or row[0].kind is not Kind.GROUP or row[0].args or not row[0].sub:
        return row
    letter = row[1]
    if letter.kind is Kind.LETTER and letter.text in "CP" and letter.sub:
        if letter.text == "C":
            return (Node(Kind.CHOOSE, args=(row[0].sub, letter.sub)), *row[2:])
        return (*row[0].sub, Node(Kind.TEXT, "permute"), *letter.sub, *row[2:])
    return row


def measured(row: Row) -> Row:
    """An m before an angle is its measure."""
    if len(row) > 1 and row[0].kind is Kind.LETTER and row[0].text == "m" and row[1].text == "angle":
        return (Node(Kind.TEXT, "the measure of"), *row[1:])
    return row


def is_vector(node: Node) -> bool:
    """Whether a node is a vector or matrix, so that a dot or cross between such is a product of theirs."""
    return (
        node.bold
        or (node.kind is Kind.MATRIX)
        or (node.kind is Kind.GROUP and bool(node.args) and any(n.bold for n in node.args[0]))
    )


def is_repetend(node: Node) -> bool:
    """Whether an overlined number goes on with the decimal before it."""
    return node.kind is Kind.ACCENT and node.text == "overline" and [n.kind for n in node.args[0]] == [Kind.NUMBER]


def repeating(start: str, repetend: str) -> Said:
    """Say 0.1 with 6 overlined is "zero point one six repeating"."""
    whole, _, fixed = start.partition(".")
    words = f"{numwords.cardinal(int(whole or 0))} point {numwords.digits(fixed)}"
    if fixed:
        return Said(f"{words} with {numwords.digits(repetend)} repeating", Level.ATOM)
    return Said(f"{words} {numwords.digits(repetend)} repeating", Level.ATOM)


def is_proper(whole: Node, part: Node) -> bool:
    """Whether a fraction after an integer makes a mixed number."""
    if not (is_integer((whole,)) and part.kind is Kind.FRACTION and is_bare(part)):
        return False
    top, bottom = part.args
    return is_integer(top) and is_integer(bottom) and int(top[0].text) < int(bottom[0].text) != 0


def argument_end(row: Row, at: int) -> int:
    """Where the argument of a function without brackets ends: sin 2x cos x."""
    end = at + 1
    if end < len(row) and row[end].kind is Kind.GROUP and row[end].text:
        return end + 1
    if end < len(row) and row[end].kind is Kind.FUNCTION:
        return argument_end(row, end)
    while end < len(row) and (row[end].kind in _PLAIN_ARGUMENTS or is_invisible(row[end])):
        end += 1
        if end < len(row) and row[end].kind is Kind.FACTORIAL:
            end += 1
    return end


SILENT = frozenset((Kind.TEXT, Kind.DOTS, Kind.COLON, Kind.MODULO, Kind.BLANK, Kind.MONEY, Kind.LINES, Kind.CASES))


OPTION = re.compile(r"\s*\(([A-H])\)\s*")
"""The letter of a choice in a list of choices."""
_POSTFIXES = frozenset((Kind.PERCENT, Kind.FACTORIAL, Kind.DEGREE))


def is_single(arguments: Row) -> bool:
    """Whether a function's argument is one letter or number, bracketed or not: "sine x"."""
    if len(arguments) == 1 and arguments[0].kind is Kind.GROUP and arguments[0].args and is_bare(arguments[0]):
        return arguments[0].text == "()" and is_single(arguments[0].args[0])
    return len(arguments) == 1 and arguments[0].kind in POINTS and not arguments[0].sub


def conditional(inner: Row) -> list[Row]:
    """A and B of P(A | B)."""
    for i, node in enumerate(inner):
        if node.kind is Kind.RELATION and node.text in ("|", "mid"):
            return [inner[:i], inner[i + 1 :]]
    return []


_WITHOUT_ARTICLE = PLAIN_FUNCTIONS - {"ln"}


def glue(before: Said, left: Node, right: Node) -> str:
    """What is said between two factors that stand side by side."""
    if right.kind is Kind.TEXT and OPTION.fullmatch(right.text):
        return ","
    if left.kind in SILENT or right.kind in SILENT or right.kind in _POSTFIXES:
        return ""
    if left.kind is right.kind is Kind.NUMBER:
        return ","
    if left.kind is Kind.FRACTION and before.words.startswith("the derivative with"):
        return "of"
    if before.tail or before.words.endswith(",") or left.kind in (Kind.ROOT, Kind.MATRIX, Kind.CHOOSE):
        return "times"
    if right.kind in (Kind.LETTER, Kind.NAME, Kind.ACCENT, Kind.SHAPE):
        runs_on = _runs_on(before, left)
    else:
        runs_on = right.kind is Kind.FUNCTION and right.text in _WITHOUT_ARTICLE and _runs_on(before, left)
    return "" if runs_on else "times"


def _runs_on(before: Said, left: Node) -> bool:
    """Whether a letter can follow without "times": "two x", "a b", "x squared y", "one half x"."""
    if left.kind is Kind.LETTER and left.text.isupper() and left.sub and not left.sup:
        return True
    if left.kind in (Kind.LETTER, Kind.NAME, Kind.NUMBER, Kind.ACCENT, Kind.SHAPE):
        return not left.sub and (not left.sup or before.words.endswith(("squared", "cubed", "degrees")))
    return left.kind is Kind.FRACTION and before.level is not Level.FRACTION


def coins(whole: int, cents: int, coin: str) -> str:
    """Say an amount with its minor units: "two dollars and fifty cents"."""
    minor = "penny" if coin == "pound" else "cent"
    minors = "pence" if coin == "pound" else "cents"
    parts = []
    if whole or not cents:
        parts.append(f"{numwords.cardinal(whole)} {coin}{'' if whole == 1 else 's'}")
    if cents:
        parts.append(f"{numwords.cardinal(cents)} {minor if cents == 1 else minors}")
    return " and ".join(parts)
