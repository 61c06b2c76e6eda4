"""Builds in an object store whose problems are compared with one another and with evaluation sets."""

import json
import re
from pathlib import Path
from typing import Any, NoReturn

import pytest

from pipeline.store.atomic import remove_folder
from pipeline.store.place import Place, sizes
from tests.conftest import ROWS, write_jsonl
from tests.object_store import files_under, new_prefix
from tests.serial import build

pytestmark = pytest.mark.usefixtures("s3")
OMAR, TANK = ROWS[2], ROWS[3]
ROPE = {
    "question": "A rope is 48 meters long. Lea cuts it into 6 equal pieces. How long is each piece?",
    "answer": "Each piece is 48/6=<<48/6=8>>8 meters long.\n#### 8",
}
NEARLY = {**OMAR, "question": OMAR["question"].replace("He then reads", "Then he reads")}
ITEMS = [
    {"question": "A loom weaves 3 rugs a day. How many rugs is that in 5 days?"},
    {"question": "A rope is forty-eight meters long. Lea cuts it into six equal pieces. How long is each piece?"},
    {"question": TANK["question"].replace("80", "90")},
]
SCREENED = {"clean", "sketch", "family"}


@pytest.fixture
def flags(tmp_path: Path) -> list[object]:
    rows = write_jsonl(tmp_path / "rows.jsonl", [*ROWS, NEARLY, ROPE])
    sources = ("--source", f"gsm8k={rows}", "--source", "simpleop", "--set", "sources.simpleop.rows=9")
    return [*sources, "--tts", "none", "--asr", "none", "--set", "collect.shard_rows=3"]


@pytest.fixture
def screened(flags: list[object], tmp_path: Path) -> list[object]:
    items = write_jsonl(tmp_path / "items.jsonl", ITEMS)
    return [*flags, "--dedup", "near", "--decontaminate", f"looms={items}"]


def published(out: Place) -> dict[str, bytes]:
    return {
        f"{folder}/{name}": data
        for folder in ("dataset", "rejected")
        for name, data in files_under(out / folder).items()
    }


def parts(out: Place) -> dict[str, bytes]:
    """Parts, their records and memos; not the lease, of which each run has its own."""
    found = files_under(out / "store")
    return {name: data for name, data in found.items() if "/" in name and not name.startswith("lease/")}


def report(out: Place) -> dict[str, Any]:
    plain: dict[str, Any] = json.loads((out / "report.json").read_text(encoding="utf-8"))
    return plain


def test_what_goes_and_why_is_what_it_is_in_a_folder(screened: list[object], tmp_path: Path) -> None:
    out = new_prefix()
    assert build(*screened, "--out", out) == 0
    assert build(*screened, "--out", tmp_path / "folder") == 0
    assert published(out) == published(tmp_path / "folder")
    here = parts(tmp_path / "folder")
    assert parts(out) == here
    assert {name.split("/")[0] for name in here} >= SCREENED
    told = report(out)
    assert told["rejected"] == {"decontaminate/contaminated": 1, "dedup/near_duplicate": 1}
    [hit] = told["decontamination"]["rows"]
    assert (hit["source"], hit["source_id"], hit["item"], hit["kind"]) == ("gsm8k", "5", 1, "same")
    assert told["decontamination"]["sets"]["looms"]["templates"] == 1
    assert told["rows"] == {"in": 15, "accepted": 13, "rejected": 2, "duplicates": 0, "pending": 0}
    assert "| looms | 3 | 1 |" in (out / "dataset" / "README.md").read_text(encoding="utf-8")


def forbidden(*_: object) -> NoReturn:
    raise AssertionError("made anew")


def test_what_is_finished_is_kept_and_what_is_taken_out_later_makes_no_other_row_anew(
    flags: list[object], screened: list[object], monkeypatch: pytest.MonkeyPatch
) -> None:
    fresh, out = new_prefix(), new_prefix()
    assert build(*screened, "--out", fresh) == 0
    assert build(*flags, "--out", out) == 0
    whole = published(out)
    with monkeypatch.context() as patch:
        patch.setattr("pipeline.stages.rewrite.by_rules", forbidden)
        assert build(*screened, "--out", out) == 0
        assert published(out) == published(fresh)
        before = parts(out)
        assert build(*screened, "--out", out) == 0
        assert parts(out) == before
        assert build(*flags, "--out", out) == 0
        assert published(out) == whole


def test_with_fewer_rows_each_is_compared_as_it_is_with_all(screened: list[object], tmp_path: Path) -> None:
    out = new_prefix()
    for n_rows in (4, 6):
        assert build(*screened, "--rows", n_rows, "--out", out) == 0
        assert build(*screened, "--rows", n_rows, "--out", tmp_path / str(n_rows)) == 0
        assert published(out) == published(tmp_path / str(n_rows))
        contaminated = report(out)["rejected"].get("decontaminate/contaminated", 0)
        assert contaminated == (1 if n_rows == 6 else 0)


def damage(place: Place, how: str) -> None:
    data = place.read_bytes()
    if how == "deleted":
        place.unlink()
    else:
        place.write_bytes(data[:-1] + (b"" if how == "cut short" else bytes([data[-1] ^ 1])))


@pytest.mark.parametrize("how", ["deleted", "cut short", "altered"])
def test_a_part_of_what_was_found_is_named_and_made_again(
    screened: list[object], how: str, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    out = new_prefix()
    assert build(*screened, "--out", out) == 0
    before = published(out)
    for table in sorted(SCREENED):
        for name in sizes(out / "store" / table):
            if name.endswith(".parquet") and name.count(".") == 1:
                damage(out / "store" / table / name, how)
    remove_folder(out / "store" / "memo")
    (out / "report.json").unlink()
    # Each run ends at the first altered part that it reads.
    codes = [build(*screened, "--out", out) for _ in range(6 if how == "altered" else 1)]
    said = caplog.text + capsys.readouterr().err
    assert codes[-1] == 0
    word = {"deleted": "gone; made anew", "cut short": "cut short; made anew", "altered": "altered since"}[how]
    # Of `clean` those parts alone are read that have refused something: whatever the others hold, all rows stay.
    assert all(re.search(rf"{table}/\w+\.parquet: {word}", said) for table in SCREENED)
    assert published(out) == before
