"""Two numbers said together: a time of day, a year, or a price where one is asked for.

It does not know how times are written in digits (`core.written_numbers`).
"""

from fractions import Fraction

from pipeline.core.codes import names_street
from pipeline.core.integers import NOTHING, integer
from pipeline.core.lexicon import LEXICON, MONEY_AFTER, MONEY_BEFORE, Word
from pipeline.core.number import Number
from pipeline.core.quantity import Kind
from pipeline.core.tokens import WORD, Tokens
from pipeline.core.units import singular, words


def pair(t: Tokens, value: int, end: int) -> Number | None:
    """Two numbers below a hundred said together: a year, a time, or a price where one is asked for."""
    if value >= 24 or t.words[end] == "-" or t.kinds[end] != WORD or not t.near(end):
        return None
    word, n = LEXICON.get(t.words[end], NOTHING)
    if word is None:
        return _century(t, value, end)
    if word == Word.DECADE and value >= 13:
        return Number(Fraction(100 * value + n), end + 1, Kind.YEAR, whole=False)
    if word == Word.OH:
        low, low_end = integer(t, t.joined(end))
        good = 0 < low < 10
    else:
        low, low_end = integer(t, end)
        good = word in (Word.TEEN, Word.TENS) and low < 100
    if good and t.kinds[low_end] == WORD and names_street(t, low_end):
        return Number(Fraction(100 * value + low), low_end, Kind.DIGITS, whole=False)
    timed = end > 1 and t.words[end - 2] in _BEFORE_TIMES and t.words[low_end] not in MONEY_AFTER
    return _dated(t, value, low, low_end, timed=timed) if good and not _counts_things(t, low_end) else None


def _century(t: Tokens, value: int, end: int) -> Number | None:
    """The years of a century: "the nineteen hundreds", "the two thousands"."""
    if t.words[end] == "hundreds" and value >= 13:
        return Number(Fraction(100 * value), end + 1, Kind.YEAR, whole=False)
    if t.words[end] == "tens" and value >= 18 and end > 1 and t.words[end - 2] == "the":
        return Number(Fraction(100 * value + 10), end + 1, Kind.YEAR, whole=False)
    if t.words[end] == "thousands" and value == 2:
        return Number(Fraction(1000 * value), end + 1, Kind.YEAR, whole=False)
    return None


def _counts_things(t: Tokens, end: int) -> bool:
    """Whether the number that ends here has a noun of its own: "ten twenty-dollar bills"."""
    after = t.words[end]
    if after == "-" and t.glued(end) and t.glued(end + 1):
        return True
    word, _ = LEXICON.get(after, NOTHING)
    return word in (Word.ORDINAL, Word.PARTS, Word.HALF, Word.DOZEN) or (
        singular(after) == after and t.kinds[end] == WORD and (t.kinds[end + 1] == WORD or t.words[end + 1] == "-")
    )


_BEFORE_TIMES = words("at by from until till since before after around between")
"""Before an hour these keep it from being a price: "he paid at nine oh four"."""


def _dated(t: Tokens, high: int, low: int, end: int, *, timed: bool) -> Number | None:
    if high > 12 and t.words[end] == "hours" and low < 60:
        return clock(t, high, low, end + 1)
    if 13 <= high <= 20 or (high >= 10 and low >= 60):
        return Number(Fraction(100 * high + low), end, Kind.YEAR, whole=False)
    if high > 12:
        return None
    if not timed and day_half(t, end) == end and _price_is_asked(t, end):
        return Number(high + Fraction(low, 100), end, Kind.MONEY, unit="dollar", whole=False)
    return clock(t, high, low, end) if low < 60 else None


def _price_is_asked(t: Tokens, end: int) -> bool:
    if t.words[end] in MONEY_AFTER:
        return True
    return any(word in MONEY_BEFORE for word in t.words[max(0, end - 7) : end])


def clock(t: Tokens, hour: int, minute: int, end: int) -> Number:
    """A time of day; "AM" and "PM" belong to its span, the value is what the clock shows."""
    return Number(hour + Fraction(minute, 60), day_half(t, end), Kind.CLOCK, unit="hour", whole=False)


def day_half(t: Tokens, end: int) -> int:
    """The end after "AM", "p.m." and their like at `end`, else `end` itself."""
    word = t.words[end]
    if word in ("am", "pm"):
        return end + 1
    if word in ("a", "p") and t.words[end + 1] == "." and t.words[end + 2] == "m" and t.glued(end + 2):
        after = t.raw(end + 4)
        stop = t.words[end + 3] == "." and t.glued(end + 3) and after[:1].strip() and not after[0].isupper()
        return end + 3 + bool(stop)
    return end
