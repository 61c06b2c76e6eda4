from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.core import numwords
from pipeline.core.quantities import read
from pipeline.core.quantity import Kind


@pytest.mark.parametrize(
    ("n", "words"),
    [
        (0, "zero"),
        (13, "thirteen"),
        (48, "forty eight"),
        (105, "one hundred five"),
        (1_000_001, "one million one"),
        (20_300, "twenty thousand three hundred"),
        (-7, "negative seven"),
    ],
)
def test_cardinals_have_neither_hyphen_nor_and(n: int, words: str) -> None:
    assert numwords.cardinal(n) == words


def test_an_integer_without_a_name_is_said_digit_by_digit() -> None:
    words = numwords.cardinal(10**40 + 2)
    assert words.startswith("one zero zero")
    assert words.endswith("two")
    assert len(words.split()) == 41


@pytest.mark.parametrize(
    ("n", "words"),
    [
        (1, "first"),
        (12, "twelfth"),
        (21, "twenty first"),
        (30, "thirtieth"),
        (100, "one hundredth"),
        (113, "one hundred thirteenth"),
    ],
)
def test_only_the_last_word_of_an_ordinal_changes(n: int, words: str) -> None:
    assert numwords.ordinal(n) == words


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ("1/2", "one half"),
        ("5/2", "two and a half"),
        ("9/4", "two and a quarter"),
        ("1/4", "one fourth"),
        ("1/20", "zero point zero five"),
        ("7/3", "two and one third"),
        ("17/24", "seventeen over twenty four"),
        ("-3/8", "negative zero point three seven five"),
        ("-2", "negative two"),
    ],
)
def test_rationals_take_their_most_usual_form(value: str, words: str) -> None:
    assert numwords.number(Fraction(value)) == words


@pytest.mark.parametrize(
    ("written", "words"),
    [
        ("1,234.50", "one thousand two hundred thirty four point five zero"),
        (".05", "zero point zero five"),
        ("007", "zero zero seven"),
    ],
)
def test_written_digits_are_said_as_written(written: str, words: str) -> None:
    assert numwords.decimal(written) == words


@settings(deadline=None)
@given(st.integers(-(10**36) + 1, 10**36 - 1))
def test_every_integer_is_read_back(n: int) -> None:
    (found,) = read(f"It is {numwords.cardinal(n)}.")
    assert found.value == n
    assert found.kind is Kind.CARDINAL


@settings(deadline=None)
@given(st.integers(1, 10**9))
def test_every_ordinal_is_read_back_after_an_article(n: int) -> None:
    words = numwords.ordinal(n).removeprefix("one ") if n in (100, 1000, 10**6, 10**9) else numwords.ordinal(n)
    (found,) = read(f"It is the {words} row.")
    assert (found.value, found.kind) == (n, Kind.ORDINAL)


@settings(deadline=None)
@given(st.fractions(min_value=-1000, max_value=1000, max_denominator=500))
def test_every_rational_is_read_back(value: Fraction) -> None:
    (found,) = read(f"It is {numwords.number(value)}.")
    assert found.value == value


@settings(deadline=None)
@given(st.from_regex(r"[0-9]{3,12}", fullmatch=True))
def test_digits_one_by_one_are_read_back(run: str) -> None:
    (found,) = read(f"The code is {numwords.digits(run)}.")
    assert (found.kind, found.symbol) == (Kind.DIGITS, run)


@settings(deadline=None)
@given(st.integers(0, 10**6), st.from_regex(r"[0-9]{1,8}", fullmatch=True))
def test_decimals_are_read_back(whole: int, rest: str) -> None:
    (found,) = read(f"It is {numwords.decimal(f'{whole}.{rest}')}.")
    assert found.value == Fraction(f"{whole}.{rest}")
