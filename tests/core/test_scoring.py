import pytest

from pipeline.core.answer import Answer, from_text
from pipeline.core.scoring import EMPTY, normalised, official, official_all, official_gold


def answer(text: str) -> Answer:
    found = from_text(text)
    assert isinstance(found, Answer)
    return found


@pytest.mark.parametrize(
    ("prediction", "taken"),
    [
        ("It is 3 and then 12.", "12"),
        ("We have 3. The answer is 14 pens, not 15.", "14"),
        ("the answer is 14, not 15", "14"),
        ("The Answer Is 14, not 15", "15"),
        ("So #### 8 of 9", "8"),
        ("The answer is: 3/4", "0.75"),
        ("It costs $1,234.50.", "1234.5"),
        ("minus 14", "14"),
        ("-14", "-14"),
        ("3 1/2", "0.5"),
        ("The answer is 3 1/2", "3"),
        ("12.", "12"),
        ("007", "7"),
        ("5/", "5"),
        ("It is 1/0", "1/0"),
        ("08/4", "08/4"),
        ("2e5", "5"),
        ("100000000000000000000", "100.0"),
        ("seventy two", EMPTY),
        ("The answer is seventy two, not 70.", "70"),
        ("", EMPTY),
        ("The answer is 4.\n\nNext: what is 2 plus 2? The answer is 5.", "4"),
        ("\nThe answer is 4. So\n\nthat is 9.", "4"),
    ],
)
def test_the_official_convention_reads_digits_alone(prediction: str, taken: str) -> None:
    assert official(prediction) == taken


@pytest.mark.parametrize(
    ("gold", "text", "arithmetic"),
    [
        ("72", "72", "72"),
        ("72.0", "72", "72.0"),
        ("2.50", "2.5", "2.50"),
        ("6*12=72 rolls\n#### 1,072", "1072", None),
        ("1/2", "0.5", "1/2"),
        ("1,234", EMPTY, "1,234"),
        ("50%", "50%", "50%"),
        ("", EMPTY, EMPTY),
    ],
)
def test_the_official_convention_shortens_golds_of_word_problems_alone(
    gold: str, text: str, arithmetic: str | None
) -> None:
    assert official_gold(gold) == text
    if arithmetic is not None:
        assert official_gold(gold, arithmetic=True) == arithmetic


def test_the_official_convention_gives_a_missing_prediction_the_answer_before() -> None:
    golds = ["5", "5", "5", "7", "7"]
    predictions = ["it is 5", None, "no idea", None, "seven"]
    assert official_all(predictions, golds) == [True, True, False, False, False]
    assert official_all([None, "5"], ["5", "5"]) == [False, True]


def test_the_official_convention_compares_texts() -> None:
    assert official_all(["It is 12", "It is 12", "It is 1/2"], ["12", "12.0", "0.5"]) == [True, False, True]


@pytest.mark.parametrize(
    ("prediction", "gold", "official_right"),
    [
        ("So she has seventy-two pens.", "72", False),
        ("minus 14", "-14", False),
        ("The answer is 3 1/2", "7/2", False),
        ("3 1/2", "3.5", False),
        ("The answer is 72.", "72", True),
    ],
)
def test_where_the_official_convention_errs_the_normalised_one_is_right(
    prediction: str, gold: str, official_right: bool
) -> None:
    assert official_all([prediction], [official_gold(gold)]) == [official_right]
    assert normalised(prediction, answer(gold))


@pytest.mark.parametrize(
    ("prediction", "gold", "right"),
    [
        ("The answer is negative fourteen.", "-14", True),
        ("The answer is fourteen.", "-14", False),
        ("That makes three and a half hours.", "7/2", True),
        ("The answer is 12, because 3 times 4 is 12 and not 13.", "12", True),
        ("She has seventy pens, that is two boxes.", "70", False),
        ("It costs two dollars and fifty cents.", "2.5", True),
        ("So #### 72", "72", True),
        ("The answer is twelve. No: the answer is thirteen.", "13", True),
        ("No idea.", "5", False),
        ("", "5", False),
        ("The answer is (B).", "(B)", True),
        ("A or C, so C.", "(C)", True),
        ("A big number.", "(B)", False),
        ("The answer is the square root of five", r"\sqrt{5}", True),
        ("The answer is x squared plus one", "x^2+1", True),
        ("The answer is x^2 + 1", "1+x^2", True),
        ("The answer is x squared plus two", "x^2+1", False),
    ],
)
def test_the_normalised_convention_reads_numbers_however_they_are_said(prediction: str, gold: str, right: bool) -> None:
    assert normalised(prediction, answer(gold)) is right


def test_a_missing_prediction_is_wrong_to_the_normalised_convention() -> None:
    assert not normalised(None, answer("5"))
