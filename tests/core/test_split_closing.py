"""The last sentence states the answer with what was asked, in the unit that a listener expects."""

from fractions import Fraction

import pytest

from pipeline.core.split_closing import leads_for, led, stated
from pipeline.core.split_phrases import ENDS
from pipeline.core.split_question import asked


@pytest.mark.parametrize(
    ("question", "amount", "statement"),
    [
        ("How many figs did Rosa pick on Tuesday?", "12 figs", "Rosa picked 12 figs on Tuesday"),
        ("How many birds are left in the tree?", "5 birds", "5 birds are left in the tree"),
        ("How many of the hats are red?", "5 of the hats", "5 of the hats are red"),
        ("How many birds are left in the tree?", "1 bird", "1 bird is left in the tree"),
        ("How many miles does he walk in 30 days?", "60 miles", "in 30 days, he walks 60 miles"),
        ("How old is Kim?", "10", "Kim is 10 years old"),
        ("How much taller is Al than Bo?", "4 inches", "Al is 4 inches taller than Bo"),
        ("How much more money does Al need?", "$6", "Al needs $6 more"),
        ("How much water does she need?", "5 gallons", "She needs 5 gallons of water"),
        ("How much water does she need?", "5", ""),
        ("How much change does she get?", "$3", "She gets $3 in change"),
        ("What will be the new balance?", "$9", "The new balance will be $9"),
        ("What percentage of the hats are red?", "40%", "40% of the hats are red"),
        ("What is Kim's age?", "10 years old", "Kim's age is 10 years"),
        ("How long is that in minutes?", "9 minutes", ""),
        ("How much did he sell each of the figs for?", "$3", "He sold each of the figs for $3"),
        ("How much money will Al have in dollars at the end of May?", "$9", "Al will have $9 at the end of May"),
        ("How many people are in the third row?", "9 people", "in the third row, there are 9 people"),
    ],
)
def test_the_question_becomes_the_statement(question: str, amount: str, statement: str) -> None:
    value = Fraction(1) if amount.startswith("1 ") else Fraction(5)
    assert stated(asked(question), amount, value) == statement


def test_an_adverb_takes_no_second_adverb_before_it() -> None:
    assert "In the end," not in leads_for("in total, she has 5", ENDS)
    assert "So" in leads_for("in total, she has 5", ENDS)
    assert leads_for("she has 5", ENDS) == ENDS


def test_an_end_is_not_said_twice() -> None:
    assert not any(" end" in lead for lead in leads_for("at the end she has 5", ENDS))


def test_a_lead_lowers_what_follows_but_no_name() -> None:
    assert led("So", "The total is 5") == "So the total is 5"
    assert led("So", "Mia has 5") == "So Mia has 5"
    assert led("", "the total is 5") == "The total is 5"
