"""Texts that an ear should find less likely than the one that was spoken.

A free transcription errs on good audio. Where it disputes a quantity, an ear that can say how likely a
text is decides between the text that was spoken and these: the same text with the disputed quantity as it
was heard, left out, or with one of its number words replaced by each other of its kind and by those that sound
near it.
"""

import itertools
import re

from pipeline.core import numwords
from pipeline.core.alignment import Item, align, items, prepare, said
from pipeline.core.wer import same_cents

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
    texts: list[str] = []
    end = 0
    for cost, a, b in align(items(text), items(prepare(same_cents(written, heard)))):
        start, end = (a.start, a.end) if a else (end, end)
        if not cost.quantities:
            continue
        changes = [" ".join(said(b.quantity)) if b.quantity else b.shown] if b else []
        if a and a.quantity:
            changes += ["", *_near(a)]
        texts += [_spliced(text, start, end, change) for change in changes]
    return tuple(dict.fromkeys(other for other in texts if other != text))


def _near(item: Item) -> list[str]:
    """The quantity with one of its number words replaced, or left out where others remain."""
    found = [word for word in _WORD.finditer(item.shown) if word[0].casefold() in _NEAR]
    return [
        item.shown[: word.start()] + other + item.shown[word.end() :]
        for word in found
        for other in (*_NEAR[word[0].casefold()], *([""] if len(found) > 1 else []))
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
