"""Problems of our own with planted copies in a store, cut into shards in several ways."""

from pathlib import Path

import pytest

from pipeline.config_screen import Dedup, DedupConfig
from pipeline.core import fingerprint
from pipeline.core.fingerprint import digest
from pipeline.run.lanes import Lane
from pipeline.run.screening import take_out
from pipeline.run.shard import PROBLEM
from pipeline.stages import sketch
from pipeline.stages.stage import FAMILY, checked
from pipeline.store.parts import Store
from schemas.problem import ProblemTable
from schemas.rejected import RejectedTable
from schemas.rows import Problem
from schemas.table import arrow_schema, to_table
from tests.benchmarks.planted import OTHER_PROBLEMS, problem

N = 400
NEAR = DedupConfig(Dedup.NEAR)
EMPTY = arrow_schema(RejectedTable).empty_table()


def row(source: str, number: int, question: str, made_from: str | None = None) -> Problem:
    return Problem(
        id=digest([source, number]),
        source=source,
        subset="",
        source_id=str(number),
        family=fingerprint.family(made_from or question),
        license="CC0-1.0",
        original_question=made_from,
        question=question,
        solution="!",
        answer="1",
        answer_value="1",
        answer_kind="number",
        duplicate_key=digest([source, number, "key"]),
    )


def lane(store: Store, source: str, rows: list[Problem], *, compared: bool = True) -> Lane:
    table = to_table(ProblemTable, rows)
    problems = store.write(PROBLEM, digest([one.id for one in rows]), table, EMPTY)
    found = Lane(source, len(rows), problems, parts={PROBLEM: problems})
    if compared:
        made = checked(sketch.STAGE, sketch.stage(frozenset({source})).output, sketch.sketch_all({PROBLEM: table}))
        found.parts[sketch.TABLE] = store.write(sketch.TABLE, problems.key, made.rows, made.rejected)
    return found


def opened(folder: Path) -> Store:
    store = Store(folder)
    store.open()
    return store


def labels(store: Store, lanes: list[Lane]) -> dict[tuple[str, int], str]:
    """What publishing makes of the lanes: rows that stay, with their families."""
    found: dict[tuple[str, int], str] = {}
    for one in lanes:
        left = store.read(one.parts[PROBLEM]).to_pylist()
        joined = store.read(one.parts[FAMILY]).to_pylist() if FAMILY in one.parts else []
        families = {named["id"]: named["family"] for named in joined}
        for kept in left:
            found[kept["source"], int(kept["source_id"])] = families.get(kept["id"], kept["family"])
    return found


def planted(store: Store, shard_rows: int) -> list[Lane]:
    rows = [row("orca_math", number, problem(0, number).question) for number in range(N)]
    return [lane(store, "orca_math", rows[start : start + shard_rows]) for start in range(0, N, shard_rows)]


@pytest.mark.parametrize("config", [DedupConfig(), NEAR])
def test_what_is_found_hangs_on_no_shard(tmp_path: Path, config: DedupConfig) -> None:
    found = []
    for shard_rows in (N, 150, 7):
        store = opened(tmp_path / str(shard_rows))
        lanes = planted(store, shard_rows)
        figures = take_out(store, lanes, config)
        found.append((labels(store, lanes), figures))
    assert found[0] == found[1] == found[2]
    assert found[0][1]["rows"] == N


def test_copies_join_their_originals_and_problems_with_other_numbers_do_not(tmp_path: Path) -> None:
    store = opened(tmp_path)
    lanes = planted(store, 100)
    take_out(store, lanes, DedupConfig())
    families = labels(store, lanes)
    assert len(families) == N
    for number in range(N):
        copy = problem(0, number)
        if copy.edit in ("numbers in words", "1 words changed", "2 words changed", "sentences swapped"):
            assert families["orca_math", number] == families["orca_math", number - 1]
        if copy.edit in OTHER_PROBLEMS:
            assert families["orca_math", number] != families["orca_math", number - 1]


def test_what_was_found_is_found_again_without_a_search_until_a_part_is_gone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = opened(tmp_path)
    first = planted(store, 100)
    figures = take_out(store, first, NEAR)
    with monkeypatch.context() as patch:
        patch.setattr("pipeline.run.screening._search", None)
        again = planted(store, 100)
        assert take_out(store, again, NEAR) == figures
        assert labels(store, again) == labels(store, first)
    gone = first[0].parts[FAMILY]
    (store.root / FAMILY / f"{gone.key}.json").unlink()
    third = planted(store, 100)
    take_out(store, third, NEAR)
    assert third[0].parts[FAMILY] == gone


QUESTION = "Nora picks 24 plums in the orchard and gives 9 of them to her neighbour. How many plums has she left?"
NEARLY = QUESTION.replace("the orchard", "an orchard")


def test_a_generated_row_follows_the_family_of_the_question_it_has(tmp_path: Path) -> None:
    store = opened(tmp_path)
    lanes = [
        lane(store, "gsm8k", [row("gsm8k", 0, NEARLY)]),
        lane(store, "orca_math", [row("orca_math", 0, QUESTION)]),
        lane(
            store, "simpleop", [row("simpleop", 0, QUESTION), row("simpleop", 1, "What is 7 plus 5?")], compared=False
        ),
    ]
    take_out(store, lanes, NEAR)
    families = labels(store, lanes)
    assert set(families) == {("gsm8k", 0), ("simpleop", 0), ("simpleop", 1)}
    assert families["simpleop", 0] == families["gsm8k", 0]
    assert families["simpleop", 1] == fingerprint.family("What is 7 plus 5?")


def test_rows_made_from_one_problem_stay_though_one_is_near_a_third(tmp_path: Path) -> None:
    store = opened(tmp_path)
    rephrased = "Of the 24 plums that Nora has, her neighbour gets 9. How many does she keep?"
    made = [row("metamath", n, text, made_from=QUESTION) for n, text in enumerate((QUESTION, NEARLY, rephrased))]
    lanes = [
        lane(store, "gsm8k", [row("gsm8k", 0, QUESTION)]),
        lane(store, "metamath", made),
        lane(store, "orca_math", [row("orca_math", 0, NEARLY.replace("gives", "hands"))]),
    ]
    take_out(store, lanes, NEAR)
    families = labels(store, lanes)
    assert set(families) == {("gsm8k", 0), ("metamath", 0), ("metamath", 1), ("metamath", 2)}
    assert len(set(families.values())) == 1


def test_a_shard_in_which_nothing_changes_has_no_part_of_its_own(tmp_path: Path) -> None:
    store = opened(tmp_path)
    one = lane(store, "gsm8k", [row("gsm8k", 0, QUESTION)])
    before = dict(one.parts)
    take_out(store, [one], NEAR)
    assert one.parts == before
    assert not one.whole
