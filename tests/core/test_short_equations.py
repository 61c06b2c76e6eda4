import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.core import equations as reader
from pipeline.core.equations import Equation
from pipeline.core.short_equations import short_equation


def by_tokens(text: str) -> tuple[Equation, ...]:
    """What the reader finds that looks at every token."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(reader, "short_equation", lambda *_: None)
        return reader.equations.__wrapped__(text)


@pytest.mark.parametrize(
    ("text", "left", "following"),
    [
        ("Pens in all: 12 * 4 = 48 pens.", ["12", "*", "4"], "pens"),
        ("She pays $5 x 3 = $15", ["$5", "*", "3"], ""),
        ("so 60 minutes/day + 20 minutes/day = 80 minutes", ["60", "minutes", "/", "day", "+", "20"], "minutes"),
        ("It is 2.5 + .5 - 1 = 2 therefore", ["2.5", "+", ".5", "-", "1"], ""),
    ],
)
def test_a_common_equation_is_found_with_its_unit(text: str, left: list[str], following: str) -> None:
    found = short_equation(text, 0, len(text))
    assert found is not None
    assert [token.text for token in found.left][: len(left)] == left
    assert found.following == following


@pytest.mark.parametrize(
    "text",
    [
        "2x + 3 = 7",
        "3 of 48 / 2 = 24 1/2",
        "(48 / 2 = 24)",
        "48 / 2 = 24 per cent",
        "1 48/2 = 25",
        "a pack of 4 times 12 / 2 = 24",
        "48 / 2 = 24 * 1",
        "48 / 2 = 24g",
    ],
)
def test_what_is_not_plainly_common_is_left_to_the_token_reader(text: str) -> None:
    assert short_equation(text, 0, len(text)) is None


_WORDS = (
    "sold",
    "clips",
    "of",
    "times",
    "by",
    "a",
    "x",
    "and",
    "about",
    "percent",
    "per",
    "cent",
    "max",
    "Ann's",
    "t-shirts",
)
_PIECES = st.one_of(
    st.sampled_from(_WORDS),
    st.sampled_from(("48", "2", "24", "$5", "3.5", ".5", "1,000", "10%", "1/2", "12", "5:30", "2x", "½")),
    st.sampled_from(
        ("+", "-", "*", "/", "x", "=", "= 24", "= 96", "(", ")", ",", ".", "!", ":", "\n", "...", "≈", "$", "%")
    ),
)


@given(
    st.lists(st.tuples(_PIECES, st.sampled_from(("", " ", " "))), max_size=5),
    st.sampled_from(("48 / 2 = 24", "48 clips/box * 2 boxes = 96", "$5 + $7 - 3=9", "1/2 * 30 = 15", "2 + 2 = 5")),
    st.lists(st.tuples(_PIECES, st.sampled_from(("", " ", " "))), max_size=5),
)
def test_both_readers_find_the_same_equations(
    before: list[tuple[str, str]], equation: str, after: list[tuple[str, str]]
) -> None:
    text = "".join(word + blank for word, blank in before) + equation + "".join(blank + word for word, blank in after)
    assert reader.equations.__wrapped__(text) == by_tokens(text)
