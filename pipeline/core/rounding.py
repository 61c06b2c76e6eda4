"""Words that declare a result rounded: "= about 23", "roughly $25.08 - $2 = $23", "10.5 * 2.1 = 22, to the nearest cm".

How far a declared rounding may go is `core.equality`'s matter.
"""

import re

# a frozenset of plain strings: it is asked of every word between two signs
APPROXIMATELY = frozenset({
    "about", "approximately", "roughly", "around", "approx", "nearly", "rounded", "almost",
})  # fmt: skip
_BEFORE = re.compile(r"\b(?:about|approximately|roughly|around|approx|nearly|almost)[\s:$]*$", re.IGNORECASE)
_AFTER = re.compile(r"[^.;=\n]{0,24}\b(?:to the nearest|rounded)\b", re.IGNORECASE)
_SAID_BEFORE = 20
"""Characters before an equation in which it may be called rough."""


def declares_rounding(text: str, start: int, end: int) -> bool:
    """Whether the words around the equation `text[start:end]` declare its result rounded."""
    before = _BEFORE.search(text, max(0, start - _SAID_BEFORE), start)
    return before is not None or _AFTER.match(text, end) is not None
