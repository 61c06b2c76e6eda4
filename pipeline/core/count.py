"""Length of a text without a tokenizer: words, single digits and symbols.

Vocabularies cut numbers into digits and words into few pieces, so this count stands for tokens where none is chosen.
"""

import re
from functools import lru_cache

_UNIT = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*|\S")
_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*")


@lru_cache(maxsize=32)
def count(text: str) -> int:
    """Words, single digits and symbols of a text."""
    return len(_UNIT.findall(text))


def words(text: str) -> int:
    """Words of a text; hyphens part them."""
    return len(_WORD.findall(text))
