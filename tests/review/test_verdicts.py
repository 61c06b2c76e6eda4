"""Verdicts are kept: through a kill, beside other reviewers, and when one of the two places is lost."""

import subprocess
import sys
from itertools import count
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pipeline.errors import ContractError, StoreError
from pipeline.review.verdicts import VerdictLog, consolidate, current, parquet_of, verdicts

CONTENT = "0" * 32


def clock() -> str:
    """A later time whenever it is asked."""
    return f"2031-05-06T07:08:09.{next(_TICKS):06}Z"


_TICKS = count()


def add(log: VerdictLog, row_id: str, verdict: str = "good", reviewer: str = "ann", **more: str) -> None:
    log.add(row_id=row_id, content=more.pop("content", CONTENT), verdict=verdict, reviewer=reviewer, **more)


def said(out: Path) -> list[tuple[str, str, str]]:
    return [(review.reviewer, review.id, review.verdict) for review in current(verdicts(out))]


def test_a_verdict_is_in_the_parquet_file_when_it_is_stored(tmp_path: Path) -> None:
    add(VerdictLog(tmp_path, clock), "a", "bad", reason="audio", note="hisses", chosen="worst", pool="source=gsm8k")
    [row] = pq.read_table(tmp_path / "review.parquet").to_pylist()
    assert {name: row[name] for name in ("id", "verdict", "reason", "note", "reviewer", "chosen", "pool")} == {
        "id": "a", "verdict": "bad", "reason": "audio", "note": "hisses", "reviewer": "ann", "chosen": "worst",
        "pool": "source=gsm8k",
    }  # fmt: skip
    assert row["time"].startswith("2031-05-06T07:08:09.")


def test_the_last_word_of_each_reviewer_counts_and_can_be_taken_back(tmp_path: Path) -> None:
    log = VerdictLog(tmp_path, clock)
    add(log, "a", "bad")
    add(log, "a", "good", "bob")
    add(log, "a", "good")
    add(log, "b", "bad")
    add(log, "b", "withdrawn")
    assert said(tmp_path) == [("ann", "a", "good"), ("bob", "a", "good")]
    assert len(verdicts(tmp_path)) == 5


def test_a_row_made_anew_takes_no_verdict_from_the_old_one(tmp_path: Path) -> None:
    log = VerdictLog(tmp_path, clock)
    add(log, "a", "bad")
    add(log, "a", "good", content="1" * 32)
    assert [review.verdict for review in current(verdicts(tmp_path))] == ["bad", "good"]


@pytest.mark.parametrize("lost", ["lines", "parquet"])
def test_either_place_can_be_lost(tmp_path: Path, lost: str) -> None:
    log = VerdictLog(tmp_path, clock)
    add(log, "a", "bad")
    add(log, "b", "good")
    before = verdicts(tmp_path)
    for path in [parquet_of(tmp_path)] if lost == "parquet" else (tmp_path / "store/review").glob("*.jsonl"):
        path.unlink()
    assert verdicts(tmp_path) == before
    add(VerdictLog(tmp_path, clock), "c")
    assert verdicts(tmp_path)[:2] == before


def test_a_line_torn_by_a_power_cut_costs_no_other(tmp_path: Path) -> None:
    add(VerdictLog(tmp_path, clock), "a")
    [path] = (tmp_path / "store/review").glob("*.jsonl")
    with path.open("ab") as file:
        file.write(path.read_bytes()[:30])
    assert said(tmp_path) == [("ann", "a", "good")]
    add(VerdictLog(tmp_path, clock), "b")
    assert [row_id for _, row_id, _ in said(tmp_path)] == ["a", "b"]


def test_a_line_damaged_afterwards_is_named(tmp_path: Path) -> None:
    add(VerdictLog(tmp_path, clock), "a")
    [path] = (tmp_path / "store/review").glob("*.jsonl")
    path.write_bytes(b"?" + path.read_bytes()[1:])
    with pytest.raises(StoreError, match=r"jsonl: line 1 is damaged"):
        verdicts(tmp_path)


def test_a_verdict_file_of_another_kind_is_named(tmp_path: Path) -> None:
    parquet_of(tmp_path).write_text("nothing")
    with pytest.raises(ContractError, match="not a readable parquet file"):
        verdicts(tmp_path)
    pq.write_table(pa.table({"id": ["a"]}), parquet_of(tmp_path))
    with pytest.raises(ContractError, match="has columns id"):
        verdicts(tmp_path)


@pytest.mark.parametrize(("more", "names"), [({"verdict": "fine"}, "verdict"), ({"reason": "smell"}, "reason")])
def test_what_the_table_does_not_know_is_not_stored(tmp_path: Path, more: dict[str, str], names: str) -> None:
    with pytest.raises(ContractError, match=f"column {names}"):
        add(VerdictLog(tmp_path, clock), "a", **more)
    assert verdicts(tmp_path) == []


def test_where_nothing_can_be_written_the_reviewer_is_told(tmp_path: Path) -> None:
    (tmp_path / "store").write_text("a file where a folder must be")
    with pytest.raises(StoreError, match="the verdict could not be stored"):
        add(VerdictLog(tmp_path, clock), "a")


WRITER = """
import sys
from pathlib import Path
from pipeline.review.verdicts import VerdictLog
log = VerdictLog(Path(sys.argv[1]))
for n in range(12):
    log.add(row_id=f"row{n}", content="0" * 32, verdict="good", reviewer=sys.argv[2])
    print(f"row{n}", flush=True)
"""


def start_writer(out: Path, name: str) -> "subprocess.Popen[str]":
    return subprocess.Popen([sys.executable, "-c", WRITER, str(out), name], stdout=subprocess.PIPE, text=True)


def test_what_was_said_to_be_stored_survives_a_kill(tmp_path: Path) -> None:
    writer = start_writer(tmp_path, "ann")
    assert writer.stdout is not None
    stored = [writer.stdout.readline().strip() for _ in range(4)]
    writer.kill()
    stored += writer.communicate()[0].split()
    assert {f"row{n}" for n in range(4)} <= set(stored) <= {review.id for review in verdicts(tmp_path)}


def test_two_reviewers_at_once_lose_nothing(tmp_path: Path) -> None:
    writers = [start_writer(tmp_path, name) for name in ("ann", "bob")]
    for writer in writers:
        writer.communicate()
    assert [writer.returncode for writer in writers] == [0, 0]
    rows = pq.read_table(parquet_of(tmp_path)).to_pylist()
    assert sorted((row["reviewer"], row["id"]) for row in rows) == sorted(
        (name, f"row{n}") for name in ("ann", "bob") for n in range(12)
    )


def test_equal_verdicts_give_equal_bytes(tmp_path: Path) -> None:
    log = VerdictLog(tmp_path, clock)
    for row_id in "ab":
        add(log, row_id)
    before = parquet_of(tmp_path).read_bytes()
    consolidate(tmp_path)
    assert parquet_of(tmp_path).read_bytes() == before
