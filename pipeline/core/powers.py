"""Exponents, written ("^2", "²") or in words ("squared", "to the power of four"), and scientific notation.

It knows numbers and letters as bases, not units: a square meter is `core.measures`.
"""

from dataclasses import replace
from fractions import Fraction

from pipeline.core import numwords
from pipeline.core.integers import integer
from pipeline.core.number import Number, said, take
from pipeline.core.number_words import spoken_number
from pipeline.core.quantity import Kind
from pipeline.core.tokens import NUMBER, SIGN, WORD, Tokens
from pipeline.core.written_numbers import SUPERSCRIPTS

POWER_WORDS = {"squared": 2, "cubed": 3}
TIMES = frozenset(("x", "X", "×", "*", "·", "times"))
_AFTER_POWER = frozenset(("times", "plus", "minus", "is", "equals", "over", "divided"))
_LARGEST_EXPONENT = 400


def exponent(t: Tokens, j: int) -> tuple[int, int] | None:
    """The written integer exponent at token `j` ("^2", "²") and the token after it."""
    if t.words[j] == "^":
        k = j + 1
        brackets = t.words[k] in ("{", "(")
        k += brackets
        negative = t.words[k] == "-"
        k += negative
        if t.kinds[k] != NUMBER or not t.words[k].isdigit() or len(t.words[k]) > 9:
            return None
        if brackets and t.words[k + 1] not in ("}", ")"):
            return None
        n = int(t.words[k])
        return (-n if negative else n), k + 1 + brackets
    negative = t.words[j] == "⁻" and t.glued(j)
    j += negative
    if t.words[j] in SUPERSCRIPTS and t.glued(j):
        n = 0
        while t.words[j] in SUPERSCRIPTS and t.glued(j):
            n = 10 * n + SUPERSCRIPTS[t.words[j]]
            j += 1
        return (-n if negative else n), j
    return None


def power_at(t: Tokens, j: int) -> tuple[int, int] | None:
    """The exponent that signs or words state at token `j`, and the token after it."""
    word = t.words[j]
    if t.kinds[j] == SIGN:
        return exponent(t, j)
    if word in POWER_WORDS:
        return POWER_WORDS[word], j + 1
    return _named_power(t, j + 2) if word == "to" and t.words[j + 1] == "the" else None


def _named_power(t: Tokens, j: int) -> tuple[int, int] | None:
    """The exponent after "to the": "power of four", "fourth power", "fourth"."""
    if t.words[j] == "power" and t.words[j + 1] == "of":
        negative = t.words[j + 2] == "negative"
        n, end = integer(t, j + 2 + negative)
        return ((-n if negative else n), end) if end > j + 2 + negative else None
    place = spoken_number(t, j) if t.kinds[j] == WORD else None
    if place is None or place.kind is not Kind.ORDINAL:
        return None
    if t.words[place.end] == "power":
        return int(place.value), place.end + 1
    ends = t.kinds[place.end] != WORD or t.words[place.end] in _AFTER_POWER
    return (int(place.value), place.end) if ends and t.words[place.end] != "-" else None


def power_words(n: int) -> str:
    """The words for an exponent: "squared", "cubed", "to the power of four"."""
    if n == 2:
        return "squared"
    return "cubed" if n == 3 else f"to the power of {numwords.cardinal(n)}"


def with_power(t: Tokens, i: int, number: Number) -> Number | None:
    """The power whose base is the number that begins at `i`, None when no exponent follows."""
    power = power_at(t, number.end)
    if power is None or (number.value.denominator != 1 and t.words[number.end] in SUPERSCRIPTS):
        return None
    n, end = power
    if t.kinds[number.end] == SIGN:
        raised = replace(number, end=end, spoken=f"{said(t, i, number)} {power_words(n)}")
    else:
        raised = take(t, number, end)
    return replace(raised, kind=Kind.POWER, second=Fraction(n), whole=False)


def scientific(t: Tokens, i: int, number: Number) -> Number | None:
    """The number times a power of ten: "3 x 10^8", "three times ten to the power of eight"."""
    j = number.end + 1
    if t.words[j] not in ("10", "ten"):
        return None
    ten = with_power(t, j, Number(Fraction(10), j + 1, spoken=None if t.kinds[j] == WORD else "ten"))
    if ten is None or ten.second is None or abs(ten.second) > _LARGEST_EXPONENT:
        return None
    written = number.spoken is not None or ten.spoken is not None or t.words[number.end] != "times"
    return replace(
        number,
        value=number.value * Fraction(10) ** int(ten.second),
        end=ten.end,
        kind=Kind.SCIENTIFIC,
        second=ten.second,
        spoken=f"{said(t, i, number)} times {said(t, j, ten)}" if written else None,
        whole=False,
    )
