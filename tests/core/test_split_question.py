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
        ("How many figs are Rosa left with?", "how many figs Rosa is left with", "Rosa is", "left with"),
        (
            "How many pages have they finished reading?",
            "how many pages they have finished reading",
            "They have finished reading",
            "",
        ),
        ("What is the probability that the sum of 2 dice is even?", "", "", ""),
        ("How many days will Mo not have figs?", "", "", ""),
        ("How many berries did Sam start with?", "how many berries Sam started with", "Sam started with", ""),
        ("How many birds are left in the tree?", "how many birds are left in the tree", "", "are left in the tree"),
        ("What is the total cost of the books?", "the total cost of the books", "The total cost of the books is", ""),
        ("If a bun costs $2, how many buns can Mo buy?", "how many buns Mo can buy", "Mo can buy", ""),
        ("How many eggs remain in the nest?", "how many eggs remain in the nest", "", "remain in the nest"),
        ("What percentage of the hats are red?", "what percentage of the hats are red", "", "of the hats are red"),
        ("How much is Mo's remaining money?", "Mo's remaining money", "Mo's remaining money is", ""),
        ("How much should Ana pay Tim?", "how much Ana should pay Tim", "Ana should pay Tim", ""),
        ("How many coins did he end up keeping?", "how many coins he ended up keeping", "He ended up keeping", ""),
        ("In how many days will she be done?", "", "She will be done in", ""),
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


@pytest.mark.parametrize(
    ("question", "clause", "front"),
    [
        ("How many miles does he walk in 30 days?", "how many miles he walks", "in 30 days"),
        ("How many pens can Kim buy with $12?", "how many pens Kim can buy", "with $12"),
        (
            "How much yarn did she use for the second hat?",
            "how much yarn she used for the second hat",
            "for the second hat",
        ),
        ("What is the cost of 2 pans?", "the cost", ""),
    ],
)
def test_a_given_number_goes_to_the_front_of_the_answer(question: str, clause: str, front: str) -> None:
    found = asked(question)
    assert (found.clause, found.front) == (clause, front)


def test_a_list_is_not_cut_at_its_comma() -> None:
    assert asked("What is the total number of figs, plums, and pears?").clause in (
        "",
        "the total number of figs, plums, and pears",
    )


def test_the_sentence_that_asks_counts_though_another_explains() -> None:
    found = asked("How many coins did Mo get? Use m for how many coins Ben got.")
    assert found.clause == "how many coins Mo got"


def test_what_is_counted_is_named() -> None:
    assert asked("How many red balloons does Ali hold?").noun == "red balloons"
