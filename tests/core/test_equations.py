"""Every operator that the readers accept is checked: right results pass, others do not."""

from collections.abc import Callable
from fractions import Fraction
from math import comb, factorial, gcd, lcm

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.core.equations import equations
from pipeline.core.steps import false_equation, read_steps

SMALL = st.integers(2, 40)
FORMS: dict[str, Callable[[int, int], int | Fraction]] = {
    "{a} + {b}": lambda a, b: a + b,
    "{b} + {a} - {b}": lambda a, _: a,
    "{a} - {b}": lambda a, b: a - b,
    "{a} − {b}": lambda a, b: a - b,
    "{a} * {b}": lambda a, b: a * b,
    "{a} × {b}": lambda a, b: a * b,
    "{a} x {b}": lambda a, b: a * b,
    "{a} · {b}": lambda a, b: a * b,
    "{a}({b})": lambda a, b: a * b,
    "({a})({b})": lambda a, b: a * b,
    "{a} times {b}": lambda a, b: a * b,
    "{a} plus {b}": lambda a, b: a + b,
    "{a} minus {b}": lambda a, b: a - b,
    "{a}^2 + {b}": lambda a, b: a * a + b,
    "{a}² + {b}": lambda a, b: a * a + b,
    "|{a} - {b}|": lambda a, b: abs(a - b),
    "|{a} - {b}| + {b}": lambda a, b: abs(a - b) + b,
    "⌊{a}/{b}⌋": lambda a, b: a // b,
    "⌈{a}/{b}⌉": lambda a, b: -(-a // b),
    "{a} mod {b}": lambda a, b: a % b,
    "gcd({a}, {b})": gcd,
    "lcm({a}, {b})": lcm,
    "max({a}, {b})": max,
    "min({a}, {b})": min,
    "C({a}, 2)": lambda a, _: comb(a, 2),
    "({a} choose 2) + {b}": lambda a, b: comb(a, 2) + b,
    "{a}!": lambda a, _: factorial(a),
    "{a}!/({a}! * 2)": lambda _a, _b: Fraction(1, 2),
    "{b} * 4!": lambda _, b: b * 24,
    "5!! + {a}": lambda a, _: 15 + a,
    "sqrt({a}) * sqrt({a})": lambda a, _: a,
    "√{a} * √{a} + {b}": lambda a, b: a + b,
    "2√({a}^2)": lambda a, _: 2 * a,
    "{a}% of {b}": lambda a, b: Fraction(a * b, 100),
    "1/2 of {a}": lambda a, _: Fraction(a, 2),
    "{a} mugs * {b}": lambda a, b: a * b,
    "(3 + {a}) * {b}": lambda a, b: (3 + a) * b,
    "[3 + {a}] * {b}": lambda a, b: (3 + a) * b,
}


@pytest.mark.parametrize("form", FORMS)
@given(a=SMALL, b=SMALL, off=st.integers(1, 5))
def test_a_result_of_every_form_is_checked(form: str, a: int, b: int, off: int) -> None:
    left = form.format(a=a, b=b)
    value = Fraction(FORMS[form](a, b))
    assert false_equation(f"Mugs: {left} = {value}.") is None
    assert false_equation(f"Mugs: {left} = {value + off}.") is not None
    assert false_equation(f"{left} = {value + off} mugs") is not None
    assert read_steps(f"Mugs: {left} = {value}.")[0].value == value


@pytest.mark.parametrize(
    "text",
    ["1 + 2 + … + 9 = 46", "1 + 2 + ... + 9 = 46", "7 % 2 = 2", "3!!! = 6", "0.333... * 3 = 2"],
)
def test_nothing_follows_from_arithmetic_that_cannot_be_read(text: str) -> None:
    found = equations(text)
    assert all(equation.fault or equation.result.value is None for equation in found)


@pytest.mark.parametrize("text", ["3 + 4 == 8", "4 * 6! = 25", "12! = 13", "There are 5! ways, so 5! + 1 = 120."])
def test_marks_around_an_equation_do_not_hide_it(text: str) -> None:
    assert false_equation(text) is not None


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("What a day! 3 + 4 = 7 mugs!", 7),
        ("She sold 12! Then 12 + 3 = 15", 15),
        ("Total cost = 45 dollars", 45),
        ("The change in feet: -3 + 5 = 2", 2),
        ("so we get -13 = 2 - 15", -13),
        ("sqrt(2) = 1.414", Fraction(1414, 1000)),
    ],
)
def test_plain_text_around_an_equation_changes_nothing(text: str, value: Fraction) -> None:
    assert false_equation(text) is None
    step = read_steps(text)[-1]
    assert step.value == value or equations(text)[-1].sides[0].value == value


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("a 6/9 = 2/3 share for a 1/2 * 1/2 = 1/4 chance", ["2/3", "1/4"]),
        ("with y = 18 we have 18/Z + 2 = 8", ["18", "8"]),
        ("we put n = 4 to get a(2/3)^2 = 8", ["4", "8"]),
        ("3 + 4 = 7 mugs * 2 = 14", None),
    ],
)
def test_a_result_and_another_equation_after_it_are_two(text: str, values: list[str] | None) -> None:
    found = [str(equation.result.value) for equation in equations(text)]
    assert found == values if values else false_equation(text) is not None


def test_the_name_of_a_segment_is_no_word() -> None:
    assert false_equation("PR = PQ-4 = 10-4 = 6") is None
    assert false_equation("PQ^2 + 24^2 = 1000") is None


@pytest.mark.parametrize("text", ["roughly $20.08 - $2 = $18", "5.5 * 2.1 = 12, to the nearest inch"])
def test_a_declared_rounding_holds_and_a_wrong_one_does_not(text: str) -> None:
    assert false_equation(text) is None
    assert false_equation(text.replace("18", "16").replace("12", "14")) is not None
