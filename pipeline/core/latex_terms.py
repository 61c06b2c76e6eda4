"""What single constructions are called: numbers, letters, fractions, roots, accents, with their scripts.

How they are joined to formulas is `core.latex_read`, which calls this module for every node.
"""

from collections.abc import Callable

from pipeline.core import latex_symbols as names
from pipeline.core import numwords
from pipeline.core.latex_brackets import cases, group, lines, matrix
from pipeline.core.latex_idioms import OPTION
from pipeline.core.latex_node import Kind, Node, Row, is_integer
from pipeline.core.latex_said import Level, Said, Says, quantity
from pipeline.core.latex_scripts import FUNCTION_LETTERS, in_base, ordinal_of, scripted
from pipeline.core.latex_text import say_text
from pipeline.core.latex_tokens import UnreadableLatexError
from pipeline.core.units import singular

_SET_LETTERS = {name: letter for letter, name in names.SETS.items()}
_ORDER = "O"
"""The letter of orders of growth, which is applied to whatever stands in brackets after it."""
_CONSTANTS = frozenset(("pi", "infinity"))
_ARGUMENTS = frozenset(
    (Kind.LETTER, Kind.NUMBER, Kind.NAME, Kind.SUM, Kind.FRACTION, Kind.RELATION, Kind.ROOT, Kind.GROUP)
)
_MAYBE_FUNCTIONS = frozenset("pqrtuvsxyzwkdABCDEIJKLMNOPQRSTUVWXYZ")


def is_function_call(node: Node, group: Node | None) -> bool:
    """Whether a letter before brackets is applied, as in f(x), and not multiplied, as in x(x+1)."""
    if group is None or group.kind is not Kind.GROUP or group.text != "()" or not group.args:
        return False
    if node.kind is Kind.GROUP and node.text == "()":
        return any(n.kind is Kind.PRODUCT and n.text == "circ" for n in node.args[0])
    inner = group.args[0]
    if node.kind is Kind.NAME:
        single = len(inner) == 1 and inner[0].kind in (Kind.LETTER, Kind.NUMBER, Kind.NAME)
        return node.text in names.LETTERS and node.text not in _CONSTANTS and single and not _holds(inner, node)
    return node.kind is Kind.LETTER and _is_applied(node, inner)


def _is_applied(node: Node, inner: Row) -> bool:
    inverse = node.sup is not None and is_integer(node.sup, -1)
    if inverse or node.primes or node.text == _ORDER or any(n.kind is Kind.COMMA for n in inner):
        return True
    if node.text in FUNCTION_LETTERS:
        return not node.sup or len(inner) == 1 or node.text.islower()
    if node.text not in _MAYBE_FUNCTIONS or _holds(inner, node):
        return False
    single = len(inner) == 1 and inner[0].kind in (Kind.LETTER, Kind.NUMBER, Kind.NAME)
    return single if node.text in "tuvsxyzwkdABCDEIJKLMOUWXYZ" and not node.sub else _is_argument(inner)


def _is_argument(inner: Row) -> bool:
    return all(n.kind in _ARGUMENTS for n in inner)


def _holds(row: Row, node: Node) -> bool:
    return any(n.kind is node.kind and n.text == node.text for n in row)


def say_node(node: Node, says: Says) -> Said:
    """One construction with its scripts."""
    if node.kind is Kind.NUMBER and node.sub and not node.sup:
        return in_base(node, says)
    if node.kind is Kind.NAME and node.text in _SET_LETTERS and (node.sup or node.sub):
        said = _set_of_numbers(node, says)
        if said:
            return said
    ending = ordinal_of(node)
    if ending:
        return Said(ending, Level.ATOM)
    base = _base(node, says)
    if node.kind in (Kind.FUNCTION, Kind.BIG) or not (node.sub or node.sup or node.primes):
        return base
    if base.level > Level.ATOM and node.kind is not Kind.NUMBER:
        base = Said(f"the fraction {base.words},", Level.ATOM) if base.level is Level.FRACTION else quantity(base)
    return scripted(base, node, says)


_HALVES = {
    "+": "positive", ">0": "positive", "-": "negative", "<0": "negative", "ge0": "nonnegative", "geq0": "nonnegative",
    "≥0": "nonnegative",
}  # fmt: skip
"""What a script says of a set of numbers."""


def _set_of_numbers(node: Node, says: Says) -> Said | None:
    """Say R^3 as "R three", R^+ as "the positive real numbers"."""
    if node.sup and node.sub:
        return None
    script = node.sup or node.sub or ()
    name = _HALVES.get("".join(n.text for n in script))
    if name:
        return Said(node.text.replace("the ", f"the {name} "), Level.ATOM)
    if not node.sup or script[0].kind not in (Kind.NUMBER, Kind.LETTER):
        return None
    return Said(f"{_SET_LETTERS[node.text]} {says.row(script).words.replace(' times ', ' by ')}", Level.ATOM)


def _base(node: Node, says: Says) -> Said:
    say = _SAID.get(node.kind)
    return say(node, says) if say else _sign(node)


def _number(node: Node, _: Says) -> Said:
    return Said(numwords.decimal(node.text), Level.ATOM)


def _letter(node: Node, says: Says) -> Said:
    capital = node.text.isupper() and node.text.lower() in says.both_cases
    return Said(f"capital {node.text}" if capital else node.text, Level.ATOM)


def _name(node: Node, says: Says) -> Said:
    small = node.text.removeprefix("capital ")
    return Said(node.text if small in says.both_cases else small, Level.ATOM)


def _text(node: Node, _: Says) -> Said:
    option = OPTION.fullmatch(node.text)
    return Said(f"{option.group(1)}," if option else say_text(node.text), Level.ATOM)


def _choose(node: Node, says: Says) -> Said:
    top, bottom = (says.argument(a).words for a in node.args)
    return Said(f"{top} choose {bottom}", Level.ATOM)


def _modulo(node: Node, says: Says) -> Said:
    return Said(f"modulo {says.argument(node.args[0]).words}", Level.ATOM)


def _sign(node: Node) -> Said:
    words = {
        Kind.DOTS: "dot dot dot", Kind.PERCENT: "percent", Kind.DEGREE: "degrees",
        Kind.FACTORIAL: "factorial",
        Kind.COLON: "to", Kind.BLANK: "blank", Kind.MONEY: "dollars", Kind.SHAPE: node.text,
        Kind.FUNCTION: names.FUNCTIONS.get(node.text, node.text), Kind.BIG: names.BIG.get(node.text, ""),
        Kind.SUM: names.SUMS.get(node.text, ""), Kind.PRODUCT: names.PRODUCTS.get(node.text, ""),
    }.get(node.kind, "")  # fmt: skip
    return Said(words, Level.ATOM)


# ---- Fractions and roots ------------------------------------------------------------------------------


def _fraction(node: Node, says: Says) -> Said:
    top, bottom = node.args
    if not top or not bottom:
        raise UnreadableLatexError("a fraction without numerator or denominator")
    if is_integer(top) and is_integer(bottom) and len(bottom) == 1:
        return _numeric_fraction(top, int(bottom[0].text))
    if top[-1].kind is Kind.TEXT and len(bottom) == 1 and bottom[0].kind is Kind.TEXT and _is_unit(bottom[0].text):
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

    if len(bottom) != 2 or not is_d(bottom[0]) or not is_d(top[0]) or bottom[1].sup != top[0].sup:
        return None
    if top[0].sup and not is_integer(top[0].sup, 2) and not is_integer(top[0].sup, 3):
        return None
    partial = "partial " if top[0].text == "partial" else ""
    of = f" of {says.argument(top[1:]).words}" if len(top) > 1 else ""
    order = ("second " if is_integer(top[0].sup, 2) else "third ") if top[0].sup else ""
    variable = Node(bottom[1].kind, bottom[1].text)
    return Said(
        f"the {order}{partial}derivative{of} with respect to {says.row((variable,)).words}",
        Level.ATOM,
        tail=not of,
    )


_UNIT_NAMES = frozenset(name for pair in names.UNITS.values() for name in pair) | {"person", "each"}


def _is_unit(text: str) -> bool:
    word = text.strip(" .~\\,").lower()
    return word in names.UNITS or word in _UNIT_NAMES or singular(word) is not None or singular(f"{word}s") is not None


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


_SEGMENTS = ("segment", "segments", "side", "sides", "chord", "chords", "diameter", "radius", "altitude",
"median",
             "leg", "legs", "base", "bases", "line", "lines", "hypotenuse", "diagonal", "diagonals",
             "bisector", "edge",
             "edges", "tangent", "tangents")  # fmt: skip


def _accent(node: Node, says: Says) -> Said:
    inner = node.args[0]
    accent = names.ACCENTS[node.text]
    points = all(n.kind is Kind.LETTER and n.text.isupper() for n in inner)
    said = says.row(inner)
    if node.text == "overline" and points and len(inner) > 1:
        named = says.before.rstrip(" ,").lower().endswith(_SEGMENTS)
        return Said(said.words if named else f"segment {said.words}", Level.ATOM)
    digits = len(inner) > 1 and all(n.kind in (Kind.LETTER, Kind.NUMBER) for n in inner)
    if node.text in ("overline", "underline") and digits:
        return Said(f"the number with digits {said.words}", Level.ATOM, tail=True)
    if node.text == "overline" and len(inner) == 1 and inner[0].kind is Kind.NUMBER:
        return Said(f"{numwords.digits(inner[0].text)} repeating", Level.ATOM)
    if node.text == "underline":
        return said
    if accent in ("vector", "line", "arc"):
        ray = node.text == "overrightarrow" and points and len(inner) > 1
        return Said(f"{'ray' if ray else accent} {said.words}", Level.ATOM)
    return Said(f"{says.argument(inner).words} {accent}", Level.ATOM)


def _enclosed(node: Node, says: Says) -> Said:
    return Said(f"{node.text}, enclosing {says.row(node.args[0]).words} end enclosure", Level.ATOM)


_SAID: dict[Kind, Callable[[Node, Says], Said]] = {
    Kind.NUMBER: _number,
    Kind.LETTER: _letter,
    Kind.NAME: _name,
    Kind.TEXT: _text,
    Kind.CHOOSE: _choose,
    Kind.MODULO: _modulo,
    Kind.FRACTION: _fraction,
    Kind.ROOT: _root,
    Kind.GROUP: group,
    Kind.ACCENT: _accent,
    Kind.ENCLOSED: _enclosed,
    Kind.MATRIX: matrix,
    Kind.CASES: cases,
    Kind.LINES: lines,
}
