"""A build from file to data set, in one process and with a real Ray, on rows of our own."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import datasets
import pyarrow.parquet as pq
import pytest

from pipeline.backends.tokenizer import load as load_tokenizer
from pipeline.core.control import ControlIds
from pipeline.core.schedule import deinterleave
from tests.conftest import ROWS, Smp3m, write_jsonl

pytestmark = [pytest.mark.ray, pytest.mark.usefixtures("shared_ray")]
TEXT = ("--tts", "none", "--asr", "none")
ALL_TRAIN = ("--set", "split.validation=0.0", "--set", "split.test=0.0")


def report(out: Path) -> dict[str, Any]:
    plain: dict[str, Any] = json.loads((out / "report.json").read_text())
    return plain


def published(out: Path) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = []
    for path in sorted((out / "dataset" / "data").glob("*.parquet")):
        rows += pq.read_table(path).to_pylist()
    return rows


def rejected(out: Path) -> list[dict[str, Any]]:
    return [row for path in (out / "rejected").glob("*.parquet") for row in pq.read_table(path).to_pylist()]


def parts(out: Path, table: str) -> dict[str, int]:
    return {path.name: path.stat().st_mtime_ns for path in (out / "store" / table).glob("*.parquet")}


@pytest.fixture
def build(smp3m: Smp3m, tmp_path: Path) -> Callable[..., Path]:
    out = tmp_path / "out"

    def run(source: Path, *flags: object) -> Path:
        assert smp3m("build", "--source", f"gsm8k={source}", *TEXT, *ALL_TRAIN, "--out", out, *flags) == 0
        return out

    return run


def test_every_row_comes_out_with_streams_that_give_back_their_text(build: Callable[..., Path], problems: Path) -> None:
    out = build(problems)
    rows = published(out)
    assert [row["source_id"] for row in rows] == ["0", "1", "2", "3"]
    tokenizer = load_tokenizer("qwen2.5")
    for row, raw in zip(rows, ROWS, strict=True):
        assert row["question"] == raw["question"]
        assert row["answer_value"] == raw["answer"].rpartition("#### ")[2]
        control = ControlIds(**json.loads(row["provenance"])["interleave"]["control_ids"])
        turn = deinterleave(row["token_ids"], row["streams"], control)
        assert (turn.response_ids, turn.reasoning_ids) == (row["response_ids"], row["reasoning_ids"])
        assert tokenizer.decode(turn.response_ids) == row["response"]
        assert tokenizer.decode(turn.reasoning_ids) == row["reasoning"]
        assert row["slack"] >= 0
        assert row["claims"]
        assert not any(character.isdigit() for character in row["spoken_question"] + row["response"])


def test_the_data_set_loads_whole_as_text_only_and_as_a_stream(build: Callable[..., Path], problems: Path) -> None:
    folder = str(build(problems) / "dataset")
    whole = datasets.load_dataset(folder, split="train")
    assert whole.num_rows == len(ROWS)
    # Nothing was spoken: the one config is the text.
    assert datasets.get_dataset_config_names(folder) == ["text"]
    text = datasets.load_dataset(folder, "text", split="train")
    assert "question_audio" not in text.column_names == whole.column_names
    assert text[0]["token_ids"] == whole[0]["token_ids"]
    stream = datasets.load_dataset(folder, "text", split="train", streaming=True)
    assert [row["id"] for row in stream] == whole["id"][:]


def test_a_rebuilt_data_set_is_not_taken_from_a_cache(build: Callable[..., Path], problems: Path) -> None:
    for ratio in ("2:8", "3:9"):
        loaded = datasets.load_dataset(str(build(problems, "--ratio", ratio) / "dataset"), split="train")
        assert set(loaded["ratio"]) == {ratio}


def test_the_cards_example_runs_as_printed(build: Callable[..., Path], problems: Path) -> None:
    folder = build(problems) / "dataset"
    code = (folder / "README.md").read_text().partition("```python\n")[2].partition("```")[0]
    exec(code.replace("PATH_OR_REPO", str(folder)), {})


def test_a_second_build_makes_nothing_anew(build: Callable[..., Path], problems: Path) -> None:
    out = build(problems)
    before = {table: parts(out, table) for table in ("problem", "spoken", "interleaved", "verified")}
    files = {path: path.stat().st_mtime_ns for path in out.glob("dataset/**/*") if path.is_file()}
    build(problems)
    assert {table: parts(out, table) for table in before} == before
    assert {path: path.stat().st_mtime_ns for path in out.glob("dataset/**/*") if path.is_file()} == files


def test_another_schedule_interleaves_and_verifies_again_and_nothing_else(
    build: Callable[..., Path], problems: Path
) -> None:
    out = build(problems)
    before = {table: parts(out, table) for table in ("problem", "spoken", "interleaved", "verified")}
    for flags in (("--ratio", "3:9"), ("--order", "reasoning_first")):
        build(problems, *flags)
        assert parts(out, "problem") == before["problem"]
        assert parts(out, "spoken") == before["spoken"]
    assert len(parts(out, "interleaved")) == 3
    assert len(parts(out, "verified")) == 3
    assert {row["order"] for row in published(out)} == {"reasoning_first"}


def test_each_stage_alone_runs_its_predecessors_and_publishing_follows_verify(
    build: Callable[..., Path], problems: Path
) -> None:
    for stage, tables in {
        "collect": {"problem"},
        "rewrite": {"problem", "spoken"},
        "synthesize": {"problem", "spoken", "interleaved"},
    }.items():
        out = build(problems, "--stage", stage)
        made = {table for table in ("problem", "spoken", "interleaved", "verified") if parts(out, table)}
        assert made == tables
        assert not (out / "dataset").exists()
    assert len(published(build(problems, "--stage", "verify"))) == len(ROWS)


def test_a_broken_line_and_a_false_equation_are_kept_with_their_reason(
    build: Callable[..., Path], tmp_path: Path
) -> None:
    path = write_jsonl(tmp_path / "mixed.jsonl", ROWS)
    false = {"question": "What is 7 and 5 together?", "answer": "Together 7+5=<<7+5=13>>13.\n#### 13"}
    lines = path.read_text().splitlines()
    lines[2:2] = ['{"question": "cut off', json.dumps(false)]
    path.write_text("\n".join(lines))
    out = build(path)
    reasons = {row["source_id"]: (row["stage"], row["reason"]) for row in rejected(out)}
    assert reasons == {"2": ("collect", "malformed"), "3": ("rewrite", "wrong_arithmetic")}
    assert [row["source_id"] for row in published(out)] == ["0", "1", "4", "5"]
    broken = next(row for row in rejected(out) if row["source_id"] == "2")
    assert "line 3" in broken["detail"]
    assert "cut off" in broken["payload_json"]


def test_in_equals_accepted_rejected_duplicates_and_pending(build: Callable[..., Path], tmp_path: Path) -> None:
    spaced = {**ROWS[0], "question": ROWS[0]["question"].replace(" ", "  ")}
    path = write_jsonl(tmp_path / "twice.jsonl", [*ROWS, spaced, {"question": "", "answer": "#### 1"}])
    out = build(path, "--stage", "rewrite")
    out = build(path)
    counts = report(out)["rows"]
    assert counts == {"in": 6, "accepted": 4, "rejected": 1, "duplicates": 1, "pending": 0}
    assert len(published(out)) == 4
    assert len(rejected(out)) == 1


def test_growing_rows_rebuilds_only_the_last_shard(build: Callable[..., Path], tmp_path: Path) -> None:
    path = write_jsonl(tmp_path / "five.jsonl", [*ROWS, {**ROWS[0], "question": ROWS[0]["question"] + " Say it."}])
    small = ("--set", "collect.shard_rows=2")
    out = build(path, "--rows", 3, *small)
    first = parts(out, "spoken")
    build(path, *small)
    after = parts(out, "spoken")
    assert len(first) == 2
    assert len(after) == 4  # [0 1] kept, [2] replaced by [2 3], [4] new
    assert first.items() <= after.items()


def test_a_build_that_accepts_nothing_leaves_what_was_published(
    build: Callable[..., Path], smp3m: Smp3m, problems: Path
) -> None:
    out = build(problems)
    before = published(out)
    strict = ("--set", "rewrite.max_response_words=1", *ALL_TRAIN)
    assert smp3m("build", "--source", f"gsm8k={problems}", *TEXT, *strict, "--out", out) == 1
    assert published(out) == before
    assert {row["reason"] for row in rejected(out)} == {"too_long"}
    assert report(out)["rows"]["accepted"] == 0


@pytest.mark.parametrize("lost", ["rejected", "report.json", "dataset/README.md"])
def test_what_was_lost_of_a_published_build_comes_back(build: Callable[..., Path], problems: Path, lost: str) -> None:
    out = build(problems)
    path = out / lost
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink()
    build(problems)
    assert path.exists()


def test_a_row_that_makes_a_reader_raise_costs_that_row_alone(build: Callable[..., Path], tmp_path: Path) -> None:
    huge = {"question": "How many?", "answer": f"There are 2+2=<<2+2=4>>4.\n#### {'9' * 5000}"}
    out = build(write_jsonl(tmp_path / "huge.jsonl", [ROWS[0], huge, ROWS[1]]))
    assert [row["source_id"] for row in published(out)] == ["0", "2"]
    [refused] = rejected(out)
    assert refused["source_id"] == "1"
    assert refused["detail"]


def test_rows_of_another_licence_say_so(smp3m: Smp3m, tmp_path: Path, problems: Path) -> None:
    config = tmp_path / "mine.toml"
    config.write_text(f'source = [{{ name = "gsm8k", path = "{problems.name}", license = "CC-BY-4.0" }}]\n')
    assert smp3m("build", "--config", config, *TEXT, *ALL_TRAIN, "--out", tmp_path / "out") == 0
    assert {row["license"] for row in published(tmp_path / "out")} == {"CC-BY-4.0"}


def test_a_folder_is_read_file_by_file_in_name_order_and_hidden_files_are_not(
    build: Callable[..., Path], tmp_path: Path
) -> None:
    folder = tmp_path / "parts"
    folder.mkdir()
    write_jsonl(folder / "b.jsonl", ROWS[2:])
    write_jsonl(folder / "a.jsonl", ROWS[:2])
    (folder / ".hidden.jsonl").write_text("not json\n")
    assert [row["question"] for row in published(build(folder))] == [row["question"] for row in ROWS]
