"""Which stages a process goes on with, on the shard that it has in hand."""

from dataclasses import replace
from pathlib import Path

import pytest

from pipeline.run.lanes import in_one_go
from pipeline.run.shard import PROBLEM
from pipeline.stages.desk import Desk
from pipeline.stages.stage import Async, Inputs, Outcome, Plain, Stage
from pipeline.store.attempts import Attempts
from pipeline.store.parts import Store
from schemas.verified import VerifiedTable


async def asked(_desk: Desk, _inputs: Inputs) -> Outcome:
    return Outcome([], [])


def stage(table: str, *inputs: str) -> Stage:
    nothing = Plain(lambda _inputs: Outcome([], []))
    return Stage(table, table, 1, VerifiedTable, (PROBLEM, *inputs), nothing, {"table": table})


SPOKEN, INTERLEAVED, VERIFIED = stage("spoken"), stage("interleaved", "spoken"), stage("verified", "interleaved")


@pytest.fixture
def store(tmp_path: Path) -> Store:
    store = Store(tmp_path)
    store.open()
    return store


def test_it_goes_on_as_long_as_it_has_all_that_a_stage_reads(store: Store) -> None:
    assert in_one_go(SPOKEN, [[INTERLEAVED], [VERIFIED]], store) == (SPOKEN, INTERLEAVED, VERIFIED)
    heard = stage("verified", "interleaved", "speech")
    assert in_one_go(SPOKEN, [[INTERLEAVED], [heard]], store) == (SPOKEN, INTERLEAVED)


@pytest.mark.parametrize(
    "other",
    [
        replace(INTERLEAVED, transform=Async(asked)),
        replace(INTERLEAVED, batch_rows=10),
        replace(INTERLEAVED, takes_over=True),
        replace(INTERLEAVED, inputs_if_any=("family",)),
    ],
    ids=["asks", "in batches", "takes rows over", "reads what there may be"],
)
def test_it_stops_before_what_waits_or_is_no_matter_of_one_shard(other: Stage, store: Store) -> None:
    assert in_one_go(SPOKEN, [[other], [VERIFIED]], store) == (SPOKEN,)
    assert in_one_go(other, [[VERIFIED]], store) == (other,)


def test_of_a_table_that_several_stages_fill_it_takes_the_one_for_its_sources(store: Store) -> None:
    ours, theirs = (replace(INTERLEAVED, sources=frozenset({name})) for name in ("simpleop", "gsm8k"))
    spoken = replace(SPOKEN, sources=frozenset({"simpleop"}))
    assert in_one_go(spoken, [[theirs, ours]], store) == (spoken, ours)
    assert in_one_go(SPOKEN, [[theirs, ours]], store) == (SPOKEN,)


def test_rows_that_are_tried_afresh_are_left_to_their_turn(store: Store) -> None:
    Attempts(store.root).raise_for(VERIFIED.identity_key, ["a"])
    assert in_one_go(SPOKEN, [[INTERLEAVED], [VERIFIED]], store) == (SPOKEN, INTERLEAVED)
