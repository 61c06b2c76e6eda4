import pytest

from pipeline.core.units import ABBREVIATIONS, PLURALS, one_of, plural, singular


@pytest.mark.parametrize(
    ("name", "several"),
    [
        ("foot", "feet"),
        ("mile per hour", "miles per hour"),
        ("square inch", "square inches"),
        ("cubic centimeter", "cubic centimeters"),
        ("gram per mole", "grams per mole"),
        ("clip", "clips"),
    ],
)
def test_the_head_of_a_name_takes_the_plural(name: str, several: str) -> None:
    assert plural(name) == several


@pytest.mark.parametrize("name", [name for name in PLURALS if name != "people"])
def test_a_plural_leads_back_to_its_name(name: str) -> None:
    assert singular(plural(name)) in (name, None) or " " in name


@pytest.mark.parametrize("name", sorted(set(ABBREVIATIONS.values())))
def test_every_abbreviation_stands_for_a_measure_with_a_plural(name: str) -> None:
    assert name in PLURALS


def test_british_spellings_have_the_same_name() -> None:
    assert singular("litres") == singular("liter") == "liter"


@pytest.mark.parametrize(
    ("several", "one"),
    [("hats", "hat"), ("boxes", "box"), ("potatoes", "potato"), ("shoes", "shoe"), ("houses", "house"),
     ("cherries", "cherry"), ("pies", "pie"), ("peaches", "peach"), ("feet", "foot"), ("loaves", "loaf")],
)  # fmt: skip
def test_one_of_several(several: str, one: str) -> None:
    assert one_of(several) == one
