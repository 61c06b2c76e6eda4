"""Every quantity of a written or spoken text, exactly, and whether two texts state the same ones.

One reader for both: "$2.50" and "two dollars and fifty cents" give equal quantities. It does not judge
whether a quantity is right, only what is stated.
"""

from fractions import Fraction
from functools import lru_cache

from pipeline.core.formulas import Worded, may_hold_formulas, worded
from pipeline.core.quantity import Kind, Quantity
from pipeline.core.reading import reading
from pipeline.core.remembered import OF_A_SHARD
from pipeline.core.text import GREEK_LETTER, same_length

_IN_BASE = {
    "cent": (Fraction(1, 100), "dollar"),
    "penny": (Fraction(1, 100), "pound"),
    "dozen": (Fraction(12), ""),
}


@lru_cache(maxsize=OF_A_SHARD)
def read(text: str) -> tuple[Quantity, ...]:
    """The quantities of a text in order, not overlapping; "one" as a pronoun and bare units are none.

    In LaTeX the quantities are those that the formula states when it is said, each with the formula's span; from
    a formula that cannot be said nothing is read.
    """
    text = same_length(text)
    if not text.isascii():
        text = GREEK_LETTER.sub(" ", text)  # "πr²" is the square of r alone
    if may_hold_formulas(text):
        prose = worded(text)
        if isinstance(prose, Worded):
            return tuple(_placed(quantity, prose) for quantity in _read(prose.text))
    return _read(text)


def _placed(quantity: Quantity, prose: Worded) -> Quantity:
    start, end = prose.span(quantity.start, quantity.end)
    return quantity._replace(start=start, end=end)


def _read(text: str) -> tuple[Quantity, ...]:
    found: list[Quantity] = []
    whole = reading(text)
    count = whole.tokens.count
    i = whole.opener(0)
    while i < count:
        phrase = whole.phrase(i)
        if phrase is None:
            i = whole.opener(i + 1)
            continue
        if phrase.quantity is not None:
            found.append(phrase.quantity)
        i = whole.opener(phrase.next)
    return tuple(found)


def amount(quantity: Quantity) -> Fraction:
    """The value without its unit's factor: 50 cents is 1/2, five dozen is 60."""
    base = _IN_BASE.get(quantity.unit)
    return quantity.value if base is None else quantity.value * base[0]


def _terms(quantities: tuple[Quantity, ...]) -> list[tuple[Fraction, Quantity]]:
    terms: list[tuple[Fraction, Quantity]] = []
    for quantity in quantities:
        terms.append((amount(quantity), quantity))
        if quantity.second is not None and quantity.kind is not Kind.SCIENTIFIC:
            terms.append((quantity.second, quantity))
    return terms


def _name(quantity: Quantity) -> str:
    unit = f" {quantity.unit}" if quantity.unit else ""
    return f"{quantity.value}{unit} ({quantity.kind}, at {quantity.start})"


def _compatible(first: Quantity, second: Quantity) -> bool:
    a, b = (_IN_BASE.get(quantity.unit, (1, quantity.unit))[1] for quantity in (first, second))
    return a == b or ("cent" in (first.unit, second.unit) and "euro" in (a, b))


_PERCENT = Kind.PERCENT


def differ(written: tuple[Quantity, ...], spoken: tuple[Quantity, ...]) -> str | None:
    """None when both state the same values in the same order, else one line that names the first difference.

    Values count, not their form: 0.25 equals one quarter, a dozen 12, seventy five cents $0.75. A percent
    never equals a bare number, nor one unit another, where both name one.
    """
    left, right = _terms(written), _terms(spoken)
    for (a, first), (b, second) in zip(left, right, strict=False):
        if a != b or (first.symbol and second.symbol and first.symbol.lower() != second.symbol.lower()):
            return f"{_name(first)} became {_name(second)}"
        if (first.kind is _PERCENT) != (second.kind is _PERCENT):
            return f"{_name(first)} became {_name(second)}"
        if first.unit and second.unit and not _compatible(first, second):
            return f"{_name(first)} became {_name(second)}"
    if len(left) > len(right):
        return f"{_name(left[len(right)][1])} is missing"
    if len(right) > len(left):
        return f"{_name(right[len(left)][1])} was added"
    return None
