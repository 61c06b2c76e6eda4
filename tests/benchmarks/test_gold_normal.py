import pytest

from tests.benchmarks.gold_normal import structure, words


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("y is equal to 21", "y equals twenty one"),
        ("y raised to the power of k", "y to the k"),
        ("open paren y plus 1 close paren", "the quantity y plus one"),
        ("the fraction with numerator p and denominator q", "p over q"),
        ("py", "p y"),
        ("the third of June", "June third"),
        ("one hundred and five", "one hundred five"),
    ],
)
def test_neutral_wordings_are_one(one: str, other: str) -> None:
    assert words(one) == words(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("nine fortieths", "nine over forty"),
        ("two times y", "two y"),
        ("the derivative of y with respect to t", "dy over dt"),
        ("y is six", "y equals six"),
    ],
)
def test_style_is_no_structure(one: str, other: str) -> None:
    assert structure(one) == structure(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("y squared", "y cubed"),
        ("p over q", "q over p"),
        ("p plus q", "p minus q"),
        ("two thirds", "two over four"),
        ("y is less than six", "y is greater than six"),
        ("sixteen", "sixty"),
        ("three point one four", "three point four one"),
        ("the second derivative of y with respect to t", "the derivative of y with respect to t"),
    ],
)
def test_what_differs_in_meaning_differs_in_structure(one: str, other: str) -> None:
    assert structure(one) != structure(other)
