"""Texts that an ear should find less likely than the one that was spoken.

A free transcription errs on good audio. Where it disputes a quantity, an ear that can say how likely a
text is decides between the text that was spoken and these: the same text with the disputed quantity as it
was heard, left out, or with one of its number words replaced by each other of its kind and by those that sound
near it. All of them state other quantities.
"""

import itertools
import re
from collections.abc import Sequence

from pipeline.core import numwords
from pipeline.core.alignment import Item, Step, align, items, prepare, said
from pipeline.core.wer import compare, same_cents

_KINDS = (numwords.DIGITS[1:], numwords.TEENS, numwords.TENS[2:])
_ALIKE = {
    "two": ("ten",), "three": ("thirty",), "four": ("forty", "fourteen"), "five": ("fifty", "fifteen"),
    "six": ("sixty", "sixteen"), "seven": ("eleven", "seventy"), "eight": ("eighty", "eighteen"), "nine": ("ninety",),
    "ten": ("two", "seven"), "eleven": ("seven",), "twelve": ("twenty",), "thirteen": ("thirty",),
    "fourteen": ("forty",), "fifteen": ("fifty",), "sixteen": ("sixty",), "seventeen": ("seventy",),
    "eighteen": ("eighty",), "nineteen": ("ninety",), "twenty": ("twelve",), "thirty": ("thirteen",),
    "forty": ("fourteen",), "fifty": ("fifteen",), "sixty": ("sixteen",), "seventy": ("seventeen",),
    "eighty": ("eighteen",), "ninety": ("nineteen",), "hundred": ("thousand",), "thousand": ("hundred",),
    "half": ("quarter",), "quarter": ("half",), "third": ("fourth",), "thirds": ("fourths",),
    "twice": ("three times",), "double": ("triple",),
}  # fmt: skip
_NEAR = {
    word: (*_ALIKE.get(word, ()), *(other for kind in _KINDS if word in kind for other in kind if other != word))
    for word in dict.fromkeys((*_ALIKE, *itertools.chain(*_KINDS)))
}
"""Every number word of its kind, and those of other kinds that sound near it."""
_WORD = re.compile(r"[A-Za-z]+")


def alternatives(written: str, heard: str) -> tuple[str, ...]:
    """The written text with each disputed quantity changed, one change at a time; () when none is."""
    text = prepare(written)
    steps = align(items(text), items(prepare(same_cents(written, heard))))
    texts: list[str] = []
    end = 0
    for number, (cost, a, b) in enumerate(steps):
        start, end = (a.start, a.end) if a else (end, end)
        if not cost.quantities:
            continue
        changes = [_as_heard(b)] if b else []
        if a and a.quantity:
            changes += ["", *_near(a)]
        texts += [_spliced(text, start, end, change) for change in changes]
        if b and b.quantity and not (a and a.quantity):
            texts += _beside(text, [*steps[max(number - 1, 0) : number], *steps[number + 1 : number + 2]])
    # "half a cup" for "one half cup" is no mistake.
    return tuple(other for other in dict.fromkeys(texts) if not compare(text, other).quantities_agree)


def _beside(text: str, steps: Sequence[Step]) -> list[str]:
    """Where "one half" is heard as "four half", the halves are paired and the four is added: it is part of the half."""
    quantities = [step.written for step in steps if step.written and step.written.quantity]
    return [_spliced(text, item.start, item.end, change) for item in quantities for change in _near(item)]


def _as_heard(item: Item) -> str:
    return " ".join(said(item.quantity)) if item.quantity else item.shown


def _near(item: Item) -> list[str]:
    """The quantity with one of its number words replaced, or left out where others or a unit remain."""
    found = [word for word in _WORD.finditer(item.shown) if word[0].casefold() in _NEAR]
    return [
        item.shown[: word.start()] + other + item.shown[word.end() :]
        for word in found
        for other in (*_NEAR[word[0].casefold()], *([""] if len(item.words) > 1 else []))
    ]


def _spliced(text: str, start: int, end: int, change: str) -> str:
    if text[start : start + 1].isupper():
        change = change[:1].upper() + change[1:]
    before, after = text[:start], text[end:]
    if not change and after.startswith("-"):
        after = after[1:]
    # "a three-page letter" stays joined: a spelling that no ear was taught would lose to the truth by itself.
    spliced = f"{before}{change}{after}" if after.startswith("-") else f"{before} {change} {after}"
    return re.sub(r" +([,.;:?!]|$)", r"\1", " ".join(spliced.split()))
