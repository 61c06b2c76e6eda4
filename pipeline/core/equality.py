"""When two sides of a written equation state one value: exactly, rounded as declared, or in two units of one dimension.

It knows token sequences, not where in a text they stand.
"""

from collections.abc import Sequence
from fractions import Fraction
from itertools import pairwise

from pipeline.core.conversions import MEASURES
from pipeline.core.expression import value_of
from pipeline.core.scan_token import CLOSE, NUMBER, OPEN, OPERATOR, WORD, Token

CURRENCY_UNITS = {"$": "dollar", "£": "pound", "€": "euro", "¥": "yen", "¢": "cent"}

_ARITHMETIC = frozenset("+-*/^")
_COUNTING = frozenset({"!", "mod", "choose"})
_NO_OPERAND = (OPERATOR, CLOSE)
_NUMERIC = (NUMBER, OPEN, CLOSE)

Tokens = tuple[Token, ...]


def readings(tokens: Sequence[Token]) -> list[Fraction]:
    """The values a side may have: fractions without blanks may bind first, 40% may stand for 40."""
    value = value_of(tokens)
    if len(tokens) == 1 and not tokens[0].percent:
        return [] if value is None else [value]
    values = [] if value is None else [value]
    divides = 0
    percent = False
    for token in tokens:
        divides += token.text == "/"
        percent |= token.percent
    others = [
        value_of(tokens, tight=tight, percent_as_is=as_is)
        for tight, as_is in ((True, False), (False, True), (True, True))
        if (divides > 1 or not tight) and (percent or not as_is)
    ]
    values.extend(other for other in others if other is not None and other not in values)
    return values


def agree(left: Sequence[Fraction], right: Sequence[Fraction], result: Sequence[Token], *, approximate: bool) -> bool:
    """Whether two sides state one value: exactly, or rounded as the result's decimals or an "about" declare."""
    if any(value in right for value in left):
        return True
    numbers = [token for token in result if token.sort is NUMBER]
    if len(numbers) != 1:
        return False
    return any(_rounds(a, b, numbers[0], approximate=approximate) for a in left for b in right)


def _rounds(exact: Fraction, stated: Fraction, token: Token, *, approximate: bool) -> bool:
    if token.decimals == 0 and not approximate:
        return False
    unit = Fraction(1, 10**token.decimals)
    if token.percent and stated == token.value:
        unit /= 100
    return abs(exact - stated) <= unit / 2 or (approximate and abs(exact - stated) < unit)


def holds(sides: Sequence[Tokens], values: Sequence[Sequence[Fraction]], following: str, *, approximate: bool) -> bool:
    """Whether all known sides of a chain state one value; `following` is the word after the last side.

    A side of numbers alone that has no value (5/0, or a power too large to be worked out) equals nothing.
    """
    if any(not value and _is_sum(side) and not _roughly(side) for side, value in zip(sides, values, strict=True)):
        return False
    if not all(values) and any(
        _apart(*pair, approximate=approximate) for pair in pairwise(zip(sides, values, strict=True))
    ):
        return False
    known = [(side, value) for side, value in zip(sides, values, strict=True) if value]
    return all(
        agree(left, right, side, approximate=approximate) or _converts(left_side, left, side, right, following)
        for (left_side, left), (side, right) in pairwise(known)
    )


NEGLIGIBLE = Fraction(1, 10**12)
"""What two sides with irrational roots may differ by, relative to their size."""


def _apart(
    left: tuple[Tokens, Sequence[Fraction]], right: tuple[Tokens, Sequence[Fraction]], *, approximate: bool
) -> bool:
    """Whether two sides differ of which one has an irrational value: "sqrt(2) * sqrt(2) = 3"."""
    if left[1] and right[1]:
        return False
    one = left[1] or _roughly(left[0])
    other = right[1] or _roughly(right[0])
    if not one or not other:
        return False
    near = any(abs(a - b) <= NEGLIGIBLE * (1 + abs(a)) for a in one for b in other)
    return not near and not agree(one, other, right[0], approximate=approximate)


def _roughly(side: Tokens) -> list[Fraction]:
    value = None if any(token.sort is WORD for token in side) else value_of(side, rough=True)
    return [] if value is None else [value]


def _is_sum(side: Tokens) -> bool:
    """Whether a side is numbers joined by the arithmetic that people write, with no letter or word in it."""
    operators = [at for at, token in enumerate(side) if token.sort is OPERATOR]
    if not all(token.sort in (*_NUMERIC, OPERATOR) for token in side):
        return False
    if any(side[at].text in _COUNTING for at in operators):
        return True
    plain = all(side[at].text in _ARITHMETIC for at in operators)
    apart = all(
        0 < at < len(side) - 1 and side[at - 1].sort is not OPEN and side[at + 1].sort not in _NO_OPERAND
        for at in operators
    )
    return bool(operators) and plain and apart


def _unit(side: Tokens, following: str) -> str:
    for token in reversed(side):
        if token.sort is NUMBER and token.currency:
            return CURRENCY_UNITS.get(token.currency, "")
        if token.sort is WORD and token.text.lower() in MEASURES:
            return token.text.lower()
    return following


def _converts(
    left_side: Tokens, left: Sequence[Fraction], side: Tokens, right: Sequence[Fraction], following: str
) -> bool:
    """Whether two sides are one amount in two units: "150 cents = $1.50"."""
    one, other = MEASURES.get(_unit(left_side, "")), MEASURES.get(_unit(side, following))
    if one is None or other is None or one.dimension != other.dimension:
        return False
    return any(a * one.factor == b * other.factor for a in left for b in right)
