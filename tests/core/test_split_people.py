"""A clause keeps its pronoun only where the listener knows who is meant."""

import pytest

from pipeline.core.split_people import about, people_of

ONE = "Rosa has 4 hens. Each hen lays 3 eggs a day. How many eggs does she get?"
TWO = "Ben has 9 dogs and Mia has 7 cats. Ben finds 2 more dogs. How many pets do they have?"
BROTHER = "Tom is 12 and his brother is twice as old. How old is he?"
NOBODY = "A baker makes 20 rolls and he sells 5 of them. How many rolls does he keep?"


@pytest.mark.parametrize(
    ("question", "names", "alone"),
    [
        (ONE, {"Rosa"}, True),
        (TWO, {"Ben", "Mia"}, False),
        (BROTHER, {"Tom"}, False),
        (NOBODY, set(), True),
        ("Each box holds 6 pens. On Monday Mr. Poe buys 2 boxes.", {"Mr. Poe"}, True),
    ],
)
def test_names_and_whether_a_pronoun_is_clear(question: str, names: set[str], alone: bool) -> None:
    people = people_of(question)
    assert people.names == names
    assert people.alone is alone


def test_the_only_person_may_be_named_for_the_pronoun() -> None:
    clause = about("she gets 12 eggs", "So she gets 12 eggs.", people_of(ONE))
    assert clause is not None
    assert (clause.text, clause.named, clause.leans) == ("she gets 12 eggs", "Rosa gets 12 eggs", False)


def test_the_name_of_the_same_sentence_takes_the_pronouns_place() -> None:
    clause = about("he has 11 dogs", "If Ben finds 2 more, he has 11 dogs.", people_of(TWO))
    assert clause is not None
    assert clause.text == "Ben has 11 dogs"


def test_with_two_persons_in_the_sentence_nobody_is_guessed() -> None:
    assert about("he has 16 pets", "If Ben takes the cats of Mia, he has 16 pets.", people_of(TWO)) is None


def test_without_a_name_the_clause_leans_on_the_sentence_before() -> None:
    clause = about("he has 11 dogs", "Then he has 11 dogs.", people_of(TWO))
    assert clause is not None
    assert clause.leans


def test_whom_the_question_asks_about_is_clear_though_a_brother_is_named() -> None:
    clause = about("he is 24", "So he is 24.", people_of(BROTHER))
    assert clause is not None
    assert not clause.leans


def test_what_the_question_calls_they_is_clear() -> None:
    clause = about("they have 18 pets", "They have 18 pets.", people_of(TWO))
    assert clause is not None
    assert not clause.leans
