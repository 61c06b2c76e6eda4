import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.core.equations import equations
from pipeline.core.steps import false_equation
from pipeline.core.substitution import unsatisfied


@pytest.mark.parametrize(
    ("text", "broken"),
    [
        ("4n + 6 = 30.\n4n = 24.\nn = 6.", None),
        ("4n + 6 = 31.\n4n = 24.\nn = 6.", "4n + 6 = 31"),
        ("4n + 6 = 30.\n4n = 24.\nn = 7.", "4n + 6 = 30"),
        ("a + b = 9; b = 2a.\na = 3.\nb = 6.", None),
        ("a + b = 10; b = 2a.\na = 3.\nb = 6.", "a + b = 10"),
        ("n = 2.\nn = 3.\n5n = 11.", None),
        ("5n = 11.", None),
        ("n = 1.5; 7n ≈ 10.", None),
    ],
)
def test_values_found_for_letters_are_put_into_the_equations(text: str, broken: str | None) -> None:
    found = unsatisfied(equations(text))
    assert (text[found.start : found.end] if found else None) == broken
    assert false_equation(text) == broken


@given(st.integers(2, 90), st.integers(2, 90), st.integers(1, 90), st.integers(1, 9))
def test_a_linear_equation_with_another_right_side_is_false(a: int, x: int, b: int, off: int) -> None:
    solved = f"{a}n = {a * x}.\nn = {x}."
    assert false_equation(f"{a}n + {b} = {a * x + b}.\n{solved}") is None
    assert false_equation(f"{a}n + {b} = {a * x + b + off}.\n{solved}") is not None
