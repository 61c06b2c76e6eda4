"""Read numbers spelled in words: "a hundred and five", "two and a half", "point oh five", "half a dozen".

Functions take tokens and the index of a token and return what begins there, or None. They know neither digits
(`core.written_numbers`) nor units (`core.phrases`).
"""

from dataclasses import replace
from fractions import Fraction

from pipeline.core.clocks import clock, day_half, pair
from pipeline.core.integers import NOTHING, SMALL, digit_run, integer
from pipeline.core.lexicon import (
    DETERMINERS,
    FRACTION_FOLLOWERS,
    FUNCTION_WORDS,
    LEXICON,
    MONTH_NAMES,
    PLACES,
    PRONOUN_BEFORE,
    SECOND_ENDS,
    UNIT_BEFORE_SECOND,
    Word,
)
from pipeline.core.number import Number
from pipeline.core.quantity import Kind
from pipeline.core.tokens import NUMBER, WORD, Tokens
from pipeline.core.units import singular, words

CLOSERS = frozenset(("", ",", ".", "?", "!", ";", ":", ")", "\n"))
HOURS_OF_DAY = 24
_HOURS = frozenset(map(str, range(1, 13)))
_NOT_A_PART = frozenset(("grade", "grader", "graders", "place", "floor", "year", "base", "time", "day"))
GO_ON = frozenset(LEXICON) | {
    "-",
    "and",
    "over",
    "o'clock",
    "oclock",
    "am",
    "pm",
    "p",
    "tens",
    "hundreds",
    "thousands",
}
"""What may stand after an integer and still belong to it."""


def spoken_number(t: Tokens, i: int) -> Number | None:
    """The number that begins at word `i`, without sign and unit."""
    word, n = LEXICON.get(t.words[i], NOTHING)
    if word is None or t.kinds[i] != WORD:
        return None
    if word <= Word.SCALE:
        return _from_cardinal(t, i, word)
    reader = _READERS.get(word)
    return reader(t, i, n) if reader else None


def _from_cardinal(t: Tokens, i: int, word: int) -> Number | None:
    if t.words[i] == "one" and pronoun(t, i):
        return None
    if word <= Word.TENS and t.words[i + 1] not in GO_ON:
        return Number(Fraction(LEXICON[t.words[i]][1]), i + 1)
    if word == Word.DIGIT:
        run = digit_run(t, i)
        if run is not None:
            return run
    value, end = integer(t, i)
    together = pair(t, value, end)
    if together is not None:
        return together
    return _ordinal_end(t, value, end) or after_whole(t, Number(Fraction(value), end))


def pronoun(t: Tokens, i: int) -> bool:
    """Whether the "one" or "1" at `i` stands for a thing instead of counting."""
    after = t.words[i + 1]
    if after == "and" and _part(t, i + 2) is not None:
        return False
    if after in ("'", "another") or (i > 0 and t.words[i - 1] == "no"):
        return True
    if after == "of" and t.words[i + 2] in DETERMINERS:
        return True
    return (
        i > 0
        and t.words[i - 1] in PRONOUN_BEFORE
        and (after in FUNCTION_WORDS if t.kinds[i + 1] == WORD else after in CLOSERS)
    )


def _ordinal_end(t: Tokens, value: int, end: int) -> Number | None:
    """An ordinal whose last word alone is one: "twenty third", "two hundredth"."""
    k = t.joined(end - 1)
    word, n = LEXICON.get(t.words[k], NOTHING)
    if word != Word.ORDINAL or value < 2:
        return None
    if n == 2 and t.words[k - 1] == "-" and t.words[k + 1] not in PLACES:
        return None
    low = value % (1000 if n == 100 else 1000 * n)
    if n >= 100 and 0 < low < (100 if n == 100 else 1000):
        return Number(Fraction(value - low + low * n), k + 1, Kind.ORDINAL, whole=False)
    if n < 100 and (value % 100 == 0 or (n < 10 and value % 10 == 0 and value % 100 >= 20)):
        return Number(Fraction(value + n), k + 1, Kind.ORDINAL, whole=False)
    return None


def after_whole(t: Tokens, number: Number) -> Number:
    """An integer, in digits or words, with what words add: "point five", "thirds", "million"."""
    if t.words[number.end] not in GO_ON:
        return number
    k = t.joined(number.end - 1)
    word, n = LEXICON.get(t.words[k], NOTHING)
    if word == Word.POINT and number.spoken is None:
        number = _decimal(t, number, k)
    elif number.whole and day_half(t, number.end) > number.end and 0 < number.value <= 12:
        return replace(number, end=day_half(t, number.end), kind=Kind.CLOCK, unit="hour", whole=False)
    elif word is not None and number.whole:
        number = _fraction(t, number, k, word, n) or number
    elif t.words[k] == "over":
        number = _over(t, number, k) or number
    elif t.words[k] in ("o'clock", "oclock") and number.value < HOURS_OF_DAY:
        return replace(number, end=k + 1, kind=Kind.CLOCK, unit="hour", whole=False)
    return scaled(t, and_fraction(t, number) if number.whole else number)


def _decimal(t: Tokens, number: Number, k: int) -> Number:
    digits, end = _decimals(t, k)
    if not digits:
        return number
    value = number.value + Fraction(int(digits), 10 ** len(digits))
    return Number(value, end, Kind.CARDINAL, whole=False)


def _decimals(t: Tokens, k: int) -> tuple[str, int]:
    """Digits said after "point" at `k`, one by one or as one number ("point twenty five"), and their end."""
    digits: list[str] = []
    j = t.joined(k)
    end = j
    while True:
        word, n = LEXICON.get(t.words[j], NOTHING)
        if word in (Word.DIGIT, Word.OH):
            digits.append(str(n))
        elif word in (Word.TEEN, Word.TENS) and (not digits or set(digits) == {"0"}):
            value, end = integer(t, j)
            return "".join(digits) + str(value), end
        else:
            break
        end = j + 1
        j = t.joined(j)
    return "".join(digits), end


def _fraction(t: Tokens, number: Number, k: int, word: int, n: int) -> Number | None:
    """A fraction whose numerator was read: "one third", "two halves", "three quarters of"."""
    one = number.value == 1
    if word == Word.PARTS:
        good = True
    elif word == Word.ORDINAL:
        good = one and n > 2 and t.words[k + 1] not in _NOT_A_PART
    elif word == Word.HALF:
        good = t.words[k] == "halves" or one
    else:
        good = word == Word.QUARTER and (one or t.words[k] == "quarters") and _measured(t, k)
    if not good:
        return None
    return replace(number, value=number.value / n, end=k + 1, kind=Kind.FRACTION, whole=False)


def _measured(t: Tokens, k: int) -> bool:
    """Whether the quarter at `k` is a part of something: a coin is followed by neither "of" nor a measure."""
    after = t.words[k + 1]
    if after == "-" and t.glued(k + 1):
        after = t.words[k + 2]
    return after in ("of", "full", "as", "past", "to") or bool(singular(after)) or _is_share(t, k)


_COINS = words(
    """
    coin coins dime dimes nickel nickels penny pennies cent cents dollar dollars roll rolls change money worth bank jar
    game games first second third fourth last next per each year sales season
    """
)
"""In the same text these tell quarters that are coins, or of a game or a year."""
_BEFORE_COINS = words(
    "has have had got gets get found finds gave gives uses used needs spent play played plays in a the"
)


def _is_share(t: Tokens, k: int) -> bool:
    """Whether one or three quarters that end a clause are a part of a whole."""
    if t.words[k + 1] not in CLOSERS and t.words[k + 1] not in ("is", "are", "was", "were"):
        return False
    count = k - 1 - (t.words[k - 1] == "-")
    if t.words[count] not in ("one", "three", "1", "3") or (count and t.words[count - 1] in _BEFORE_COINS):
        return False
    return "$" not in t.text and _COINS.isdisjoint(t.words)


def _over(t: Tokens, number: Number, k: int) -> Number | None:
    """A fraction said with "over"; before a stretch of time that word is no fraction bar."""
    j = k + 1
    if t.kinds[j] == NUMBER:
        if not t.raw(j).isdigit() or len(t.raw(j)) > 9:
            return None
        value, end = int(t.raw(j)), j + 1
    else:
        value, end = integer(t, j)
    if end == j or not value or singular(t.words[end]) in ("day", "week", "month", "year", "hour", "minute"):
        return None
    if number.spoken is not None or t.kinds[j] == NUMBER:
        return None
    return replace(number, value=number.value / value, end=end, kind=Kind.FRACTION, whole=False)


def and_fraction(t: Tokens, number: Number) -> Number:
    """Add "and a half", "and two thirds" to an integer."""
    k = t.joined(number.end - 1)
    if t.words[k] != "and":
        return number
    j = t.joined(k)
    part = _part(t, j)
    if part is None or not 0 < part.value < 1:
        return number
    return replace(number, value=number.value + part.value, end=part.end, kind=Kind.MIXED, whole=False)


def _part(t: Tokens, j: int) -> Number | None:
    """The fraction at `j` in words, where after "and" no doubt about coins or places is left."""
    word, n = LEXICON.get(t.words[j], NOTHING)
    if word == Word.HALF:
        return Number(Fraction(1, 2), j + 1)
    if word == Word.ARTICLE or t.words[j] == "one":
        count, k = 1, t.joined(j)
    elif word in SMALL:
        count, end = integer(t, j)
        k = t.joined(end - 1)
    else:
        return None
    word, n = LEXICON.get(t.words[k], NOTHING)
    if word == Word.PARTS or word in (Word.HALF, Word.QUARTER) or (word == Word.ORDINAL and n > 2 and count == 1):
        return Number(Fraction(count, n), k + 1)
    if t.words[k] == "over" and word is None and t.words[j] not in ("a", "an"):
        return _over(t, Number(Fraction(count), k), k)
    return None


def scaled(t: Tokens, number: Number) -> Number:
    """The number times a "hundred" or "million" after it; a "dozen" becomes its unit."""
    while True:
        k = t.joined(number.end - 1)
        word, n = LEXICON.get(t.words[k], NOTHING)
        if word in (Word.SCALE, Word.HUNDRED):
            number = replace(number, value=number.value * n, end=k + 1, whole=False)
        elif word == Word.DOZEN:
            return replace(number, end=k + 1, unit="dozen", whole=False)
        else:
            return number


def part_follows(t: Tokens, k: int) -> bool:
    """Whether "a third" before token `k` is a part: of something, or at the end of a clause."""
    if t.words[k] in FRACTION_FOLLOWERS:
        return t.words[k + 1] not in MONTH_NAMES
    return t.words[k] in CLOSERS


def _article(t: Tokens, i: int, _: int) -> Number | None:
    """What begins with an article: "a hundred", "a dozen", "a half", "a third of", "a quarter mile"."""
    k = t.joined(i)
    word, n = LEXICON.get(t.words[k], NOTHING)
    if word in (Word.HUNDRED, Word.SCALE):
        value, end = integer(t, k)
        return _ordinal_end(t, value, end) or after_whole(t, Number(Fraction(value), end))
    if word == Word.DOZEN:
        return Number(Fraction(12), k + 1, whole=False)
    if word == Word.HALF:
        return _half(t, k, 2)
    if t.words[k + 1 : k + 4] == ["and", "a", "half"] and singular(t.words[k]):
        return Number(Fraction(3, 2), k + 4, Kind.MIXED, unit=singular(t.words[k]) or "", whole=False)
    if (word == Word.ORDINAL and n > 2 and part_follows(t, k + 1)) or (
        word == Word.QUARTER and _measured(t, k) and t.words[k + 1] not in ("past", "to")
    ):
        return scaled(t, Number(Fraction(1, n), k + 1, Kind.FRACTION, whole=False))
    return None


def _half(t: Tokens, i: int, _: int) -> Number:
    k = t.joined(i)
    if t.words[k] in ("a", "an"):
        k = t.joined(k)
    word, n = LEXICON.get(t.words[k], NOTHING)
    if word in (Word.DOZEN, Word.SCALE, Word.HUNDRED):
        return Number(Fraction(n, 2), k + 1, whole=False)
    if t.words[k] == "past":
        hour, end = _hour(t, k)
        if 0 < hour <= 12:
            return clock(t, hour, 30, end)
    return Number(Fraction(1, 2), i + 1, Kind.FRACTION, whole=False)


def _hour(t: Tokens, k: int) -> tuple[int, int]:
    """The hour after "past" or "to" at `k`, in words or digits."""
    if t.kinds[k + 1] == NUMBER and t.words[k + 1] in _HOURS:
        return int(t.words[k + 1]), k + 2
    return integer(t, t.joined(k))


def _quarter(t: Tokens, i: int, _: int) -> Number | None:
    k = t.joined(i)
    if t.words[i] != "quarter":
        return None
    if t.words[k] in ("past", "to"):
        hour, end = _hour(t, k)
        if 0 < hour <= 12:
            return clock(t, hour, 15, end) if t.words[k] == "past" else clock(t, hour - 1, 45, end)
    placed = i > 0 and LEXICON.get(t.words[i - 1], NOTHING)[0] == Word.ORDINAL  # the third quarter of the year
    part = t.words[k] == "of" and not placed
    return Number(Fraction(1, 4), i + 1, Kind.FRACTION, whole=False) if part else None


def _dozen(t: Tokens, i: int, _: int) -> Number:
    del t
    return Number(Fraction(12), i + 1, whole=False)


def _decade(t: Tokens, i: int, n: int) -> Number:
    del t
    return Number(Fraction(n), i + 1, whole=False)


def _times(t: Tokens, i: int, n: int) -> Number:
    del t
    return Number(Fraction(n), i + 1, whole=False)


def _ordinal(t: Tokens, i: int, n: int) -> Number | None:
    before = t.words[i - 1] if i else ""
    after = t.words[i + 1]
    if n == 2 and before == "per":
        return None
    if n == 2 and before in UNIT_BEFORE_SECOND and (t.kinds[i + 1] != WORD or after in SECOND_ENDS):
        return None
    if n == 2 and before in ("/", "-"):
        return None
    return Number(Fraction(n), i + 1, Kind.ORDINAL, whole=False)


def _point(t: Tokens, i: int, _: int) -> Number | None:
    digits, end = _decimals(t, i)
    if not digits:
        return None
    return scaled(t, Number(Fraction(int(digits), 10 ** len(digits)), end, whole=False))


_READERS = {
    Word.ARTICLE: _article,
    Word.HALF: _half,
    Word.QUARTER: _quarter,
    Word.DOZEN: _dozen,
    Word.TIMES: _times,
    Word.ORDINAL: _ordinal,
    Word.POINT: _point,
    Word.DECADE: _decade,
}
