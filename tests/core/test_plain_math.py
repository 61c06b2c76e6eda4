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
        (r"$2ab = -\frac12$", "2a*b = -1/2"),
        (r"$\frac{4}{3} \pi (6^3)$", "(4/3)π(6^3)"),
        (r"$15 \left(\frac15\right)^2 \left(\frac45\right)$", "15(1/5)^2(4/5)"),
        (r"$\frac{1}{2} \text{ hour}$", "1/2 hour"),
        (r"$\omega^3 - 1 = 0$", "ω^3 - 1 = 0"),
        (r"$0.\overline{27}$", "0.2727…"),
        (r"$\binom{9}{9-4}$", "(9 choose (9-4))"),
        (r"$\frac{\cancel{8}}{\cancelto{2}{6}}$", "8/6"),
        ("A circle. [asy] draw((0,0)--(1,1)); [/asy] Done.", "A circle.  Done."),
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
        (r"$4 \pi (5^2) = 100 \pi$", "None"),
        (r"Set $2pq = -1$", "-1"),
        (r"$\binom{9}{4} = \binom{9}{9-4} = 126$", "126"),
    ],
)
def test_what_is_no_plain_arithmetic_is_never_called_false(tex: str, value: str | None) -> None:
    text = plain_math(tex)
    assert false_equation(text) is None
    assert [str(step.value) for step in read_steps(text)] == ([value] if value else [])


@given(st.text(alphabet="\\{}$^_frac12sqt ()+=.\n", max_size=60))
def test_no_text_makes_it_raise(text: str) -> None:
    read_steps(plain_math(text))
