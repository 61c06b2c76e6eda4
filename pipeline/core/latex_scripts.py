"""What hangs on a base: "squared", "to the power of n", "sub k", "prime", "degrees", "base two"."""

from pipeline.core import latex_symbols as names
from pipeline.core import numwords
from pipeline.core.latex_idioms import slashed
from pipeline.core.latex_node import Kind, Node, Row, is_integer
from pipeline.core.latex_said import Level, Said, Says

FUNCTION_LETTERS = frozenset("fghFGH")
"""Letters that mean a function wherever brackets or a minus one follow."""
ORDINAL_LIMIT = 100
_SHORT_POWER = 5
"""Words up to which a power needs no pause behind it: "to the power of n"."""
_PRIMES = {1: "prime", 2: "double prime", 3: "triple prime"}


def scripted(base: Said, node: Node, says: Says) -> Said:
    """Hang subscript, primes and superscript on spoken words."""
    words = base.words
    if node.kind is Kind.TEXT and node.sup and not node.sub:
        for exponent, name in ((2, "square"), (3, "cubic")):
            if is_integer(node.sup, exponent):
                return Said(f"{name} {words}", Level.ATOM)
    pause = "," if base.tail or base.of else ""
    lettered = node.sub is not None and not is_integer(node.sub)
    if node.sub:
        words += f" {_subscript(node.sub, says)}"
    if node.primes:
        words += " " + _PRIMES.get(node.primes, "prime " * node.primes)
    if node.sup:
        raised = _superscript(node, says)
        long = raised.startswith("to the power of") and len(raised.split()) > _SHORT_POWER
        return Said(f"{words}{pause} {raised}", Level.ATOM, tail=long)
    return Said(words, Level.ATOM, tail=lettered)


def _subscript(sub: Row, says: Says) -> str:
    said = says.row(tuple(n for n in sub if n.kind is not Kind.COMMA or len(sub) > 3))
    return f"sub {said.words}" + ("," if said.level >= Level.SUM else "")


def _superscript(node: Node, says: Says) -> str:
    sup = slashed(node.sup or ())
    single = _single_superscript(sup[0], node) if len(sup) == 1 else None
    if single:
        return single
    if is_integer(sup, -1) and node.kind is Kind.LETTER and (node.text in FUNCTION_LETTERS or node.bold):
        return "inverse"
    if len(sup) > 1 and sup[-1].kind is Kind.PRODUCT and sup[-1].text == "circ":
        return f"{says.row(sup[:-1]).words} degrees"
    said = says.argument(sup)
    if len(sup) == 1 and sup[0].kind is Kind.FRACTION and said.level is Level.ATOM and " over " not in said.words:
        return f"to the {said.words} power"
    return f"to the {said.words}" if _is_short(sup) else f"to the power of {said.words}"


def _is_short(sup: Row) -> bool:
    """Whether an exponent needs no "power of": n, 2n, -x."""
    if len(sup) > 1 and sup[0].kind is Kind.SUM and sup[0].text in "-−":
        return _is_short(sup[1:])
    if not sup or any(n.sub or n.sup for n in sup) or sup[-1].kind is not Kind.LETTER:
        return False
    return len(sup) == 1 or (len(sup) == 2 and sup[0].kind is Kind.NUMBER)


_SIGN_SUPERSCRIPTS = {"circ": "degrees", "*": "star", "ast": "star", "+": "plus", "-": "minus"}


def _single_superscript(sign: Node, node: Node) -> str | None:
    if is_integer((sign,)):
        return power(int(sign.text))
    if sign.kind is Kind.DEGREE or (sign.kind is Kind.PRODUCT and sign.text == "circ"):
        return "degree" if node.kind is Kind.NUMBER and node.text == "1" else "degrees"
    if sign.kind in (Kind.PRODUCT, Kind.SUM):
        return _SIGN_SUPERSCRIPTS.get(sign.text) or names.PRODUCTS.get(sign.text) or names.SUMS.get(sign.text)
    if sign.kind is Kind.NAME and sign.text in ("star", "dagger", "circle"):
        return sign.text
    matrix = node.bold or node.kind is Kind.MATRIX or node.text.isupper()
    if matrix and sign.text in ("T", "top"):
        return "transpose"
    return "complement" if sign.text == "c" and node.kind is Kind.LETTER and node.text.isupper() else None


def ordinal_of(node: Node) -> str | None:
    """Say 5^{th} as "fifth", n^{th} "nth"."""
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
    if 4 <= exponent <= ORDINAL_LIMIT:
        return f"to the {numwords.ordinal(exponent)} power"
    return f"to the power of {numwords.cardinal(exponent)}"


_LARGEST_BASE = 64


def _is_index(sub: Row) -> bool:
    """Whether a subscript is too large for the base of a numeral."""
    return is_integer(sub) and int(sub[0].text) > _LARGEST_BASE if len(sub) == 1 and sub[0].text.isdigit() else False


def in_base(node: Node, says: Says) -> Said:
    """Say 1011_2 as "one zero one one base two"."""
    if (
        node.sub
        and not _is_index(node.sub)
        and all(n.kind in (Kind.NUMBER, Kind.LETTER, Kind.SUM, Kind.TEXT) for n in node.sub)
    ):
        return Said(f"{numwords.digits(node.text)} base {says.row(node.sub).words}", Level.ATOM)
    return scripted(Said(numwords.decimal(node.text), Level.ATOM), node, says)
