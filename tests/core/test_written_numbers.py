"""Four digits are a year or a count by the words beside them."""

import pytest

from pipeline.core.speak import speak


@pytest.mark.parametrize(
    ("written", "spoken"),
    [
        ("In 1987 Mrs. Ode opened a shop.", "In nineteen eighty seven Missus Ode opened a shop."),
        ("In 1987 the shop opened.", "In nineteen eighty seven the shop opened."),
        ("Since 1987 she ran it.", "Since nineteen eighty seven she ran it."),
        ("In 1987 shops it sold out.", "In one thousand nine hundred eighty seven shops it sold out."),
        ("The shop closed by 1987.", "The shop closed by nineteen eighty seven."),
        ("Reduce 5000 by 1650.", "Reduce five thousand by one thousand six hundred fifty."),
        ("1987", "Nineteen eighty seven"),
        ("1900", "One thousand nine hundred"),
        ("1987 + 1", "One thousand nine hundred eighty seven plus one"),
        ("1,987", "One thousand nine hundred eighty seven"),
        ("Sales grew by 1650.", "Sales grew by one thousand six hundred fifty."),
    ],
)
def test_year_or_count(written: str, spoken: str) -> None:
    assert speak(written) == spoken


@pytest.mark.parametrize(
    ("written", "spoken"),
    [
        ("the 32th row", "the thirty second row"),
        ("32th", "Thirty two th"),
        ("1st, 22nd, 113th", "First, twenty second, one hundred thirteenth"),
    ],
)
def test_an_ending_that_does_not_fit_is_a_slip_where_a_place_is_meant(written: str, spoken: str) -> None:
    assert speak(written) == spoken
