"""Sentences of written working become clauses that a person would say, or are left unsaid."""

import pytest

from pipeline.core.split_beats import Beat, beats
from pipeline.core.split_tell import lowered, scene_of, tell

QUESTION = "Mia has 4 bags with 6 figs in each and gives away 5 of the figs to Tim. How many figs are left?"


def told(sentence: str) -> str | None:
    found = beats(sentence)
    assert isinstance(found, tuple)
    (beat,) = found
    assert isinstance(beat, Beat)
    clause = tell(beat, beat.workings[-1], scene_of(QUESTION, found))
    return clause and clause.text


@pytest.mark.parametrize(
    ("written", "clause"),
    [
        ("So, Mia has 4*6 = <<4*6=24>>24 figs in all.", "Mia has 24 figs in all"),
        (
            "First find the total number of figs: 4 bags * 6 figs/bag = <<4*6=24>>24 figs",
            "the total number of figs is 24",
        ),
        ("Since each of the bags (they are big) holds some, Mia has 4*6=24 figs.", "Mia has 24 figs"),
        ("She has 24 figs because 4 x 6 = 24", "she has 24 figs"),
        ("Total figs are 4 * 6 = 24.", "the total figs are 24"),
        ("In May, Mia picks 4 * 6 = 24 figs.", "in May, Mia picks 24 figs"),
        ("So far, Mia has 4 * 6 = 24 figs.", "Mia has 24 figs"),
        ("Her figs so far are 4 * 6 = 24 figs.", "her figs so far are 24 figs"),
        ("So that means Mia has 4 * 6 = 24 figs.", "Mia has 24 figs"),
        ("Mia still needs $24 more dollars because 4 * 6 = 24", "Mia still needs $24 more"),
    ],
)
def test_writing_becomes_speech(written: str, clause: str | None) -> None:
    assert told(written) == clause


@pytest.mark.parametrize(
    "written",
    [
        "4 * 6 = 24",
        "Then multiply 4 by 6: 4 * 6 = 24 figs",
        "x = 4 * 6 = 24 where x is what we seek",
        "She and 12 others now have 4 * 6 = 24 figs.",
        "Which is 4 * 6 = 24 figs in all.",
        "It started with 24 figs - 5 which Mia gave away = 19 figs in the bag.",
        "For a total cost of 4 * 6 = 24 figs in the bag.",
        "We determine this by performing 4 * 6 = 24 figs in all.",
        "At that time she was given the bags, so Mia was left with 4 * 6 = 24 figs.",
        "Figs = 4 * 6 = 24 figs",
    ],
)
def test_what_reads_badly_or_states_more_is_left_unsaid(written: str) -> None:
    assert told(written) is None


def test_only_names_keep_their_capital_after_a_connective() -> None:
    assert [lowered(text) for text in ("She has", "Mia has", "Two figs", "The figs")] == [
        "she has", "Mia has", "two figs", "the figs",
    ]  # fmt: skip
