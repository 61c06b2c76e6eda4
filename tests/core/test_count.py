"""Lengths are counted in words, single digits and symbols."""

from pipeline.core.count import count, words


def test_digits_and_symbols_count_one_each() -> None:
    assert count("Total: 48 + 24 = 72.") == len(["Total", ":", "4", "8", "+", "2", "4", "=", "7", "2", "."])


def test_words_are_counted_without_marks() -> None:
    assert words("Okay, that's twenty-four, isn't it?") == 6
