"""Lengths are counted in words, single digits and symbols."""

import re

from hypothesis import given
from hypothesis import strategies as st

from pipeline.core.count import count, words


def test_digits_and_symbols_count_one_each() -> None:
    assert count("Total: 48 + 24 = 72.") == len(["Total", ":", "4", "8", "+", "2", "4", "=", "7", "2", "."])


def test_words_are_counted_without_marks() -> None:
    assert words("Okay, that's twenty-four, isn't it?") == 6


WORD = r"[^\W\d_]+(?:['’][^\W\d_]+)*"


@given(st.text(st.sampled_from("aB z'’\n.-9é_$\x1c"), max_size=20) | st.text(max_size=20))
def test_the_quick_count_finds_what_the_patterns_find(text: str) -> None:
    assert count(text) == len(re.findall(rf"{WORD}|\S", text))
    assert words(text) == len(re.findall(WORD, text))
