"""Equations are found among labels and words, and each is checked exactly."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.core.steps import false_equation, read_steps


def values(text: str) -> list[str]:
    return [str(step.value) for step in read_steps(text)]


def test_labels_units_and_lines_surround_steps() -> None:
    text = "Pens in June: 36 / 3 = 12 pens.\nTotal: 36 + 12 = 48."
    first, second = read_steps(text)
    assert (first.value, first.operands, first.unit) == (Fraction(12), (Fraction(36), Fraction(3)), "pens")
    assert text[second.start : second.end] == "48"


def test_a_chain_is_one_step_with_the_last_result() -> None:
    (step,) = read_steps("Cost: 3 x $4 = 2 x $6 = $12 in all")
    assert (step.value, step.unit) == (Fraction(12), "dollar")


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("In 7 days she eats 5*7 = 35 figs", "35"),
        ("6 of 15 is 6 / 15 * 100% = 40%", "2/5"),
        ("3/4 * 2 = 1 1/2 square feet", "3/2"),
        ("15 - 20 = -5", "-5"),
        ("20 pears – 4 pears for a friend – 8 pears = 8 pears", "8"),
        ("2 + 40 = 42 years - not 3", "42"),
    ],
)
def test_the_result_is_read_out_of_prose(text: str, value: str) -> None:
    assert values(text) == [value]
    assert false_equation(text) is None


@pytest.mark.parametrize("text", ["2 + 2 = 5", "10 / 3 = 3", "10 / 3 = 3.34", "First 1 + 1 = 2, then 3 * 3 = 6 + 2"])
def test_a_false_equation_is_named(text: str) -> None:
    fault = false_equation(text)
    assert fault is not None
    assert fault in text


@pytest.mark.parametrize("text", ["10 / 3 = 3.33", "10 / 3 ≈ 3", "10 / 3 = about 3", "48 / 1/2 = 96", "2 / 3 = 66.7%"])
def test_declared_rounding_and_tight_fractions_hold(text: str) -> None:
    assert false_equation(text) is None


def test_symbolic_sides_are_no_faults() -> None:
    text = "9x - 5 + x = 75\n10x = 80\nx = 8"
    assert false_equation(text) is None
    assert values(text) == ["75", "80", "8"]


@given(st.integers(-999, 999), st.sampled_from("+-*"), st.integers(0, 999), st.integers(-3, 3))
def test_an_equation_is_false_exactly_when_its_result_is(a: int, sign: str, b: int, error: int) -> None:
    exact = {"+": a + b, "-": a - b, "*": a * b}[sign]
    text = f"So that makes: {a} {sign} {b} = {exact + error} apples."
    assert (false_equation(text) is None) == (error == 0)
    assert values(text) == [str(exact + error)]


@given(st.text(max_size=80))
def test_no_text_makes_it_raise(text: str) -> None:
    for step in read_steps(text):
        assert text[step.start : step.end].strip()


@given(
    st.lists(
        st.sampled_from(["3", "x", "=", "+", "(", ")", "-", " ", "\n", "apples", "%", "$", "/", "≈", ". "]),
        max_size=14,
    )
)
def test_no_heap_of_symbols_makes_it_raise(pieces: list[str]) -> None:
    read_steps("".join(pieces))
    false_equation("".join(pieces))


@pytest.mark.parametrize("equation", ["5 / 0 = 0", "0/0 = 0", "9^9^9^9 = 1", "2^10000000 = 1", "Apples: 4 + 5/0 = 12"])
def test_numbers_that_have_no_value_equal_nothing(equation: str) -> None:
    assert false_equation(equation) is not None


@pytest.mark.parametrize("equation", ["560//10 = 56", "x / 0 = 4", "sqrt(2) = 1.41"])
def test_what_is_no_plain_arithmetic_keeps_the_benefit_of_the_doubt(equation: str) -> None:
    assert false_equation(equation) is None


@pytest.mark.parametrize(
    ("equation", "true"),
    [
        ("11^(1/2) = sqrt(11)", True),
        ("2^(1/2) * 5^(1/2) = 10^(1/2)", True),
        ("3^(1/2) = 1.73", True),
        ("3^(1/2) = 1.75", False),
        ("5^(3/2) = 11", False),
        ("11^(1/2) = sqrt(13)", False),
    ],
)
def test_irrational_powers_are_compared_with_all_their_digits(equation: str, true: bool) -> None:
    assert (false_equation(equation) is None) == true
