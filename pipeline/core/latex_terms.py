"""What single constructions are called: numbers, letters, fractions, roots, scripts, brackets, matrices, cases.

How they are joined to formulas is `core.latex_read`, which calls this module for every node.
"""

from dataclasses import replace
from typing import Protocol

from pipeline.core import latex_symbols as names
from pipeline.core import numwords
from pipeline.core.latex_parse import Kind, Node, Row
from pipeline.core.latex_said import Level, Said, joined, quantity
from pipeline.core.latex_text import say_text
from pipeline.core.latex_tokens import UnreadableLatexError


class Says(Protocol):
    """The reader of rows, as far as terms need it."""

    @property
    def both_cases(self) -> frozenset[str]: ...
    @property
    def before(self) -> str: ...
    def row(self, row: Row) -> Said: ...
    def relation(self, row: Row) -> Said: ...
    def argument(self, row: Row) -> Said: ...
    def with_dots(self, members: list[Row]) -> list[str]: ...


_FUNCTION_LETTERS = frozenset("fghFGH")
_MAYBE_FUNCTIONS = frozenset("pqrPQRTSNVuvsxyzwkd")
_ORDINAL_LIMIT = 100
_SHORT_POWER = 5
"""Words up to which a power needs no pause behind it: "to the power of n"."""
_PRIMES = {1: "prime", 2: "double prime", 3: "triple prime"}


def is_integer(row: Row | tuple[Node, ...], value: int | None = None) -> bool:
    """Whether a row is one plain integer, -1 for instance."""
    if len(row) == 2 and row[0].kind is Kind.SUM and row[0].text in "-−":
        return is_integer(row[1:], None if value is None else -value)
    if len(row) != 1 or row[0].kind is not Kind.NUMBER or row[0].sub or row[0].sup:
        return False
    digits = row[0].text.replace(",", "")
    return digits.isdigit() and (value is None or (value >= 0 and digits == str(value)))


def is_function_call(node: Node, group: Node | None) -> bool:
    """Whether a letter before brackets is applied, as in f(x), and not multiplied, as in x(x+1)."""
    if group is None or group.kind is not Kind.GROUP or group.text not in ("()", "[]", "absolute") or not group.args:
        return False
    if node.kind is Kind.GROUP and node.text == "()":
        return any(n.kind is Kind.PRODUCT and n.text == "circ" for n in node.args[0])
    if group.text != "()" or node.kind not in (Kind.LETTER, Kind.NAME):
        return False
    inner = group.args[0]
    if any(n.kind is Kind.COMMA for n in inner) and node.kind is Kind.LETTER:
        return True
    inverse = node.sup is not None and is_integer(node.sup, -1)
    if node.kind is Kind.NAME:
        return node.text in ("phi", "tau", "sigma", "capital phi", "psi") and len(inner) == 1 and not _holds(inner, node)
    if node.text in _FUNCTION_LETTERS:
        return not (node.sup and not inverse and len(inner) > 1 and node.text not in "fgh")
    if inverse or node.primes:
        return True
    if node.text not in _MAYBE_FUNCTIONS or _holds(inner, node):
        return False
    single = len(inner) == 1 and inner[0].kind in (Kind.LETTER, Kind.NUMBER, Kind.NAME)
    return single if node.text in "uvsxyzwkd" and not node.sub else _is_argument(inner)


def _is_argument(inner: Row) -> bool:
    return all(n.kind in (Kind.LETTER, Kind.NUMBER, Kind.NAME, Kind.SUM, Kind.FRACTION, Kind.RELATION, Kind.ROOT) for n in inner)


def _holds(row: Row, node: Node) -> bool:
    return any(n.kind is node.kind and n.text == node.text for n in row)


def say_node(node: Node, says: Says) -> Said:
    """One construction with its scripts."""
    if node.kind is Kind.NUMBER and node.sub and not node.sup:
        return _in_base(node, says)
    ending = _ordinal(node)
    if ending:
        return Said(ending, Level.ATOM)
    base = _base(node, says)
    if node.kind in (Kind.FUNCTION, Kind.BIG) or not (node.sub or node.sup or node.primes):
        return base
    if base.level > Level.ATOM and node.kind is not Kind.NUMBER:
        base = Said(f"the fraction {base.words},", Level.ATOM) if base.level is Level.FRACTION else quantity(base)
    return scripted(base, node, says)


def _base(node: Node, says: Says) -> Said:  # noqa: PLR0911, C901, PLR0912 - one case a kind
    kind = node.kind
    if kind is Kind.NUMBER:
        return Said(numwords.decimal(node.text), Level.ATOM)
    if kind is Kind.LETTER:
        capital = node.text.isupper() and node.text.lower() in says.both_cases
        return Said(f"capital {node.text}" if capital else node.text, Level.ATOM)
    if kind is Kind.NAME:
        return Said(node.text, Level.ATOM)
    if kind is Kind.FRACTION:
        return _fraction(node, says)
    if kind is Kind.ROOT:
        return _root(node, says)
    if kind is Kind.GROUP:
        return _group(node, says)
    if kind is Kind.TEXT:
        return Said(say_text(node.text), Level.ATOM)
    if kind is Kind.CHOOSE:
        top, bottom = (says.argument(a).words for a in node.args)
        return Said(f"{top} choose {bottom}", Level.ATOM)
    if kind is Kind.ACCENT:
        return _accent(node, says)
    if kind is Kind.MATRIX:
        return _matrix(node, says)
    if kind is Kind.CASES:
        return _cases(node, says)
    if kind is Kind.LINES:
        return _lines(node, says)
    if kind is Kind.MODULO:
        return Said(f"modulo {says.argument(node.args[0]).words}", Level.ATOM)
    return _sign(node)


def _sign(node: Node) -> Said:
    words = {
        Kind.DOTS: "dot dot dot", Kind.PERCENT: "percent", Kind.DEGREE: "degrees", Kind.FACTORIAL: "factorial",
        Kind.COLON: "to", Kind.BLANK: "blank", Kind.MONEY: "dollars", Kind.SHAPE: node.text,
        Kind.FUNCTION: names.FUNCTIONS.get(node.text, node.text), Kind.BIG: names.BIG.get(node.text, ""),
        Kind.SUM: names.SUMS.get(node.text, ""), Kind.PRODUCT: names.PRODUCTS.get(node.text, ""),
    }.get(node.kind, "")  # fmt: skip
    return Said(words, Level.ATOM)


# ---- Scripts ----------------------------------------------------------------------------------------


def scripted(base: Said, node: Node, says: Says) -> Said:
    """Hang subscript, primes and superscript on spoken words."""
    words = base.words
    if node.kind is Kind.TEXT and node.sup and not node.sub:
        for exponent, name in ((2, "square"), (3, "cubic")):
            if is_integer(node.sup, exponent):
                return Said(f"{name} {words}", Level.ATOM)
    pause = "," if base.tail or base.of else ""
    if node.sub:
        words += f" {_subscript(node.sub, says)}"
    if node.primes:
        words += " " + _PRIMES.get(node.primes, "prime " * node.primes)
    if node.sup:
        raised = _superscript(node, says)
        long = raised.startswith("to the power of") and len(raised.split()) > _SHORT_POWER
        return Said(f"{words}{pause} {raised}", Level.ATOM, tail=long)
    return Said(words, Level.ATOM)


def _subscript(sub: Row, says: Says) -> str:
    said = says.row(tuple(n for n in sub if n.kind is not Kind.COMMA or len(sub) > 3))
    return f"sub {said.words}" + ("," if said.level >= Level.SUM else "")


def _superscript(node: Node, says: Says) -> str:  # noqa: PLR0911 - one return a form
    sup = node.sup or ()
    if len(sup) == 1:
        single = _single_superscript(sup[0], node)
        if single:
            return single
    if is_integer(sup) and len(sup) == 1:
        return power(int(sup[0].text))
    if is_integer(sup, -1) and node.kind is Kind.LETTER and (node.text in "fghFGHT" or node.bold or node.text.isupper()):
        return "inverse"
    if len(sup) == 2 and sup[-1].kind is Kind.PRODUCT and sup[-1].text == "circ":
        return f"{says.row(sup[:-1]).words} degrees"
    if len(sup) == 1 and sup[0].kind in (Kind.SUM,):
        return {"+": "plus", "-": "minus"}.get(sup[0].text, names.SUMS.get(sup[0].text, ""))
    said = says.argument(sup)
    if len(sup) == 1 and sup[0].kind is Kind.LETTER and not (sup[0].sup or sup[0].sub):
        return f"to the {said.words}"
    if said.level is Level.PRODUCT and len(sup) == 2 and " " in said.words:
        return f"to the {said.words}" if sup[1].kind is Kind.LETTER and sup[0].kind is Kind.NUMBER else f"to the power of {said.words}"
    return f"to the power of {said.words}"


def _single_superscript(sign: Node, node: Node) -> str | None:
    if sign.kind is Kind.PRODUCT and sign.text == "circ":
        return "degree" if node.kind is Kind.NUMBER and node.text == "1" else "degrees"
    if sign.kind is Kind.DEGREE:
        return "degrees"
    if sign.kind is Kind.PRODUCT:
        return names.PRODUCTS[sign.text] if sign.text not in ("*", "ast") else "star"
    if sign.kind is Kind.NAME and sign.text in ("star", "dagger", "circle"):
        return sign.text
    if sign.kind is Kind.NAME and sign.text == "top":
        return "transpose"
    if sign.kind is Kind.LETTER and sign.text == "T" and (node.bold or node.kind is Kind.MATRIX or node.text.isupper()):
        return "transpose"
    if sign.kind is Kind.LETTER and sign.text == "c" and node.kind is Kind.LETTER and node.text.isupper():
        return "complement"
    return None


def _ordinal(node: Node) -> str | None:
    """5^{th} is "fifth", n^{th} "nth"."""
    ending = "".join(n.text for n in node.sup or ()).strip(" {}")
    if ending not in names.ENDINGS or any(n.kind not in (Kind.TEXT, Kind.LETTER) for n in node.sup or ()):
        return None
    if node.kind is Kind.NUMBER and node.text.isdigit():
        return numwords.ordinal(int(node.text))
    return f"{node.text}th" if node.kind is Kind.LETTER else None


def power(exponent: int) -> str:
    """ "squared", "cubed", "to the fourth power"."""
    if exponent in (2, 3):
        return "squared" if exponent == 2 else "cubed"
    if 4 <= exponent <= _ORDINAL_LIMIT:
        return f"to the {numwords.ordinal(exponent)} power"
    return f"to the power of {numwords.cardinal(exponent)}"


def _in_base(node: Node, says: Says) -> Said:
    """1011_2 is "one zero one one base two"."""
    if node.sub and all(n.kind in (Kind.NUMBER, Kind.LETTER, Kind.SUM, Kind.TEXT) for n in node.sub):
        return Said(f"{numwords.digits(node.text)} base {says.row(node.sub).words}", Level.ATOM)
    return scripted(Said(numwords.decimal(node.text), Level.ATOM), node, says)


# ---- Fractions and roots ------------------------------------------------------------------------------


def _fraction(node: Node, says: Says) -> Said:
    top, bottom = node.args
    if not top or not bottom:
        raise UnreadableLatexError("a fraction without numerator or denominator")
    if is_integer(top) and is_integer(bottom) and len(bottom) == 1:
        return _numeric_fraction(top, int(bottom[0].text))
    if top[0].kind is Kind.TEXT and bottom[-1].kind is Kind.TEXT and len(bottom) == 1:
        return Said(f"{says.row(top).words} per {_one_unit(says.row(bottom).words)}", Level.ATOM)
    derivative = _derivative(top, bottom, says)
    if derivative:
        return derivative
    above, below = says.row(top), says.row(bottom)
    if _is_nested(above) or _is_nested(below):
        words = f"the fraction with numerator {above.words.rstrip(',')}, and denominator {below.words.rstrip(',')},"
        return Said(words, Level.ATOM)
    over = f"{_operand(above)}{',' if above.tail or above.of else ''} over {_operand(below)}"
    return Said(over, Level.FRACTION, tail=below.tail, of=below.of)


def _numeric_fraction(top: Row, denominator: int) -> Said:
    sign = "negative " if len(top) == 2 else ""
    numerator = int(top[-1].text)
    if denominator < 2 or not numerator:
        return Said(f"{sign}{numwords.cardinal(numerator)} over {numwords.cardinal(denominator)}", Level.FRACTION)
    words = numwords.proper_fraction(numerator, denominator)
    return Said(sign + words, Level.SIGNED if sign else Level.ATOM)


def _is_nested(said: Said) -> bool:
    inside = ("the quantity", "open parenthesis") if said.level >= Level.SUM else ("the fraction",)
    return " over " in said.words or said.level is Level.LIST or any(i in said.words for i in inside)


def _operand(said: Said) -> str:
    return said.words if said.level < Level.SUM else quantity(said).words


def _derivative(top: Row, bottom: Row, says: Says) -> Said | None:
    def is_d(node: Node) -> bool:
        return (node.kind is Kind.LETTER and node.text == "d") or node.text == "partial"

    if len(bottom) != 2 or not is_d(bottom[0]) or not is_d(top[0]):
        return None
    partial = "partial " if top[0].text == "partial" else ""
    of = f" of {says.argument(top[1:]).words}" if len(top) > 1 else ""
    order = "second " if top[0].sup and is_integer(top[0].sup, 2) else ""
    variable = Node(bottom[1].kind, bottom[1].text)
    return Said(f"the {order}{partial}derivative{of} with respect to {says.row((variable,)).words}", Level.ATOM, tail=not of)


def _one_unit(words: str) -> str:
    for one, many in names.UNITS.values():
        if words == many:
            return one
    return words[:-1] if words.endswith("s") and not words.endswith("ss") else words


def _root(node: Node, says: Says) -> Said:
    kind = "square"
    if len(node.args) > 1:
        index = node.args[1]
        if is_integer(index):
            n = int(index[0].text)
            kind = {2: "square", 3: "cube"}.get(n, numwords.ordinal(n))
        else:
            kind = f"{says.row(index).words}th"
    if not node.args[0]:
        raise UnreadableLatexError("a root of nothing")
    return Said(f"the {kind} root of {says.argument(node.args[0]).words}", Level.ATOM, tail=True)


# ---- Brackets ----------------------------------------------------------------------------------------


def _group(node: Node, says: Says) -> Said:
    inner = node.args[0] if node.args else ()
    if not inner:
        return Said("", Level.ATOM)
    if node.text in ("absolute", "norm", "floor", "ceiling"):
        return _wrapped(node, inner, says)
    if node.text == "angle":
        return Said(f"the vector {_members(inner, says)}", Level.ATOM, tail=True)
    if node.text == "{}":
        return Said(_set(inner, says), Level.ATOM, tail=True)
    if node.text == "|":
        return Said(f"{says.row(inner).words}, evaluated", Level.ATOM)
    if any(n.kind is Kind.COMMA for n in inner) and node.text:
        return Said(_tuple(node.text, inner, says), Level.ATOM, tail=True)
    if len(inner) == 1 and inner[0].text == "array":
        inner = (replace(inner[0], text="pmatrix"),)
    said = says.row(inner)
    if node.text == "" and len(inner) == 1:
        return said
    if node.sup and len(inner) == 1 and inner[0].kind is Kind.FRACTION:
        return quantity(said)
    if said.level <= Level.ATOM or (node.text == "" and said.level <= Level.PRODUCT):
        return said
    if said.level is Level.SIGNED and not (node.sup or node.primes):
        return Said(said.words, Level.ATOM, tail=said.tail, of=said.of)
    return quantity(said)


def _wrapped(node: Node, inner: Row, says: Says) -> Said:
    if len(inner) == 1 and inner[0].kind is Kind.MATRIX:
        return Said(f"the determinant of {says.row(inner).words}", Level.ATOM, tail=True)
    name = {"absolute": "absolute value", "norm": "norm"}.get(node.text, node.text)
    return Said(f"the {name} of {says.argument(inner).words}", Level.ATOM, tail=True)


def _parts(inner: Row) -> list[Row]:
    parts: list[list[Node]] = [[]]
    for node in inner:
        if node.kind is Kind.COMMA:
            parts.append([])
        else:
            parts[-1].append(node)
    return [tuple(p) for p in parts if p]


def _members(inner: Row, says: Says) -> str:
    return " comma ".join(w.rstrip(",") for w in says.with_dots(_parts(inner)))


def _tuple(brackets: str, inner: Row, says: Says) -> str:
    parts = _parts(inner)
    infinite = any(n.kind is Kind.NAME and n.text == "infinity" for p in parts for n in p)
    if len(parts) == 2 and (infinite or brackets != "()"):
        low, high = (says.relation(p).words.rstrip(",") for p in parts)
        if brackets in ("()", "open"):
            return f"the open interval from {low} to {high}"
        if brackets == "[]":
            return f"the closed interval from {low} to {high}"
        end = low if brackets[0] == "[" else high
        return f"the interval from {low} to {high}, including {end}"
    words = _members(inner, says)
    if len(parts) == 1:
        return words
    label = {2: "the pair", 3: "the triple"}.get(len(parts), "the tuple")
    return words if _is_announced(says.before) else f"{label} {words}"


_ANNOUNCING = ("point", "points", "pair", "pairs", "triple", "triples", "vertex", "vertices", "center", "coordinates",
               "origin", "tuple", "tuples", "interval", "vector", "at", "through", "focus", "foci", "quadruple",
               "quadruples", "centered")  # fmt: skip


def _is_announced(before: str) -> bool:
    words = before.replace(",", " ").split()
    return bool(words) and words[-1].lower() in _ANNOUNCING


def _set(inner: Row, says: Says) -> str:
    for i, node in enumerate(inner):
        if (node.kind is Kind.RELATION and node.text in ("|", "mid")) or node.kind is Kind.COLON:
            of, such = says.row(inner[:i]).words, says.row(inner[i + 1 :]).words
            return f"the set of all {of} such that {such}"
    return f"the set {', '.join(w.rstrip(',') for w in says.with_dots(_parts(inner)))}"


_SEGMENTS = ("segment", "segments", "side", "sides", "chord", "chords", "diameter", "radius", "altitude", "median",
             "leg", "legs", "base", "bases", "line", "lines", "hypotenuse", "diagonal", "diagonals", "bisector", "edge",
             "edges", "tangent", "tangents")  # fmt: skip


def _accent(node: Node, says: Says) -> Said:
    inner = node.args[0]
    accent = names.ACCENTS[node.text]
    points = all(n.kind is Kind.LETTER and n.text.isupper() for n in inner)
    said = says.row(inner)
    if node.text == "overline" and points and len(inner) > 1:
        named = says.before.rstrip(" ,").lower().endswith(_SEGMENTS)
        return Said(said.words if named else f"segment {said.words}", Level.ATOM)
    if node.text in ("overline", "underline") and len(inner) > 1 and all(n.kind in (Kind.LETTER, Kind.NUMBER) for n in inner):
        return Said(f"the number with digits {said.words}", Level.ATOM, tail=True)
    if node.text == "overline" and len(inner) == 1 and inner[0].kind is Kind.NUMBER:
        return Said(f"{numwords.digits(inner[0].text)} repeating", Level.ATOM)
    if node.text == "underline":
        return said
    if accent in ("vector", "line", "arc"):
        ray = node.text == "overrightarrow" and points and len(inner) > 1
        return Said(f"{'ray' if ray else accent} {said.words}", Level.ATOM)
    return Said(f"{says.argument(inner).words} {accent}", Level.ATOM)


# ---- Arrays ------------------------------------------------------------------------------------------


def _cells(node: Node) -> list[tuple[Row, ...]]:
    width = max(1, node.columns)
    return [node.args[i : i + width] for i in range(0, len(node.args), width)]


def _matrix(node: Node, says: Says) -> Said:
    rows = _cells(node)
    if node.text == "array" and any(n.kind is Kind.RELATION for row in rows for cell in row for n in cell):
        return _lines(node, says)
    said = [[says.row(cell).words.rstrip(",") or "blank" for cell in row] for row in rows]
    if node.text == "array" and any("blank" in r for r in said):
        raise UnreadableLatexError("an array laid out as a drawing")
    name = "the determinant of the matrix" if node.text == "vmatrix" else "the matrix"
    if node.columns == 1 and len(rows) > 1:
        return Said("the column vector " + " comma ".join(r[0] for r in said), Level.ATOM, tail=True)
    size = f"{numwords.cardinal(len(rows))} by {numwords.cardinal(node.columns)}"
    name = name.replace("matrix", f"{size} matrix")
    if len(rows) == 1:
        return Said("the row vector " + " comma ".join(said[0]), Level.ATOM, tail=True)
    listed = "; ".join(f"row {numwords.cardinal(i)}: {', '.join(r)}" for i, r in enumerate(said, 1))
    return Said(f"{name} with {listed};", Level.ATOM)


def _cases(node: Node, says: Says) -> Said:
    parts = []
    for row in _cells(node):
        value = says.row(row[0]).words.rstrip(",")
        condition = says.row(row[1]).words.rstrip(",") if len(row) > 1 and row[1] else ""
        if condition and not condition.startswith(("if", "when", "for", "otherwise", "where")):
            condition = f"if {condition}"
        parts.append(f"{value} {condition}".strip())
    return Said(", and ".join(parts), Level.LIST, tail=True)


def _lines(node: Node, says: Says) -> Said:
    """Aligned equations: the sign at the end of a line says how they follow each other."""
    parts = [says.row(tuple(n for cell in row for n in cell)).words.rstrip(",.;") for row in _cells(node)]
    parts = [p for p in parts if p]
    if len(parts) > 1 and all(" equals " in p or " is " in p for p in parts):
        return Said(", ".join(parts[:-1]) + f", and {parts[-1]}", Level.LIST, tail=True)
    return Said(joined([", ".join(parts)]), Level.LIST, tail=True)
