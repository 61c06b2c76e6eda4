"""Length of a text without a tokenizer: words, single digits and symbols.

Vocabularies cut numbers into digits and words into few pieces, so this count stands for tokens where none is chosen.
"""

import re
from functools import lru_cache

_ASCII_UNIT = re.compile(r"[A-Za-z]+(?:'[A-Za-z]+)*|\S")
"""The same for a text without other alphabets, in two thirds of the time."""
_ASCII_WORD = re.compile(r"[A-Za-z]+(?:'[A-Za-z]+)*")
_UNIT = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*|\S")
_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*")


@lru_cache(maxsize=32)
def count(text: str) -> int:
    """Words, single digits and symbols of a text."""
    return len((_ASCII_UNIT if text.isascii() else _UNIT).findall(text))


@lru_cache(maxsize=64)
def words(text: str) -> int:
    """Words of a text; hyphens part them."""
    return len((_ASCII_WORD if text.isascii() else _WORD).findall(text))
