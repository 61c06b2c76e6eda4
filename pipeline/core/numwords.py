"""Numbers as English words, American, without hyphens and without "and" inside an integer.

"one hundred five", "forty eight", "two and three quarters", "zero point zero five": forms that
`core.number_reader` reads back as the same value. It does not know texts, units or money.
"""

from fractions import Fraction
from functools import lru_cache

DIGITS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
TEENS = (
    "ten", "eleven", "twelve", "thirteen", "fourteen",
    "fifteen", "sixteen", "seventeen", "eighteen", "nineteen",
)  # fmt: skip
TENS = ("", "", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
SCALES = (
    "", "thousand", "million", "billion", "trillion", "quadrillion", "quintillion", "sextillion",
    "septillion", "octillion", "nonillion", "decillion",
)  # fmt: skip
IRREGULAR_ORDINALS = {
    "one": "first",
    "two": "second",
    "three": "third",
    "five": "fifth",
    "eight": "eighth",
    "nine": "ninth",
    "twelve": "twelfth",
}

NAMED_LIMIT = 10 ** (3 * len(SCALES))
"""From here on an integer has no name and is said digit by digit."""
_NAMED_DENOMINATORS = frozenset((2, 3, 4, 5, 6, 7, 8, 9, 10, 12, 16, 20))
_LONGEST_DECIMAL = 6


def _below_thousand(n: int) -> list[str]:
    words = [DIGITS[n // 100], "hundred"] if n >= 100 else []
    n %= 100
    if n >= 20:
        words.append(TENS[n // 10])
        n %= 10
    elif n >= 10:
        words.append(TEENS[n - 10])
        n = 0
    if n:
        words.append(DIGITS[n])
    return words


@lru_cache(maxsize=8192)
def cardinal(n: int) -> str:
    """The integer in words; a minus is "negative", and what has no name is said digit by digit."""
    if n < 0:
        return "negative " + cardinal(-n)
    if n < 10:
        return DIGITS[n]
    if n >= NAMED_LIMIT:
        return digits(_decimal_text(n))
    words: list[str] = []
    scale = 0
    while n:
        n, group = divmod(n, 1000)
        if group:
            words[:0] = [*_below_thousand(group), SCALES[scale]] if scale else _below_thousand(group)
        scale += 1
    return " ".join(words)


def _decimal_text(n: int) -> str:
    """`str(n)` without Python's limit on the length of such a conversion."""
    parts: list[str] = []
    chunk = 10**1000
    while n >= chunk:
        n, low = divmod(n, chunk)
        parts.append(f"{low:01000d}")
    parts.append(str(n))
    return "".join(reversed(parts))


@lru_cache(maxsize=1024)
def ordinal(n: int) -> str:
    """The place in a row: "twenty first" for 21."""
    head, _, last = cardinal(n).rpartition(" ")
    if last in IRREGULAR_ORDINALS:
        last = IRREGULAR_ORDINALS[last]
    else:
        last = last[:-1] + "ieth" if last.endswith("y") else last + "th"
    return f"{head} {last}" if head else last


def plural(word: str) -> str:
    """The plural of a number word: "nineties", "sixes", "fives"."""
    if word.endswith("y"):
        return word[:-1] + "ies"
    return word + ("es" if word.endswith("x") else "s")


def digits(s: str) -> str:
    """Every digit by itself: "five five five"; other characters are left out."""
    return " ".join([DIGITS[ord(char) - 48] for char in s if "0" <= char <= "9"])


def decimal(s: str) -> str:
    """A written number ("1,234", "0.05", ".5") as it is said: "zero point zero five"."""
    whole, point, rest = s.replace(",", "").partition(".")
    if not point:
        return digits(whole) if len(whole) > 1 and whole[0] == "0" else cardinal(_integer(whole))
    return f"{cardinal(_integer(whole or '0'))} point {digits(rest)}"


def _integer(s: str) -> int:
    if len(s) <= 1000:
        return int(s)
    return _integer(s[:-1000]) * 10**1000 + int(s[-1000:])


def proper_fraction(numerator: int, denominator: int, *, quarters: bool = False) -> str:
    """A fraction: "two thirds", but "five over seventeen" where the ordinal would be hard to hear.

    With `quarters` fourths are called quarters: said alone that would also be a coin.
    """
    if denominator not in _NAMED_DENOMINATORS:
        return f"{cardinal(numerator)} over {cardinal(denominator)}"
    if denominator == 2:
        name = "half"
    elif denominator == 4 and quarters:
        name = "quarter"
    else:
        name = ordinal(denominator)
    if numerator != 1:
        name = "halves" if denominator == 2 else name + "s"
    return f"{cardinal(numerator)} {name}"


def mixed(whole: int, part: Fraction) -> str:
    """An integer with a part, 0 < part < 1: "two and a half", "three and two thirds"."""
    if part == Fraction(1, 2):
        return f"{cardinal(whole)} and a half"
    if part == Fraction(1, 4):
        return f"{cardinal(whole)} and a quarter"
    return f"{cardinal(whole)} and {proper_fraction(part.numerator, part.denominator, quarters=True)}"


def decimal_places(v: Fraction) -> int | None:
    """How many digits follow the point when `v` is written out, None when they never end."""
    rest, places = v.denominator, 0
    while rest % 10 == 0:
        rest, places = rest // 10, places + 1
    base = 2 if rest % 2 == 0 else 5
    while rest % base == 0:
        rest, places = rest // base, places + 1
    return places if rest == 1 else None


def number(v: Fraction) -> str:
    """The exact spoken form of any rational as an integer, decimal, mixed number or fraction."""
    if v < 0:
        return "negative " + number(-v)
    if v.denominator == 1:
        return cardinal(v.numerator)
    whole, part = divmod(v, 1)
    places = decimal_places(v)
    if places is not None and places <= _LONGEST_DECIMAL and part.denominator not in (2, 4):
        rest = str(part.numerator * 10**places // part.denominator)
        return f"{cardinal(whole)} point {digits(rest.zfill(places))}"
    if part.denominator not in _NAMED_DENOMINATORS:
        return f"{cardinal(v.numerator)} over {cardinal(v.denominator)}"
    return mixed(whole, part) if whole else proper_fraction(part.numerator, part.denominator)
