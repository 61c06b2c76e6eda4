import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.core.numwords import cardinal
from pipeline.core.wording import NUMBER, unspoken, wording


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Ada has 48 pears.", "Ada has forty-eight pears."),
        ("Ada has 105 pears!", "ada has one hundred and five pears"),
        ("It costs $2.50.", "It costs two dollars and fifty cents."),
        ("What is 7 + 5?", "What is seven plus five?"),
        ("A ship goes 3 km/h.", "A ship goes three kilometers per hour."),
    ],
)
def test_texts_that_are_said_alike_are_worded_alike(one: str, other: str) -> None:
    assert (wording(one).words, wording(one).template) == (wording(other).words, wording(other).template)


@given(st.integers(0, 10**9))
def test_a_number_is_one_token_however_it_is_written(number: int) -> None:
    written, named = (wording(f"Ada has {form} pears.") for form in (f"{number:,}", cardinal(number)))
    assert written.words == named.words
    assert written.template == ("ada", "has", NUMBER, "pears")
    assert written.numbers == (cardinal(number),)


def test_texts_of_one_template_differ_in_their_numbers_alone() -> None:
    one, other = wording("Ada has 48 pears and a half."), wording("Ada has 12 pears and a half.")
    assert one.template == other.template
    assert one.shingles == other.shingles
    assert one.numbers == ("forty eight", "half")
    assert one.decisive != other.decisive


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("What is the greatest divisor of 12 and 18?", "What is the least divisor of 12 and 18?"),
        ("Solve $x^2 + 3x = 4$.", "Solve $x^2 - 3x = 4$."),
        ("Find the value of 3y for y = 2.", "Find the value of 3z for z = 2."),
        ("Ada has 5 more pears than Bo.", "Ada has 5 fewer pears than Bo."),
    ],
)
def test_a_word_that_makes_another_problem_is_decisive(one: str, other: str) -> None:
    assert wording(one).decisive != wording(other).decisive


def test_a_text_without_a_spoken_form_is_read_as_it_stands() -> None:
    assert wording("The sign ⛄ is worth 12 coins.") == unspoken("The sign ⛄ is worth 12 coins.")
    assert wording("The sign ⛄ is worth 12 coins.").numbers == ("12",)


def test_few_tokens_have_few_shingles() -> None:
    assert wording("").shingles == frozenset()
    assert wording("Why?").shingles == {"why"}
    assert wording("Why 3?").shingles == {"why #"}
