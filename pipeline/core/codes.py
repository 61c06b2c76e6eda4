"""Digits that name instead of counting: telephone numbers, house numbers, versions and addresses with dots, long codes.

They are said digit by digit or in pairs. Numbers that are measured or reckoned with are `core.written_numbers`.
"""

from fractions import Fraction

from pipeline.core import numwords
from pipeline.core.number import Number
from pipeline.core.quantity import Kind
from pipeline.core.tokens import NUMBER, WORD, Tokens
from pipeline.core.units import words

_AREA, _EXCHANGE, _LINE = 3, 3, 4
"""Digits of the three groups of a telephone number."""
_TELEPHONES = frozenset(((3, 4), (3, 3, 4), (1, 3, 3, 4)))
_NAMED_DIGITS = 12
"""Up to the billions a number is named; one of more digits that ends in no round thousand is a code."""
_STREETS = words("street st avenue ave boulevard blvd road rd lane ln drive court highway")
_WORDS_OF_STREET = 3
_LAST_PAIR = 23
"""The highest first half of a house number in pairs: what `core.clocks` reads together."""
_OPERATORS = frozenset("=+*×÷/<>≤≥·^−")


def _code(digits: str, end: int) -> Number:
    return Number(Fraction(int(digits)), end, Kind.DIGITS, numwords.digits(digits), symbol=digits, whole=False)


def long_code(raw: str, end: int) -> Number | None:
    """A bare number of more digits than have names in use: "4929123456781"."""
    if len(raw) <= _NAMED_DIGITS or not raw.isdecimal() or raw.endswith("000"):
        return None
    return _code(raw, end)


def groups_of(t: Tokens, i: int, sign: str) -> tuple[list[str], int]:
    """The glued numbers from `i` on that a sign divides, and the token after them."""
    groups = [t.words[i]]
    j = i + 1
    while t.words[j] == sign and t.glued(j) and t.kinds[j + 1] == NUMBER and t.glued(j + 1):
        groups.append(t.words[j + 1])
        j += 2
    return groups, j


def hyphened_telephone(t: Tokens, groups: list[str], end: int) -> Number | None:
    """A telephone number in groups that hyphens divide: "1-800-555-0199"; "555-1234" only where one is spoken of."""
    lengths = tuple(map(len, groups))
    if lengths not in _TELEPHONES or not all(map(str.isdecimal, groups)) or t.words[end] in _OPERATORS:
        return None
    if lengths == (_EXCHANGE, _LINE) and (int(groups[1]) % 100 == 0 or not _is_called(t)):
        return None
    return _code("".join(groups), end)


def _is_called(t: Tokens) -> bool:
    text = t.text.lower()
    return "phone" in text or "call" in text or "dial" in text


def bracketed_telephone(t: Tokens, i: int) -> Number | None:
    """A telephone number whose area code, in brackets, begins at token `i`: "(555) 010-0199"."""
    if i == 0 or t.words[i - 1] != "(" or t.words[i + 1] != ")" or not (t.glued(i) and t.glued(i + 1)):
        return None
    j = i + 2 + (t.words[i + 2] == "-")
    if t.words[j + 1] not in ("-", ".") or not (t.glued(j + 1) and t.glued(j + 2)):
        return None
    groups = [t.words[i], t.words[j], t.words[j + 2]]
    if tuple(map(len, groups)) != (_AREA, _EXCHANGE, _LINE) or not all(map(str.isdecimal, groups)):
        return None
    return _code("".join(groups), j + 3)


def dotted(t: Tokens, i: int) -> Number | None:
    """Digits with several dots: a telephone number, "555.010.0199", or two parts of a version, "2.0" of "2.0.14"."""
    if not in_chain(t, i):
        return None
    first, _, second = t.words[i].replace(",", "").partition(".")
    line = t.words[i + 2] if t.words[i + 1] == "." else ""
    if line.isdecimal() and (len(first), len(second), len(line)) == (_AREA, _EXCHANGE, _LINE):
        return _code(f"{first}{second}{line}", i + 3)
    if not second:
        return None
    spoken = f"{numwords.cardinal(int(first or '0'))} dot {numwords.cardinal(int(second))}"
    return Number(Fraction(int(first or "0")), i + 1, Kind.DIGITS, spoken, second=Fraction(int(second)), whole=False)


def in_chain(t: Tokens, i: int) -> bool:
    """Whether the number at `i` goes on over a dot to another, or comes from one."""
    after = t.words[i + 1] == "." and t.glued(i + 1) and t.glued(i + 2) and t.kinds[i + 2] == NUMBER
    before = i > 1 and t.words[i - 1] == "." and t.glued(i) and t.glued(i - 1) and t.kinds[i - 2] == NUMBER
    return after or before


def house_number(t: Tokens, i: int) -> Number | None:
    """The number of a house before the name of its street, in pairs: "fourteen twenty eight Elm Street"."""
    raw = t.words[i]
    if len(raw) not in (3, 4) or not raw.isdecimal() or raw[0] == "0" or not names_street(t, i + 1):
        return None
    high, low = divmod(int(raw), 100)
    if high > _LAST_PAIR or not low:
        return None
    spoken = f"{numwords.cardinal(high)} {'oh ' if low < 10 else ''}{numwords.cardinal(low)}"
    return Number(Fraction(int(raw)), i + 1, Kind.DIGITS, spoken, whole=False)


def names_street(t: Tokens, j: int) -> bool:
    """Whether a name that ends in "Street" or its like begins at token `j`."""
    for k in range(j, j + _WORDS_OF_STREET + 1):
        if t.kinds[k] != WORD or not t.near(k) or not t.raw(k)[0].isupper():
            return False
        if k > j and t.words[k] in _STREETS:
            return True
    return False
