"""One value in other words, and other values in the same words."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.core.conversions import MEASURES, amount, is_conversion, same, states
from pipeline.core.quantity import Kind, Quantity

values = st.fractions(min_value=0, max_value=1000, max_denominator=60)
units = st.sampled_from([*sorted(MEASURES), "clip", "mile per hour"])


def quantity(value: int | Fraction, unit: str, kind: Kind = Kind.CARDINAL) -> Quantity:
    return Quantity(Fraction(value), kind, 0, 1, unit)


@given(values, units, values, units)
def test_sameness_has_no_direction(a: Fraction, unit_a: str, b: Fraction, unit_b: str) -> None:
    assert same(amount(a, unit_a), amount(b, unit_b)) == same(amount(b, unit_b), amount(a, unit_a))


@given(values, units, units)
def test_a_converted_value_is_the_same(value: Fraction, unit: str, other: str) -> None:
    here, there = MEASURES.get(unit), MEASURES.get(other)
    if here is None or there is None or here.dimension != there.dimension:
        return
    converted = value * here.factor / there.factor
    assert same(amount(value, unit), amount(converted, other))
    assert states(amount(value, unit), amount(converted, other), percent=False) or not other


@given(values, units)
def test_a_claim_in_the_words_of_a_result_states_it(value: Fraction, unit: str) -> None:
    assert states(amount(value, unit), amount(value, unit), percent=False)
    assert states(amount(value, unit), amount(value, ""), percent=False)


@pytest.mark.parametrize(
    ("value", "unit", "text", "explains"),
    [
        (60, "minute", "sixty minutes in an hour", True),
        (60, "minute", "it takes sixty minutes", False),
        (12, "inch", "twelve inches to two feet", True),
        (7, "day", "seven days a week", True),
        (8, "day", "eight days a week", False),
        (1, "hour", "one hour later", True),
        (5, "", "five of them", False),
        (12, "", "twelve eggs in a dozen", False),
    ],
)
def test_a_conversion_is_one_only_where_it_is_explained(value: int, unit: str, text: str, explains: bool) -> None:
    assert is_conversion(quantity(value, unit), text) is explains


def test_a_hundred_percent_says_nothing() -> None:
    assert is_conversion(quantity(1, "", Kind.PERCENT), "all of it")
    assert not is_conversion(quantity(Fraction(1, 2), "", Kind.PERCENT), "half of it")
