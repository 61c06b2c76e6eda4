"""Verbs are inflected as English does, for the verbs that are known."""

import pytest

from pipeline.core import verbs


@pytest.mark.parametrize(
    ("base", "past", "third"),
    [("sell", "sold", "sells"), ("carry", "carried", "carries"), ("wash", "washed", "washes"), ("have", "had", "has"),
     ("stop", "stopped", "stops"), ("bake", "baked", "bakes"), ("play", "played", "plays"), ("go", "went", "goes")],
)  # fmt: skip
def test_forms(base: str, past: str, third: str) -> None:
    assert verbs.known(base)
    assert (verbs.past(base), verbs.third_person(base)) == (past, third)
    assert verbs.is_form(past)


def test_other_words_are_unknown() -> None:
    assert not verbs.known("table")
