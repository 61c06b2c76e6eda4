"""Amounts of money behind or before a currency sign, and the words for them.

"two dollars and fifty cents" as one amount is put together in `core.phrases`.
"""

import re
from dataclasses import replace

from pipeline.core import numwords
from pipeline.core.lexicon import ATTRIBUTIVE_BEFORE, FUNCTION_WORDS, NOT_ATTRIBUTED
from pipeline.core.number import Number
from pipeline.core.quantity import Kind
from pipeline.core.tokens import NUMBER, SIGN, WORD, Tokens
from pipeline.core.units import plural, words
from pipeline.core.written_numbers import VULGAR, scale_letter, value_of, vulgar, written_number

CURRENCIES = {
    "$": ("dollar", "cent"),
    "€": ("euro", "cent"),
    "£": ("pound", "penny"),
    "¥": ("yen", ""),
    "₹": ("rupee", ""),
    "₱": ("peso", ""),
}
NAMES = frozenset(("dollar", "cent", "euro", "penny", "yen", "rupee", "peso"))
_ADJECTIVE_NOUNS = words("bill bills note notes coin coins gift coupon discount tip")
_CONTINENTAL = re.compile(r"[0-9]+|[0-9]{1,3}\.[0-9]{3}")
"""What a comma and cents may follow: "12", "1.234"."""
_SCALES = ("thousand", "million", "billion", "trillion", "dozen")


def currency_amount(t: Tokens, j: int, sign: str) -> Number | None:
    """The amount whose digits begin at `j`, in the currency of the sign."""
    if t.kinds[j] == NUMBER:
        number = written_number(t, j)
    elif t.words[j] in VULGAR:
        number = vulgar(t, j)
    else:
        return None
    if number is None or number.kind in (Kind.ORDINAL, Kind.CLOCK, Kind.DATE, Kind.RATIO):
        number = Number(value_of(t.words[j]), j + 1, spoken=numwords.decimal(t.words[j]))
    j = number.end
    grouped = _CONTINENTAL.fullmatch(t.words[j - 1]) is not None
    decimals = t.words[j] == "," and t.glued(j) and t.glued(j + 1) and t.kinds[j - 1] == t.kinds[j + 1] == NUMBER
    if sign == "€" and decimals and grouped and len(t.words[j + 1]) == 2:
        raw = f"{t.words[j - 1].replace('.', '')}.{t.words[j + 1]}"
        number = Number(value_of(raw), j + 2, spoken=numwords.decimal(raw), whole=False)
    if number.kind in (Kind.YEAR, Kind.DIGITS):
        number = replace(number, spoken=numwords.cardinal(int(number.value)))
    return money(t, scale_letter(t, number), CURRENCIES[sign])


def money(t: Tokens, number: Number, names: tuple[str, str], *, postfix: bool = False) -> Number:
    """The number as an amount with its words; `postfix` when the currency sign stands behind it."""
    name, small = names
    cents = number.value * 100
    if number.kind in (Kind.FRACTION, Kind.MIXED) or cents.denominator != 1 or not small or not _is_plain(number):
        one = number.value == 1 or number.kind is Kind.FRACTION
        spoken = f"{number.spoken} {name if one else plural(name)}"
    elif number.value.denominator == 1:
        head = numwords.cardinal(int(number.value)) if "." in t.words[number.end - 1] else number.spoken
        spoken = f"{head} {name if _is_single(t, number, number.end + postfix) else plural(name)}"
    else:
        spoken = _dollars_and_cents(cents.numerator, name, small)
    number.kind, number.unit, number.spoken = Kind.MONEY, name, spoken
    return number


def _dollars_and_cents(cents: int, name: str, small: str) -> str:
    whole, rest = divmod(cents, 100)
    several = "pence" if small == "penny" else plural(small)
    minor = f"{numwords.cardinal(rest)} {small if rest == 1 else several}"
    return f"{numwords.cardinal(whole)} {name if whole == 1 else plural(name)} and {minor}" if whole else minor


def _is_single(t: Tokens, number: Number, after: int) -> bool:
    if number.value == 1 or t.words[after] in _ADJECTIVE_NOUNS:
        return True
    if t.words[after] == "-" and t.glued(after) and t.kinds[after + 1] == WORD:
        return True
    start = number.end - 1
    while start > 0 and t.kinds[start] in (NUMBER, SIGN):
        start -= 1
    return attributive(t, start, after)


def attributive(t: Tokens, before: int, after: int) -> bool:
    """Whether the amount between these two tokens describes a noun: "a $5 ticket", "the 12 oz can"."""
    word = t.words[after]
    if t.kinds[after] != WORD or t.words[before] not in ATTRIBUTIVE_BEFORE or not t.near(after) or len(word) == 1:
        return False
    return word not in FUNCTION_WORDS and word not in NOT_ATTRIBUTED and not word.endswith(("ed", "ly"))


def _is_plain(number: Number) -> bool:
    return number.whole or not (number.spoken or "").endswith(_SCALES)


def in_cents(number: Number, words: str) -> Number:
    """The number as cents, behind or before a cent sign."""
    spoken = f"{words} {'cent' if number.value == 1 else 'cents'}"
    return replace(number, kind=Kind.MONEY, unit="cent", spoken=spoken)
