"""Where a text may hold an equation: the stretches between line ends and punctuation that have an equals sign.

It cuts generously; what an equation is, `core.equations` reads.
"""

import re
from bisect import bisect_left
from collections.abc import Iterator

RELATION_SIGN = re.compile(r"[=≈≅≃≐]")
"""What makes an equation of two expressions."""
_BOUNDARY = re.compile(
    r"[\n;:,.?!](?:(?<=[\n;])|(?<=[:,.?])(?=\s|$)"
    r"|(?<=!)(?=\s|$)(?!(?<=[\w)!]!)\s?(?:[a-z=≈+*/×÷^·)]|[-−–]\s?[\d(])))"
)
"""What no equation goes across; an exclamation mark that is a factorial is none. Opens with the signs themselves: so
the search runs over all else in one go."""


def windows(text: str) -> Iterator[tuple[int, int, bool]]:
    """The stretches between breaks that hold a relation, and whether it is the only one there.

    Most words of a text need no look at all.
    """
    relations = [found.start() for found in RELATION_SIGN.finditer(text)]
    if not relations:
        return
    boundaries = [found.start() for found in _BOUNDARY.finditer(text)]
    last = 0
    for k, at in enumerate(relations):
        if at < last:
            continue
        start = last
        first, right = bisect_left(boundaries, last), bisect_left(boundaries, at)
        for boundary in boundaries[first:right][::-1]:
            if text[boundary] in "\n;" or not _is_inside(text, boundary, at):
                start = boundary
                break
        while right < len(boundaries) and _is_open(text, at, boundaries[right]):
            right += 1
        # two characters more show whether what ends here was elided ("0.33...")
        last = boundaries[right] if right < len(boundaries) else len(text)
        end = min(len(text), last + 2)
        yield start, end, k + 1 == len(relations) or relations[k + 1] >= end


def _is_inside(text: str, comma: int, relation: int) -> bool:
    """Whether a comma stands between the brackets of what leads to a relation: "gcd(12, 18) = 6"."""
    return text.count(")", comma, relation) > text.count("(", comma, relation)


def _is_open(text: str, relation: int, boundary: int) -> bool:
    """Whether a bracket that opened behind a relation is still open at a boundary."""
    return text.count("(", relation, boundary) > text.count(")", relation, boundary)
