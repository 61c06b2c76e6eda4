"""A hyphen between numbers is minus in arithmetic and "to" in a range."""

import pytest

from pipeline.core.speak import speak


@pytest.mark.parametrize(
    ("written", "spoken"),
    [
        ("What is 3 - 88?", "What is three minus eighty eight?"),
        ("Compute 3-88.", "Compute three minus eighty eight."),
        ("3 - 88", "Three minus eighty eight"),
        ("The shop is open 3 - 8.", "The shop is open three to eight."),
        ("Read pages 3 - 88.", "Read pages three to eighty eight."),
        ("It takes 3 - 8 minutes.", "It takes three to eight minutes."),
        ("Puzzle for ages 3-8", "Puzzle for ages three to eight"),
    ],
)
def test_hyphen_between_growing_numbers(written: str, spoken: str) -> None:
    assert speak(written) == spoken
