import json
from dataclasses import replace
from pathlib import Path

import pytest

from pipeline.config_screen import DecontaminateConfig
from pipeline.errors import RunError
from pipeline.stages import decontaminate
from pipeline.stages.desk import Desk
from pipeline.stages.stage import Outcome, checked, load
from schemas.clean import CleanTable
from schemas.problem import ProblemTable
from schemas.table import to_table
from sources.evaluation import EvaluationSet, read_set
from tests.stages.test_speak import problem

PLUMS = "Nora picks 24 plums in the orchard and gives 9 of them to her neighbour. How many plums has she left?"
SUM = "What is 7 plus 5?"


@pytest.fixture
def sets(tmp_path: Path) -> tuple[EvaluationSet, ...]:
    return written(tmp_path, plums=("Why?", PLUMS), sums=(SUM,))


def written(folder: Path, **sets: tuple[str, ...]) -> tuple[EvaluationSet, ...]:
    for name, questions in sets.items():
        (folder / f"{name}.jsonl").write_text("".join(json.dumps({"question": text}) + "\n" for text in questions))
    return tuple(read_set(name, folder / f"{name}.jsonl") for name in sets)


def screened(sets: tuple[EvaluationSet, ...], *rows: tuple[str, str | None]) -> Outcome:
    problems = [
        replace(problem(number), question=question, original_question=made_from)
        for number, (question, made_from) in enumerate(rows)
    ]
    table = to_table(ProblemTable, problems)
    outcome = load(decontaminate.stage(DecontaminateConfig(), sets), Desk(Path()))({"problem": table})
    checked(decontaminate.STAGE, CleanTable, outcome, table)
    return outcome


def test_every_row_passes_or_is_refused_with_evidence_that_reads_back(sets: tuple[EvaluationSet, ...]) -> None:
    outcome = screened(sets, (PLUMS, None), ("Bo sings.", None), ("What is seven plus five", None))
    assert [row.id for row in outcome.rows] == [problem(1).id]
    evidence = [decontaminate.evidence_of(row.payload_json) for row in outcome.refused]
    assert [(one.set, one.item, one.kind, one.column) for one in evidence] == [
        ("plums", 1, "same", "question"),
        ("sums", 0, "same", "question"),
    ]
    assert [row.reason for row in outcome.refused] == ["contaminated"] * 2
    assert outcome.refused[1].detail == "question is item 0 of sums: what is seven plus five"
    assert json.loads(outcome.refused[0].payload_json)["question"] == PLUMS


def test_what_a_row_was_made_from_is_compared_too(sets: tuple[EvaluationSet, ...]) -> None:
    [refused] = screened(sets, ("Her plums, counted after a gift: what is left?", PLUMS)).refused
    assert decontaminate.evidence_of(refused.payload_json).column == "original_question"


def test_rows_worded_alike_are_counted_for_their_set_and_stay(sets: tuple[EvaluationSet, ...]) -> None:
    outcome = screened(sets, (PLUMS.replace("24", "30"), None), ("What is 7 plus 6?", None), ("What is 2 plus 2?", SUM))
    assert outcome.stats == {"templates: plums": 1, "templates: sums": 1}
    assert [decontaminate.evidence_of(row.payload_json).column for row in outcome.refused] == ["original_question"]


@pytest.mark.parametrize("text", ["⛄", "$\\nosuchcommand{3}$ pears", "[asy] draw(unitcircle); [/asy]"])
def test_texts_that_cannot_be_spoken_are_compared_as_they_stand(text: str, tmp_path: Path) -> None:
    item = f"How many signs are in {text} and how many of them are there in seven copies of it?"
    sets = written(tmp_path, odd=(item,))
    assert len(screened(sets, (item, None)).refused) == 1
    assert len(screened(sets, (PLUMS, None)).rows) == 1


def test_the_stage_is_what_its_sets_say_and_how_they_are_compared(sets: tuple[EvaluationSet, ...]) -> None:
    config = DecontaminateConfig()
    key = decontaminate.stage(config, sets).identity_key
    assert decontaminate.stage(config, tuple(replace(one, path=Path("elsewhere")) for one in sets)).identity_key == key
    others = [
        decontaminate.stage(config, sets[:1]),
        decontaminate.stage(config, (sets[0], replace(sets[1], digest="d" * 32))),
        decontaminate.stage(config, (sets[0], replace(sets[1], name="other"))),
        decontaminate.stage(replace(config, ngram=9), sets),
        decontaminate.stage(replace(config, share=0.5), sets),
    ]
    assert len({key, *(other.identity_key for other in others)}) == 6


def test_a_set_that_changes_under_a_build_stops_it(sets: tuple[EvaluationSet, ...]) -> None:
    stage = decontaminate.stage(DecontaminateConfig(), sets)
    sets[1].path.write_text('{"question": "What is 8 plus 8?"}\n')
    with pytest.raises(RunError, match=r"sums=.*: changed since the build began"):
        load(stage, Desk(Path()))
