import pytest

from pipeline.core.answer import Answer, from_text
from pipeline.core.scoring import normalised, official, official_all


def answer(text: str) -> Answer:
    found = from_text(text)
    assert isinstance(found, Answer)
    return found


@pytest.mark.parametrize(
    ("prediction", "taken"),
    [
        ("It is 3 and then 12.", "12."),
        ("We have 3. The answer is 14 pens, not 15.", "14"),
        ("The answer is 3/4", "3/4"),
        ("minus 14", "14"),
        ("The answer is 3 1/2", "3"),
        ("3 1/2", "1/2"),
        ("seventy two", None),
    ],
)
def test_the_official_convention_reads_digits_alone(prediction: str, taken: str | None) -> None:
    assert official(prediction) == taken


def test_the_official_convention_reuses_the_answer_before() -> None:
    assert official_all(["it is 5", "no idea", "seven"], ["5", "5", "7"]) == [True, True, False]


@pytest.mark.parametrize(
    ("prediction", "gold", "right"),
    [
        ("So she has seventy two pens.", "72", True),
        ("The answer is negative fourteen.", "-14", True),
        ("That makes three and a half hours.", "7/2", True),
        ("The answer is 12, because 3 times 4 is 12 and not 13.", "12", True),
        ("She has seventy pens, that is two boxes.", "70", False),
        ("It costs two dollars and fifty cents.", "2.5", True),
        ("No idea.", "5", False),
    ],
)
def test_the_normalised_convention_reads_numbers_however_they_are_said(prediction: str, gold: str, right: bool) -> None:
    assert normalised(prediction, answer(gold)) is right
