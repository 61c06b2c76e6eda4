"""An hour and minutes said together are a time where a preposition of time stands before them."""

import pytest

from pipeline.core.quantities import differ, read
from pipeline.core.quantity import Kind
from pipeline.core.speak import speak


@pytest.mark.parametrize("written", ["She paid at 7:06.", "The price was fixed by 7:06 that day.", "He left at 7:06."])
def test_a_time_stays_a_time_beside_money(written: str) -> None:
    spoken = speak(written)

    assert isinstance(spoken, str)
    assert differ(read(written), read(spoken)) is None


def test_a_price_is_no_time() -> None:
    assert read("They sell at seven fifty each.")[0].kind is Kind.MONEY


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("He ran it in 1:02:45.", "He ran it in one hour two minutes and forty five seconds."),
        ("12:00:01", "Twelve hours zero minutes and one second"),
    ],
)
def test_hours_minutes_and_seconds_are_named(written: str, said: str) -> None:
    assert speak(written) == said
    assert [quantity.unit for quantity in read(written)] == ["hour", "minute", "second"]
    assert differ(read(written), read(said)) is None


def test_three_terms_of_a_ratio_are_no_time() -> None:
    assert speak("in the ratio 10:20:30") == "in the ratio ten to twenty to thirty"
    assert speak("parts of 3:5:7") == "parts of three to five to seven"
