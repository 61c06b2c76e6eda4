"""Questions become indirect questions and the start of their answers, or nothing."""

import pytest

from pipeline.core.split_question import asked


@pytest.mark.parametrize(
    ("question", "clause", "before", "after"),
    [
        (
            "How many figs did Rosa pick on Tuesday?",
            "how many figs Rosa picked on Tuesday",
            "Rosa picked",
            "on Tuesday",
        ),
        ("He sells 5. How much money does he have left?", "how much money he has left", "He has", "left"),
        ("How many hours will she need to work?", "how many hours she will need to work", "She will need to work", ""),
        ("How long did it take him to finish?", "how long it took him to finish", "It took him", "to finish"),
        ("How much does it cost her to travel?", "how much it costs her to travel", "It costs her", "to travel"),
        ("How many berries did Sam start with?", "how many berries Sam started with", "Sam started with", ""),
        ("How many birds are left in the tree?", "how many birds are left in the tree", "", "are left in the tree"),
        ("What is the total cost of the books?", "the total cost of the books", "The total cost of the books is", ""),
        ("If a bun costs $2, how many buns can Mo buy?", "how many buns Mo can buy", "Mo can buy", ""),
        ("How many cakes did the coffee shop sell?", "how many cakes the coffee shop sold", "The coffee shop sold", ""),
    ],
)
def test_grammar_is_turned_round(question: str, clause: str, before: str, after: str) -> None:
    found = asked(question)
    assert (found.clause, found.before, found.after) == (clause, before, after)


@pytest.mark.parametrize(
    "question", ["", "?", "How?", "Tell me a story.", "How many of the 8 cats have 3 kittens?", "What"]
)
def test_what_is_not_understood_or_holds_a_number_gives_no_clause(question: str) -> None:
    assert asked(question).clause == ""


def test_what_is_counted_is_named() -> None:
    assert asked("How many red balloons does Ali hold?").noun == "red balloons"
