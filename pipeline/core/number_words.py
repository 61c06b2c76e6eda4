"""Read numbers spelled in words: "a hundred and five", "two and a half", "point oh five", "half a dozen".

Functions take tokens and the index of a token and return what begins there, or None. They know neither digits
(`core.written_numbers`) nor units (`core.phrases`).
"""

from dataclasses import replace
from fractions import Fraction

from pipeline.core.lexicon import (
    DETERMINERS,
    FRACTION_FOLLOWERS,
    FUNCTION_WORDS,
    LEXICON,
    MONEY_AFTER,
    MONEY_BEFORE,
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
from pipeline.core.units import singular

_NOTHING = (None, 0)
_SMALL = (Word.DIGIT, Word.TEEN, Word.TENS)
_FRACTION_WORDS = (Word.HALF, Word.QUARTER, Word.PARTS)
_CLOSERS = frozenset(("", ",", ".", "?", "!", ";", ":", ")", "\n"))
_RUN_LENGTH = 3
_HOURS = frozenset(map(str, range(1, 13)))
_NOT_A_PART = frozenset(("grade", "grader", "graders", "place", "floor", "year", "base", "time", "day"))


def spoken_number(t: Tokens, i: int) -> Number | None:
    """The number that begins at word `i`, without sign and unit."""
    word, n = LEXICON.get(t.words[i], _NOTHING)
    if word is None or t.kinds[i] != WORD:
        return None
    if word <= Word.SCALE:
        return _from_cardinal(t, i, word)
    reader = _READERS.get(word)
    return reader(t, i, n) if reader else None


def _from_cardinal(t: Tokens, i: int, word: Word) -> Number | None:
    if t.words[i] == "one" and pronoun(t, i):
        return None
    if word is Word.DIGIT:
        run = _digit_run(t, i)
        if run is not None:
            return run
    value, end = integer(t, i)
    pair = _pair(t, value, end)
    if pair is not None:
        return pair
    return _ordinal_end(t, value, end) or after_whole(t, Number(Fraction(value), end))


def pronoun(t: Tokens, i: int) -> bool:
    """Whether the "one" or "1" at `i` stands for a thing instead of counting."""
    after = t.words[i + 1]
    if after in ("'", "another") or (i > 0 and t.words[i - 1] == "no"):
        return True
    if after == "of" and t.words[i + 2] in DETERMINERS:
        return True
    return (
        i > 0
        and t.words[i - 1] in PRONOUN_BEFORE
        and (after in FUNCTION_WORDS if t.kinds[i + 1] == WORD else after in _CLOSERS)
    )


def _digit_run(t: Tokens, i: int) -> Number | None:
    """Three or more digits said one by one: a code, a telephone number."""
    digits: list[str] = []
    j = i
    while True:
        word, n = LEXICON.get(t.words[j], _NOTHING)
        if word is not Word.DIGIT and not (word is Word.OH and digits):
            break
        digits.append(str(n))
        j = t.joined(j)
        if j != i + len(digits):
            break
    least = 2 if digits[0] == "0" else _RUN_LENGTH
    if len(digits) < least or (len(digits) == _RUN_LENGTH and t.words[i + 1] == "oh"):
        return None
    text = "".join(digits)
    return Number(Fraction(int(text)), i + len(digits), Kind.DIGITS, symbol=text, whole=False)


def integer(t: Tokens, i: int) -> tuple[int, int]:
    """Value and end of the longest well-formed integer at `i`; end is `i` when there is none."""
    total, last_scale = 0, 0
    group: int | None = None
    j = end = i
    while True:
        word, n = LEXICON.get(t.words[j], _NOTHING)
        if word is Word.SCALE:
            if group == 0 or (last_scale and (n >= last_scale or group is None)):
                break
            total += (group or 1) * n
            group, last_scale = None, n
        else:
            grown = _grown(group, word, n)
            if grown is None or (group is None and n == 0 and total):
                break
            group = grown
        end = j + 1
        j = t.joined(j)
        if t.words[j] == "and" and word in (Word.HUNDRED, Word.SCALE):
            j = t.count if i and t.words[i - 1] == "between" else _after_and(t, j, last_scale)
    return total + (group or 0), end


def _grown(group: int | None, word: Word | None, n: int) -> int | None:
    """The part below a thousand with one more word, None when the word does not go on with it."""
    if word in _SMALL:
        if group is None:
            return n
        return group + n if _fits(group, n, word) else None
    if word is Word.HUNDRED and (group is None or 0 < group < 100):
        return (group or 1) * 100
    return None


def _fits(group: int, n: int, word: Word | None) -> bool:
    if n == 0:
        return False
    if group and group % 100 == 0:
        return True
    return word is Word.DIGIT and group % 10 == 0 and group % 100 >= 20


def _after_and(t: Tokens, j: int, scale: int) -> int:
    """The word after "and" when the same integer goes on: "hundred and five", not "hundred and one half"."""
    k = t.joined(j)
    word, n = LEXICON.get(t.words[k], _NOTHING)
    if word not in _SMALL or n == 0 or (scale and integer(t, k)[0] >= scale):
        return t.count
    last = k
    following = t.joined(k)
    if word is Word.TENS and LEXICON.get(t.words[following], _NOTHING)[0] is Word.DIGIT:
        last, following = following, t.joined(following)
    after, m = LEXICON.get(t.words[following], _NOTHING)
    if after in _FRACTION_WORDS or (after is Word.HUNDRED and not scale):
        return t.count
    if after is Word.ORDINAL and last == k and n == 1 and m > 2:
        return t.count
    return k


def _pair(t: Tokens, value: int, end: int) -> Number | None:
    """Two numbers below a hundred said together: a year, a time, or a price where one is asked for."""
    if value >= 24 or t.words[end] == "-" or t.kinds[end] != WORD or not t.near(end):
        return None
    word, n = LEXICON.get(t.words[end], _NOTHING)
    if word is Word.DECADE and value >= 13:
        return Number(Fraction(100 * value + n), end + 1, Kind.YEAR, whole=False)
    if word is Word.OH:
        low, low_end = integer(t, t.joined(end))
        good = 0 < low < 10
    else:
        low, low_end = integer(t, end)
        good = word in (Word.TEEN, Word.TENS) and low < 100
    return _dated(t, value, low, low_end) if good and not _counts_things(t, low_end) else None


def _counts_things(t: Tokens, end: int) -> bool:
    """Whether the number that ends here has a noun of its own: "ten twenty-dollar bills"."""
    after = t.words[end]
    if after == "-" and t.glued(end) and t.glued(end + 1):
        return True
    word, _ = LEXICON.get(after, _NOTHING)
    return word in (Word.ORDINAL, Word.PARTS, Word.HALF, Word.DOZEN) or (
        singular(after) == after and t.kinds[end] == WORD and (t.kinds[end + 1] == WORD or t.words[end + 1] == "-")
    )


def _dated(t: Tokens, high: int, low: int, end: int) -> Number | None:
    if high > 12 and t.words[end] == "hours" and low < 60:
        return clock(t, high, low, end + 1)
    if 13 <= high <= 20 or (high >= 10 and low >= 60):
        return Number(Fraction(100 * high + low), end, Kind.YEAR, whole=False)
    if high > 12:
        return None
    if _price_is_asked(t, end):
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


def _ordinal_end(t: Tokens, value: int, end: int) -> Number | None:
    """An ordinal whose last word alone is one: "twenty third", "two hundredth"."""
    k = t.joined(end - 1)
    word, n = LEXICON.get(t.words[k], _NOTHING)
    if word is not Word.ORDINAL or value < 2:
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
    k = t.joined(number.end - 1)
    word, n = LEXICON.get(t.words[k], _NOTHING)
    if word is Word.POINT and number.spoken is None:
        number = _decimal(t, number, k)
    elif number.whole and 0 < number.value <= 12 and day_half(t, number.end) > number.end:
        return replace(number, end=day_half(t, number.end), kind=Kind.CLOCK, unit="hour", whole=False)
    elif word is not None and number.whole:
        number = _fraction(t, number, k, word, n) or number
    elif t.words[k] == "over":
        number = _over(t, number, k) or number
    elif t.words[k] in ("o'clock", "oclock") and number.value <= 12:
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
        word, n = LEXICON.get(t.words[j], _NOTHING)
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


def _fraction(t: Tokens, number: Number, k: int, word: Word, n: int) -> Number | None:
    """A fraction whose numerator was read: "one third", "two halves", "three quarters of"."""
    one = number.value == 1
    if word is Word.PARTS:
        good = True
    elif word is Word.ORDINAL:
        good = one and n > 2 and t.words[k + 1] not in _NOT_A_PART
    elif word is Word.HALF:
        good = t.words[k] == "halves" or one
    else:
        good = word is Word.QUARTER and (one or t.words[k] == "quarters") and _measured(t, k)
    if not good:
        return None
    return replace(number, value=number.value / n, end=k + 1, kind=Kind.FRACTION, whole=False)


def _measured(t: Tokens, k: int) -> bool:
    """Whether the quarter at `k` is a part of something: a coin is followed by neither "of" nor a measure."""
    after = t.words[k + 1]
    if after == "-" and t.glued(k + 1):
        after = t.words[k + 2]
    return after in ("of", "full", "as", "past", "to") or bool(singular(after))


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
    word, n = LEXICON.get(t.words[j], _NOTHING)
    if word is Word.HALF:
        return Number(Fraction(1, 2), j + 1)
    if word is Word.ARTICLE or t.words[j] == "one":
        count, k = 1, t.joined(j)
    elif word in _SMALL:
        count, end = integer(t, j)
        k = t.joined(end - 1)
    else:
        return None
    word, n = LEXICON.get(t.words[k], _NOTHING)
    if word is Word.PARTS or word in (Word.HALF, Word.QUARTER) or (word is Word.ORDINAL and n > 2 and count == 1):
        return Number(Fraction(count, n), k + 1)
    if t.words[k] == "over" and word is None and t.words[j] not in ("a", "an"):
        return _over(t, Number(Fraction(count), k), k)
    return None


def scaled(t: Tokens, number: Number) -> Number:
    """The number times a "hundred" or "million" after it; a "dozen" becomes its unit."""
    while True:
        k = t.joined(number.end - 1)
        word, n = LEXICON.get(t.words[k], _NOTHING)
        if word in (Word.SCALE, Word.HUNDRED):
            number = replace(number, value=number.value * n, end=k + 1, whole=False)
        elif word is Word.DOZEN:
            return replace(number, end=k + 1, unit="dozen", whole=False)
        else:
            return number


def _article(t: Tokens, i: int, _: int) -> Number | None:
    """What begins with an article: "a hundred", "a dozen", "a half", "a third of", "a quarter mile"."""
    k = t.joined(i)
    word, n = LEXICON.get(t.words[k], _NOTHING)
    if word in (Word.HUNDRED, Word.SCALE):
        value, end = integer(t, k)
        return _ordinal_end(t, value, end) or after_whole(t, Number(Fraction(value), end))
    if word is Word.DOZEN:
        return Number(Fraction(12), k + 1, whole=False)
    if word is Word.HALF:
        return _half(t, k, 2)
    if t.words[k + 1 : k + 4] == ["and", "a", "half"] and singular(t.words[k]):
        return Number(Fraction(3, 2), k + 4, Kind.MIXED, unit=singular(t.words[k]) or "", whole=False)
    if (
        word is Word.ORDINAL and n > 2 and t.words[k + 1] in FRACTION_FOLLOWERS and t.words[k + 2] not in MONTH_NAMES
    ) or (word is Word.QUARTER and _measured(t, k) and t.words[k + 1] not in ("past", "to")):
        return scaled(t, Number(Fraction(1, n), k + 1, Kind.FRACTION, whole=False))
    return None


def _half(t: Tokens, i: int, _: int) -> Number:
    k = t.joined(i)
    if t.words[k] in ("a", "an"):
        k = t.joined(k)
    word, n = LEXICON.get(t.words[k], _NOTHING)
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
    return Number(Fraction(1, 4), i + 1, Kind.FRACTION, whole=False) if t.words[k] == "of" else None


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
