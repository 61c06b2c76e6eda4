"""Read numbers written in digits: "1,234.5", ".5", "3/4", "1 1/2", "2½", "21st", "5:30", "3:4", "1990s".

What is read carries the words for it, because reading is where it is decided what a sign means: a slash is a
fraction bar or a division, four digits a year or a count. Units, money and percent are `core.phrases`.
"""

import re
from dataclasses import replace
from fractions import Fraction
from functools import lru_cache
from math import gcd

from pipeline.core import numwords
from pipeline.core.clocks import clock, day_half
from pipeline.core.codes import (
    bracketed_telephone,
    dotted,
    groups_of,
    house_number,
    hyphened_telephone,
    in_chain,
    long_code,
)
from pipeline.core.dates import DATE_PARTS, dotted_date, fiscal_quarter, hyphened, hyphened_month, slashed
from pipeline.core.number import Number
from pipeline.core.number_words import after_whole, part_follows, scaled
from pipeline.core.quantity import Kind
from pipeline.core.tokens import NUMBER, SIGN, WORD, Tokens
from pipeline.core.units import plural, words
from pipeline.core.years import is_year, year

VULGAR = {
    "½": (1, 2), "⅓": (1, 3), "⅔": (2, 3), "¼": (1, 4), "¾": (3, 4), "⅕": (1, 5), "⅖": (2, 5), "⅗": (3, 5),
    "⅘": (4, 5), "⅙": (1, 6), "⅚": (5, 6), "⅐": (1, 7), "⅛": (1, 8), "⅜": (3, 8), "⅝": (5, 8), "⅞": (7, 8),
    "⅑": (1, 9), "⅒": (1, 10),
}  # fmt: skip
SUPERSCRIPTS = {char: n for n, char in enumerate("⁰¹²³⁴⁵⁶⁷⁸⁹")}
OPERATORS = frozenset("=+*×÷/<>≤≥·^−")

_ORDINAL_ENDS = frozenset(("st", "nd", "rd", "th"))
_PART_ENDS = frozenset(("st", "nd", "rd", "th", "rds", "ths", "nds", "s"))
_SCALE_LETTERS = {
    "k": "thousand",
    "K": "thousand",
    "M": "million",
    "m": "million",
    "B": "billion",
    "bn": "billion",
}
_NAMED = frozenset((2, 3, 4, 5, 6, 7, 8, 9, 10, 12, 16, 20))
_SAYINGS = {("50", "50"): "fifty fifty", ("24", "7"): "twenty four seven"}
_LONGEST_NUMBER = 400
_RATIO_WINDOW = 90
_RATIO_WORDS = ("ratio", "proportion", "odds")
_BEFORE_PLACES = words("a an the this that his her its their my your our every each on")
"""Before a number with an ending these tell that a place in a row is meant."""


@lru_cache(maxsize=8192)
def value_of(raw: str) -> Fraction:
    """The exact value of "1,234.50"."""
    whole, _, rest = raw.replace(",", "").partition(".")
    return Fraction(int((whole + rest)[:_LONGEST_NUMBER] or "0"), 10 ** len(rest[:_LONGEST_NUMBER]))


def written_number(t: Tokens, i: int) -> Number | None:
    """The number whose first token is the digits at `i`, with the words for it; None when it is too long."""
    raw = t.words[i]
    if len(raw) > _LONGEST_NUMBER:
        return None
    sign = t.words[i + 1]
    reader = _AFTER_DIGITS.get(sign)
    if reader is not None and (t.glued(i + 1) or sign == ":"):
        found = reader(t, i)
        if found is not None:
            return found
    if t.kinds[i + 1] == WORD and t.glued(i + 1):
        found = _glued_word(t, i, sign)
        if found is not None:
            return found
    return _plain(t, i, raw)


def vulgar(t: Tokens, i: int) -> Number | None:
    """The fraction that one character writes at `i`."""
    parts = VULGAR.get(t.words[i])
    return fraction(t, i + 1, *parts) if parts else None


def _plain(t: Tokens, i: int, raw: str) -> Number:
    part = _named_part(t, i, raw)
    if part is not None:
        return part
    number = Number(value_of(raw), i + 1, spoken=numwords.decimal(raw))
    number.whole = number.value.denominator == 1
    mixed = _mixed(t, i, number)
    if mixed is not None:
        return mixed
    if _exponent(t, i + 1) > i + 1:
        return number
    return _stopped_clock(t, i, raw) or _with_words(t, number)


def _with_words(t: Tokens, number: Number) -> Number:
    """The number with what words after it add: "3 million", "5 and a half", "7 a.m."."""
    longer = after_whole(t, number)
    if longer.end > number.end:
        longer.spoken = f"{number.spoken}{t.text[t.ends[number.end - 1] : t.ends[longer.end - 1]]}"
        if longer.kind is Kind.CLOCK:
            longer.spoken = _day_half_words(t, number.end, longer.end, number.spoken or "")
    return longer


def _named_part(t: Tokens, i: int, raw: str) -> Number | None:
    """Digits that name: a year, a code, part of a time, of a version or of an address."""
    before = t.words[i - 1] if i else ""
    if before == ":" and is_lapse(t, i - 4):
        return _lapse_part(t, i, i + 1, "second")
    if before == "." and in_chain(t, i):
        return dotted(t, i)
    if len(raw) > 1 and raw[0] == "0" and raw.isdigit():
        return Number(value_of(raw), i + 1, Kind.DIGITS, numwords.digits(raw), symbol=raw, whole=False)
    if len(raw) == len("1999") and raw.isdigit() and is_year(t, i):
        return Number(value_of(raw), i + 1, Kind.YEAR, year(int(raw)), whole=False)
    if len(raw) > 2:
        return long_code(raw, i + 1) or (house_number(t, i) if t.kinds[i + 1] == WORD else None)
    return None


def _stopped_clock(t: Tokens, i: int, raw: str) -> Number | None:
    """A time written with a stop: "1.59 p.m."."""
    hour, stop, minute = raw.partition(".")
    if not stop or len(minute) != 2 or day_half(t, i + 1) == i + 1 or not t.near(i + 1):
        return None
    return _clock_at(t, i + 1, int(hour), int(minute)) if 0 < int(hour or 0) <= 12 and int(minute) < 60 else None


def _day_half_words(t: Tokens, start: int, end: int, head: str) -> str:
    if t.words[start] in ("o'clock", "oclock"):
        return f"{head} o'clock"
    return f"{head} {t.words[start][0].upper()}M" if end > start else head


def _exponent(t: Tokens, j: int) -> int:
    return j + 1 if t.glued(j) and (t.words[j] == "^" or t.words[j] in SUPERSCRIPTS) else j


def _mixed(t: Tokens, i: int, number: Number) -> Number | None:
    """An integer and a proper fraction that belong together: "1 1/2", "1-1/2", "1 and 1/2", "1½"."""
    if not number.whole:
        return None
    j = i + 1
    before = t.words[i - 1] if i else ""
    hyphen = t.words[j] == "-" and t.glued(j) and t.glued(j + 1) and before not in OPERATORS
    if hyphen or (t.words[j] == "and" and t.near(j) and t.near(j + 1)):
        j += 1
    elif not t.near(j):
        return None
    found = _proper_part(t, j)
    if found is None or (hyphen and t.words[found[1]] == "="):
        return None
    part, end = found
    mixed = Number(number.value + part, end, Kind.MIXED, whole=False)
    if t.words[j] not in VULGAR and t.words[j + 1] == "/" and int(t.words[j + 2]) != part.denominator:
        unreduced = numwords.proper_fraction(int(t.words[j]), int(t.words[j + 2]), quarters=True)
        mixed.spoken = f"{number.spoken} and {unreduced}"
    else:
        mixed.spoken = numwords.mixed(number.value.numerator, part)
    return _scaled_words(t, mixed)


def _proper_part(t: Tokens, j: int) -> tuple[Fraction, int] | None:
    """The fraction below one that is written at token `j`, and the token after it."""
    if t.words[j] in VULGAR:
        return Fraction(*VULGAR[t.words[j]]), j + 1
    if t.kinds[j] != NUMBER or t.words[j + 1] != "/" or not (t.glued(j + 1) and t.glued(j + 2)):
        return None
    a, b = t.words[j], t.words[j + 2]
    if not (a.isdecimal() and b.isdecimal() and len(b) <= 3 and 0 < int(a) < int(b)):
        return None
    suffixed = t.words[j + 3] in _PART_ENDS and t.glued(j + 3)
    return Fraction(int(a), int(b)), j + 3 + suffixed


def _scaled_words(t: Tokens, number: Number) -> Number:
    longer = scaled(t, number)
    if longer.end > number.end:
        longer.spoken = f"{number.spoken}{t.text[t.ends[number.end - 1] : t.ends[longer.end - 1]]}"
    return longer


# --- slash ---


def _slash(t: Tokens, i: int) -> Number | None:
    if t.kinds[i + 2] != NUMBER or not t.glued(i + 2):
        return None
    a, b = t.words[i], t.words[i + 2]
    if not (a.isdigit() and b.isdigit()):
        return None
    if (a, b) in _SAYINGS and t.words[i + 3] not in OPERATORS:
        return Number(value_of(a), i + 3, Kind.RATIO, _SAYINGS[a, b], second=value_of(b), whole=False)
    if t.words[i + 3] == "/" and t.glued(i + 3) and t.kinds[i + 4] == NUMBER and t.glued(i + 4):
        return slashed(i, a, b, t.words[i + 4])
    if not _is_fraction(t, i, int(a[:9]), int(b[:9])) or len(a) > 9 or len(b) > 9:
        return None
    end = i + 3
    if t.words[end] in _PART_ENDS and t.glued(end):
        end += 1
    elif t.words[end] == "'" and t.words[end + 1] == "s":
        end += 2
    return fraction(t, end, int(a), int(b))


def _is_fraction(t: Tokens, i: int, a: int, b: int) -> bool:
    if b == 0 or t.words[i + 3] in ("/", "^") or (i and t.words[i - 1] in ("/", "÷", "^")):
        return False
    equation = t.words[i + 3] in OPERATORS or (i > 0 and t.words[i - 1] in OPERATORS)
    if a >= b:
        return not equation and b in _NAMED
    return not equation or (b in _NAMED and gcd(a, b) == 1) or b == 100


def fraction(t: Tokens, end: int, a: int, b: int) -> Number:
    """The fraction a/b that ends before token `end`, said as what follows needs it."""
    after = t.words[end] if t.near(end) else ""
    many = t.words[end + 1] in ("dozen", "hundred", "thousand", "million")
    if (a, b) == (1, 2) and (after in ("of", "the", "as", "an") or (after == "a" and not many)):
        spoken = "half"
    else:
        spoken = numwords.proper_fraction(a, b, quarters=after == "of")
    return _scaled_words(t, Number(Fraction(a, b), end, Kind.FRACTION, spoken, whole=False))


# --- colon ---


def ratio_is_meant(t: Tokens, i: int) -> bool:
    """Whether the words before token `i` speak of a ratio."""
    start = t.starts[i]
    window = t.text[max(0, start - _RATIO_WINDOW) : start].lower()
    return any(word in window for word in _RATIO_WORDS)


def _colon(t: Tokens, i: int) -> Number | None:
    if t.kinds[i + 2] != NUMBER or t.glued(i + 1) != t.glued(i + 2):
        return None
    a, b = t.words[i], t.words[i + 2]
    if i and t.words[i - 1] == ":" and t.glued(i):
        return _lapse_part(t, i, i + 2, "minute") if is_lapse(t, i - 2) else None
    if is_lapse(t, i):
        return _lapse_part(t, i, i + 2, "hour")
    glued = t.glued(i + 2)
    third = t.words[i + 3] == ":" and t.glued(i + 3) == glued and t.kinds[i + 4] == NUMBER
    ratio = third or ratio_is_meant(t, i)
    if not glued and not ratio:
        return None
    if not ratio and len(b) == 2 and b.isdigit() and a.isdigit() and int(b) < 60 and int(a[:3]) < 24:
        return _clock_at(t, i + 3, int(a), int(b))
    spoken = f"{numwords.decimal(a)} to {numwords.decimal(b)}"
    return Number(value_of(a), i + 3, Kind.RATIO, spoken, second=value_of(b), whole=False)


_SEXAGESIMAL = re.compile(r"[0-5][0-9]")


def is_lapse(t: Tokens, i: int) -> bool:
    """Whether hours, minutes and seconds begin at token `i`: "1:02:45", where no ratio is spoken of."""
    if i < 0 or t.kinds[i + 1] != SIGN or t.words[i + 1] != ":" or t.words[i + 3] != ":" or t.words[i + 5] == ":":
        return False
    glued = all(t.glued(k) for k in range(i + 1, i + 5))
    if not glued or not t.words[i].isdigit() or (i and t.words[i - 1] == ":"):
        return False
    sixties = all(_SEXAGESIMAL.fullmatch(t.words[k]) for k in (i + 2, i + 4))
    return sixties and not any(word in t.text.lower() for word in _RATIO_WORDS)


def _lapse_part(t: Tokens, i: int, end: int, unit: str) -> Number:
    n = int(t.words[i])
    spoken = f"{numwords.cardinal(n)} {unit if n == 1 else plural(unit)}{' and' if unit == 'minute' else ''}"
    return Number(Fraction(n), end, spoken=spoken, unit=unit, whole=False)


def _clock_at(t: Tokens, after: int, hour: int, minute: int) -> Number:
    """The time whose digits end before token `after`."""
    number = clock(t, hour, minute, after)
    half = day_half(t, after) > after
    spoken = numwords.cardinal(hour)
    if minute:
        spoken += f" oh {numwords.cardinal(minute)}" if minute < 10 else f" {numwords.cardinal(minute)}"
        if not 0 < hour <= 12:
            spoken += " hours"
    elif t.words[after] in ("o'clock", "oclock"):
        number.end = after + 1
        half = False
        spoken += " o'clock"
    elif not half:
        spoken += " o'clock"
    number.spoken = f"{spoken} {t.words[after][0].upper()}M" if half else spoken
    return number


# --- letters glued to digits ---


def _glued_word(t: Tokens, i: int, word: str) -> Number | None:
    raw = t.words[i]
    end = i + 2
    if word in _ORDINAL_ENDS and "." not in raw and _is_place(t, i, word):
        return _ordinal(t, i, end)
    if word == "q":
        return fiscal_quarter(t, i)
    if word == "e":
        return _e_notation(t, i)
    if word in ("am", "pm") and raw.isdigit() and 0 < int(raw) <= 12:
        return Number(
            value_of(raw),
            end,
            Kind.CLOCK,
            f"{numwords.cardinal(int(raw))} {word.upper()}",
            unit="hour",
            whole=False,
        )
    if word in ("a", "p") and day_half(t, i + 1) > end and raw.isdigit() and 0 < int(raw) <= 12:
        spoken = f"{numwords.cardinal(int(raw))} {word.upper()}M"
        return Number(value_of(raw), day_half(t, i + 1), Kind.CLOCK, spoken, unit="hour", whole=False)
    return None


def _is_place(t: Tokens, i: int, ending: str) -> bool:
    """Whether the ending fits the number, or a place in a row is meant in spite of it: "the 22th day"."""
    n = int(value_of(t.words[i])) % 100
    right = "th" if n in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(n % 10, "th")
    return ending == right or (i > 0 and t.words[i - 1] in _BEFORE_PLACES) or (t.kinds[i + 2] == WORD and t.near(i + 2))


def _ordinal(t: Tokens, i: int, end: int) -> Number:
    value = value_of(t.words[i])
    spoken = numwords.ordinal(int(value))
    if spoken in ("one hundredth", "one thousandth", "one millionth"):
        spoken = spoken[4:]
    if i and t.words[i - 1] == "a" and value > 2 and part_follows(t, end):
        return Number(1 / value, end, Kind.FRACTION, spoken, whole=False)
    return Number(value, end, Kind.ORDINAL, spoken, whole=False)


def _e_notation(t: Tokens, i: int) -> Number | None:
    """A power of ten as computers write it: "6.02e23", "1e-6"."""
    negative = t.words[i + 2] == "-" and t.glued(i + 2)
    k = i + 2 + negative
    if t.kinds[k] != NUMBER or not t.glued(k) or not t.words[k].isdecimal() or len(t.words[k]) > 3:
        return None
    n = -int(t.words[k]) if negative else int(t.words[k])
    spoken = f"{numwords.decimal(t.words[i])} times ten to the power of {numwords.cardinal(n)}"
    value = value_of(t.words[i]) * Fraction(10) ** n
    return Number(value, k + 1, Kind.SCIENTIFIC, spoken, second=Fraction(n), whole=False)


def scale_letter(t: Tokens, number: Number) -> Number:
    """The number with its scale in one letter, as money has it: "5k", "3M"."""
    j = number.end
    scale = _SCALE_LETTERS.get(t.raw(j)) if t.glued(j) and t.kinds[j] == WORD else None
    if scale is None:
        return number
    factor = {"thousand": 1000, "million": 10**6, "billion": 10**9}[scale]
    return replace(number, value=number.value * factor, end=j + 1, spoken=f"{number.spoken} {scale}", whole=False)


# --- hyphen, power ---


def _hyphen(t: Tokens, i: int) -> Number | None:
    """Digits in groups that hyphens divide: a date or a telephone number."""
    named = hyphened_month(t, i)
    if named is not None:
        return named
    groups, end = groups_of(t, i, "-")
    if len(groups) == DATE_PARTS:
        date = hyphened(t, i, groups, end)
        if date is not None:
            return date
    return hyphened_telephone(t, groups, end)


def _dot(t: Tokens, i: int) -> Number | None:
    return dotted_date(t, i) or dotted(t, i)


_AFTER_DIGITS = {"/": _slash, ":": _colon, "-": _hyphen, ".": _dot, ")": bracketed_telephone}
