"""From response tokens to phrases that a speech engine can say: text as it becomes whole, cut where one may pause.

It knows tokens one at a time and never looks ahead further than the blank that ends a word.
"""

import re
from collections.abc import Callable
from enum import StrEnum

_UNFINISHED = "\ufffd"
_CLAUSE_END = re.compile(r"[,;:.!?…]+[\"')”’]*\s")
_WORD_END = re.compile(r"\S\s")
MOST_WORDS = 12
"""A clause that goes on for longer is cut at a word: no listener waits for the end of a long one."""
_LONG = re.compile(rf"(?:\s*\S*\w\S*\s){{{MOST_WORDS}}}")


class Boundary(StrEnum):
    """Where a response is cut for the voice."""

    WORD = "word"
    """Soonest heard, without melody over words."""
    CLAUSE = "clause"
    """At punctuation."""


class TextStream:
    """Text of tokens as they come; a character that is split over tokens comes with its last one, or never."""

    def __init__(self, decode: Callable[[list[int]], str]) -> None:
        self._decode = decode
        self._ids: list[int] = []
        self._n_given = 0

    def push(self, token: int) -> str:
        """The text that a token completes, "" for none."""
        self._ids.append(token)
        text = self._decode(self._ids)
        # A character that is not whole decodes to the replacement character; so may what never becomes one.
        whole = text.rstrip(_UNFINISHED)
        new = whole[self._n_given :]
        self._n_given = max(self._n_given, len(whole))
        return new


class Phrases:
    """Cuts text as it comes."""

    def __init__(self, boundary: Boundary = Boundary.CLAUSE) -> None:
        self._end = _WORD_END if boundary is Boundary.WORD else _CLAUSE_END
        self._held = ""

    def push(self, text: str) -> list[str]:
        """The phrases that a piece of text completes."""
        self._held += text
        made: list[str] = []
        while (at := self._cut()) is not None:
            made.append(self._held[:at].strip())
            self._held = self._held[at:]
        return made

    def end(self) -> list[str]:
        """What is left."""
        phrase, self._held = self._held.strip(), ""
        return [phrase] if _sayable(phrase) else []

    def _cut(self) -> int | None:
        """Where the first phrase ends; punctuation without a word goes with what follows."""
        ends = (found.end() for found in self._end.finditer(self._held))
        end = next((end for end in ends if _sayable(self._held[:end])), None)
        longest = _LONG.match(self._held)
        return min((at for at in (end, longest and longest.end()) if at is not None), default=None)


def _sayable(text: str) -> bool:
    return any(char.isalnum() for char in text)
