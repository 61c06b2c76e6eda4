"""Digits that name: they are said in pairs or one by one, and read back as what was written."""

import pytest

from pipeline.core.quantities import differ, read
from pipeline.core.quantity import Kind
from pipeline.core.speak import speak


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("Ring (555) 010-0199 today.", "Ring five five five zero one zero zero one nine nine today."),
        ("Ring 555.010.0199 today.", "Ring five five five zero one zero zero one nine nine today."),
        ("Ring 1-800-555-0199.", "Ring one eight zero zero five five five zero one nine nine."),
        ("Dial 555-0123.", "Dial five five five zero one two three."),
        ("He lives at 1547 Old Oak St.", "He lives at fifteen forty seven Old Oak Street."),
        ("Bus stop: 1205 Hill Road", "Bus stop: twelve oh five Hill Road"),
        ("at 123 Pine Ave", "at one twenty three Pine Avenue"),
        ("version 2.0.14", "version two dot zero dot fourteen"),
        ("the host 10.0.7.138", "the host ten dot zero dot seven dot one hundred thirty eight"),
        ("card 4929123456781", "card four nine two nine one two three four five six seven eight one"),
    ],
)
def test_codes_are_said_as_a_person_gives_them(written: str, said: str) -> None:
    spoken = speak(written)
    assert spoken == said
    assert differ(read(written), read(said)) is None


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("He has 1547 Oak trees.", "He has one thousand five hundred forty seven Oak trees."),
        ("555-1234 = -679", "Five hundred fifty five minus one thousand two hundred thirty four equals negative six "
         "hundred seventy nine"),
        ("5000000000000 stars", "Five trillion stars"),
        ("(555) apples", "five hundred fifty five, apples"),
        ("It weighs 2.5. 3 remain.", "It weighs two point five. Three remain."),
    ],
)  # fmt: skip
def test_what_counts_is_no_code(written: str, said: str) -> None:
    assert speak(written) == said


def test_the_digits_of_a_code_are_kept() -> None:
    (code,) = read("Ring (555) 010-0199 today.")
    assert (code.kind, code.symbol) == (Kind.DIGITS, "5550100199")
