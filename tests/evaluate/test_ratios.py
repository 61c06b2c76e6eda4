"""The table says of the build's own schedule what the build says, whoever counts; a build that lies has none."""

import shutil
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pipeline.core.adaptive import Adaptive
from pipeline.core.schedule import Order, Schedule
from pipeline.errors import RunError, UsageError
from pipeline.evaluate.dataset import open_dataset
from pipeline.evaluate.ratios import DEFAULT_SCHEDULES, Pace, ratios, schedules_named
from tests.evaluate.conftest import LEAN

PACE = Pace()


def test_a_ratio_names_both_orders_and_an_order_one() -> None:
    assert schedules_named(["2:8", "adaptive", "2:8/response_first", "1:4/reasoning_first"], PACE) == (
        Schedule(2, 8),
        Schedule(2, 8, Order.REASONING_FIRST),
        Adaptive(),
        Schedule(1, 4, Order.REASONING_FIRST),
    )
    assert len(schedules_named(DEFAULT_SCHEDULES, PACE)) == 13


def test_the_adaptive_schedule_plans_for_the_pace_that_is_asked_for() -> None:
    assert schedules_named(["adaptive"], Pace(20, 180)) == (Adaptive(20, 180),)


@pytest.mark.parametrize(
    ("name", "says"),
    [("0:8", "p >= 1"), ("2:0", "reasoning slots"), ("two", "2:8"), ("2:8/back", "'back'"), ("adaptive/x", "p:q")],
)
def test_a_name_that_is_no_schedule_is_bad_usage(name: str, says: str) -> None:
    with pytest.raises(UsageError, match=f"--schedule {name}") as caught:
        schedules_named([name], PACE)
    assert says in str(caught.value)


def test_a_standstill_is_bad_usage() -> None:
    with pytest.raises(UsageError, match="at least 1"):
        Pace(0, 150)


@pytest.mark.ray
def test_the_builds_own_schedule_gives_the_builds_own_figures(lean: Path) -> None:
    data = open_dataset(lean)
    own, other = ratios(data, (Schedule.parse(LEAN), Schedule(2, 12)), PACE, 1).lines
    rows = [row for path in lean.glob("dataset/data/*.parquet") for row in pq.read_table(path).to_pylist()]
    refused = [row for path in lean.glob("rejected/*.parquet") for row in pq.read_table(path).to_pylist()]
    assert own.rows == len(rows) + len(refused) == 30
    assert own.accepted_share == pytest.approx(len(rows) / own.rows)
    assert sum(own.refused.values()) == len(refused) > 0
    assert own.repaired_share == pytest.approx(sum(row["repaired"] for row in rows) / len(rows))
    assert own.slack[1] == min(row["slack"] for row in rows)
    pads = sum(row["streams"].count(2) / len(row["streams"]) for row in rows) / len(rows)
    assert own.pad_share == pytest.approx(pads)
    assert (other.rows, other.accepted_share, other.repaired_share) == (30, 1, 0)


@pytest.mark.ray
def test_two_processes_count_what_one_does(lean: Path) -> None:
    data = open_dataset(lean)
    schedules = schedules_named(["2:8", "5:5", "adaptive"], PACE)
    seen: list[int] = []
    assert ratios(data, schedules, PACE, 2, seen.append) == ratios(data, schedules, PACE, 1)
    assert sum(seen) == sum(piece.n_rows for piece in data.pieces)


@pytest.mark.ray
def test_an_adaptive_build_has_a_table_too(adaptive: Path) -> None:
    made = ratios(open_dataset(adaptive), (Adaptive(), Schedule(2, 8)), PACE, 1)
    assert made.checked.n_rows == 30
    assert made.checked.n_repaired == 0
    assert made.lines[0].accepted_share == 1
    assert made.lines[0].pad_share == 0


@pytest.mark.ray
def test_a_build_whose_streams_do_not_come_apart_has_no_table(lean: Path, tmp_path: Path) -> None:
    out = tmp_path / "copy"
    shutil.copytree(lean, out)
    path = next(out.glob("dataset/data/train*"))
    table = pq.read_table(path)
    at = table.column_names.index("token_ids")
    swapped = [[ids[1], ids[0], *ids[2:]] for ids in table.column("token_ids").to_pylist()]
    pq.write_table(table.set_column(at, table.schema.field(at), pa.array(swapped, table.schema.field(at).type)), path)
    with pytest.raises(RunError, match="fail the round trip"):
        ratios(open_dataset(out), (Schedule(2, 8),), PACE, 1)
