"""Read one quantity with all that belongs to it: sign, currency, number, power, percent, unit, variable.

The same functions read written and spoken text, so that both sides of a comparison are judged alike. A phrase that
holds a digit or sign carries the words that replace it. What stands between quantities is `core.speak`'s matter.
"""

from dataclasses import dataclass, replace
from fractions import Fraction

from pipeline.core import numwords
from pipeline.core.lexicon import LEXICON, MONTH_NAMES, Word
from pipeline.core.number_words import Number, integer, pronoun, spoken_number
from pipeline.core.quantity import Kind, Quantity
from pipeline.core.tokens import LINE, NUMBER, SIGN, WORD, Tokens
from pipeline.core.units import ABBREVIATIONS, ONE_LETTER, plural, singular
from pipeline.core.written_numbers import (
    OPERATORS,
    SUPERSCRIPTS,
    VULGAR,
    scale_letter,
    value_of,
    vulgar,
    written_number,
)

CURRENCIES = {
    "$": ("dollar", "cent"),
    "€": ("euro", "cent"),
    "£": ("pound", "penny"),
    "¥": ("yen", ""),
    "₹": ("rupee", ""),
    "₱": ("peso", ""),
}
_MONEY = frozenset(("dollar", "cent", "euro", "penny", "yen", "rupee", "peso"))
_OPENERS = frozenset("(=[{,:<>≤≥~;&\"'") | OPERATORS
_TIMES = frozenset(("x", "X", "×", "*", "·", "times"))
_PER_CENT = frozenset(("percent", "percents"))
_POWER_WORDS = {"squared": 2, "cubed": 3}
_SQUARE = {"square": "square", "sq": "square", "cubic": "cubic", "cu": "cubic"}
_LENGTHS = frozenset(
    ["foot", "inch", "mile", "meter", "centimeter", "millimeter", "kilometer", "yard", "decimeter"]
)
_VARIABLES = frozenset("bcdefghjklmnopqrstuvwxyz")
_ADJECTIVE_NOUNS = frozenset(
    ["bill", "bills", "note", "notes", "coin", "coins", "gift", "coupon", "discount", "tip", "increments"]
)


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


def phrase_at(t: Tokens, i: int) -> Phrase | None:
    """The quantity that begins at token `i`."""
    kind = t.kinds[i]
    word = t.words[i]
    if kind == NUMBER:
        number = written_number(t, i)
        return number and _complete(t, i, _date(t, i, number))
    if kind == WORD:
        return _word(t, i, word)
    if kind == SIGN:
        return _sign(t, i, word)
    return None


def _word(t: Tokens, i: int, word: str) -> Phrase | None:
    entry = LEXICON.get(word)
    if entry is None:
        return _variable(t, i) if len(word) == 1 and word in _VARIABLES else None
    if entry[0] is Word.SIGN:
        return _signed(t, i) if word == "negative" or is_unary(t, i) else None
    number = spoken_number(t, i)
    return number and _complete(t, i, _date(t, i, number))


def _sign(t: Tokens, i: int, sign: str) -> Phrase | None:
    if sign == "-":
        return _signed(t, i) if t.glued(i + 1) and is_unary(t, i) else None
    if sign in CURRENCIES:
        return _currency(t, i, sign)
    if sign in VULGAR:
        number = vulgar(t, i)
        return number and _complete(t, i, number)
    if sign == "¢" and t.kinds[i + 1] == NUMBER and t.near(i + 1):
        number = written_number(t, i + 1)
        return number and _finish(t, i, _money(t, replace(number, unit="cent"), "cent"))
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


def _ends_operand(t: Tokens, j: int) -> bool:
    word = t.words[j]
    if word in ("minus", "plus", "times", "a", "by", "equals"):
        return False
    return (
        len(word) == 1
        or word in LEXICON
        or word in _PER_CENT
        or word in ABBREVIATIONS
        or singular(word) is not None
    )


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
    return Phrase(start, inner.end, inner.next, replace(quantity, value=-quantity.value, start=start), spoken)


def _currency(t: Tokens, i: int, sign: str) -> Phrase | None:
    j = i + 1
    if t.words[j] == "-" and t.glued(j):
        inner = _currency_amount(t, j + 1, sign) if t.glued(j + 1) else None
        if inner is None:
            return None
        inner.value = -inner.value
        inner.spoken = f"negative {inner.spoken}"
        return _finish(t, i, inner)
    if t.kinds[j] == WORD and t.glued(j) and len(t.words[j]) == 1 and not t.glued(j + 1):
        name = CURRENCIES[sign][0]
        quantity = Quantity(Fraction(1), Kind.VARIABLE, t.starts[i], t.ends[j], name, symbol=t.raw(j))
        return Phrase(t.starts[i], t.ends[j], j + 1, quantity, f"{t.raw(j)} {plural(name)}")
    amount = _currency_amount(t, j, sign) if t.near(j) else None
    return amount and _finish(t, i, amount)


def _currency_amount(t: Tokens, j: int, sign: str) -> Number | None:
    if t.kinds[j] == NUMBER:
        number = written_number(t, j)
    elif t.words[j] in VULGAR:
        number = vulgar(t, j)
    else:
        return None
    if number is None or number.kind in (Kind.ORDINAL, Kind.CLOCK, Kind.DATE, Kind.RATIO):
        number = Number(value_of(t.words[j]), j + 1, spoken=numwords.decimal(t.words[j]))
    if number.kind in (Kind.YEAR, Kind.DIGITS):
        number = replace(number, spoken=numwords.cardinal(int(number.value)))
    number = scale_letter(t, number)
    return _money(t, number, CURRENCIES[sign][0], CURRENCIES[sign][1])


def _money(t: Tokens, number: Number, name: str, small: str = "") -> Number:
    value = number.value
    after = t.words[number.end]
    cents = value * 100
    if (
        number.kind in (Kind.FRACTION, Kind.MIXED)
        or cents.denominator != 1
        or not small
        or not _plain_amount(number)
    ):
        spoken = (
            f"{number.spoken} {plural(name) if value != 1 and number.kind is not Kind.FRACTION else name}"
        )
    elif value.denominator == 1:
        single = value == 1 or (after in _ADJECTIVE_NOUNS or (after == "-" and t.glued(number.end + 1)))
        spoken = f"{number.spoken if '.' not in t.words[number.end - 1] else numwords.cardinal(int(value))} "
        spoken += name if single else plural(name)
    else:
        whole, rest = divmod(cents.numerator, 100)
        minor = (
            f"{numwords.cardinal(rest)} {small if rest == 1 else plural(small).replace('pennies', 'pence')}"
        )
        major = f"{numwords.cardinal(whole)} {name if whole == 1 else plural(name)} and "
        spoken = major + minor if whole else minor
    return replace(number, kind=Kind.MONEY, unit=name, spoken=spoken)


def _plain_amount(number: Number) -> bool:
    return (
        number.spoken is not None
        and not number.spoken.endswith(("thousand", "million", "billion", "trillion", "dozen"))
    ) or (number.value.denominator == 1 and number.value < 10**6 and number.whole)


def _date(t: Tokens, i: int, number: Number) -> Number:
    if i == 0 or t.words[i - 1] not in MONTH_NAMES or not t.raw(i - 1)[0].isupper() or not t.near(i):
        return number
    if number.kind is Kind.ORDINAL:
        return replace(number, kind=Kind.DATE)
    day = number.value
    if (
        number.kind is not Kind.CARDINAL
        or number.spoken is None
        or day.denominator != 1
        or not 1 <= day <= 31
    ):
        return number
    after = t.kinds[number.end]
    if after == WORD or t.words[number.end] in ("%", "-", "/", "."):
        return number
    return replace(number, kind=Kind.DATE, spoken=numwords.ordinal(int(day)), whole=False)


def _complete(t: Tokens, i: int, number: Number) -> Phrase:
    """Add power, percent, money or unit to the number that begins at `i`."""
    if number.kind in (Kind.ORDINAL, Kind.CLOCK, Kind.DATE, Kind.YEAR, Kind.DIGITS, Kind.RATIO):
        return _finish(t, i, number)
    if number.spoken is None and number.kind is Kind.MONEY:
        return _finish(t, i, number)
    sign = t.words[number.end]
    if t.kinds[number.end] == SIGN:
        number = _before_sign(t, i, number, sign)
    else:
        number = _before_word(t, i, number, sign)
    return _finish(t, i, number)


def _text(t: Tokens, i: int, number: Number) -> str:
    return t.text[t.starts[i] : t.ends[number.end - 1]] if number.spoken is None else number.spoken


def _before_sign(t: Tokens, i: int, number: Number, sign: str) -> Number:
    j = number.end
    if not t.near(j):
        return number
    if sign == "%":
        return replace(
            number,
            value=number.value / 100,
            end=j + 1,
            kind=Kind.PERCENT,
            spoken=f"{_text(t, i, number)} percent",
        )
    if sign in CURRENCIES and not (t.kinds[j + 1] == NUMBER and t.near(j + 1)) and number.spoken is not None:
        return replace(_money(t, number, *CURRENCIES[sign]), end=j + 1)
    if sign == "¢":
        return replace(
            number,
            end=j + 1,
            kind=Kind.MONEY,
            unit="cent",
            spoken=f"{_text(t, i, number)} {_count(number, 'cent')}",
        )
    if sign == "°":
        return _degrees(t, i, number)
    if sign == "-" and t.glued(j) and t.glued(j + 1) and t.kinds[j + 1] == WORD:
        return _unit(t, i, number, j + 1, hyphen=True)
    return _powered(t, i, number, sign) or _marked(t, i, number, sign)


def _count(number: Number, name: str) -> str:
    return name if number.value == 1 or number.kind is Kind.FRACTION else plural(name)


def _degrees(t: Tokens, i: int, number: Number) -> Number:
    j = number.end + 1
    scale = {"c": " Celsius", "f": " Fahrenheit"}.get(t.words[j], "") if t.near(j) else ""
    spoken = f"{_text(t, i, number)} {'degree' if number.value == 1 else 'degrees'}{scale}"
    return replace(number, end=j + 1 if scale else j, unit=f"degree{scale}", spoken=spoken)


def _powered(t: Tokens, i: int, number: Number, sign: str) -> Number | None:
    power = exponent(t, number.end)
    if power is None or (number.value.denominator != 1 and sign != "^"):
        return None
    n, end = power
    return replace(
        number,
        end=end,
        kind=Kind.POWER,
        second=Fraction(n),
        spoken=f"{_text(t, i, number)} {power_words(n)}",
        whole=False,
    )


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
    if t.words[j] in SUPERSCRIPTS and t.glued(j):
        n = 0
        while t.words[j] in SUPERSCRIPTS and t.glued(j):
            n = 10 * n + SUPERSCRIPTS[t.words[j]]
            j += 1
        return n, j
    return None


def power_words(n: int) -> str:
    """ "squared", "cubed", "to the power of four"."""
    if n == 2:
        return "squared"
    return "cubed" if n == 3 else f"to the power of {numwords.cardinal(n)}"


def _marked(t: Tokens, i: int, number: Number, sign: str) -> Number:
    """Feet and inches by their marks, when no quotation is open."""
    j = number.end
    if not t.glued(j) or number.spoken is None:
        return number
    if sign == "'" and not (t.glued(j + 1) and t.kinds[j + 1] == WORD) and "'" not in t.words[:j]:
        return replace(number, end=j + 1, unit="foot", spoken=f"{number.spoken} {_count(number, 'foot')}")
    if sign == '"' and t.words[:j].count('"') % 2 == 0:
        return replace(
            number, end=j + 1, unit="inch", spoken=f"{_text(t, i, number)} {_count(number, 'inch')}"
        )
    return number


def _before_word(t: Tokens, i: int, number: Number, word: str) -> Number:
    j = number.end
    if t.kinds[j] != WORD or not t.near(j):
        return number
    if word in _PER_CENT:
        number = replace(number, value=number.value / 100, kind=Kind.PERCENT)
        return _take(t, i, number, j + 1)
    if word == "per" and t.words[j + 1] == "cent":
        number = replace(number, value=number.value / 100, kind=Kind.PERCENT)
        return _take(t, i, number, j + 2)
    if word in ("squared", "cubed", "to"):
        return _power_in_words(t, i, number, word)
    scientific = _scientific(t, i, number) if word in _TIMES else None
    if scientific is not None:
        return scientific
    return _unit(t, i, number, j, hyphen=False)


def _take(t: Tokens, i: int, number: Number, end: int) -> Number:
    """Let the number span the words up to token `end`, which stay as they are."""
    spoken = number.spoken
    if spoken is not None:
        spoken += (
            " " * (t.starts[number.end] > t.ends[number.end - 1])
            + t.text[t.starts[number.end] : t.ends[end - 1]]
        )
    return replace(number, end=end, spoken=spoken)


def _power_in_words(t: Tokens, i: int, number: Number, word: str) -> Number:
    j = number.end
    if word in _POWER_WORDS:
        return replace(
            _take(t, i, number, j + 1), kind=Kind.POWER, second=Fraction(_POWER_WORDS[word]), whole=False
        )
    if t.words[j + 1] != "the":
        return number
    if t.words[j + 2] == "power" and t.words[j + 3] == "of":
        negative = t.words[j + 4] == "negative"
        n, end = integer(t, j + 4 + negative)
        if end > j + 4 + negative and t.kinds[end - 1] == WORD:
            n = -n if negative else n
            return replace(_take(t, i, number, end), kind=Kind.POWER, second=Fraction(n), whole=False)
    place = spoken_number(t, j + 2) if t.kinds[j + 2] == WORD else None
    if place is not None and place.kind is Kind.ORDINAL and t.words[place.end] == "power":
        return replace(_take(t, i, number, place.end + 1), kind=Kind.POWER, second=place.value, whole=False)
    return number


def _scientific(t: Tokens, i: int, number: Number) -> Number | None:
    """ "3 x 10^8", "three times ten to the power of eight"."""
    j = number.end + 1
    if t.words[j] not in ("10", "ten"):
        return None
    power = _complete(t, j, Number(Fraction(10), j + 1, spoken=None if t.kinds[j] == WORD else "ten"))
    quantity = power.quantity
    if (
        quantity is None
        or quantity.kind is not Kind.POWER
        or quantity.second is None
        or abs(quantity.second) > 400
    ):
        return None
    written = number.spoken is not None or power.spoken is not None or t.words[number.end] != "times"
    tail = power.spoken or t.text[power.start : power.end]
    return replace(
        number,
        value=number.value * Fraction(10) ** int(quantity.second),
        end=power.next,
        kind=Kind.SCIENTIFIC,
        second=quantity.second,
        spoken=f"{_text(t, i, number)} times {tail}" if written else None,
        whole=False,
    )


# --- units ---


def _unit(t: Tokens, i: int, number: Number, j: int, *, hyphen: bool) -> Number:
    word = t.words[j]
    glued = t.glued(j) and not hyphen
    power = _SQUARE.get(word, "")
    k = j
    if power:
        k = j + 1 + (t.words[j + 1] == ".")
        if t.words[k] == "-":
            k += 1
    name, spoken, end = _unit_name(t, number, k, hyphen=hyphen, glued=glued and not power)
    if name is None:
        return number if power or hyphen else _variable_product(t, number, j, glued=glued)
    raised = exponent(t, end)
    if raised is not None and name in _LENGTHS and raised[0] in (2, 3):
        power, end = ("square", "cubic")[raised[0] - 2], raised[1]
        spoken = spoken or t.raw(k)
    if name in _MONEY and not power:
        return _worded_money(t, i, number, name, end)
    name = f"{power} {name}".strip()
    per, end, spoken_per = _rate(t, end)
    if spoken is None and not (power and t.words[j] in ("sq", "cu")) and raised is None and not spoken_per:
        return replace(_take(t, i, number, end), unit=(number.unit and number.unit) or name + per)
    said = f"{power} {spoken or t.raw(k)}".strip()
    joint = "-" if hyphen else " "
    return replace(number, end=end, unit=name + per, spoken=f"{_text(t, i, number)}{joint}{said}{per}")


def _unit_name(
    t: Tokens, number: Number, k: int, *, hyphen: bool, glued: bool
) -> tuple[str | None, str | None, int]:
    """Canonical name, the words for it where it is abbreviated, and the token after it."""
    word = t.words[k]
    if t.kinds[k] != WORD:
        return None, None, k
    name = singular(word)
    if name:
        if name == "second" and word == "second" and number.value != 1 and not hyphen:
            return None, None, k
        return name, None, k + 1
    name = ABBREVIATIONS.get(word)
    if name is None and (glued or hyphen or not t.glued(k)):
        name = _short_unit(t, k, glued=glued, hyphen=hyphen)
    if name is None:
        return None, None, k
    end = k + 1
    if t.words[end] == "." and t.glued(end) and t.near(end + 1) and _goes_on(t, end + 1):
        end += 1
    return name, name if hyphen else _count(number, name), end


def _goes_on(t: Tokens, j: int) -> bool:
    """Whether the sentence goes on at token `j`, so that the stop before it ended an abbreviation."""
    raw = t.raw(j)
    return bool(raw) and (raw[0].islower() or raw in ",;)" or t.kinds[j] == NUMBER)


def _short_unit(t: Tokens, k: int, *, glued: bool, hyphen: bool) -> str | None:
    if t.words[k] == "in":
        dotted = t.words[k + 1] == "." and t.glued(k + 1) and _goes_on(t, k + 2)
        return "inch" if hyphen or glued or dotted or t.words[k + 1] == "^" else None
    name = ONE_LETTER.get(t.raw(k))
    if name is None or (name in ("second", "hour", "newton", "kelvin", "joule") and not glued):
        return None
    after = t.words[k + 1]
    before = t.words[k - 2] if k > 1 else ""
    if (
        (after in "=+*-×÷" and after)
        or before in ("=", "+", "*", "-", "×", "÷")
        or (after == ")" and not glued)
    ):
        return None
    if "=" in t.text and name not in ("gram", "meter", "liter"):
        return None
    return name


def _variable_product(t: Tokens, number: Number, j: int, *, glued: bool) -> Number:
    """ "3x", "three x": a factor before a letter; in "3x as many", "4x5" the letter is a times sign."""
    if len(t.words[j]) != 1 or number.unit or glued == (number.spoken is None):
        return number
    if number.spoken is None:
        return (
            replace(number, end=j + 1, kind=Kind.VARIABLE, symbol=t.raw(j))
            if t.words[j] in _VARIABLES
            else number
        )
    if t.words[j] == "x" and (
        t.kinds[j + 1] == NUMBER
        or t.words[j + 1] in ("as", "more", "the", "faster", "$", "(", "larger", "bigger")
    ):
        return number
    return replace(
        number, end=j + 1, kind=Kind.VARIABLE, symbol=t.raw(j), spoken=f"{number.spoken} {t.raw(j)}"
    )


def _worded_money(t: Tokens, i: int, number: Number, name: str, end: int) -> Number:
    return replace(_take(t, i, number, end), kind=Kind.MONEY, unit=name)


def _rate(t: Tokens, end: int) -> tuple[str, int, str]:
    """ " per hour" after a unit, the token after it, and its words where a slash writes it."""
    slash = t.words[end] == "/"
    if not slash and t.words[end] != "per":
        return "", end, ""
    word = t.words[end + 1]
    if t.kinds[end + 1] != WORD:
        return "", end, ""
    name = singular(word) or ABBREVIATIONS.get(word) or (ONE_LETTER.get(t.raw(end + 1)) if slash else None)
    if not name or name in _MONEY:
        return "", end, ""
    return f" per {name}", end + 2, f" per {name}" if slash or singular(word) is None else ""


def _variable(t: Tokens, i: int) -> Phrase | None:
    """ "x%", "x dollars": a letter that stands for an amount."""
    j = i + 1
    word = t.words[j]
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
    if number.kind is Kind.MONEY and number.unit in ("dollar", "euro") and number.value.denominator == 1:
        joined = _with_cents(t, start, number)
        if joined is not None:
            return joined
    quantity = Quantity(number.value, number.kind, start, end, number.unit, number.second, number.symbol)
    if t.words[i] == "1" and number.kind is Kind.CARDINAL and number.end == i + 1 and pronoun(t, i):
        return Phrase(start, end, number.end, None, number.spoken)
    return Phrase(start, end, number.end, quantity, number.spoken)


def _with_cents(t: Tokens, start: int, number: Number) -> Phrase | None:
    """ "two dollars and fifty cents" is one amount."""
    j = number.end
    if not t.near(j) or t.kinds[j] == LINE:
        return None
    if t.words[j] == "and":
        j += 1
    cents = phrase_at(t, j) if t.kinds[j] in (WORD, NUMBER) and t.near(j) else None
    if (
        cents is None
        or cents.quantity is None
        or cents.quantity.unit != "cent"
        or not 0 < cents.quantity.value < 100
    ):
        return None
    value = number.value + cents.quantity.value / 100
    spoken = None
    if number.spoken is not None or cents.spoken is not None:
        head = t.text[start : t.ends[number.end - 1]] if number.spoken is None else number.spoken
        spoken = f"{head}{t.text[t.ends[number.end - 1] : cents.start]}{cents.spoken or t.text[cents.start : cents.end]}"
    quantity = Quantity(value, Kind.MONEY, start, cents.end, number.unit)
    return Phrase(start, cents.end, cents.next, quantity, spoken)
