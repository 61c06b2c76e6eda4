"""Read calendar dates: "16 July 1943", "July 4", "25th Jul 2012", "7/4/1976", "2006-08-05", "15.01.2020".

Months said in words stay where they are. Whether four digits alone are a year is `core.years`.
"""

from dataclasses import replace
from fractions import Fraction

from pipeline.core import numwords
from pipeline.core.lexicon import MONTH_NAMES, MONTHS
from pipeline.core.number import Number
from pipeline.core.quantity import Kind
from pipeline.core.tokens import NUMBER, WORD, Tokens
from pipeline.core.years import FIRST_YEAR, LAST_YEAR, is_year_number, year

_LAST_DAY = 31
DATE_PARTS = 3
_QUARTERS = frozenset("1234")
_BEFORE_DATES = frozenset(("on", "by", "before", "after", "since", "until", "till", "from", "to"))
_OTHER_WORDS = frozenset(("may", "march", "mar"))
"""Months that are words of another meaning in small letters, or at the head of a clause."""
_NOT_AFTER = frozenset(("%", "-", "/", "."))
_AROUND = frozenset("=+*×÷/<>≤≥·^−-")


def slashed(i: int, a: str, b: str, c: str) -> Number | None:
    """A date whose parts, "7/4/1976" or "2016/07/03", begin at token `i`."""
    if len(a) == 4:
        return _numbered(i, a, b, c) if max(len(b), len(c)) <= 2 else None
    if not (1 <= int(a[:4]) <= 12 and 1 <= int(b[:4]) <= _LAST_DAY and c.isdecimal() and len(c) in (2, 4)):
        return None
    full = int(c) if len(c) == 4 else 2000 + int(c) if int(c) < 50 else 1900 + int(c)
    return _said(i, int(a), int(b), full)


def hyphened(t: Tokens, i: int, groups: list[str], end: int) -> Number | None:
    """A date of three groups of digits that ends before token `end`: "2006-08-05", "15-01-2020"."""
    lengths = tuple(map(len, groups))
    if t.words[end] in _AROUND or (i and t.words[i - 1] in _AROUND):
        return None
    if lengths == (4, 2, 2):
        return _numbered(i, *groups)
    return _day_or_month_first(i, *groups) if lengths == (2, 2, 4) else None


def dotted_date(t: Tokens, i: int) -> Number | None:
    """A date whose first two groups look like a decimal: "15.01.2020"."""
    day, _, month = t.words[i].partition(".")
    if t.words[i + 1] != "." or not (t.glued(i + 1) and t.glued(i + 2) and is_year_number(t, i + 2)):
        return None
    found = _numbered(i, t.words[i + 2], month, day, day_first=True) if len(day) == len(month) == 2 else None
    return replace(found, end=i + 3) if found else None


def hyphened_month(t: Tokens, i: int) -> Number | None:
    """A date in the middle of which hyphens hold the name of a month, "15-Jan-2020", with the day at token `i`."""
    month = i + 2
    if t.words[month] not in MONTH_NAMES or t.words[i + 3] != "-" or not _glued(t, i + 1, i + 5):
        return None
    return _with_name(t, i, t.words[month], i, i + 4, day_first=True)


def month_hyphened(t: Tokens, i: int) -> Number | None:
    """A date whose hyphens follow the name of a month, "Jan-15-2020", which begins at token `i`."""
    if t.words[i + 1] != "-" or t.words[i + 3] != "-" or not _glued(t, i + 1, i + 5):
        return None
    return _with_name(t, i, t.words[i], i + 2, i + 4, day_first=False)


def _glued(t: Tokens, first: int, end: int) -> bool:
    return all(t.glued(k) for k in range(first, end))


def _with_name(t: Tokens, i: int, name: str, day: int, full: int, *, day_first: bool) -> Number | None:
    if not is_year_number(t, full) or not t.words[day].isdecimal() or len(t.words[day]) > 2:
        return None
    n = month_number(name)
    valid = n is not None and 1 <= int(t.words[day]) <= _LAST_DAY
    return _said(i, n, int(t.words[day]), int(t.words[full]), day_first=day_first) if valid and n else None


def month_number(name: str) -> int | None:
    """1 to 12 for the name of a month, which may be shortened."""
    return next((n for n, month in enumerate(MONTHS, 1) if month.lower().startswith(name)), None)


def fiscal_quarter(t: Tokens, i: int) -> Number | None:
    """A quarter of a year as accounts write it, "3Q24" or "3Q2024", which begins at token `i`."""
    full = t.words[i + 2]
    if t.words[i] not in _QUARTERS or t.kinds[i + 2] != NUMBER or not t.glued(i + 2) or t.glued(i + 3):
        return None
    if len(full) == 2 and full.isdecimal():
        when = numwords.decimal(full)
    elif is_year_number(t, i + 2):
        when = year(int(full))
    else:
        return None
    article = "" if i and t.words[i - 1] == "the" else "the "
    spoken = f"{article}{numwords.ordinal(int(t.words[i]))} quarter of {when}"
    return Number(Fraction(int(t.words[i])), i + 3, Kind.DATE, spoken, second=Fraction(int(full)), whole=False)


def _day_or_month_first(i: int, a: str, b: str, full: str) -> Number | None:
    if a.isdecimal() and int(a) > len(MONTHS):
        return _numbered(i, full, b, a, day_first=True)
    return _numbered(i, full, a, b)


def _numbered(i: int, full: str, month: str, day: str, *, day_first: bool = False) -> Number | None:
    if not (full.isdecimal() and month.isdecimal() and day.isdecimal()):
        return None
    valid = FIRST_YEAR <= int(full) <= LAST_YEAR and 1 <= int(month) <= len(MONTHS) and 1 <= int(day) <= _LAST_DAY
    return _said(i, int(month), int(day), int(full), day_first=day_first) if valid else None


def _said(i: int, month: int, day: int, full: int, *, day_first: bool = False) -> Number:
    name, place = MONTHS[month - 1], numwords.ordinal(day)
    spoken = f"the {place} of {name}, {year(full)}" if day_first else f"{name} {place}, {year(full)}"
    return Number(Fraction(day), i + 5, Kind.DATE, spoken, second=Fraction(full), whole=False)


def with_month(t: Tokens, i: int, number: Number) -> Number:
    """The number at `i` as a day where the name of a month stands beside it, else as it is."""
    if t.words[number.end] not in MONTH_NAMES and (
        i == 0 or not (t.words[i - 1] == "." or t.words[i - 1] in MONTH_NAMES)
    ):
        return number
    day = number.value
    if day.denominator != 1 or not 1 <= day <= _LAST_DAY:
        return number
    if t.kinds[number.end] == WORD and t.words[number.end] in MONTH_NAMES and t.near(number.end):
        return _before_month(t, i, number)
    j = i - 1 - (i > 1 and t.words[i - 1] == "." and t.glued(i - 1))
    if i == 0 or t.words[j] not in MONTH_NAMES or not t.near(i):
        return number
    return _after_month(t, j, number)


def _after_month(t: Tokens, j: int, number: Number) -> Number:
    """July 4, August 23rd."""
    dated = is_year_number(t, number.end + (t.words[number.end] == ","))
    if not t.raw(j)[0].isupper() and (not dated or t.words[j] in _OTHER_WORDS):
        return number
    if number.kind is Kind.ORDINAL:
        return replace(number, kind=Kind.DATE)
    if number.kind is not Kind.CARDINAL or number.spoken is None:
        return number
    told = dated or (j > 0 and t.words[j - 1] in _BEFORE_DATES)
    if (t.kinds[number.end] == WORD and not told) or t.words[number.end] in _NOT_AFTER - ({"."} if told else set()):
        return number
    return replace(number, kind=Kind.DATE, spoken=numwords.ordinal(int(number.value)), whole=False)


def _before_month(t: Tokens, i: int, number: Number) -> Number:
    """Say 16 July as "the sixteenth of July"."""
    j = number.end
    if number.spoken is None or number.kind not in (Kind.CARDINAL, Kind.ORDINAL) or "." in t.words[i]:
        return number
    end = j + 1 + (t.words[j + 1] == "." and t.glued(j + 1) and len(t.words[j]) < 5 and t.kinds[j + 2] == NUMBER)
    dated = is_year_number(t, end + (t.words[end] == ","))
    before = t.words[i - 1] if i else ""
    alone = i == 0 and j + 1 >= t.count
    told = number.kind is Kind.ORDINAL or before in _BEFORE_DATES or alone
    if not dated and (not told or (t.words[j] in _OTHER_WORDS and not t.raw(j)[0].isupper())):
        return number
    article = "" if before == "the" else "the "
    name = next((m for m in MONTHS if m.lower().startswith(t.words[j])), t.raw(j))
    spoken = f"{article}{numwords.ordinal(int(number.value))} of {name}"
    return replace(number, end=end, kind=Kind.DATE, spoken=spoken, whole=False)
