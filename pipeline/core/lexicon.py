"""English words that state a number, as the readers look them up (lower case)."""

from pipeline.core import numwords
from pipeline.core.units import words


class Word:
    """What a word does inside a spoken number; plain ints, for readers compare them some hundred times a row."""

    DIGIT = 1
    TEEN = 2
    TENS = 3
    HUNDRED = 4
    SCALE = 5
    ORDINAL = 6
    PARTS = 7
    """A denominator in the plural: "thirds"."""
    HALF = 8
    QUARTER = 9
    DOZEN = 10
    TIMES = 11
    """A factor in one word: "twice", "double"."""
    POINT = 12
    SIGN = 13
    ARTICLE = 14
    OH = 15
    DECADE = 16
    """Years of a decade: "nineties", alone or after a century."""


ONES = {word: n for n, word in enumerate(numwords.DIGITS)}
TEENS = {word: n for n, word in enumerate(numwords.TEENS, 10)}
TENS = {word: 10 * n for n, word in enumerate(numwords.TENS) if word} | {"fourty": 40}
SCALES = {word: 1000**n for n, word in enumerate(numwords.SCALES) if word}
_ORDINALS = {numwords.ordinal(n): n for n in (*range(1, 20), *range(20, 100, 10))} | {"hundredth": 100}
_ORDINALS |= {word + "th": scale for word, scale in SCALES.items()}

LEXICON: dict[str, tuple[int, int]] = (
    {word: (Word.DIGIT, n) for word, n in ONES.items()}
    | {word: (Word.TEEN, n) for word, n in TEENS.items()}
    | {word: (Word.TENS, n) for word, n in TENS.items()}
    | {"hundred": (Word.HUNDRED, 100)}
    | {word[:-1] + "ies": (Word.DECADE, n) for word, n in TENS.items()}
    | {word: (Word.SCALE, n) for word, n in SCALES.items()}
    | {word: (Word.ORDINAL, n) for word, n in _ORDINALS.items()}
    | {word + "s": (Word.PARTS, n) for word, n in _ORDINALS.items() if n > 2}
    | {
        "half": (Word.HALF, 2),
        "halves": (Word.HALF, 2),
        "quarter": (Word.QUARTER, 4),
        "quarters": (Word.QUARTER, 4),
        "dozen": (Word.DOZEN, 12),
        "twice": (Word.TIMES, 2),
        "thrice": (Word.TIMES, 3),
        "double": (Word.TIMES, 2),
        "doubled": (Word.TIMES, 2),
        "doubles": (Word.TIMES, 2),
        "triple": (Word.TIMES, 3),
        "tripled": (Word.TIMES, 3),
        "triples": (Word.TIMES, 3),
        "quadruple": (Word.TIMES, 4),
        "quadrupled": (Word.TIMES, 4),
        "quadruples": (Word.TIMES, 4),
        "point": (Word.POINT, 0),
        "minus": (Word.SIGN, -1),
        "negative": (Word.SIGN, -1),
        "a": (Word.ARTICLE, 1),
        "an": (Word.ARTICLE, 1),
        "oh": (Word.OH, 0),
    }
)

_ROMAN_TENS, _ROMAN_ONES = ("", "x", "xx"), ("", "i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix")
ROMAN = {tens + ones: 10 * n + m for n, tens in enumerate(_ROMAN_TENS) for m, ones in enumerate(_ROMAN_ONES) if n + m}
NUMBERED = words(
    "war chapter ch vol part volume type phase section act book level class stage unit appendix quadrant grade"
)
"""Nouns that a Roman numeral may follow."""
RULERS = words("henry louis george charles edward elizabeth napoleon alexander william richard pius philip catherine")
"""Names that a Roman numeral makes the name of a ruler."""

PRONOUN_BEFORE = words(
    "which no each this that the another every any last first next other some only same right wrong "
    "new old big small bigger smaller larger largest biggest smallest longer shorter red blue green "
    "black white cheaper cheapest"
)
"""Before "one" these make it a pronoun, when no noun follows."""

FUNCTION_WORDS = words(
    "of is was has had have who that which in on for and or but if at by from to with than as he she "
    "they it we you i did does do will would can could should are were be been not because so when "
    "while where after before until then there their his her its per costs cost takes took gets got"
)
"""Words that begin something else than a noun."""

DETERMINERS = words("the them those these his her their your my our its us you whom which all")

FRACTION_FOLLOWERS = words("of as the that more less fewer his her their its full")
"""After "a third" these show that a part is meant, not a place in a row."""
PLACES = words("floor day birthday person anniversary century street of place grade year week time")
"""After "thirty-second" these show that a place in a row is meant, not half a minute."""
SECOND_ENDS = FUNCTION_WORDS | {
    "per",
    "later",
    "long",
    "ago",
    "each",
    "more",
    "faster",
    "slower",
    "apart",
    "earlier",
}
UNIT_BEFORE_SECOND = frozenset(("per", "a", "each", "every", "half"))
ATTRIBUTIVE_BEFORE = (
    frozenset(["a", "an", "the", "one", "another", "each", "every", "this"]) | frozenset(ONES) | frozenset(TEENS)
)
"""Before an amount and a noun these show that the amount describes the noun."""
NOT_ATTRIBUTED = words(
    "left more less each total worth extra apiece back plus minus off down away times long tall wide "
    "high deep heavy old ago later early late remaining spent saved earned bigger higher longer "
    "taller wider deeper heavier altogether every difference profit"
)
MONEY_BEFORE = words("cost costs costing paid pay pays price priced charge charges sell sells sold spend spends spent")
MONEY_AFTER = frozenset(["each", "apiece", "per"])
MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip
MONTH_NAMES = frozenset(month.lower() for month in MONTHS) | words("jan feb mar apr jun jul aug sep sept oct nov dec")
