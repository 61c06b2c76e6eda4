"""Review end to end: spoken rows are judged, the bad ones leave the next data set and come back; the notebook runs."""

import json
import shutil
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbclient import NotebookClient

from pipeline.review.choose import Filter, Order
from pipeline.review.launch import shipped_notebook
from pipeline.review.session import Session
from tests.conftest import ROWS, Smp3m, write_jsonl
from tests.integration.test_build import published, rejected, report
from tests.serial import built_rows

TEXT = ("--tts", "none", "--asr", "none")


@pytest.fixture
def source(tmp_path: Path) -> Path:
    return write_jsonl(tmp_path / "rows.jsonl", ROWS)


def summed(out: Path) -> dict[str, int]:
    counts: dict[str, int] = report(out)["rows"]
    assert counts["in"] == counts["accepted"] + counts["rejected"] + counts["duplicates"] + counts["pending"]
    assert counts["accepted"] == len(published(out))
    assert counts["rejected"] == len(rejected(out))
    return counts


def files(out: Path) -> dict[str, bytes]:
    found = [*out.glob("dataset/**/*"), *out.glob("rejected/*")]
    return {str(path.relative_to(out)): path.read_bytes() for path in found if path.is_file()}


def test_rows_judged_bad_leave_the_next_data_set_and_come_back(source: Path, smp3m: Smp3m, tmp_path: Path) -> None:
    out = built_rows(source, tmp_path / "out", *TEXT)
    before, parts = files(out), {path: path.stat().st_mtime_ns for path in out.glob("store/*/*.parquet")}
    session = Session.of(out, "ann")
    bad = session.judge("bad", "response", "odd words")
    assert smp3m("review", out, "--apply") == 0
    assert files(out) == before  # only the next build acts on it

    built_rows(source, out, *TEXT)
    assert summed(out) == {"in": 4, "accepted": 3, "rejected": 1, "duplicates": 0, "pending": 0}
    assert bad.id not in {row["id"] for row in published(out)}
    [row] = rejected(out)
    assert (row["id"], row["stage"], row["reason"]) == (bad.id, "publish", "review")
    assert row["detail"] == "ann: bad (response, odd words)"
    assert "publish/review | 1" in (out / "dataset/README.md").read_text()
    assert {path: path.stat().st_mtime_ns for path in out.glob("store/*/*.parquet")} == parts

    again = Session.of(out, "ann")
    share = again.summary().acceptance
    assert share is not None
    assert share.share == 0  # what was sampled stays sampled
    again.choose(Filter(accepted=False), Order.FIRST, 0)
    again.judge("good")
    assert smp3m("review", out, "--apply") == 0
    built_rows(source, out, *TEXT)
    assert summed(out)["accepted"] == 4
    assert files(out) == before


def test_a_row_made_anew_is_not_left_out_for_what_it_was(source: Path, smp3m: Smp3m, tmp_path: Path) -> None:
    out = built_rows(source, tmp_path / "out", *TEXT)
    session = Session.of(out, "ann")
    bad = session.judge("bad")
    assert smp3m("review", out, "--apply") == 0
    row = {"id": bad.id, "content": "f" * 32, "detail": "ann: bad"}
    (out / "store/review/quarantine.json").write_text(json.dumps([row]))
    built_rows(source, out, *TEXT)
    assert summed(out)["accepted"] == 4


@pytest.mark.filterwarnings("default")  # of the notebook's own libraries
def test_the_notebook_runs_from_the_first_cell_to_the_last(spoken_build: Path, tmp_path: Path) -> None:
    out = Path(shutil.copytree(spoken_build, tmp_path / "out"))
    notebook = nbformat.read(shipped_notebook(), as_version=4)  # type: ignore[no-untyped-call]
    NotebookClient(notebook, timeout=120, resources={"metadata": {"path": str(out)}}).execute()
    outputs: dict[str, Any] = {cell["id"]: cell["outputs"] for cell in notebook.cells if cell.cell_type == "code"}
    assert "application/vnd.jupyter.widget-view+json" in outputs["desk"][0]["data"]
    state = notebook.metadata.widgets["application/vnd.jupyter.widget-state+json"]["state"].values()
    [desk] = [entry["state"]["html"] for entry in state if "html" in entry["state"]]
    assert "<audio controls" in desk
    assert 'data-do="good"' in desk
    assert "0 verdicts by nobody" in outputs["verdicts"][0]["data"]["text/plain"]
    assert "image/png" in outputs["pictures"][0]["data"]
