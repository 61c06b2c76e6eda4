import json
from dataclasses import replace
from pathlib import Path

import pytest

from pipeline.config_screen import DecontaminateConfig
from pipeline.stages import decontaminate
from pipeline.stages.desk import Desk
from pipeline.stages.stage import Outcome, checked, load
from schemas.clean import CleanTable
from schemas.problem import ProblemTable
from schemas.table import to_table
from sources.evaluation import EvaluationSet
from tests.stages.test_speak import problem

PLUMS = "Nora picks 24 plums in the orchard and gives 9 of them to her neighbour. How many plums has she left?"
SUM = "What is 7 plus 5?"
SETS = (EvaluationSet("plums", "a" * 32, ("Why?", PLUMS)), EvaluationSet("sums", "b" * 32, (SUM,)))


def screened(*rows: tuple[str, str | None], sets: tuple[EvaluationSet, ...] = SETS) -> Outcome:
    problems = [
        replace(problem(number), question=question, original_question=made_from)
        for number, (question, made_from) in enumerate(rows)
    ]
    table = to_table(ProblemTable, problems)
    outcome = load(decontaminate.stage(DecontaminateConfig(), sets), Desk(Path()))({"problem": table})
    checked(decontaminate.STAGE, CleanTable, outcome, table)
    return outcome


def test_every_row_passes_or_is_refused_with_evidence_that_reads_back() -> None:
    outcome = screened((PLUMS, None), ("Bo sings.", None), ("What is seven plus five", None))
    assert [row.id for row in outcome.rows] == [problem(1).id]
    evidence = [decontaminate.evidence_of(row.payload_json) for row in outcome.refused]
    assert [(one.set, one.item, one.kind, one.column) for one in evidence] == [
        ("plums", 1, "same", "question"),
        ("sums", 0, "same", "question"),
    ]
    assert [row.reason for row in outcome.refused] == ["contaminated"] * 2
    assert outcome.refused[1].detail == "question is item 0 of sums: what is seven plus five"
    assert json.loads(outcome.refused[0].payload_json)["question"] == PLUMS


def test_what_a_row_was_made_from_is_compared_too() -> None:
    [refused] = screened(("Her plums, counted after a gift: what is left?", PLUMS)).refused
    assert decontaminate.evidence_of(refused.payload_json).column == "original_question"


def test_rows_worded_alike_are_counted_for_their_set_and_stay() -> None:
    outcome = screened((PLUMS.replace("24", "30"), None), ("What is 7 plus 6?", None), ("What is 2 plus 2?", SUM))
    assert outcome.stats == {"templates: plums": 1, "templates: sums": 1}
    assert [decontaminate.evidence_of(row.payload_json).column for row in outcome.refused] == ["original_question"]


@pytest.mark.parametrize("text", ["⛄", "$\\nosuchcommand{3}$ pears", "[asy] draw(unitcircle); [/asy]"])
def test_texts_that_cannot_be_spoken_are_compared_as_they_stand(text: str) -> None:
    item = f"How many signs are in {text} and how many of them are there in seven copies of it?"
    sets = (EvaluationSet("odd", "c" * 32, (item,)),)
    assert len(screened((item, None), sets=sets).refused) == 1
    assert len(screened((PLUMS, None), sets=sets).rows) == 1


def test_the_stage_is_what_its_sets_say_and_how_they_are_compared() -> None:
    config = DecontaminateConfig()
    key = decontaminate.stage(config, SETS).identity_key
    assert decontaminate.stage(config, tuple(replace(one) for one in SETS)).identity_key == key
    others = [
        decontaminate.stage(config, SETS[:1]),
        decontaminate.stage(config, (SETS[0], replace(SETS[1], digest="d" * 32))),
        decontaminate.stage(config, (SETS[0], replace(SETS[1], name="other"))),
        decontaminate.stage(replace(config, ngram=9), SETS),
        decontaminate.stage(replace(config, share=0.5), SETS),
    ]
    assert len({key, *(other.identity_key for other in others)}) == 6
