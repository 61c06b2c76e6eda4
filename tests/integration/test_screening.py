"""Builds whose problems are compared with one another and with evaluation sets: what goes, what stays, what is kept."""

import json
from collections import defaultdict
from pathlib import Path
from typing import Any, NoReturn

import pyarrow.parquet as pq
import pytest

from pipeline.stages import rewrite
from pipeline.stages.booth import Booth
from tests.conftest import ROWS, write_jsonl
from tests.serial import build, built

IDA, KETTLE, OMAR, TANK = range(4)
NEAR_OMAR, OTHER_NUMBERS, ITEM = 4, 5, 6
OMARS = ROWS[OMAR]
GSM = [
    *ROWS,
    {**OMARS, "question": OMARS["question"].replace("He then reads", "Then he reads")},
    {
        "question": "Ida plants 7 rows of 8 beans. Birds eat 9 of them. How many beans are left?",
        "answer": "Ida plants 7*8=<<7*8=56>>56 beans.\nThere are 56-9=<<56-9=47>>47 beans left.\n#### 47",
    },
    {
        "question": "A ferry carries 14 cars on its first trip and 19 cars on its second trip. How many cars are that?",
        "answer": "The ferry carries 14+19=<<14+19=33>>33 cars.\n#### 33",
    },
]
META = [
    {
        "type": "GSM_AnsAug",
        "query": ROWS[IDA]["question"],
        "response": "There are 4*6=24 beans.\nBirds leave 24-5=19 beans.\n#### 19\nThe answer is: 19",
        "original_question": ROWS[IDA]["question"],
    },
    {
        "type": "GSM_Rephrased",
        "query": "Of 4 rows with 6 beans each that Ida has planted, birds take 5. What number of beans remains?",
        "response": "There are 4*6=24 beans.\nBirds leave 24-5=19 beans.\n#### 19\nThe answer is: 19",
        "original_question": ROWS[IDA]["question"],
    },
    {
        "type": "GSM_Rephrased",
        "query": "First 14 and then 19 cars cross the river aboard a ferry; what is their number altogether?",
        "response": "The ferry carries 14+19=33 cars.\n#### 33\nThe answer is: 33",
        "original_question": GSM[ITEM]["question"],
    },
]
ITEMS = [
    {"Body": "A loom weaves 3 rugs", "Question": "How many rugs do 5 looms weave?"},
    {
        "Body": "A ferry carries fourteen cars on its first trip and nineteen cars on its second trip",
        "Question": "How many cars are that?",
    },
    {"Body": "Ida plants 2 rows of 3 beans. Birds eat 1 of them", "Question": "How many beans are left?"},
]
TEXT = ("--tts", "none")


@pytest.fixture
def sources(tmp_path: Path) -> list[object]:
    gsm, meta = write_jsonl(tmp_path / "gsm.jsonl", GSM), write_jsonl(tmp_path / "meta.jsonl", META)
    return ["--source", f"gsm8k={gsm}", "--source", f"metamath={meta}", *TEXT]


@pytest.fixture
def items(tmp_path: Path) -> Path:
    path = tmp_path / "items.json"
    path.write_text(json.dumps(ITEMS))
    return path


def published(out: Path) -> dict[tuple[str, int], dict[str, Any]]:
    rows = [
        row for file in sorted((out / "dataset" / "data").glob("*.parquet")) for row in pq.read_table(file).to_pylist()
    ]
    return {(row["source"], int(row["source_id"])): row for row in rows}


def rejected(out: Path) -> dict[tuple[str, int], dict[str, Any]]:
    rows = [row for file in (out / "rejected").glob("*.parquet") for row in pq.read_table(file).to_pylist()]
    return {(row["source"], int(row["source_id"])): row for row in rows}


def report(out: Path) -> dict[str, Any]:
    plain: dict[str, Any] = json.loads((out / "report.json").read_text())
    return plain


def files(out: Path) -> dict[str, bytes]:
    folders = (out / "dataset", out / "rejected")
    return {
        str(path.relative_to(out)): path.read_bytes() for root in folders for path in root.rglob("*") if path.is_file()
    }


def test_near_duplicates_share_a_family_and_stay_unless_they_are_to_go(sources: list[object], tmp_path: Path) -> None:
    rows = published(built(tmp_path / "exact", *sources))
    assert len(rows) == len(GSM) + len(META)
    assert rows["gsm8k", NEAR_OMAR]["family"] == rows["gsm8k", OMAR]["family"]
    assert rows["gsm8k", OTHER_NUMBERS]["family"] != rows["gsm8k", IDA]["family"]
    out = built(tmp_path / "near", *sources, "--dedup", "near")
    assert set(rows) - set(published(out)) == {("gsm8k", NEAR_OMAR)}
    refused = rejected(out)["gsm8k", NEAR_OMAR]
    assert (refused["reason"], refused["detail"]) == ("near_duplicate", rows["gsm8k", OMAR]["id"])
    found = report(out)["families"]
    assert (found["rows"], found["joined"], found["removed"]) == (10, 1, 1)
    assert found["templates"]["gsm8k"] == {"rows": 7, "templates": 6, "commonest": 2}
    assert report(out)["rows"]["rejected"] == 1
    assert (
        "joined 1 families to others, so that no split divides them; 1 such rows were removed"
        in (out / "dataset" / "README.md").read_text()
    )


def test_rows_made_from_one_problem_are_its_family_whatever_source_they_come_from(
    sources: list[object], tmp_path: Path
) -> None:
    rows = published(built(tmp_path / "out", *sources, "--dedup", "near"))
    family = {key: row["family"] for key, row in rows.items()}
    assert family["gsm8k", IDA] == family["metamath", 0] == family["metamath", 1]
    assert family["gsm8k", ITEM] == family["metamath", 2]
    assert rows["metamath", 1]["original_question"] == ROWS[IDA]["question"]


def test_no_family_is_divided_between_splits(sources: list[object], tmp_path: Path) -> None:
    splits: dict[str, set[str]] = defaultdict(set)
    for seed in range(3):
        shares = ("--set", "split.validation=0.3", "--set", "split.test=0.3", "--seed", seed)
        for row in published(built(tmp_path / "out", *sources, *shares)).values():
            splits[f"{seed} {row['family']}"].add(row["split"])
    assert len({split for found in splits.values() for split in found}) > 1
    assert all(len(found) == 1 for found in splits.values())


def test_items_are_refused_with_evidence_and_told_in_report_and_card(
    sources: list[object], items: Path, tmp_path: Path
) -> None:
    out = built(tmp_path / "out", *sources, "--decontaminate", f"ferries={items}")
    assert len(published(out)) == len(GSM) + len(META) - 2
    refused = rejected(out)
    said = refused["gsm8k", ITEM]
    assert (said["stage"], said["reason"]) == ("decontaminate", "contaminated")
    assert json.loads(said["payload_json"])["evidence"] == {
        "set": "ferries",
        "item": 1,
        "kind": "same",
        "column": "question",
        "share": 1.0,
        "span": "a ferry carries fourteen cars on its first trip and nineteen cars on its second trip "
        "how many cars are that",
    }
    rephrased = json.loads(refused["metamath", 2]["payload_json"])["evidence"]
    assert (rephrased["column"], rephrased["item"]) == ("original_question", 1)
    done = report(out)["decontamination"]
    ferries = done["sets"]["ferries"]
    assert {name: ferries[name] for name in ("items", "found_items", "rows", "kinds", "templates")} == {
        "items": 3,
        "found_items": 1,
        "rows": 2,
        "kinds": {"same": 2},
        "templates": 4,
    }
    assert [(row["source"], row["source_id"], row["item"]) for row in done["rows"]] == [
        ("gsm8k", str(ITEM), 1),
        ("metamath", "2", 1),
    ]
    card = (out / "dataset" / "README.md").read_text()
    assert f"| ferries | 3 | 2 | 2 | 1 | 4 | `{ferries['digest']}` |" in card
    assert "no row was compared" not in card


def forbidden(*_: object) -> NoReturn:
    raise AssertionError("made anew")


def test_taking_rows_out_makes_no_other_row_anew_and_gives_what_a_fresh_build_gives(
    sources: list[object], items: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    screened = (*sources, "--dedup", "near", "--decontaminate", f"ferries={items}")
    fresh = files(built(tmp_path / "fresh", *screened))
    out = built(tmp_path / "out", *sources)
    whole = files(out)
    monkeypatch.setattr(rewrite, "by_rules", forbidden)
    assert files(built(out, *screened)) == fresh
    assert files(built(out, *sources)) == whole
    assert files(built(out, *screened)) == fresh


def test_taking_rows_out_speaks_no_other_row_again(
    sources: list[object], items: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    spoken = (*sources, "--tts", "nanotts", "--asr", "none")
    out = built(tmp_path / "out", *spoken)
    before = {key: row["question_audio"]["bytes"] for key, row in published(out).items()}
    monkeypatch.setattr(Booth, "take", forbidden)
    for path in (items, write_jsonl(tmp_path / "other.jsonl", [{"question": ROWS[TANK]["question"]}])):
        rows = published(built(out, *spoken, "--decontaminate", f"some={path}"))
        assert 0 < len(rows) < len(before)
        assert all(row["question_audio"]["bytes"] == before[key] for key, row in rows.items())


def test_neither_paths_nor_shards_bear_identity_but_the_content_of_a_set_does(
    sources: list[object], items: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = built(tmp_path / "out", *sources, "--dedup", "near", "--decontaminate", f"ferries={items}")
    found = report(out)
    moved = tmp_path / "moved" / "items.json"
    moved.parent.mkdir()
    moved.write_bytes(items.read_bytes())
    with monkeypatch.context() as patch:
        patch.setattr("pipeline.stages.decontaminate.load", forbidden)
        again = built(out, *sources, "--dedup", "near", "--decontaminate", f"ferries={moved}")
    assert report(again)["key"] == found["key"]
    small = built(
        tmp_path / "small",
        *sources,
        "--dedup",
        "near",
        "--decontaminate",
        f"ferries={items}",
        "--set",
        "collect.shard_rows=2",
    )
    assert published(small) == published(out)
    assert rejected(small) == rejected(out)
    moved.write_text(json.dumps(ITEMS[:1]))
    assert len(published(built(out, *sources, "--decontaminate", f"ferries={moved}"))) == len(GSM) + len(META)


@pytest.mark.parametrize("name", ["clean", "sketch", "family"])
def test_a_part_that_is_gone_is_made_again(sources: list[object], items: Path, tmp_path: Path, name: str) -> None:
    flags = (*sources, "--dedup", "near", "--decontaminate", f"ferries={items}")
    out = built(tmp_path / "out", *flags)
    whole = files(out)
    for path in (out / "store" / name).iterdir():
        path.unlink()
    assert files(built(out, *flags)) == whole


def test_generated_problems_are_compared_with_items_only_and_lose_those_that_say_the_same(tmp_path: Path) -> None:
    flags = ("--source", "simpleop", "--rows", 200, *TEXT)
    rows = published(built(tmp_path / "out", *flags))
    first = next(row for row in rows.values() if "+" in row["question"])
    sums = write_jsonl(
        tmp_path / "sums.jsonl", [{"question": first["spoken_question"]}, {"question": "What is 1 plus 1?"}]
    )
    out = built(tmp_path / "out", *flags, "--dedup", "near", "--decontaminate", f"sums={sums}")
    assert [row["id"] for row in rejected(out).values()] == [first["id"]]
    assert len(published(out)) == len(rows) - 1
    assert report(out)["families"]["rows"] == 0
    assert report(out)["decontamination"]["sets"]["sums"]["templates"] > 0


@pytest.mark.parametrize("flag", ["", "svamp", "=items.json", "svamp=", "svamp=nowhere.json", "svamp=items.txt"])
def test_a_set_that_cannot_be_read_is_a_usage_error(
    sources: list[object], tmp_path: Path, flag: str, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "items.txt").write_text("?")
    flag = flag.replace("items.txt", str(tmp_path / "items.txt"))
    assert build(*sources, "--decontaminate", flag, "--out", tmp_path / "out") == 2
    assert not (tmp_path / "out").exists()
    assert len(capsys.readouterr().err.strip().splitlines()) == 1
