"""Four digits as a year: when they are one, how a year is said, and the years of a decade.

A day beside the name of a month is `core.dates`.
"""

from fractions import Fraction

from pipeline.core import numwords
from pipeline.core.lexicon import FUNCTION_WORDS, MONTH_NAMES
from pipeline.core.number import Number
from pipeline.core.quantity import Kind
from pipeline.core.tokens import NUMBER, WORD, Tokens
from pipeline.core.units import ONE_LETTER, words

FIRST_YEAR, LAST_YEAR = 1300, 2099
_YEAR_BEFORE = words("in since during year until till before after by from of") | MONTH_NAMES
_AFTER_YEAR = FUNCTION_WORDS | words("a an the this these that those my our your no all both some many")
"""Words that begin something else than what a count counts."""
_CHANGES = words(
    "increase increases increased increasing decrease decreases decreased decreasing multiply multiplies multiplied "
    "multiplying divide divides divided dividing reduce reduces reduced reducing grow grows grew grown growing rise "
    "rises rose risen rising fall falls fell fallen drop drops dropped raise raises raised lower lowers lowered "
    "extend extends extended change changes changed shrink shrinks shrank exceed exceeds exceeded"
)
_BEFORE_SPANS = frozenset(("in", "during", "years", "seasons", "war"))
_CHANGE_WINDOW = 8
"""Words between a verb of change and its "by", after which a number is an amount and no year."""


def year(n: int) -> str:
    """The words for a year: "nineteen ninety eight", "nineteen oh five", "two thousand five"."""
    high, low = divmod(n, 100)
    if not 13 <= high <= 20 or (high == 20 and low < 10):
        return numwords.cardinal(n)
    if low == 0:
        return f"{numwords.cardinal(high)} hundred"
    return f"{numwords.cardinal(high)} {'oh ' if low < 10 else ''}{numwords.cardinal(low)}"


def is_year_number(t: Tokens, j: int) -> bool:
    """Whether token `j` is four digits that can be a year."""
    raw = t.words[j]
    return t.kinds[j] == NUMBER and len(raw) == 4 and raw.isdigit() and FIRST_YEAR <= int(raw) <= LAST_YEAR


def _ends_date(t: Tokens, day: int) -> bool:
    """Whether token `day` is a number after the name of a month, which may be shortened with a stop."""
    if t.words[day] in ("st", "nd", "rd", "th") and t.glued(day):
        day -= 1
    month = day - 1 - (day > 1 and t.words[day - 1] == ".")
    return month >= 0 and t.kinds[day] == NUMBER and t.words[month] in MONTH_NAMES


def _is_in_span(t: Tokens, i: int) -> bool:
    """Whether the digits at `i` begin or end a span of years: "in 1939-1945", "the years 1939-1945"."""
    for first in (i, i - 2):
        last = first + 2
        if (
            first > 0
            and t.words[first + 1] in ("-", "–")
            and is_year_number(t, first)
            and is_year_number(t, last)
            and int(t.words[first]) < int(t.words[last])
            and (t.words[first - 1] in _BEFORE_SPANS)
            and t.kinds[last + 1] != NUMBER
            and t.words[last + 1] not in ("-", "=", "+", "/", "*")
        ):
            return True
    return False


def is_year(t: Tokens, i: int) -> bool:
    """Whether the four digits at `i` name a year: after "in", "since", a month, or alone; not before a noun."""
    if not FIRST_YEAR <= int(t.words[i]) <= LAST_YEAR:
        return False
    if i == 0:
        return t.count == 1 and int(t.words[i]) % 100 != 0
    j = i - 1
    if _is_in_span(t, i):
        return True
    day = j - (t.words[j] == ",")
    if _ends_date(t, day) or (t.words[j] == "," and t.words[j - 1] in MONTH_NAMES):
        return True
    named = (
        t.words[j] in MONTH_NAMES
        or t.words[j] in ("year", "years")
        or (t.words[j] == "is" and t.words[j - 1] == "year")
    )
    if named or t.words[j] not in _YEAR_BEFORE or t.words[i + 1] in ("%", "/", "*"):
        return named
    return _follows_preposition(t, i)


def _follows_preposition(t: Tokens, i: int) -> bool:
    """Whether the digits at `i` are a year behind the preposition before them: no noun or change tells otherwise."""
    j = i - 1
    strong = t.words[j] in ("in", "since", "during", "until", "till")
    if t.kinds[i + 1] == WORD:
        opens = t.words[i + 1] in _AFTER_YEAR or (t.raw(i + 1)[0].isupper() and t.raw(i + 1) not in ONE_LETTER)
        return strong and opens and t.words[i + 1] not in ("of", "per")
    if t.words[j] == "by" and not _CHANGES.isdisjoint(t.words[max(0, j - _CHANGE_WINDOW) : j]):
        return False
    return (strong or t.words[j] in ("by", "before", "after")) and t.words[i + 1] not in ("-", "=", "+", "$", "€")


def decade_number(t: Tokens, i: int, end: int) -> Number | None:
    """A decade, of a century or of an age: "1990s", "the 20's"."""
    raw = t.words[i]
    n = int(raw)
    if len(raw) == 4 and n % 10 == 0 and 1300 <= n <= 2099:
        high, low = divmod(n, 100)
        spoken = f"{numwords.cardinal(high)} " + (numwords.plural(numwords.cardinal(low)) if low else "hundreds")
        spoken = "two thousands" if n == 2000 else spoken
        return Number(Fraction(n), end, Kind.YEAR, spoken, whole=False)
    if n % 10 == 0 and 20 <= n <= 90:
        return Number(Fraction(n), end, Kind.CARDINAL, numwords.plural(numwords.cardinal(n)), whole=False)
    return None
