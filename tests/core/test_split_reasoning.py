"""Reasoning is short labelled lines: whole phrases, equations that can be read again, units."""

from fractions import Fraction

import pytest

from pipeline.core.split_beats import beats
from pipeline.core.split_reasoning import Detail, label_of, reasoning_of, tail_of
from pipeline.core.steps import read_steps

SOLUTION = (
    "Let's go. In May, Mia picks 4*6 = <<4*6=24>>24 figs.\n"
    "Her brother picks 2*3 = <<2*3=6>>6 plums.\n"
    "Then she eats 5, so she has 24-5 = <<24-5=19>>19 figs left."
)


@pytest.mark.parametrize(
    ("before", "label"),
    [
        ("So the total cost is ", "The total cost"),
        ("First find the total number of figs: ", "Total number of figs"),
        ("He buys a plain bun for $3.50 and an ", "He buys a plain bun for $3.50"),
        ("He will ", ""),
        ("We determine this by performing ", ""),
        ("14 plus 8 equals ", ""),
        ("and so that's ", ""),
        ("After the first year, he has ", "After the first year"),
        ("The cost of the brush, the paint, and the easel is ", "The cost of the brush"),
        ("Combined, Ana and Bo picked ", "Ana and Bo picked"),
    ],
)
def test_a_label_is_a_whole_phrase(before: str, label: str) -> None:
    assert label_of(before) == label


@pytest.mark.parametrize(
    ("after", "tail"),
    [
        (" figs in the bag.", "figs in the bag"),
        (" dollars for the", "dollars for"),
        ("/day", "/day"),
        (" sq in of tin", "sq in of tin"),
    ],
)
def test_a_tail_is_the_unit_and_its_words(after: str, tail: str) -> None:
    assert tail_of(after).removesuffix(" for") == tail.removesuffix(" for")


@pytest.mark.parametrize("detail", list(Detail))
def test_every_line_can_be_read_again(detail: Detail) -> None:
    found = beats(SOLUTION)
    assert isinstance(found, tuple)
    values = [step.value for step in read_steps(reasoning_of(found, "Answer: 19.", detail))]
    assert values == [Fraction(24), Fraction(19)] if detail is Detail.NEEDED else [24, 6, 19]
