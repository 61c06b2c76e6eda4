"""Builds whose --out is a prefix of an object store, against those in a folder."""

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from upath import UPath

from pipeline.backends.llm.fake_server import FakeServer
from pipeline.errors import StoreError
from pipeline.store.parts import PartRecord, Store
from pipeline.store.place import Place, sizes
from pipeline.store.swap import Swap
from tests.conftest import ROWS, Smp3m, write_jsonl
from tests.object_store import files_under, new_prefix
from tests.serial import build

pytestmark = pytest.mark.usefixtures("s3")
TEXT = ("--tts", "none", "--asr", "none")
SMALL = ("--set", "collect.shard_rows=2")
TABLES = ("problem", "spoken", "interleaved", "verified")
FALSE = {"question": "What is 2 and 2?", "answer": "2+2=<<2+2=5>>5\n#### 5"}


@pytest.fixture
def source(tmp_path: Path) -> tuple[str, str]:
    return "--source", f"gsm8k={write_jsonl(tmp_path / 'rows.jsonl', [*ROWS, FALSE])}"


@pytest.fixture(params=["folder", "object store"])
def out(request: pytest.FixtureRequest, tmp_path: Path) -> Place:
    return tmp_path / "out" if request.param == "folder" else new_prefix()


def published(out: Place) -> dict[str, bytes]:
    return {
        f"{folder}/{name}": data
        for folder in ("dataset", "rejected")
        for name, data in files_under(out / folder).items()
    }


def parts(out: Place) -> dict[str, bytes]:
    return {f"{table}/{name}": data for table in TABLES for name, data in files_under(out / "store" / table).items()}


def written(out: UPath) -> dict[str, Any]:
    """When each part was last written."""
    return {path: out.fs.modified(path) for table in TABLES for path in out.fs.find((out / "store" / table).path)}


def report(out: Place) -> dict[str, Any]:
    plain: dict[str, Any] = json.loads((out / "report.json").read_text(encoding="utf-8"))
    return plain


def test_it_holds_the_bytes_that_a_folder_holds_and_no_others(source: tuple[str, str], tmp_path: Path) -> None:
    out = new_prefix("deep/er/out")
    assert build(*source, *TEXT, *SMALL, "--out", out) == 0
    assert build(*source, *TEXT, *SMALL, "--out", tmp_path / "folder") == 0
    assert published(out) == published(tmp_path / "folder")
    assert parts(out) == parts(tmp_path / "folder")
    assert report(out)["rows"] == {"in": 5, "accepted": 4, "rejected": 1, "duplicates": 0, "pending": 0}
    assert {name.split("/")[0] for name in files_under(out)} == {"dataset", "rejected", "report.json", "store"}


def test_a_finished_build_makes_nothing_again_and_a_changed_setting_what_depends_on_it(source: tuple[str, str]) -> None:
    out = new_prefix()
    assert build(*source, *TEXT, "--out", out) == 0
    before = written(out)
    assert build(*source, *TEXT, "--out", out) == 0
    assert written(out) == before
    assert build(*source, *TEXT, "--ratio", "3:9", "--out", out) == 0
    new = {Path(path).parent.name for path in written(out).keys() - before.keys()}
    assert new == {"interleaved", "verified"}
    assert before.items() <= written(out).items()


def test_a_build_that_was_stopped_goes_on_where_it_was(
    source: tuple[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = new_prefix()
    write, left = Store.write, 5

    def interrupted(
        store: Store,
        table: str,
        key: str,
        rows: pa.Table,
        rejected: pa.Table,
        stats: Mapping[str, float] | None = None,
        pending: Mapping[str, int] | None = None,
    ) -> PartRecord:
        nonlocal left
        left -= 1
        if left < 0:
            raise KeyboardInterrupt
        return write(store, table, key, rows, rejected, stats, pending)

    with monkeypatch.context() as patch:
        patch.setattr(Store, "write", interrupted)
        assert build(*source, *TEXT, *SMALL, "--out", out) == 130
    assert sizes(out / "dataset") == {}
    before = written(out)
    assert len(before) >= 5
    assert build(*source, *TEXT, *SMALL, "--out", out) == 0
    assert before.items() <= written(out).items()
    assert build(*source, *TEXT, *SMALL, "--out", tmp_path / "folder") == 0
    assert published(out) == published(tmp_path / "folder")


def damaged(out: Place, table: str, how: str, suffix: str = ".parquet") -> str:
    """Damage the first part of a table, and lose the report, so that all parts are wanted again; the file's name."""
    name = next(
        name for name in sizes(out / "store" / table) if name.endswith(suffix) and name.count(".") == suffix.count(".")
    )
    place = out / "store" / table / name
    data = place.read_bytes()
    if how == "deleted":
        place.unlink()
    elif how == "cut short":
        place.write_bytes(data[:-3])
    else:
        place.write_bytes(data[:20] + bytes([data[20] ^ 1]) + data[21:])
    (out / "report.json").unlink()
    return name


@pytest.mark.parametrize("table", TABLES)
@pytest.mark.parametrize("how", ["deleted", "cut short"])
def test_a_part_that_is_gone_or_cut_short_is_named_and_made_again(
    out: Place, source: tuple[str, str], table: str, how: str, caplog: pytest.LogCaptureFixture
) -> None:
    assert build(*source, *TEXT, *SMALL, "--out", out) == 0
    before, made = published(out), parts(out)
    name = damaged(out, table, how)
    assert build(*source, *TEXT, *SMALL, "--out", out) == 0
    assert re.search(rf"{name}: {'gone' if how == 'deleted' else 'cut short'}; made anew", caplog.text)
    assert (published(out), parts(out)) == (before, made)


@pytest.mark.parametrize("table", TABLES)
def test_an_altered_part_is_found_by_its_digest_named_and_made_again(
    out: Place, source: tuple[str, str], table: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert build(*source, *TEXT, *SMALL, "--out", out) == 0
    before, made = published(out), parts(out)
    name = damaged(out, table, "altered")
    assert build(*source, *TEXT, *SMALL, "--out", out) == 1
    assert re.search(rf"{name}: altered since it was written; run the build again", capsys.readouterr().err)
    assert build(*source, *TEXT, *SMALL, "--out", out) == 0
    assert (published(out), parts(out)) == (before, made)


def test_refused_rows_that_were_altered_are_found_too(
    out: Place, source: tuple[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert build(*source, *TEXT, "--out", out) == 0
    before = published(out)
    name = damaged(out, "spoken", "altered", ".rejected.parquet")
    assert build(*source, *TEXT, "--out", out) == 1
    assert name in capsys.readouterr().err
    assert build(*source, *TEXT, "--out", out) == 0
    assert published(out) == before


def test_a_corrupt_record_or_marker_or_report_is_told_and_recovered_from(
    out: Place, source: tuple[str, str], caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    assert build(*source, *TEXT, "--out", out) == 0
    before = published(out)
    [record] = [name for name in sizes(out / "store" / "spoken") if name.endswith(".json")]
    (out / "store" / "spoken" / record).write_text('{"table": ')
    (out / "report.json").write_text('{"rows": ')
    assert build(*source, *TEXT, "--out", out) == 0
    assert f"{record}: damaged; its part is made anew" in caplog.text
    assert published(out) == before
    assert report(out)["rows"]["accepted"] == 4
    (out / "store" / "STORE.json").write_text("{")
    assert build(*source, *TEXT, "--out", out) == 1
    assert "STORE.json: damaged; move" in capsys.readouterr().err


@pytest.mark.parametrize("damage", ["[]", "{}", "7", '{"digest": "0"'])
def test_what_was_found_out_is_found_out_again_where_its_memo_is_damaged(
    out: Place, source: tuple[str, str], damage: str, caplog: pytest.LogCaptureFixture
) -> None:
    assert build(*source, *TEXT, *SMALL, "--out", out) == 0
    before, memos = published(out), files_under(out / "store" / "memo")
    for name in memos:
        (out / "store" / "memo" / name).write_text(damage)
    (out / "report.json").unlink()
    assert build(*source, *TEXT, *SMALL, "--out", out) == 0
    assert all(f"{name}: damaged; found out anew" in caplog.text for name in memos)
    assert (published(out), files_under(out / "store" / "memo")) == (before, memos)


def test_answers_that_were_paid_for_are_in_the_store_and_not_asked_for_again(
    out: Place, source: tuple[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    with FakeServer() as server:
        monkeypatch.setenv("OPENAI_BASE_URL", server.url)
        flags = (*source, *TEXT, "--rewriter", "openai", "--out", out)
        assert build(*flags) == 0
        asked = server.requests
        assert asked
        for name in sizes(out / "store" / "spoken"):
            (out / "store" / "spoken" / name).unlink()
        before = published(out)
        assert build(*flags) == 0
        assert server.requests == asked
    assert published(out) == before
    assert report(out)["spent"]["answers"] == asked


def test_two_builds_at_once_are_kept_apart(source: tuple[str, str], capsys: pytest.CaptureFixture[str]) -> None:
    out = new_prefix()
    store = Store(out)
    store.open()
    with store.locked():
        assert build(*source, *TEXT, "--out", out) == 1
        assert "in use by another build (process" in capsys.readouterr().err
    assert build(*source, *TEXT, "--out", out) == 0


def test_a_build_that_loses_its_hold_while_it_publishes_leaves_what_was_published(
    out: Place, source: tuple[str, str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert build(*source, *TEXT, "--out", out) == 0
    before = published(out), report(out)

    def lost(_hold: object) -> None:
        raise StoreError("another build may be at work")

    def written(swap: Swap, name: str) -> Place:
        # In the middle of publishing, when the last file but that of the refused rows is begun.
        if name == "README.md" or name.startswith("rejected"):
            monkeypatch.setattr("pipeline.store.lock._Locked.require", lost)
            monkeypatch.setattr("pipeline.store.lease._Heart.require", lost)
        return place(swap, name)

    place = Swap.place
    monkeypatch.setattr(Swap, "place", written)
    assert build(*source, *TEXT, "--ratio", "3:9", "--out", out) == 1
    assert "another build may be at work" in capsys.readouterr().err
    assert (published(out), report(out)) == before


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory, s3: str) -> UPath:
    assert s3
    rows = write_jsonl(tmp_path_factory.mktemp("rows") / "rows.jsonl", [*ROWS, FALSE])
    out = new_prefix()
    assert build("--source", f"gsm8k={rows}", *TEXT, "--out", out) == 0
    return out


def test_status_show_and_a_page_read_it_where_it_is(
    finished: UPath, smp3m: Smp3m, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    assert smp3m("status", finished) == 0
    assert "verified" in capsys.readouterr().out
    assert smp3m("show", finished, "no-such-row") == 2
    rejected = finished / "rejected"
    assert sizes(rejected)
    assert smp3m("review", finished, "--html", tmp_path / "page.html") == 0
    assert "Ida plants" in (tmp_path / "page.html").read_text()


def test_ratios_and_calibrate_read_it_and_write_beside_it_or_elsewhere(
    finished: UPath, smp3m: Smp3m, tmp_path: Path
) -> None:
    assert smp3m("ratios", finished, "--schedule", "2:8/response_first", "--workers", 1) == 0
    assert (finished / "ratios.csv").read_text().startswith("ratio")
    assert (finished / "ratios.png").read_bytes()[1:4] == b"PNG"
    assert smp3m("ratios", finished, "--schedule", "2:8", "--workers", 1, "--out", tmp_path) == 0
    assert (tmp_path / "ratios.csv").exists()
    assert smp3m("calibrate", finished, "--faults", 20) == 0
    assert "rules" in json.loads((finished / "calibration.json").read_text())["judges"]


@pytest.mark.parametrize("command", [("push", "OUT", "org/name"), ("review", "OUT"), ("review", "OUT", "--apply")])
def test_what_needs_a_folder_says_so(
    finished: UPath, smp3m: Smp3m, capsys: pytest.CaptureFixture[str], command: tuple[str, ...]
) -> None:
    assert smp3m(*(finished if word == "OUT" else word for word in command)) == 2
    assert "reads a local folder; copy it first" in capsys.readouterr().err


def test_a_bucket_that_is_not_there_is_one_line(source: tuple[str, str], capsys: pytest.CaptureFixture[str]) -> None:
    assert build(*source, *TEXT, "--out", "s3://no-such-bucket-here/out") == 1
    [line] = [line for line in capsys.readouterr().err.splitlines() if line.startswith("smp3m: ")]
    assert "s3://no-such-bucket-here/out: cannot be used for output" in line
