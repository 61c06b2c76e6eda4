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
