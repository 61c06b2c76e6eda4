r"""LaTeX becomes plain written mathematics that arithmetic can read."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.core.plain_math import plain_math
from pipeline.core.steps import false_equation, read_steps


@pytest.mark.parametrize(
    ("tex", "plain"),
    [
        (r"so $12\cdot 5 = \boxed{60}$ pens", "so 12 * 5 = 60 pens"),
        (r"$\frac{3}{4} \times 8 = 6$", "3/4 * 8 = 6"),
        (r"$\dfrac{x+1}{2}$", "(x+1)/2"),
        (r"$2\frac{1}{2} + 1$", "2 1/2 + 1"),
        (r"$\left(\frac12\right)^2$", "(1/2)^2"),
        (r"$\sqrt{3^2 + 4^2}$", "sqrt(3^2 + 4^2)"),
        (r"$90^\circ - 30^\circ = 60^\circ$", "90°- 30°= 60°"),
        (r"$1{,}250 + 750 = 2000$", "1,250 + 750 = 2000"),
        (r"$x_{12}$", "x_12"),
        ("costs $5 and $6", "costs $5 and $6"),
        ("no formula at all", "no formula at all"),
    ],
)
def test_layout_is_taken_off(tex: str, plain: str) -> None:
    assert plain_math(tex) == plain


@pytest.mark.parametrize(
    ("tex", "value"),
    [
        (r"\[\binom{6}{2} = \frac{6\cdot 5}{2} = 15\]", "15"),
        (r"$\frac{2}{3}\cdot\frac{3}{5} = \frac{2}{5}$", "2/5"),
        (r"$101_2 = 1\cdot 2^2 + 0\cdot 2^1 + 1 = 5$", "5"),
        (r"$1 + 2 + \cdots + 10 = 55$", "None"),
        (r"$\sin 30^\circ = \frac{1}{2}$", "1/2"),
        (r"$\log_2 8 = 3$", "3"),
        (r"$\frac13 = 0.333\ldots$", None),
    ],
)
def test_what_is_no_plain_arithmetic_is_never_called_false(tex: str, value: str | None) -> None:
    text = plain_math(tex)
    assert false_equation(text) is None
    assert [str(step.value) for step in read_steps(text)] == ([value] if value else [])


@given(st.text(alphabet="\\{}$^_frac12sqt ()+=.\n", max_size=60))
def test_no_text_makes_it_raise(text: str) -> None:
    read_steps(plain_math(text))
