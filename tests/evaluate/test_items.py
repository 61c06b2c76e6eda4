import io
import json
from pathlib import Path

import datasets
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import soundfile
from huggingface_hub import constants

from pipeline.core.answer import Answer
from pipeline.errors import UsageError
from pipeline.evaluate.items import Item, read_items


def sound() -> bytes:
    file = io.BytesIO()
    soundfile.write(file, np.zeros(1600), 16_000, format="WAV")
    return file.getvalue()


def spoken_row(question: str, answer: str) -> dict[str, object]:
    return {
        "context": {"bytes": sound(), "path": "q.wav"},
        "context_transcript": question,
        "instruction": {"text": "Answer the question.", "audio": None},
        "answer": {"text": answer, "audio": None},
        "other_attributes": {"id": 3},
    }


def write_json(path: Path, rows: object) -> Path:
    path.write_text(json.dumps(rows))
    return path


def test_spoken_mqa_is_read_subset_by_subset(tmp_path: Path) -> None:
    rows = [spoken_row("What is six plus one?", "7"), spoken_row("What is nine minus ten?", "-1")]
    pq.write_table(pa.Table.from_pylist(rows), tmp_path / "short_digit-00000-of-00001.parquet")
    (tmp_path / "multi_step_reasoning").mkdir()
    only = [spoken_row("Ann has two bags of six buns and eats one. How many are left?", "2*6-1=11\n#### 11")]
    pq.write_table(pa.Table.from_pylist(only), tmp_path / "multi_step_reasoning" / "data.parquet")
    items = read_items([f"spoken_mqa={tmp_path}"])
    assert [(item.subset, item.id, item.gold) for item in items] == [
        ("short_digit", "0", "7"),
        ("short_digit", "1", "-1"),
        ("multi_step_reasoning", "0", "2*6-1=11\n#### 11"),
    ]
    assert items[0] == Item(
        "spoken_mqa", "short_digit", "0", "What is six plus one?", "7", sound(), "Answer the question."
    )
    answer = items[2].answer
    assert isinstance(answer, Answer)
    assert answer.number == 11
    assert [item.id for item in read_items([f"spoken_mqa={tmp_path}"], limit=1)] == ["0", "0"]


def published(folder: Path, config: str, splits: dict[str, datasets.Dataset]) -> None:
    """A data set as the Hub holds it; in the current folder, its name leads here."""
    folder.mkdir(parents=True)
    files = [f"  - split: {split}\n    path: {split}.parquet\n" for split in splits]
    note = f"---\nconfigs:\n- config_name: {config}\n  data_files:\n{''.join(files)}---\n"
    (folder / "README.md").write_text(note)
    for split, rows in splits.items():
        rows.to_parquet(folder / f"{split}.parquet")


def test_without_a_path_benchmarks_are_read_by_their_names_on_the_hub(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    monkeypatch.setattr(datasets.config, "HF_HUB_OFFLINE", True)
    monkeypatch.setattr(datasets.config, "HF_DATASETS_CACHE", tmp_path / "cache")
    monkeypatch.chdir(tmp_path)
    rows = [{"question": "Ivo has 3 hens and buys 4. How many has he?", "answer": "3+4=7\n#### 7"}]
    published(Path("openai/gsm8k"), "main", {"test": datasets.Dataset.from_list(rows)})
    heard = [spoken_row("What is six plus one?", "7"), spoken_row("What is nine minus ten?", "-1")]
    spoken = datasets.Dataset.from_list(heard).cast_column("context", datasets.Audio(decode=False))
    subsets = ("short_digit", "long_digit", "single_step_reasoning", "multi_step_reasoning")
    published(Path("amao0o0/spoken-mqa"), "default", dict.fromkeys(subsets, spoken))
    assert read_items(["gsm8k"]) == [Item("gsm8k", "test", "0", rows[0]["question"], rows[0]["answer"])]
    items = read_items(["spoken_mqa"])
    assert [item.subset for item in items] == [subset for subset in subsets for _ in heard]
    assert (items[1].question, items[1].gold, items[1].audio) == ("What is nine minus ten?", "-1", sound())


def test_spoken_mqa_as_jsonl_names_its_recordings(tmp_path: Path) -> None:
    (tmp_path / "q.wav").write_bytes(sound())
    row = {"context": "q.wav", "context_transcript": "What is six plus one?", "answer": {"text": "7"}}
    (tmp_path / "short_digit.jsonl").write_text(json.dumps(row) + "\n")
    (item,) = read_items([f"spoken_mqa={tmp_path}"])
    assert item.audio == sound()
    (tmp_path / "q.wav").unlink()
    with pytest.raises(UsageError, match=r"recording .*q\.wav cannot be read"):
        read_items([f"spoken_mqa={tmp_path}"])


def test_files_of_the_other_benchmarks_are_read(tmp_path: Path) -> None:
    (tmp_path / "test.jsonl").write_text('{"question": "One plus six?", "answer": "1+6=7\\n#### 7"}\n')
    tale = {"ID": "c-1", "Body": "Ben has 9 figs", "Question": "How many pairs?", "Answer": 4.5, "Type": "Division"}
    write_json(tmp_path / "svamp.json", [tale])
    gsm, svamp = read_items([f"gsm8k={tmp_path / 'test.jsonl'}", f"svamp={tmp_path / 'svamp.json'}"])
    assert gsm.question == "One plus six?"
    assert isinstance(gsm.answer, Answer)
    assert gsm.answer.number == 7
    assert svamp.question == "Ben has 9 figs. How many pairs?"
    assert svamp.gold == "4.5"
    assert gsm.audio is svamp.audio is None


def test_a_build_gives_its_test_split_with_sound(tmp_path: Path) -> None:
    data = tmp_path / "dataset" / "data"
    data.mkdir(parents=True)
    row = {
        "id": "a" * 32,
        "source": "simpleop",
        "spoken_question": "What is two plus three?",
        "answer_value": "5",
        "question_audio": {"bytes": sound(), "path": None},
    }
    pq.write_table(pa.Table.from_pylist([row]), data / "test-00000-of-00001.parquet")
    with pytest.raises(UsageError, match="no train split here"):
        read_items([f"smp3m_train={tmp_path}"])
    (item,) = read_items([f"smp3m={tmp_path}"])
    assert (item.subset, item.question, item.gold, item.audio) == ("simpleop", "What is two plus three?", "5", sound())


def test_an_item_is_known_by_what_it_gives_a_contestant() -> None:
    item = Item("gsm8k", "test", "1", "One plus six?", "7")
    assert item.digest == Item("gsm8k", "test", "1", "One plus six?", "8").digest
    assert item.digest != Item("gsm8k", "test", "1", "One plus seven?", "7").digest
    assert item.digest != Item("gsm8k", "test", "1", "One plus six?", "7", b"sound").digest


def test_what_cannot_be_read_is_named(tmp_path: Path) -> None:
    write_json(tmp_path / "other.json", [{"problem": "One?"}])
    (tmp_path / "broken.jsonl").write_text('{"question": \n')
    (tmp_path / "empty").mkdir()
    cases = {
        "trivia": "unknown benchmark; choose from spoken_mqa",
        "svamp": "give --data svamp=PATH",
        f"svamp={tmp_path / 'other.json'}": "row 0 has no 'ID'; it has problem",
        f"gsm8k={tmp_path / 'broken.jsonl'}": "row 0 cannot be read",
        f"gsm8k={tmp_path / 'none.jsonl'}": "no such file",
        f"spoken_mqa={tmp_path / 'empty'}": "named after a subset",
        f"spoken_mqa={tmp_path / 'none'}": "no such file",
        f"smp3m={tmp_path}": "no test split here",
    }
    for name, message in cases.items():
        with pytest.raises(UsageError, match=message):
            read_items([name])
    with pytest.raises(UsageError, match="no item"):
        read_items([])
    (tmp_path / "test.jsonl").write_text('{"question": "One plus six?", "answer": "#### 7"}\n')
    with pytest.raises(UsageError, match="two items 0"):
        read_items([f"gsm8k={tmp_path / 'test.jsonl'}"] * 2)
