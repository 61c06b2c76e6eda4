"""Every family of SimpleOP: members differ in their text, their equations hold, their grammar is right."""

import re
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.core.fingerprint import normalise
from pipeline.core.steps import false_equation, read_steps
from sources.simpleop import MIXES
from sources.simpleop_family import Dice, Draft, Family, decimal, exact_digits, grouped, money

FAMILIES = {family.name: family for mix in MIXES.values() for family in mix}


def write(family: Family, digits: list[int]) -> Draft:
    index = 0
    for digit, radix in zip(reversed(digits), reversed(family.radices), strict=True):
        index = index * radix + digit
    return family.member(index, Dice(index))


@st.composite
def neighbours(draw: st.DrawFn) -> tuple[Draft, Draft]:
    """Two members of one family that differ in one parameter."""
    family = FAMILIES[draw(st.sampled_from(sorted(FAMILIES)))]
    digits = [draw(st.integers(0, radix - 1)) for radix in family.radices]
    place = draw(st.integers(0, len(digits) - 1))
    other = list(digits)
    other[place] = draw(st.integers(0, family.radices[place] - 1).filter(lambda digit: digit != digits[place]))
    return write(family, digits), write(family, other)


@given(pair=neighbours())
def test_members_that_differ_in_one_parameter_read_differently(pair: tuple[Draft, Draft]) -> None:
    one, other = pair
    assert normalise(one.question) != normalise(other.question)


def exact(value: str) -> Fraction:
    """ "-3", "2.50", "7/12" or "4 1/6"."""
    return sum((Fraction(part) for part in value.split(" ")), start=Fraction(0))


@pytest.mark.parametrize("name", sorted(FAMILIES))
def test_equations_hold_and_the_last_one_gives_the_value(name: str) -> None:
    family = FAMILIES[name]
    for index in range(0, family.members, family.members // 12 or 1):
        draft = family.member(index, Dice(index))
        working = "\n".join(draft.steps)
        steps = read_steps(working)
        assert false_equation(working) is None, working
        assert len(steps) == len(draft.steps), working
        assert steps[-1].value == exact(draft.value), (working, draft.value)


@pytest.mark.parametrize("name", sorted(FAMILIES))
def test_no_template_leaves_a_hole_or_a_wrong_plural(name: str) -> None:
    family = FAMILIES[name]
    templates = range(family.radices[0])
    smallest = [write(family, [template, *(0 for _ in family.radices[1:])]).question for template in templates]
    spread = [
        family.member(index, Dice(index)).question for index in range(0, family.members, family.members // 300 + 1)
    ]
    for text in smallest + spread:
        assert not re.search(r"[{}]|  | [.?]", text), text
        assert text[-1] in ".?", text
        assert not re.search(r"(?<![\d.,/$:])\b1 (?!plus|minus|times|equals|less|is\b)[a-z]+s\b", text), text


def test_family_names_are_unique_within_a_mix() -> None:
    for mix in MIXES.values():
        assert len({family.name for family in mix}) == len(mix)


def test_zero_and_negative_results_occur() -> None:
    assert write(FAMILIES["subtraction/story"], [0, 0, 5, 0, 0]).value == "0"
    assert write(FAMILIES["subtraction/temperature"], [0, 0, 0, 0]).value == "-12"


@given(index=st.integers(0, 10**6), places=st.integers(1, 3))
def test_exact_digits_have_exactly_their_places(index: int, places: int) -> None:
    text = decimal(exact_digits(index, places))
    assert len(text.partition(".")[2]) == places
    assert Fraction(text) == exact_digits(index, places)


def test_a_repeating_decimal_is_refused() -> None:
    with pytest.raises(ValueError, match="1/3"):
        decimal(Fraction(1, 3))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (money(5), "$0.05"),
        (money(300), "$3"),
        (money(1_234_550), "$12,345.50"),
        (grouped(9999), "9999"),
        (grouped(-10_000), "-10,000"),
        (decimal(Fraction(-1, 20)), "-0.05"),
    ],
)
def test_numbers_are_written_as_people_write_them(text: str, expected: str) -> None:
    assert text == expected
