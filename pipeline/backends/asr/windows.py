"""Cutting a long clip and the texts it may hold at the same place, for ears that hear a short window at once.

It knows no audio: only words that were heard with their times.
"""

import re
from collections.abc import Sequence
from difflib import SequenceMatcher
from typing import NamedTuple

_WORD = re.compile(r"\S+")


class Cut(NamedTuple):
    """A place between two words."""

    character: int
    """In the text."""
    time_s: float


def cut_where(text: str, heard: Sequence[tuple[str, float, float]], longest_s: float) -> Cut | None:
    """The last place before `longest_s` where text and words heard agree on both sides; None where none is.

    Args:
        text: what should have been said.
        heard: words with their start and end in seconds, in order.
        longest_s: the first part's greatest length.
    """
    words = [*_WORD.finditer(text)]
    left, right = [_plain(word[0]) for word in words], [_plain(word) for word, _, _ in heard]
    cuts = [
        Cut(words[block.a + i].start(), (heard[block.b + i - 1][2] + heard[block.b + i][1]) / 2)
        for block in SequenceMatcher(None, left, right, autojunk=False).get_matching_blocks()
        for i in range(1, block.size)
    ]
    return max((cut for cut in cuts if cut.time_s <= longest_s), default=None)


def cut_texts(texts: Sequence[str], character: int) -> tuple[list[str], list[str]]:
    """Cut the first text at a character, and the others at the same place: those agree with it before or behind."""
    before: list[str] = []
    behind: list[str] = []
    for text in texts:
        same = _same_start(texts[0], text)
        at = character if same >= character else max(0, len(text) - (len(texts[0]) - character))
        before.append(text[:at].rstrip())
        behind.append(text[at:])
    return before, behind


def _same_start(one: str, other: str) -> int:
    pairs = zip(one, other, strict=False)
    return next((i for i, (a, b) in enumerate(pairs) if a != b), min(len(one), len(other)))


def _plain(word: str) -> str:
    return re.sub(r"\W", "", word).casefold()
