"""Cut a text into what a voice says in one go: whole sentences, as many as fit; clauses or words where one does not.

Nothing is lost or reordered: the pieces joined by spaces are the text with its spaces folded.
"""

import re
from collections.abc import Callable, Iterator
from typing import NamedTuple

_AFTER_SENTENCE = re.compile(r"(?<=[.!?…])\s+")
_AFTER_CLAUSE = re.compile(r"(?<=[,;:—])\s+")


class Piece(NamedTuple):
    """What is said in one go."""

    text: str
    ends_sentence: bool


def pieces(text: str, longest: int | None) -> list[Piece]:
    """Cut a text into pieces of at most `longest` characters; a longer word is a piece of its own."""
    folded = " ".join(text.split())
    if longest is None or len(folded) <= longest:
        return [Piece(folded, ends_sentence=True)]
    cuts: tuple[Callable[[str], list[str]], ...] = (_AFTER_SENTENCE.split, _AFTER_CLAUSE.split, str.split)
    return [Piece(piece, piece[-1] in ".!?…") for piece in _cut(folded, longest, cuts)]


def _cut(text: str, longest: int, cuts: tuple[Callable[[str], list[str]], ...]) -> Iterator[str]:
    if len(text) <= longest or not cuts:
        yield text
        return
    held = ""
    for part in cuts[0](text):
        if held and len(held) + 1 + len(part) <= longest:
            held = f"{held} {part}"
            continue
        if held:
            yield from _cut(held, longest, cuts[1:])
        held = part
    yield from _cut(held, longest, cuts[1:])
