import errno
import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pipeline.errors import UsageError
from sources.evaluation import read_set

QUESTION = "Ada has 3 pears. How many has she?"


def lines(path: Path, *rows: object) -> Path:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


@pytest.mark.parametrize(
    "row",
    [
        {"question": QUESTION, "answer": "3"},
        {"problem": QUESTION, "solution": "3", "level": 1},
        {"Body": "Ada has 3 pears", "Question": "How many has she?", "Answer": 3.0},
        {"iIndex": 7, "sQuestion": f" {QUESTION} ", "lSolutions": [3]},
        {"input": QUESTION, "output": "3"},
        {"context": "1.wav", "context_transcript": QUESTION, "instruction": {"text": "Answer.", "audio": None}},
        {"id": 1, "Question": QUESTION},
    ],
)
def test_the_question_is_found_by_its_columns(tmp_path: Path, row: dict[str, object]) -> None:
    assert read_set("x", lines(tmp_path / "items.jsonl", row)).questions == (QUESTION,)


def test_json_parquet_and_folders_are_read_and_the_path_is_no_part_of_the_digest(tmp_path: Path) -> None:
    array = tmp_path / "items.json"
    array.write_text(json.dumps([{"question": "1?"}, {"question": "2?"}]))
    pq.write_table(pa.table({"problem": ["3?"], "audio": [b"\0\1"]}), tmp_path / "more.parquet")
    whole = read_set("x", tmp_path)
    assert whole.questions == ("1?", "2?", "3?")
    copy = tmp_path / "copy" / "renamed.json"
    copy.parent.mkdir()
    copy.write_bytes(array.read_bytes())
    assert read_set("x", copy).digest == read_set("x", array).digest != whole.digest


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ('{"stem": "1?", "key": 1}\n', "which column holds the question? It has stem, key; call one of them"),
        ('{"question": "1?"}\n{"question": 2}\n', "item 1 has no text in question: [2]"),
        ('{"question": "1?"}\n{"quest\n', "line 2"),
        ("", "holds no rows"),
        ('{"question": " "}\n', "holds no items"),
    ],
)
def test_what_cannot_be_compared_is_refused_with_its_place(tmp_path: Path, content: str, says: str) -> None:
    path = tmp_path / "items.jsonl"
    path.write_text(content)
    with pytest.raises(UsageError) as error:
        read_set("x", path)
    assert says in str(error.value)


def test_folders_in_a_folder_are_its_parts(tmp_path: Path) -> None:
    for place in ("b", "a/y", "a/x"):
        (tmp_path / place).mkdir(parents=True)
        lines(tmp_path / place / "test.jsonl", {"question": f"{place}?"})
    lines(tmp_path / "own.jsonl", {"question": "own?"})
    assert read_set("x", tmp_path).questions == ("own?", "a/x?", "a/y?", "b?")
    (tmp_path / "empty").mkdir()
    with pytest.raises(UsageError, match="empty: the folder holds no"):
        read_set("x", tmp_path)


def test_hidden_folders_are_no_parts(tmp_path: Path) -> None:
    (tmp_path / ".git" / "hooks").mkdir(parents=True)
    lines(tmp_path / "test.jsonl", {"question": "1?"})
    assert read_set("x", tmp_path).questions == ("1?",)


@pytest.mark.parametrize("name", ["items.jsonl", "items.parquet"])
def test_a_file_that_may_not_be_read_is_told(tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    lines(tmp_path / name, {"question": "1?"})

    def refused(path: Path, *_: object, **__: object) -> None:
        raise PermissionError(errno.EACCES, "Permission denied", str(path))

    monkeypatch.setattr(Path, "open", refused)
    with pytest.raises(UsageError, match=rf"x=.*{name}: cannot be read: Permission denied"):
        read_set("x", tmp_path)


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no such file"):
        read_set("x", tmp_path / "nowhere.json")
