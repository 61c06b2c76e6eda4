"""Solutions are cut into sentences with exact equations; marks are read and taken out."""

from fractions import Fraction

import pytest

from pipeline.core.outcome import Unreadable
from pipeline.core.split_beats import Beat, beats
from pipeline.errors import Reason


def cut(solution: str) -> tuple[Beat, ...]:
    found = beats(solution)
    assert isinstance(found, tuple), found
    return found


def test_a_marked_sentence_gives_its_working_and_its_telling() -> None:
    (beat,) = cut("Mr. Poe sold 36/2 = <<36/2=18>>18 badges.")
    (working,) = beat.workings
    assert (working.expression, working.result, working.value) == ("36/2", "18", Fraction(18))
    assert beat.told == "Mr. Poe sold 18 badges."


@pytest.mark.parametrize(
    ("written", "expression", "result"),
    [
        ("It costs $<<3*4=12>>12.", "3*4", "$12"),
        ("It costs 3 x $4=$<<3*4=12>>12.", "3 * $4", "$12"),
        ("3/4 cup * 8 cups = <<3/4*8=6>>6 cups", "3/4 * 8", "6"),
        ("She has 12 + 3 = 15 apples", "12 + 3", "15"),
        ("The 1/4 that is left is 10 because 40 / 4 = 10", "40 / 4", "10"),
        ("It makes 5,000 - 1,250 = 3,750 dollars", "5,000 - 1,250", "3,750"),
    ],
)
def test_workings_are_compact(written: str, expression: str, result: str) -> None:
    ((working,),) = [beat.workings for beat in cut(written)]
    assert (working.expression.replace(" ", ""), working.result) == (expression.replace(" ", ""), result)


def test_a_mark_speaks_for_garbled_prose() -> None:
    (beat,) = cut("The 35oz barrel would have 35*30 drops = <<35*30=1050>>1050 drops.")
    assert beat.workings[-1].value == 1050


def test_the_first_false_equation_refuses_the_solution() -> None:
    found = beats("She has 2 + 2 = 4.\nHe has 3 * 3 = 10 and 1 + 1 = 3.")
    assert found == Unreadable(Reason.WRONG_ARITHMETIC, "3 * 3 = 10")


def test_one_amount_beside_another_is_no_arithmetic() -> None:
    (beat,) = cut("20 gallons = 160 pounds")
    assert beat.workings == ()


@pytest.mark.parametrize("solution", ["", "\n\n", "####", "<<>>", "= = =", "<<1=1>>"])
def test_scraps_do_not_raise(solution: str) -> None:
    beats(solution)


def test_a_power_too_large_is_reported_and_breaks_nothing() -> None:
    found = beats("[4^4] = 2^987^65. So b = 12.")
    assert isinstance(found, Unreadable)
    assert found.reason is Reason.WRONG_ARITHMETIC


def test_a_sign_after_a_word_stays_with_its_number() -> None:
    (beat,) = cut("So we get -6 = -2n")
    assert beat.workings[0].expression == "-6"
