"""How a problem is worded, apart from which numbers it states and how it writes them: for finding it in another text.

A text is compared as it is spoken, so that "48", "forty-eight" and "forty eight" are one token. A text without a spoken
form is compared as it stands. It knows neither thresholds nor what is done with texts that are alike.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from pipeline.core.numberish import WORDS
from pipeline.core.numwords import SCALES
from pipeline.core.outcome import Unreadable
from pipeline.core.speak import speak
from pipeline.core.wordset import wordset

NUMBER = "#"
"""What stands for a number in a template."""
_TOKEN = re.compile(r"[^\W\d_]+(?:'[^\W\d_]+)*|\d+")
_NUMBERS = WORDS | frozenset(SCALES[1:])
_BEFORE_AND = frozenset({*SCALES[1:], "hundred"})
"""Words after which "and" may belong to a number: "one hundred and five"."""
_DECISIVE = wordset(
    """
    plus minus times over divided multiplied added subtracted product sum difference quotient remainder squared cubed
    square cube root power equals negative positive even odd more less fewer greater smaller larger longer shorter
    older younger taller heavier lighter cheaper faster slower before after greatest least largest smallest most fewest
    minimum maximum longest shortest increase increases increased decrease decreases decreased area
    perimeter volume circumference radius diameter mean median mode range sine cosine tangent not no without
    """
)
"""Words with which a problem turns into another one, however alike the rest is."""


@dataclass(frozen=True, slots=True)
class Wording:
    """A text as tokens in lower case, every number one token."""

    text: str
    """The text as it is spoken, or as it stands where it cannot be."""
    words: tuple[str, ...]
    """All tokens; a number is its words in one ("forty eight")."""
    template: tuple[str, ...]
    """The same with NUMBER for every number."""

    @property
    def numbers(self) -> tuple[str, ...]:
        """The numbers, sorted, each as often as it is stated."""
        return tuple(sorted(word for word, masked in zip(self.words, self.template, strict=True) if masked == NUMBER))

    @property
    def decisive(self) -> tuple[str, ...]:
        """The numbers, variables and decisive words, sorted: texts of one problem agree in all of them."""
        letters = (word for word in self.template if word in _DECISIVE or (len(word) == 1 and word not in "ai#"))
        return (*self.numbers, *sorted(letters))

    @property
    def shingles(self) -> frozenset[str]:
        """Every two tokens of the template that follow each other; a single token is one, nothing is none."""
        if len(self.template) < 2:
            return frozenset(self.template)
        return frozenset(map(" ".join, zip(self.template, self.template[1:], strict=False)))


@lru_cache(maxsize=64)
def wording(text: str) -> Wording:
    """How a text is worded; equal for all ways of writing its numbers that are said in the same words."""
    spoken = speak(text)
    return _read(text if isinstance(spoken, Unreadable) else spoken)


def unspoken(text: str) -> Wording:
    """How a text is worded as it stands, for texts that cannot be read."""
    return _read(text)


def _read(text: str) -> Wording:
    tokens = _TOKEN.findall(text.casefold().replace("’", "'"))
    words: list[str] = []
    template: list[str] = []
    for number, parts in _runs(tokens):
        words.append(" ".join(parts))
        template.append(NUMBER if number else parts[0])
    return Wording(text, tuple(words), tuple(template))


def _runs(tokens: list[str]) -> Iterator[tuple[bool, list[str]]]:
    """The tokens one by one, those of a number together; the "and" inside a number is left out."""
    numeric = [token.isdigit() or token in _NUMBERS for token in tokens]
    i = 0
    while i < len(tokens):
        run = [tokens[i]]
        i += 1
        if not numeric[i - 1]:
            yield False, run
            continue
        while i < len(tokens):
            joins = i + 1 < len(tokens) and numeric[i + 1] and _joins(tokens[i], run[-1])
            if not numeric[i] and not joins:
                break
            if tokens[i] != "and":
                run.append(tokens[i])
            i += 1
        yield True, run


def _joins(word: str, before: str) -> bool:
    return word == "point" or (word == "and" and before in _BEFORE_AND)
