"""Where a text may hold an equation: the stretches between line ends and punctuation that have an equals sign.

It cuts generously; what an equation is, `core.equations` reads.
"""

import re
from collections.abc import Iterator

RELATION_SIGN = re.compile(r"[=≈≅≃≐]")
"""What makes an equation of two expressions."""
_BOUNDARY = re.compile(r"[\n;]|[:,.?](?=\s|$)|!(?=\s|$)(?!(?<=[\w)!]!)\s?(?:[a-z=≈+*/×÷^·)]|[-−–]\s?[\d(]))")
"""What no equation goes across; an exclamation mark that is a factorial is none."""


def windows(text: str) -> Iterator[tuple[int, int]]:
    """The stretches between breaks that hold a relation: most words of a text need no look at all."""
    last = 0
    for relation in RELATION_SIGN.finditer(text):
        at = relation.start()
        if at < last:
            continue
        start = last
        for boundary in _BOUNDARY.finditer(text, last, at + 1):
            if text[boundary.start()] in "\n;" or not _is_inside(text, boundary.start(), at):
                start = boundary.start()
        stop = _BOUNDARY.search(text, at)
        while stop is not None and text.count("(", at, stop.start()) > text.count(")", at, stop.start()):
            stop = _BOUNDARY.search(text, stop.end())
        # two characters more show whether what ends here was elided ("0.33...")
        last = len(text) if stop is None else stop.start()
        yield start, min(len(text), last + 2)


def _is_inside(text: str, comma: int, relation: int) -> bool:
    """Whether a comma stands between the brackets of what leads to a relation: "gcd(12, 18) = 6"."""
    return text.count(")", comma, relation) > text.count("(", comma, relation)
