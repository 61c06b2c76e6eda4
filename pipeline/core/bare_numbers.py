"""The commonest quantities by far, found by two looks into tables: "thirty boxes", "12 minutes.".

A whole number below a hundred, in digits or one word, behind which nothing goes on with it but, at most, the full name
of a unit. Whatever is not plainly so is left to `core.phrases`, which would read these just so in four times the time.
"""

from fractions import Fraction
from typing import NamedTuple

from pipeline.core.lexicon import LEXICON, MONTH_NAMES, PRONOUN_BEFORE, Word
from pipeline.core.measures import may_measure
from pipeline.core.money import NAMES
from pipeline.core.number_words import GO_ON
from pipeline.core.numwords import cardinal
from pipeline.core.powers import POWER_WORDS, TIMES
from pipeline.core.quantity import Kind, Quantity
from pipeline.core.tokens import LINE, NUMBER, WORD, Tokens, kind_of
from pipeline.core.units import SINGULARS

_STOPS = frozenset(("", ".", ",", "?", "!", ";"))
_GOES_ON = GO_ON | MONTH_NAMES | TIMES | frozenset(POWER_WORDS) | {"percent", "percents", "per", "to", "of", "another"}
_OPENS = MONTH_NAMES | PRONOUN_BEFORE | {".", ":", "no"}
"""Before a number these may make a date, a time or a pronoun of it."""
_LARGEST = 99
_MOST_REMEMBERED = 1 << 16


class _Ends(dict[str, bool]):
    """Whether no number goes on with a token, by its text; filled on first sight."""

    def __missing__(self, word: str) -> bool:
        if word in _STOPS or kind_of(word) == LINE:
            ends = True
        else:
            ends = kind_of(word) == WORD and word not in _GOES_ON and not may_measure(word)
        if len(self) >= _MOST_REMEMBERED:
            self.clear()
        self[word] = ends
        return ends


_ENDS = _Ends()


class _Bare(NamedTuple):
    value: Fraction
    spoken: str | None


_BARE = {word: _Bare(Fraction(n), None) for word, (sort, n) in LEXICON.items() if sort <= Word.TENS} | {
    str(n): _Bare(Fraction(n), cardinal(n)) for n in range(_LARGEST + 1) if n != 1
}
"""By its token; "1" may be a pronoun, as "one" may: of that the words around tell."""
_UNITS = {word: name for word, name in SINGULARS.items() if name not in ("", "second", "degree", "kilowatt")}
"""Names in full that nothing but a rate or a power can make another unit of."""


_CARDINAL, _MONEY = Kind.CARDINAL, Kind.MONEY


class BareNumber(NamedTuple):
    """A quantity, the token after it, and the words for it, None where it is words already."""

    quantity: Quantity
    next: int
    spoken: str | None


def bare_number(t: Tokens, i: int) -> BareNumber | None:
    """The whole number that token `i` is, None where it may be more than that."""
    words = t.words
    bare = _BARE.get(words[i])
    if bare is None or (i and words[i - 1] in _OPENS):
        return None
    value, spoken = bare
    j = i + 1
    after = words[j]
    if spoken is not None and (t.starts[j] == t.ends[i]) and (t.kinds[j] == WORD or t.kinds[j + 1] == NUMBER):
        return None  # "12th", "2.5.1"
    if _ENDS[after]:
        quantity = Quantity(value, _CARDINAL, t.starts[i], t.ends[i])
        return BareNumber(quantity, j, spoken)
    unit = _UNITS.get(after)
    if unit is None or not _ENDS[words[j + 1]] or t.starts[j] - t.ends[i] != 1:
        return None
    kind = _MONEY if unit in NAMES else _CARDINAL
    quantity = Quantity(value, kind, t.starts[i], t.ends[j], unit)
    return BareNumber(quantity, j + 1, None if spoken is None else f"{spoken} {t.raw(j)}")
