"""Short forms of measures with and without a number before them."""

import pytest

from pipeline.core.speak import speak


@pytest.mark.parametrize(
    ("written", "spoken"),
    [
        ("It costs $3 per sq ft.", "It costs three dollars per square foot."),
        ("The tile has 16 sq in.", "The tile has sixteen square inches."),
        ("How many sq ft?", "How many square feet?"),
        ("The rod has 70 CM.", "The rod has seventy centimeters."),
        ("Team CM has 70 points.", "Team CM has seventy points."),
    ],
)
def test_measures_are_said_in_full_and_initials_are_not(written: str, spoken: str) -> None:
    assert speak(written) == spoken
