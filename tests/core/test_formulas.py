import pytest

from pipeline.core.formulas import Worded, may_hold_formulas, worded
from pipeline.core.outcome import Unreadable
from pipeline.errors import Reason


def prose(text: str) -> Worded:
    found = worded(text)
    assert isinstance(found, Worded)
    return found


def test_prose_around_a_formula_keeps_its_place() -> None:
    text = r"Take $x = 3$ boxes of 12 pens."
    found = prose(text)
    start = found.text.index("12")
    assert found.span(start, start + 2) == (text.index("12"), text.index("12") + 2)


def test_words_of_a_formula_come_from_the_whole_formula() -> None:
    text = r"Take $x = 3$ boxes."
    found = prose(text)
    start = found.text.index("three")
    begin, end = found.span(start, start + len("three"))
    assert text[begin:end] == "$x = 3$"


def test_places_stay_right_behind_an_escaped_sign() -> None:
    text = r"It costs \$5, that is 50\% of \(y\), says a man of 40."
    found = prose(text)
    start = found.text.index("40")
    assert text[slice(*found.span(start, start + 2))] == "40"


def test_the_stop_inside_a_formula_ends_the_sentence() -> None:
    assert prose("Let $x = 3.$ Find y.").text == "Let x equals three. Find y."


def test_a_bullet_opens_an_item() -> None:
    assert prose("Menu:\n$\\bullet$ beans\n").text.splitlines()[1].startswith("•")


@pytest.mark.parametrize("text", ["no signs at all", "it costs $5"])
def test_a_text_with_one_price_at_most_is_not_searched(text: str) -> None:
    assert not may_hold_formulas(text)


def test_two_prices_are_no_formula() -> None:
    assert worded("It costs $5 or $6 a box.") is None


def test_a_drawing_needs_its_figure() -> None:
    found = worded("[asy] draw(A--B); [/asy]")
    assert isinstance(found, Unreadable)
    assert found.reason is Reason.NEEDS_FIGURE
