"""Two texts side by side for the eye: quantities of the written and the spoken question, words spoken and heard.

It knows texts and the core's readers, no row and no rendering.
"""

from enum import StrEnum
from typing import NamedTuple

from pipeline.core import alignment, quantities
from pipeline.core.alignment import Item
from pipeline.core.wer import same_cents


class Segment(NamedTuple):
    """A stretch of a text."""

    text: str
    pairs: tuple[int, ...] = ()
    """Numbers of the quantities that it states, from 1; the same number in both texts is the same quantity."""
    alone: bool = False
    """Whether the other text lacks one of them."""


class Change(StrEnum):
    """What became of spoken words."""

    SAME = "same"
    REPLACED = "replaced"
    MISSED = "missed"
    ADDED = "added"


class Words(NamedTuple):
    """Neighbouring words of one fate."""

    change: Change
    spoken: str
    heard: str


def aligned(written: str, spoken: str) -> tuple[tuple[Segment, ...], tuple[Segment, ...]]:
    """Both texts cut at their quantities, which are paired in order with the fewest unlike."""
    left, right = _quantities(written), _quantities(spoken)
    marks: tuple[list[tuple[Item, int, bool]], list[tuple[Item, int, bool]]] = ([], [])
    for number, step in enumerate(alignment.align(left, right), 1):
        alone = bool(step.cost.quantities)
        for side, item in zip(marks, (step.written, step.heard), strict=True):
            if item is not None:
                side.append((item, number, alone))
    return _cut(written, marks[0]), _cut(spoken, marks[1])


def _quantities(text: str) -> list[Item]:
    return [
        Item(text[found.start : found.end], alignment.said(found), found.start, found.end, found)
        for found in quantities.read(text)
    ]


def _cut(text: str, marks: list[tuple[Item, int, bool]]) -> tuple[Segment, ...]:
    segments: list[Segment] = []
    end = 0
    for item, number, alone in marks:
        if item.start < end:  # another quantity of the same formula, which is marked as a whole
            last = segments[-1]
            segments[-1] = Segment(last.text, (*last.pairs, number), last.alone or alone)
            continue
        segments += [Segment(text[end : item.start])] if item.start > end else []
        segments.append(Segment(text[item.start : item.end], (number,), alone))
        end = item.end
    return (*segments, *([Segment(text[end:])] if end < len(text) else []))


def heard_words(spoken: str, heard: str) -> tuple[Words, ...]:
    """What an ear made of a text, in the alignment that counts the word errors; numbers are compared by value."""
    left = alignment.items(alignment.prepare(spoken))
    right = alignment.items(alignment.prepare(same_cents(spoken, heard)))
    found: list[Words] = []
    for step in alignment.align(left, right):
        said, got = (item.shown if item else "" for item in (step.written, step.heard))
        change = _change(said, got, wrong=any(step.cost))
        if found and found[-1].change is change:
            found[-1] = Words(change, f"{found[-1].spoken} {said}".strip(), f"{found[-1].heard} {got}".strip())
        else:
            found.append(Words(change, said, got))
    return tuple(found)


def _change(said: str, got: str, *, wrong: bool) -> Change:
    if not wrong:
        return Change.SAME
    if not got:
        return Change.MISSED
    return Change.REPLACED if said else Change.ADDED
