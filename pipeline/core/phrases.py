"""Read one quantity with all that belongs to it: sign, currency, number, power, percent, unit, variable.

The same functions read written and spoken text, so that both sides of a comparison are judged alike. A phrase
that holds a digit or sign carries the words that replace it. What stands between quantities is left to
`core.speak`.
"""

from dataclasses import dataclass, replace
from fractions import Fraction

from pipeline.core import numwords
from pipeline.core.bare_numbers import bare_number
from pipeline.core.dates import month_hyphened, with_month
from pipeline.core.lexicon import FUNCTION_WORDS, LEXICON, MONTH_NAMES, NUMBERED, ROMAN, RULERS, Word
from pipeline.core.measures import VARIABLES, degrees, marked, may_measure, with_unit
from pipeline.core.money import CURRENCIES, currency_amount, in_cents, money
from pipeline.core.number import Number, said, take
from pipeline.core.number_words import pronoun, spoken_number
from pipeline.core.powers import POWER_WORDS, TIMES, exponent, power_at, power_words, scientific, with_power
from pipeline.core.quantity import Kind, Quantity
from pipeline.core.tokens import LINE, NUMBER, SIGN, WORD, Tokens
from pipeline.core.units import ABBREVIATIONS, ONE_LETTER, plural, singular
from pipeline.core.written_numbers import (
    OPERATORS,
    SUPERSCRIPTS,
    VULGAR,
    vulgar,
    written_number,
)
from pipeline.core.years import decade_number

_OPENERS = frozenset("(=[{,:<>≤≥~;&\"'") | OPERATORS
_CLOSERS = frozenset(".,;:?!)")
_PER_CENT = frozenset(("percent", "percents"))
_BEFORE_UNARY = FUNCTION_WORDS | {"equals", "equal", "plus", "times", "minus", "gives", "makes"}
_COMPLETE = frozenset((Kind.ORDINAL, Kind.CLOCK, Kind.DATE, Kind.YEAR, Kind.DIGITS, Kind.RATIO))


@dataclass(slots=True)
class Phrase:
    """What a quantity takes up in a text and how it is said."""

    start: int
    end: int
    next: int
    """Index of the first token after it."""
    quantity: Quantity | None
    spoken: str | None
    """The words that replace `text[start:end]`, None when it is words already."""


STARTERS = frozenset(LEXICON) | VARIABLES | frozenset(ROMAN) | MONTH_NAMES
"""Words that may begin a quantity; any other but a raised product of letters ("ax^2") does not."""


def may_begin(t: Tokens, i: int) -> bool:
    """A cheap test that spares most words the call of `phrase_at`."""
    word = t.words[i]
    return word in STARTERS or (len(word) == 2 and _is_raised(t, i + 1)) or t.kinds[i] != WORD


def phrase_at(t: Tokens, i: int) -> Phrase | None:
    """The quantity that begins at token `i`."""
    bare = bare_number(t, i)
    if bare is not None:
        return Phrase(bare.quantity.start, bare.quantity.end, bare.next, bare.quantity, bare.spoken)
    kind = t.kinds[i]
    word = t.words[i]
    if kind == NUMBER:
        if t.words[i + 1] in ("'", "s") and t.glued(i + 1):
            several = plural_number(t, i)
            if several is not None:
                return several
        number = written_number(t, i)
        return None if number is None else _complete(t, i, with_month(t, i, number))
    if kind == WORD:
        return _word(t, i, word)
    if kind == SIGN:
        return _sign(t, i, word)
    return None


def plural_number(t: Tokens, i: int) -> Phrase | None:
    """Several of a kind, which is no quantity: "8s", "the 8's"; but a decade is one."""
    j = i + 1 + (t.words[i + 1] == "'")
    raw = t.words[i]
    if t.words[j] != "s" or not t.glued(j) or not raw.isdigit() or len(raw) > 4:
        return None
    decade = decade_number(t, i, j + 1)
    if decade is not None:
        return _finish(t, i, decade)
    return Phrase(t.starts[i], t.ends[j], j + 1, None, numwords.plural(numwords.cardinal(int(raw))))


_AFTER_ARTICLE = frozenset((*LEXICON, *POWER_WORDS, *SUPERSCRIPTS, "^", "-"))


def _word(t: Tokens, i: int, word: str) -> Phrase | None:
    if word in ROMAN and t.raw(i).isupper():
        numeral = _roman(t, i, ROMAN[word])
        if numeral is not None:
            return numeral
    entry = LEXICON.get(word)
    if entry is None:
        return _unlisted(t, i, word)
    if entry[0] == Word.ARTICLE and t.words[i + 1] not in _AFTER_ARTICLE and t.words[i + 2] != "and":
        return None  # most of them, without a further look
    if word == "a" and _is_raised(t, i + 1):
        return _variable(t, i)
    if entry[0] == Word.SIGN:
        return _signed(t, i) if word == "negative" or _minus_is_unary(t, i) else None
    number = spoken_number(t, i)
    return None if number is None else _complete(t, i, with_month(t, i, number))


def _unlisted(t: Tokens, i: int, word: str) -> Phrase | None:
    """What begins with a word that states no number: the name of a month, a letter."""
    if word in MONTH_NAMES:
        date = month_hyphened(t, i)
        return None if date is None else _finish(t, i, date)
    return _variable(t, i) if word in VARIABLES or (len(word) == 2 and _is_raised(t, i + 1)) else None


def _roman(t: Tokens, i: int, n: int) -> Phrase | None:
    stopped = i > 1 and t.words[i - 1] == "." and t.glued(i - 1)
    before = t.words[i - 1 - stopped] if t.near(i) else ""
    if before in NUMBERED:
        return _finish(t, i, Number(Fraction(n), i + 1, spoken=numwords.cardinal(n)))
    if before in RULERS:
        return _finish(t, i, Number(Fraction(n), i + 1, Kind.ORDINAL, f"the {numwords.ordinal(n)}"))
    return None


def _is_raised(t: Tokens, j: int) -> bool:
    return t.words[j] in POWER_WORDS or t.words[j] == "^" or t.words[j] in SUPERSCRIPTS


def _raised(t: Tokens, i: int) -> Phrase | None:
    """An exponent whose base is no quantity: a bracket, a word."""
    power = exponent(t, i)
    if power is None:
        return None
    n, end = power
    start, stop = t.starts[i], t.ends[end - 1]
    quantity = None if n in (2, 3) else Quantity(Fraction(n), Kind.CARDINAL, start, stop)
    return Phrase(start, stop, end, quantity, f" {power_words(n)}")


def _sign(t: Tokens, i: int, sign: str) -> Phrase | None:
    if sign == "-":
        return _signed(t, i) if t.glued(i + 1) and is_unary(t, i) else None
    if sign in CURRENCIES:
        return _currency(t, i, sign)
    if sign == "^" or sign in SUPERSCRIPTS:
        return _raised(t, i)
    if sign in VULGAR:
        number = vulgar(t, i)
        return None if number is None else _complete(t, i, number)
    if sign == "¢" and t.kinds[i + 1] == NUMBER and t.near(i + 1):
        number = written_number(t, i + 1)
        return None if number is None else _finish(t, i, in_cents(number, number.spoken or ""))
    return None


def is_unary(t: Tokens, i: int) -> bool:
    """Whether the minus at `i` belongs to the number after it instead of standing between two operands."""
    if i == 0 or t.kinds[i - 1] == LINE:
        return True
    before = t.words[i - 1]
    if t.kinds[i - 1] == SIGN:
        return before in _OPENERS and before != '"' and not (before == "-" and t.glued(i))
    if t.kinds[i - 1] == NUMBER or t.glued(i):
        return False
    return not _ends_operand(t, i - 1)


def _minus_is_unary(t: Tokens, i: int) -> bool:
    """The same for the word "minus", before which any noun is an operand."""
    if i > 1 and t.words[i - 1] == "or" and t.words[i - 2] == "plus":
        return False
    return i == 0 or t.words[i - 1] in _BEFORE_UNARY or (t.kinds[i - 1] in (SIGN, LINE) and t.words[i - 1] in "\n.:;(=")


def _ends_operand(t: Tokens, j: int) -> bool:
    word = t.words[j]
    if word in ("minus", "plus", "times", "a", "by", "equals"):
        return False
    return len(word) == 1 or word in LEXICON or word in _PER_CENT or word in ABBREVIATIONS or singular(word) is not None


def _signed(t: Tokens, i: int) -> Phrase | None:
    j = i + 1
    if not t.near(j) or t.words[j] in ("-", "negative", "minus"):
        return None
    inner = phrase_at(t, j)
    if (
        inner is None
        or inner.quantity is None
        or (t.kinds[i] == WORD and t.kinds[j] == SIGN and t.words[j] not in CURRENCIES)
    ):
        return None
    quantity = inner.quantity
    if quantity.kind in (Kind.ORDINAL, Kind.CLOCK, Kind.DATE, Kind.DIGITS):
        return None
    start = t.starts[i]
    spoken = inner.spoken
    if t.kinds[i] == SIGN:
        spoken = f"negative {t.text[inner.start : inner.end] if spoken is None else spoken}"
    elif spoken is not None:
        spoken = f"{t.raw(i)} {spoken}"
    return Phrase(start, inner.end, inner.next, quantity._replace(value=-quantity.value, start=start), spoken)


def _currency(t: Tokens, i: int, sign: str) -> Phrase | None:
    j = i + 1
    if t.words[j] == "-" and t.glued(j):
        inner = currency_amount(t, j + 1, sign) if t.glued(j + 1) else None
        if inner is None:
            return None
        inner.value = -inner.value
        inner.spoken = f"negative {inner.spoken}"
        return _finish(t, i, inner)
    alone = not t.glued(j + 1) or t.words[j + 1] in _CLOSERS
    if t.kinds[j] == WORD and t.glued(j) and len(t.words[j]) == 1 and alone:
        name = CURRENCIES[sign][0]
        quantity = Quantity(Fraction(1), Kind.VARIABLE, t.starts[i], t.ends[j], name, symbol=t.raw(j))
        return Phrase(t.starts[i], t.ends[j], j + 1, quantity, f"{t.raw(j)} {plural(name)}")
    amount = currency_amount(t, j, sign) if t.near(j) else None
    return None if amount is None else _finish(t, i, amount)


def _complete(t: Tokens, i: int, number: Number) -> Phrase:
    """Add power, percent, money or unit to the number that begins at `i`."""
    if number.kind in _COMPLETE or (number.spoken is None and number.kind is Kind.MONEY):
        return _finish(t, i, number)
    sign = t.words[number.end]
    extend = _before_sign if t.kinds[number.end] == SIGN else _before_word
    return _finish(t, i, extend(t, i, number, sign))


def _before_sign(t: Tokens, i: int, number: Number, sign: str) -> Number:
    j = number.end
    if not t.near(j):
        return number
    if sign == "%":
        words = f"{said(t, i, number)} percent"
        return replace(number, value=number.value / 100, end=j + 1, kind=Kind.PERCENT, spoken=words)
    if sign == "-" and t.glued(j) and t.glued(j + 1) and t.kinds[j + 1] == WORD:
        return with_unit(t, i, number, j + 1, hyphen=True)
    return _before_mark(t, i, number, sign)


def _before_mark(t: Tokens, i: int, number: Number, sign: str) -> Number:
    j = number.end
    power_of_ten = scientific(t, i, number) if sign in TIMES else None
    if power_of_ten is not None:
        return _measured(t, i, power_of_ten)
    if sign in CURRENCIES and not (t.kinds[j + 1] == NUMBER and t.near(j + 1)) and number.spoken is not None:
        return replace(money(t, number, CURRENCIES[sign], postfix=True), end=j + 1)
    if sign == "¢":
        return replace(in_cents(number, said(t, i, number)), end=j + 1)
    if sign == "°":
        return degrees(t, i, number)
    return with_power(t, i, number) or marked(t, i, number, sign)


def _before_word(t: Tokens, i: int, number: Number, word: str) -> Number:
    j = number.end
    if t.kinds[j] != WORD or not t.near(j):
        return number
    if word in _PER_CENT:
        number = replace(number, value=number.value / 100, kind=Kind.PERCENT)
        return take(t, number, j + 1)
    if word == "per" and t.words[j + 1] == "cent":
        number = replace(number, value=number.value / 100, kind=Kind.PERCENT)
        return take(t, number, j + 2)
    if word in ("squared", "cubed", "to"):
        return with_power(t, i, number) or number
    power_of_ten = scientific(t, i, number) if word in TIMES else None
    if power_of_ten is not None:
        return _measured(t, i, power_of_ten)
    return with_unit(t, i, number, j, hyphen=False) if may_measure(word) else number


def _measured(t: Tokens, i: int, number: Number) -> Number:
    """The power of ten with the unit after it."""
    j = number.end
    named = len(t.words[j]) > 1 or (number.spoken is not None and t.raw(j) in ONE_LETTER)
    unit = named and t.kinds[j] == WORD and t.near(j)
    return with_unit(t, i, number, j, hyphen=False) if unit else number


def _variable(t: Tokens, i: int) -> Phrase | None:
    """A letter that stands for an amount: "x%", "x dollars", "x squared"."""
    j = i + 1
    word = t.words[j]
    power = power_at(t, j)
    if power is not None:
        n, end = power
        quantity = Quantity(
            Fraction(1), Kind.VARIABLE, t.starts[i], t.ends[end - 1], second=Fraction(n), symbol=t.raw(i)
        )
        spoken = f"{t.raw(i)} {power_words(n)}" if t.kinds[j] == SIGN else None
        return Phrase(t.starts[i], t.ends[end - 1], end, quantity, spoken)
    if word == "%" or word in _PER_CENT:
        spoken = f"{t.raw(i)} percent" if word == "%" else None
        quantity = Quantity(Fraction(1, 100), Kind.VARIABLE, t.starts[i], t.ends[j], symbol=t.raw(i))
        return Phrase(t.starts[i], t.ends[j], j + 1, quantity, spoken)
    if word in ("dollars", "cents", "euros") and t.near(j):
        name = singular(word) or ""
        quantity = Quantity(Fraction(1), Kind.VARIABLE, t.starts[i], t.ends[j], name, symbol=t.raw(i))
        return Phrase(t.starts[i], t.ends[j], j + 1, quantity, None)
    return None


def _finish(t: Tokens, i: int, number: Number) -> Phrase:
    start, end = t.starts[i], t.ends[number.end - 1]
    if number.unit in ("dollar", "euro", "pound") and number.value.denominator == 1:
        joined = _with_cents(t, start, number)
        if joined is not None:
            return joined
    quantity = Quantity(number.value, number.kind, start, end, number.unit, number.second, number.symbol)
    if t.words[i] == "1" and number.kind is Kind.CARDINAL and number.end == i + 1 and pronoun(t, i):
        return Phrase(start, end, number.end, None, number.spoken)
    return Phrase(start, end, number.end, quantity, number.spoken)


def _with_cents(t: Tokens, start: int, number: Number) -> Phrase | None:
    """One amount from two: "two dollars and fifty cents"."""
    j = number.end
    if not t.near(j) or t.kinds[j] == LINE:
        return None
    if t.words[j] == "and":
        j += 1
    cents = phrase_at(t, j) if t.kinds[j] in (WORD, NUMBER) and t.near(j) else None
    if (
        cents is None
        or cents.quantity is None
        or cents.quantity.unit not in ("cent", "penny")
        or not 0 < cents.quantity.value < 100
    ):
        return None
    value = number.value + cents.quantity.value / 100
    spoken = None
    if number.spoken is not None or cents.spoken is not None:
        head = t.text[start : t.ends[number.end - 1]] if number.spoken is None else number.spoken
        tail = cents.spoken or t.text[cents.start : cents.end]
        spoken = f"{head}{t.text[t.ends[number.end - 1] : cents.start]}{tail}"
    quantity = Quantity(value, Kind.MONEY, start, cents.end, number.unit)
    return Phrase(start, cents.end, cents.next, quantity, spoken)
