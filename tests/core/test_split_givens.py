import pytest

from pipeline.core.count import count
from pipeline.core.split_beats import beats
from pipeline.core.split_closing import Draft
from pipeline.core.split_givens import not_shorter

LONG = "Okay, we need to add it all up, so bear with me for a moment. " * 2


def draft(question: str, solution: str) -> Draft:
    found = beats(solution)
    assert isinstance(found, tuple)
    return Draft(question, found, "9", None, frozenset(), "key")


@pytest.mark.parametrize(
    ("question", "first"),
    [
        ("Rosa has 4 mugs and buys 5 more. How many mugs does she have?", "Given: Rosa has 4 mugs and buys 5 more."),
        ("What is 4 plus 5?", "Given: 4; 5."),
        ("Add 4 and 5.", "Given: 4; 5."),
    ],
)
def test_a_short_reasoning_notes_what_is_given(question: str, first: str) -> None:
    lines = not_shorter("Sum: 4 + 5 = 9.\nAnswer: 9.", LONG, draft(question, "4 + 5 = 9")).split("\n")
    assert lines[0] == first
    assert lines[-1] == "Answer: 9."


def test_a_reasoning_that_is_long_enough_stays_as_it_is() -> None:
    reasoning = "Sum: 4 + 5 = 9.\nAnswer: 9."
    assert count(reasoning) > count("That's nine.")
    assert not_shorter(reasoning, "That's nine.", draft("What is 4 plus 5?", "4 + 5 = 9")) == reasoning
