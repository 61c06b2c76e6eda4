from fractions import Fraction

import pytest

from pipeline.core import fingerprint


def test_equal_content_has_equal_digest_whatever_the_unicode_form_and_key_order() -> None:
    composed, decomposed = "caf\u00e9", "cafe\u0301"
    assert fingerprint.digest({"a": composed, "b": 1}) == fingerprint.digest({"b": 1, "a": decomposed})


def test_numbers_and_their_text_are_different_content() -> None:
    assert fingerprint.digest([1]) != fingerprint.digest(["1"])


@pytest.mark.parametrize("value", [object(), {1: "x"}, b"raw", float("nan"), {1, 2}])
def test_values_without_stable_bytes_are_refused_by_name(value: object) -> None:
    with pytest.raises(TypeError, match="no stable bytes"):
        fingerprint.digest(value)


def test_a_fraction_is_content() -> None:
    assert fingerprint.digest(Fraction(2, 4)) == fingerprint.digest("1/2")


def test_each_part_of_a_row_changes_its_id() -> None:
    base = ["gsm8k", "0", "How many?", "It is two.", "2"]
    ids = {fingerprint.row_id(*base)}
    for position in range(5):
        changed = [*base]
        changed[position] += "x"
        ids.add(fingerprint.row_id(*changed))
    assert len(ids) == 6


def test_duplicates_differ_in_nothing_but_case_spacing_and_final_stop() -> None:
    key = fingerprint.duplicate_key("How many  apples?", "Two apples.")
    assert key == fingerprint.duplicate_key("how many apples", "two apples")
    assert key != fingerprint.duplicate_key("How many apples?", "3 apples.")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("What is 10\u2074 plus 1?", "What is 104 plus 1?"),
        ("x\u2081 = 3", "x1 = 3"),
        ("1\u00bd cups", "11\u20442 cups"),
    ],
)
def test_a_raised_or_lowered_digit_or_a_fraction_is_not_the_digits_alone(one: str, other: str) -> None:
    assert fingerprint.family(one) != fingerprint.family(other)
    assert fingerprint.duplicate_key(one, "!") != fingerprint.duplicate_key(other, "!")


@pytest.mark.parametrize(("one", "other"), [("\ufb01ve\u00a0Apples", "five apples"), ("\uff17 cm\u00b2", "7 cm\u00b2")])
def test_other_forms_of_a_character_make_no_other_text(one: str, other: str) -> None:
    assert fingerprint.family(one) == fingerprint.family(other)


def test_fraction_of_is_even_and_depends_on_the_salt() -> None:
    points = [fingerprint.fraction_of(str(i), "split") for i in range(2000)]
    assert all(0 <= point < 1 for point in points)
    assert 0.08 < sum(point < 0.1 for point in points) / 2000 < 0.12
    assert points != [fingerprint.fraction_of(str(i), "voice") for i in range(2000)]
