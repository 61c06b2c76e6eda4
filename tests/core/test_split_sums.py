"""Equations without words are said as sums of numbers that the listener has, or not at all."""

from fractions import Fraction

import pytest

from pipeline.core.split_beats import Working, beats
from pipeline.core.split_phrases import Chooser
from pipeline.core.split_sums import going_on, proof, said

CHOOSER = Chooser("key")


def only(line: str) -> tuple[Working, str]:
    found = beats(line)
    assert isinstance(found, tuple)
    (beat,) = found
    return beat.workings[-1], beat.text


def spoken(line: str, *known: int | Fraction) -> str:
    working, text = only(line)
    return said(working, text, frozenset(map(Fraction, known)), CHOOSER, "sum")


@pytest.mark.parametrize(
    ("line", "known", "wanted"),
    [
        ("4 * 12 = 48 buns", (4, 12), "48 buns"),
        ("80 * .25 = 20 seats", (80, Fraction(1, 4)), "25% of 80 is 20 seats"),
        ("2/3 * 12 = 8 eggs", (Fraction(2, 3), 12), "2/3 of 12 is 8 eggs"),
        ("2/3 * 12 = 8 eggs", (2, 12), ""),
        ("80 * 35/100 = 28 figs", (80, Fraction(35, 100)), "35% of 80 is 28 figs"),
        ("2 + 3 + 4 = 9 figs", (2, 3, 4), "9 figs"),
        ("2 * 3 * 4 = 24 figs", (2, 3, 4), "2 times 3 times 4"),
        ("Red figs: 4(3) = 12", (4, 3), "12 red figs"),
        ("$40 * (3/4) = $30", (40, Fraction(3, 4)), "3/4 of $40 is $30"),
        ("80 / 4 = 20 hours to make all the figs", (80, 4), "20 hours"),
        ("The first day he ate: 4 * 3 = 12", (4, 3), ""),
        ("4 * 12 = 48 cups of the punch", (4, 12), "48 cups"),
        ("4 - 3 = 1 figs", (4, 3), ""),
        ("$90 / 75% = $120", (90, Fraction(3, 4)), ""),
    ],
)
def test_two_known_operands_are_said_with_the_noun_of_their_line(
    line: str, known: tuple[int | Fraction, ...], wanted: str
) -> None:
    assert wanted in spoken(line, *known) if wanted else not spoken(line, *known)


def test_a_noun_cut_short_ends_with_no_preposition() -> None:
    assert spoken("4 * 12 = 48 cups of remaining punch", 4, 12).endswith(" 48 cups")


def test_an_operand_that_nobody_told_leaves_the_sum_unsaid() -> None:
    assert spoken("4 * 12 = 48 buns", 4) == ""


def test_a_verb_after_the_result_is_no_noun() -> None:
    assert spoken("1 - 1/6 = 5/6 is left", 1, Fraction(1, 6)) == ""
    assert spoken("50 * 2 = 100 who like tea", 50, 2) == ""


def test_a_chain_goes_on_from_the_value_just_said() -> None:
    working, text = only("441 * 7 = 3087")
    assert "3087" in going_on(working, text, Fraction(441), frozenset({Fraction(7)}), CHOOSER, "on")
    assert going_on(working, text, Fraction(440), frozenset({Fraction(7)}), CHOOSER, "on") == ""
    turned, text = only("3167 - 3087 = 80")
    assert "3167" in going_on(turned, text, Fraction(3087), frozenset({Fraction(3167)}), CHOOSER, "on")


def test_a_single_sum_is_checked_by_its_inverse() -> None:
    assert proof([only("157 - 81 = 76 coins")[0]], {Fraction(76)}) == "Check: 76 + 81 = 157."


def test_no_check_where_its_result_is_said_or_it_does_not_go_back() -> None:
    assert proof([only("157 - 81 = 76 coins")[0]], {Fraction(157)}) == ""
    assert proof([only("10 / 3 = 3.33")[0]], set()) == ""
    assert proof([], set()) == ""
