"""Shards in batches: what is taken over from earlier parts, and that batches change no bytes."""

from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pytest

from pipeline.core.fingerprint import digest
from pipeline.core.outcome import Unreadable
from pipeline.errors import Reason
from pipeline.run.shard import PROBLEM, Job, Leg, job_of, make_part, make_parts
from pipeline.stages.stage import Inputs, Outcome, Plain, Stage, refuse
from pipeline.store.parts import PartRecord, Store
from schemas.problem import ProblemTable
from schemas.rejected import RejectedTable
from schemas.rows import Rejected, Verified
from schemas.table import arrow_schema, to_table
from schemas.verified import VerifiedTable
from tests.stages.test_speak import problem

N = 25


@pytest.fixture
def store(tmp_path: Path) -> Store:
    store = Store(tmp_path)
    store.open()
    return store


@pytest.fixture
def problems(store: Store) -> PartRecord:
    table = to_table(ProblemTable, [problem(number) for number in range(N)])
    return store.write(PROBLEM, digest("problems"), table, arrow_schema(RejectedTable).empty_table())


def marking(mark: str, seen: list[int]) -> Stage:
    """Every row gets a mark, but each fifth is refused; rows that have a mark already are taken over."""

    def transform(inputs: Inputs) -> Outcome:
        rows = inputs[PROBLEM].to_pylist()
        seen.append(len(rows))
        before = {row["id"]: row for row in inputs["verified"].to_pylist()} if "verified" in inputs else {}
        made: list[Verified] = []
        bad: list[Rejected] = []
        for row in rows:
            if not int(row["source_id"]) % 5:
                bad.append(refuse("verify", row, Unreadable(Reason.DRIFT, "fifth"), {}))
            else:
                made.append(
                    Verified(**before[row["id"]]) if row["id"] in before else Verified(id=row["id"], judge=mark)
                )
        return Outcome(made, bad, {"n": len(made)})

    return Stage("verified", "verify", 1, VerifiedTable, (PROBLEM,), Plain(transform), {"mark": mark}, batch_rows=10)


def made(store: Store, stage: Stage, problems: PartRecord) -> tuple[PartRecord, pa.Table]:
    transform = stage.transform
    assert isinstance(transform, Plain)
    record = make_part(store.out, stage, transform.run, Job(stage.key([problems.digest]), {PROBLEM: problems}))
    return record, store.read(record)


def test_batches_bring_every_row_once_and_sums_add_up(store: Store, problems: PartRecord) -> None:
    seen: list[int] = []
    record, table = made(store, marking("m", seen), problems)
    assert seen == [10, 10, 5]
    assert (record.rows, record.rejected, record.stats) == (20, {"drift": 5}, {"n": 20})
    assert table.column("id").to_pylist() == [problem(n).id for n in range(N) if n % 5]
    refused = store.read_rejected(record)
    assert refused is not None
    assert refused.num_rows == 5


def test_rows_of_an_earlier_part_of_the_shard_are_handed_over_and_damaged_ones_are_not(
    store: Store, problems: PartRecord
) -> None:
    first, _ = made(store, replace(marking("old", []), takes_over=True), problems)
    _, table = made(store, replace(marking("new", []), takes_over=True), problems)
    assert set(table.column("judge").to_pylist()) == {"old"}
    _, apart = made(store, marking("apart", []), problems)
    assert set(apart.column("judge").to_pylist()) == {"apart"}
    for path in (store.root / "verified").glob("*.parquet"):
        path.write_bytes(path.read_bytes()[:-1] + b"?")
    _, anew = made(store, replace(marking("anew", []), takes_over=True), problems)
    assert set(anew.column("judge").to_pylist()) == {"anew"}
    assert first.rows == 20


def test_stages_of_one_go_make_the_parts_that_they_make_one_by_one(store: Store, problems: PartRecord) -> None:
    first = replace(marking("first", []), batch_rows=None)
    second = replace(first, table="again", inputs=(PROBLEM, "verified"), identity={"mark": "second"})
    legs = [Leg(stage, stage.transform.run) for stage in (first, second) if isinstance(stage.transform, Plain)]
    one = make_part(store.out, *legs[0], job_of(first, {PROBLEM: problems}, {}, problems.digest))
    two = make_part(store.out, *legs[1], job_of(second, {PROBLEM: problems, "verified": one}, {}, problems.digest))
    assert make_parts(store.out, legs, job_of(first, {PROBLEM: problems}, {}, problems.digest)) == [one, two]


def test_what_an_earlier_build_may_have_made_of_a_whole_shard_is_left_to_its_turn(
    store: Store, problems: PartRecord
) -> None:
    first = replace(marking("first", []), batch_rows=None)
    transform = first.transform
    assert isinstance(transform, Plain)
    legs = [Leg(first, transform.run), Leg(replace(first, table="again"), transform.run)]
    made = make_parts(store.out, legs, job_of(first, {PROBLEM: problems}, {}, digest("all of them")))
    assert [record.table for record in made] == ["verified"]


def test_a_job_that_is_given_to_another_worker_keeps_what_was_finished(store: Store, problems: PartRecord) -> None:
    seen: list[int] = []
    first = replace(marking("first", seen), batch_rows=None)
    second = replace(first, table="again")
    transform = first.transform
    assert isinstance(transform, Plain)

    def dies(_: Inputs) -> Outcome:
        raise SystemExit("killed")

    job = job_of(first, {PROBLEM: problems}, {}, problems.digest)
    with pytest.raises(SystemExit):
        make_parts(store.out, [Leg(first, transform.run), Leg(second, dies)], job)
    before = list(seen)
    made = make_parts(store.out, [Leg(first, transform.run), Leg(second, transform.run)], job)

    assert [record.table for record in made] == ["verified", "again"]
    assert len(before) == 1
    assert len(seen) == 2
