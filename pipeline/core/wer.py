"""Was a text understood? Word errors between what was spoken and what was heard, numbers by value.

"48", "forty-eight" and "forty eight" are one number to it. Both texts are read into plain words and
quantities. Word errors are counted with every quantity said in one way; then words and quantities are aligned
as wholes, with the fewest errors and, among those alignments, the fewest quantities apart. A quantity counts
as heard when the one at its place has its value; a missing, replaced or added one is a disagreement, however
few word errors it makes.

No ear can tell homophones apart, so they are no errors at their place: "for" heard as "4" or "four", "to" as
"2", "a" as "one", "their" as "there", and the other way round. Elsewhere they are: an added "four" is an
added quantity.

It knows no audio and sets no limits: what is too much is the caller's.
"""

import re
from typing import NamedTuple

from pipeline.core.alignment import Item, align, items, prepare, words

_SHOWN = 5


class Heard(NamedTuple):
    """How well a spoken text was understood."""

    wer: float
    """Word errors per word of the written text; above 1 when much was added."""
    quantities_agree: bool
    """Every quantity was heard at its place, and no other."""
    detail: str
    """One line: the first quantity that differs, then some words that differ; "" when nothing does."""


def compare(written: str, heard: str) -> Heard:
    """Compare the text that was given to a voice with what an ear wrote down."""
    left, right = items(prepare(written)), items(prepare(same_cents(written, heard)))
    left_words = words(left)
    apart = [_apart(a, b) for cost, a, b in align(left, right) if cost.quantities]
    errors = [(cost.words, a, b) for cost, a, b in align(left_words, words(right)) if cost.words]
    unlike = " ".join(f"{_show(a)}/{_show(b)}" for _, a, b in errors[:_SHOWN])
    detail = "; ".join(part for part in (*apart[:1], unlike) if part)
    return Heard(sum(cost for cost, _, _ in errors) / max(1, len(left_words)), not apart, detail)


def same_cents(written: str, heard: str) -> str:
    """Read "fifty sense" as fifty cents where cents were said: a homophone that changes a value."""
    if "cent" not in written.casefold() or "sense" in written.casefold():
        return heard
    return re.sub(r"\b(sense|scents)\b", "cents", heard, flags=re.IGNORECASE)


def _show(item: Item | None) -> str:
    return item.shown if item else "-"


def _apart(written: Item | None, heard: Item | None) -> str:
    if heard is None:
        return f"{_show(written)!r} was not heard"
    if written is None:
        return f"{heard.shown!r} was heard and not written"
    return f"{written.shown!r} was heard as {heard.shown!r}"
