"""Faults planted in spoken questions, for measuring the gate that should find them.

Texts are spoiled before they are spoken (a number replaced or dropped, a word left out), clips after.
"""

import random
import re
from collections.abc import Callable
from dataclasses import replace

import numpy as np

from pipeline.backends.audio import Clip
from pipeline.core import numwords
from pipeline.core.quantities import read
from pipeline.core.wer import compare

_NUMBERS = (*numwords.DIGITS[1:], *numwords.TEENS, *numwords.TENS[2:], "hundred", "thousand")
_NUMBER = re.compile(rf"\b(?:{'|'.join(_NUMBERS)})\b", re.IGNORECASE)
_WORD = re.compile(r"\b[a-z]{4,}\b")
_TRIES = 20


def number_replaced(text: str, draw: random.Random) -> str | None:
    """One number word exchanged for another of its kind; None if the text states none."""
    kinds = (numwords.DIGITS[1:], numwords.TEENS, numwords.TENS[2:], ("hundred", "thousand"))

    def change(word: str) -> str:
        (kind,) = (kind for kind in kinds if word.casefold() in kind)
        return draw.choice([other for other in kind if other != word.casefold()])

    return _changed(text, draw, change)


def number_dropped(text: str, draw: random.Random) -> str | None:
    """All number words of one quantity left out; None if the text states none."""
    spans = [(quantity.start, quantity.end) for quantity in read(text)]
    draw.shuffle(spans)
    for start, end in spans:
        if not _NUMBER.search(text[start:end]):
            continue
        left = _NUMBER.sub("", text[start:end]).lstrip("-")  # "-half" of "one-half" is no number that is missing
        other = _tidy(text[:start] + left + text[end:])
        if not compare(text, other).quantities_agree:
            return other
    return None


def word_left_out(text: str, draw: random.Random) -> str | None:
    """One word of four letters or more left out that is no number."""
    found = [word for word in _WORD.finditer(text) if not _NUMBER.fullmatch(word[0])]
    if not found:
        return None
    word = draw.choice(found)
    return _tidy(text[: word.start()] + text[word.end() :])


def silent(clip: Clip, draw: random.Random) -> Clip:
    """Nothing to hear."""
    del draw
    return replace(clip, samples=np.zeros_like(clip.samples))


def noise(clip: Clip, draw: random.Random) -> Clip:
    """White noise as loud as the speech."""
    level = float(np.sqrt(np.mean(np.square(clip.samples))))
    samples = np.random.default_rng(draw.getrandbits(32)).normal(0, level, len(clip.samples))
    return replace(clip, samples=samples.astype(np.float32))


def wrong_rate(clip: Clip, draw: random.Random) -> Clip:
    """Played at half or twice its rate."""
    return replace(clip, sample_rate_hz=round(clip.sample_rate_hz * draw.choice((0.5, 2.0))))


Spoil = Callable[[str, random.Random], str | None]
TEXTS: dict[str, Spoil] = {
    "number replaced": number_replaced,
    "number dropped": number_dropped,
    "word left out": word_left_out,
}
CLIPS: dict[str, Callable[[Clip, random.Random], Clip]] = {
    "silence": silent,
    "noise": noise,
    "wrong rate": wrong_rate,
}


def _changed(text: str, draw: random.Random, change: Callable[[str], str]) -> str | None:
    found = [*_NUMBER.finditer(text)]
    for _ in range(_TRIES if found else 0):
        word = draw.choice(found)
        other = change(word[0])
        if word[0][0].isupper():
            other = other.capitalize()
        spoilt = text[: word.start()] + other + text[word.end() :]
        if not compare(text, spoilt).quantities_agree:
            return spoilt
    return None


def _tidy(text: str) -> str:
    """One blank between words, none before a mark, a capital first."""
    text = re.sub(r" +([,.;:?!])", r"\1", " ".join(text.split()))
    return text[:1].upper() + text[1:]
