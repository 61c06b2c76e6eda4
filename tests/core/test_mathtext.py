from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.core.mathtext import segments


def formulas(text: str) -> list[str]:
    return [s.text for s in segments(text) if s.is_math]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Find $x$ if $2x+1 = 5$.", ["x", "2x+1 = 5"]),
        ("So \\[a^2 = 4\\] and \\(b\\) is $$c$$", ["a^2 = 4", "b", "c"]),
        ("It holds $5$ balls.", ["5"]),
        ("Solve $ x + 1 $ now.", [" x + 1 "]),
        ("\\begin{align*}a&=b\\end{align*} holds", ["\\begin{align*}a&=b\\end{align*}"]),
        ("The answer is: 3\\sqrt{5}.", ["3\\sqrt{5}"]),
        ("Is $\\$5$ enough?", ["\\$5"]),
        ("The set $\\text{red or blue}$ is", ["\\text{red or blue}"]),
        ("Let $rst = 30$ and $abc+cba$ the $x-$coordinate", ["rst = 30", "abc+cba", "x-"]),
        ("A pen is $3 but it costs $\\frac{7}{2}$ euros", ["\\frac{7}{2}"]),
    ],
)
def test_mathematics_is_found_between_its_delimiters(text: str, expected: list[str]) -> None:
    assert formulas(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "A pen is $5 and a book $10.",
        "Each costs $x and they pay $y together.",
        "It is $5-$10 a piece, or ($5/$10).",
        "He had 350$ and spent 20$ of it.",
        "They cost $2 + $3 = $5.",
        "She earns 12 * 20 = $12 * 20 = $<<12*20=240>>240 in all.",
        "A \\$5 note and 3\\% more",
        "It costs $4",
        "no mathematics at all",
        "",
    ],
)
def test_money_is_no_mathematics(text: str) -> None:
    assert formulas(text) == []


def test_prose_has_plain_signs_and_keeps_its_place() -> None:
    text = "Pay \\$5 for $x$ items"
    first, math, last = segments(text)
    assert first.text == "Pay $5 for "
    assert text[math.start : math.end] == "$x$"
    assert last.text == " items"


@given(st.text(alphabet="$\\ab5 .{}[]()^_\n%", max_size=40))
def test_segments_cover_every_text_in_order(text: str) -> None:
    found = segments(text)
    assert "".join(text[s.start : s.end] for s in found) == text
    assert all(a.end == b.start for a, b in pairwise(found))
