"""Written arithmetic is evaluated exactly or refused, never guessed."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.core.expression import evaluate
from pipeline.core.outcome import Unreadable


@pytest.mark.parametrize(
    ("expr", "value"),
    [
        ("48 / 2", "24"),
        ("60(.25)", "15"),
        ("(3+4)(2)", "14"),
        ("9(8) - 5", "67"),
        ("1 1/2 x 4", "6"),
        ("½*8", "4"),
        ("25% of 80", "20"),
        ("$1,250.50 - $50", "2401/2"),
        ("350$ − 50$", "300"),
        ("20 miles / 4 miles/hour", "5"),
        ("12 feet (width) × 15 feet (length)", "180"),
        ("3-4-5", "-6"),
        ("-2^2", "-4"),
        ("2 * (3 - 5)", "-4"),
        ("5! - 1", "119"),
        ("sqrt(16) + 1", "5"),
        ("5 ÷ 4", "5/4"),
        (".5*.5", "1/4"),
    ],
)
def test_written_arithmetic_has_its_exact_value(expr: str, value: str) -> None:
    assert evaluate(expr) == Fraction(value)


@pytest.mark.parametrize("expr", ["", "3x + 1", "1/0", "0^(0-1)", "4 +", "(2", "2)", "hello", "9^9^9", "(" * 500 + "1"])
def test_what_is_no_known_number_is_refused(expr: str) -> None:
    assert isinstance(evaluate(expr), Unreadable)


@given(st.text(max_size=60))
def test_no_text_makes_it_raise(text: str) -> None:
    evaluate(text)


@given(
    st.recursive(
        st.integers(0, 99).map(str),
        lambda part: st.tuples(part, st.sampled_from("+-*/"), part).map(lambda t: f"({t[0]} {t[1]} {t[2]})"),
        max_leaves=8,
    )
)
def test_agrees_with_python_on_bracketed_arithmetic(expr: str) -> None:
    try:
        wanted: Fraction | None = eval(
            "".join(f"Fraction({c})" if c.isdigit() else c for c in _pieces(expr)), {"Fraction": Fraction}
        )
    except ZeroDivisionError:
        wanted = None
    found = evaluate(expr)
    assert (None if isinstance(found, Unreadable) else found) == wanted


def _pieces(expr: str) -> list[str]:
    return expr.replace("(", "( ").replace(")", " )").split()
