"""Each external format: a raw row to a Problem, and every way a row may be broken."""

from collections.abc import Mapping

import pytest

from pipeline.core import fingerprint
from pipeline.core.outcome import Unreadable
from pipeline.errors import Reason
from schemas.rows import Problem
from sources import gsm8k, metamath, orca_math

GSM8K = {
    "question": " Lena buys 3 pens at $2 each. How much does she pay?\n",
    "answer": "She pays 3*2=$<<3*2=6>>6.\n#### 6",
}
METAMATH = {
    "type": "GSM_Rephrased",
    "query": "What do 3 pens at $2 each cost?",
    "response": "They cost 3 * 2 = 6 dollars.\n#### 6\nThe answer is: 6",
    "original_question": "Lena buys 3 pens at $2 each. How much does she pay?",
}
ORCA_MATH = {"question": "What is half of 12?", "answer": "Divide by 2:\n\n12 / 2 = 6\n\nSo half of 12 is 6."}
PARSERS = {
    "gsm8k": (gsm8k.parse, GSM8K),
    "metamath": (metamath.parse, METAMATH),
    "orca_math": (orca_math.parse, ORCA_MATH),
}


def parsed(name: str, raw: Mapping[str, object]) -> Problem:
    problem = PARSERS[name][0](raw, "17")
    assert isinstance(problem, Problem), problem
    return problem


def refused(name: str, raw: Mapping[str, object]) -> Unreadable:
    why = PARSERS[name][0](raw, "17")
    assert isinstance(why, Unreadable), why
    return why


@pytest.mark.parametrize("name", PARSERS)
def test_a_row_carries_where_it_comes_from(name: str) -> None:
    problem = parsed(name, PARSERS[name][1])
    assert (problem.source, problem.source_id, problem.license) == (name, "17", "MIT")
    assert problem.answer_value == "6"
    assert problem.question == problem.question.strip()
    assert problem.duplicate_key == fingerprint.duplicate_key(problem.question, problem.solution)


def test_gsm8k_keeps_the_solution_as_collected() -> None:
    assert parsed("gsm8k", GSM8K).solution == GSM8K["answer"]


def test_the_id_covers_the_answer_only_where_the_source_states_one() -> None:
    stated, unstated = parsed("gsm8k", GSM8K), parsed("orca_math", ORCA_MATH)
    assert stated.answer == "6"
    assert unstated.answer == ""
    assert unstated.id == fingerprint.row_id("orca_math", "17", unstated.question, unstated.solution, "")


def test_rows_made_from_one_question_share_a_family() -> None:
    rephrased = parsed("metamath", METAMATH)
    again = parsed("metamath", {**METAMATH, "query": "Find the price of 3 pens at $2.", "type": "GSM_AnsAug"})
    assert rephrased.family == again.family == parsed("gsm8k", GSM8K).family
    assert rephrased.duplicate_key != again.duplicate_key
    assert rephrased.original_question == METAMATH["original_question"]
    assert parsed("gsm8k", GSM8K).original_question is None


def test_metamath_types_become_subsets() -> None:
    assert len(metamath.TYPES) == 8
    for kind in metamath.TYPES:
        assert parsed("metamath", {**METAMATH, "type": kind}).subset == kind
    why = refused("metamath", {**METAMATH, "type": "GSM_Other"})
    assert why.reason is Reason.MALFORMED
    assert "GSM_Other" in why.detail


@pytest.mark.parametrize(
    ("name", "field"),
    [(name, field) for name, (_, raw) in PARSERS.items() for field in raw],
)
def test_a_missing_wrong_or_empty_field_is_named(name: str, field: str) -> None:
    raw = PARSERS[name][1]
    missing = refused(name, {key: value for key, value in raw.items() if key != field})
    wrong = refused(name, {**raw, field: 12})
    empty = refused(name, {**raw, field: " \n"})
    assert [missing.reason, wrong.reason, empty.reason] == [Reason.MALFORMED, Reason.MALFORMED, Reason.EMPTY]
    assert all(repr(field) in why.detail for why in (missing, wrong, empty))
    assert "int" in wrong.detail


@pytest.mark.parametrize("name", ["gsm8k", "orca_math"])
def test_a_solution_without_an_answer_is_refused(name: str) -> None:
    assert refused(name, {"question": "How nice is it?", "answer": "Very."}).reason is Reason.NO_ANSWER
