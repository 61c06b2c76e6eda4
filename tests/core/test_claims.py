"""What counts as a claim, and where each one comes from. The expected tables read like the response does."""

from fractions import Fraction

import pytest

from pipeline.core.claims import Basis, Claim, claims, sentence_ends
from pipeline.core.quantities import read
from pipeline.core.steps import read_steps

GIVEN, DERIVED, COINCIDENT, UNGROUNDED = Basis


def found(question: str, reasoning: str, response: str) -> list[tuple[str, Basis, int | None]]:
    """Words, basis and 0-based line of the reasoning that each claim is paired with."""

    def line(claim: Claim) -> int | None:
        return None if claim.step_end is None else reasoning[: claim.step_end].count("\n")

    return [
        (response[claim.start : claim.end], claim.basis, line(claim))
        for claim in claims(read(question), reasoning, response)
    ]


def test_given_derived_and_invented_are_told_apart() -> None:
    assert found(
        "Mia picks forty eight plums and eats half of them.",
        "48 / 2 = 24 plums",
        "Half of forty eight is twenty four, not thirty.",
    ) == [
        ("Half", GIVEN, None),
        ("forty eight", GIVEN, None),
        ("twenty four", DERIVED, 0),
        ("thirty", UNGROUNDED, None),
    ]


def test_a_result_is_paired_with_its_step_wherever_it_is_said() -> None:
    assert found(
        "A box holds six pens. Tom has four boxes and loses five pens.",
        "4 * 6 = 24\n24 - 5 = 19",
        "He keeps nineteen pens, as four boxes hold twenty four.",
    ) == [("nineteen", DERIVED, 1), ("four", GIVEN, None), ("twenty four", DERIVED, 0)]


def test_a_step_end_is_the_end_of_its_result() -> None:
    reasoning = "4 * 6 = 24 pens"
    (claim,) = claims(read("four boxes of six"), reasoning, "That makes twenty four pens.")
    assert claim.step_end == reasoning.index(" pens")


def test_a_mention_as_an_operand_derives_nothing() -> None:
    reasoning = "20 + 30 = 50\n50 * 2 = 100"
    assert found("twenty and thirty, doubled", reasoning, "Fifty.") == [("Fifty", DERIVED, 0)]


def test_a_coincident_result_is_paired_after_the_step_before_it() -> None:
    # five is a given (friends) and the second step's result
    question = "Five friends share three boxes of four pens after taking seven out."
    reasoning = "3 * 4 = 12\n12 - 7 = 5\n5 / 5 = 1"
    assert found(
        question, reasoning, "Five friends wait. Three by four make twelve. Without seven that leaves five."
    ) == [
        ("Five", COINCIDENT, None),
        ("Three", GIVEN, None),
        ("four", GIVEN, None),
        ("twelve", DERIVED, 0),
        ("seven", GIVEN, None),
        ("five", COINCIDENT, 1),
    ]


def test_of_two_candidates_the_one_that_stands_where_results_stand_is_paired() -> None:
    question = "Five friends had twelve pens and lost seven."
    response = "For five friends, twelve minus seven is five."
    assert found(question, "12 - 7 = 5", response) == [
        ("five", COINCIDENT, None),
        ("twelve", GIVEN, None),
        ("seven", GIVEN, None),
        ("five", COINCIDENT, 0),
    ]


def test_a_value_of_two_steps_follows_the_order() -> None:
    reasoning = "4 * 6 = 24\n96 / 2 = 48\n48 - 24 = 24"
    assert found(
        "four boxes of six, and half of ninety six",
        reasoning,
        "That is twenty four. We have forty eight. The difference is twenty four.",
    ) == [("twenty four", COINCIDENT, 0), ("forty eight", DERIVED, 1), ("twenty four", COINCIDENT, 2)]


def test_a_value_of_two_steps_said_again_still_needs_the_first() -> None:
    reasoning = "4 * 6 = 24\n48 - 24 = 24"
    response = "There are twenty four. So twenty four. And twenty four."
    assert [line for _, _, line in found("four times six of forty eight", reasoning, response)] == [0, 1, 0]


def test_an_early_restatement_keeps_its_own_step() -> None:
    reasoning = "2 * 9 = 18\n18 + 4 = 22"
    response = "Eighteen. Twenty two. Again, eighteen with four is twenty two."
    assert found("nine pairs and four", reasoning, response) == [
        ("Eighteen", DERIVED, 0),
        ("Twenty two", DERIVED, 1),
        ("eighteen", DERIVED, 0),
        ("four", GIVEN, None),
        ("twenty two", DERIVED, 1),
    ]


@pytest.mark.parametrize(
    ("question", "said"),
    [
        ("It costs 25% of the sum.", "a quarter"),
        ("It costs 25% of the sum.", "twenty five percent"),
        ("It costs 0.25 of the sum.", "one quarter"),
        ("The film takes 90 minutes.", "one and a half hours"),
        ("The film takes 1.5 hours.", "ninety minutes"),
        ("It costs $2.50.", "two hundred fifty cents"),
        ("It costs $2.50.", "two dollars and fifty cents"),
        ("A dozen eggs.", "twelve eggs"),
        ("3 dozen eggs.", "three"),
        ("36 eggs.", "three dozen eggs"),
        ("4 people share it.", "a quarter"),
        ("There are 1,250 seats.", "one thousand two hundred fifty"),
    ],
)
def test_a_re_expression_of_a_given_is_given(question: str, said: str) -> None:
    assert {basis for _, basis, _ in found(question, "1 + 1 = 2", f"That is {said} of it.")} == {GIVEN}


@pytest.mark.parametrize(
    ("reasoning", "said"),
    [
        ("45 * 2 = 90 minutes", "one and a half hours"),
        ("45 * 2 = 90", "one and a half hours"),
        ("10 / 40 = 0.25", "twenty five percent"),
        ("10 / 40 * 100 = 25", "twenty five percent"),
        ("5 / 10 = $0.50", "fifty cents"),
        ("12 * 3 = 36 eggs", "three dozen"),
        ("7 / 2 = 3.5", "three and a half"),
        ("96 / 12 = 8 dozen", "eight"),
        ("96 / 12 = 8 dozen", "ninety six"),
        ("3 * 9 = 27 pairs of shoes", "twenty seven"),
    ],
)
def test_a_re_expression_of_a_result_is_derived(reasoning: str, said: str) -> None:
    assert found("nothing here", reasoning, f"So it is {said}.") == [(said, DERIVED, 0)]


@pytest.mark.parametrize(
    ("question", "said"),
    [
        ("It takes 5 minutes.", "five hours"),
        ("It takes 90 hours.", "ninety minutes"),
        ("There are 25 pens.", "twenty five percent"),
        ("It costs $50.", "fifty cents"),
        ("It is a foot long.", "twelve inches"),
    ],
)
def test_the_same_number_of_another_unit_is_another_value(question: str, said: str) -> None:
    assert found(question, "1 + 1 = 2", f"That is {said}.") == [(said, UNGROUNDED, None)]


@pytest.mark.parametrize(
    "response",
    [
        "Each one is blue.",
        "First, look at the boxes.",
        "Second, the third box is empty.",
        "There are sixty minutes in an hour.",
        "A year has twelve months.",
        "Fourth, we add.",
        "Call the number x.",
    ],
)
def test_what_states_nothing_about_the_problem_is_no_ungrounded_claim(response: str) -> None:
    assert UNGROUNDED not in {basis for _, basis, _ in found("no number", "20 + 30 = 50", response)}


def test_a_number_that_only_the_reasoning_takes_up_comes_from_nowhere() -> None:
    assert found("Ann rides daily.", "7 * 4 = 28 km", "Seven days, so twenty eight.") == [
        ("Seven days", UNGROUNDED, None),
        ("twenty eight", DERIVED, 0),
    ]


def test_both_terms_of_a_ratio_count() -> None:
    assert found("two cats", "2 + 1 = 3", "The ratio is three to two.") == [
        ("three", DERIVED, 0),
        ("two", GIVEN, None),
    ]


def test_texts_that_have_been_read_are_not_read_again() -> None:
    question, reasoning, response = read("forty eight"), "48 / 2 = 24", "Twenty four."
    fresh = claims(question, reasoning, response)
    assert fresh[0].value == Fraction(24)
    before = [remembered.cache_info().misses for remembered in (claims, read, read_steps)]
    assert claims(read("forty eight"), reasoning, response) == fresh
    assert [remembered.cache_info().misses for remembered in (claims, read, read_steps)] == before


def test_a_symbolic_step_grounds_nothing() -> None:
    assert found("x and y", "x + y = z", "It is seven.") == [("seven", UNGROUNDED, None)]


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("One. Two? Three", ["One.", " Two?", " Three"]),
        ("", [""]),
        ("Well... fine.", ["Well...", " fine."]),
        ('He said "no." Then', ['He said "no."', " Then"]),
    ],
)
def test_sentences_cover_the_text(text: str, parts: list[str]) -> None:
    ends = sentence_ends(text)
    assert [text[a:b] for a, b in zip([0, *ends], ends, strict=False)] == parts
