"""Phrases that state nothing are told from those that might."""

import pytest

from pipeline.core.numberish import number_words, numberless


@pytest.mark.parametrize(
    "text", ["half of it", "twice that", "3 cats", "the first one", "a dozen", "$ left", "let x go"]
)
def test_anything_like_a_quantity_is_noticed(text: str) -> None:
    assert not numberless(text)


@pytest.mark.parametrize("text", ["Tim's bag", "a bag that I have", "how much money she’d saved", ""])
def test_possessives_and_articles_are_no_variables(text: str) -> None:
    assert numberless(text)


def test_number_words_are_listed_as_said() -> None:
    assert number_words("Twice a day, one of THREE cats") == ["twice", "one", "three"]
