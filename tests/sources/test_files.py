"""Files and folders as raw rows: every format, broken lines, and one clear line for what cannot be read."""

import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.errors import UsageError
from sources import files
from sources.files import RawRow, content_digest, read_path

ROWS: list[dict[str, object]] = [{"question": f"What is {n} + 1? é\u2028", "answer": f"#### {n + 1}"} for n in range(5)]


def lines(rows: list[dict[str, object]]) -> str:
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)


def read(path: Path) -> list[RawRow]:
    return list(read_path(path))


def test_every_format_gives_the_same_rows(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text(lines(ROWS))
    (tmp_path / "b.json").write_text(json.dumps(ROWS, indent=1))
    (tmp_path / "lines.json").write_text(lines(ROWS))
    pq.write_table(pa.Table.from_pylist(ROWS), tmp_path / "c.parquet")
    expected = [RawRow(n, row, "", files.canonical_json(row)) for n, row in enumerate(ROWS)]
    for name in ("a.jsonl", "b.json", "lines.json", "c.parquet"):
        assert read(tmp_path / name) == expected, name


def test_a_broken_line_is_a_row_with_its_error_and_the_rest_is_read(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    good = json.dumps(ROWS[0]).encode()
    path.write_bytes(b"\xef\xbb\xbf" + good + b'\r\n\r\n{"question": "cut \xff\n[1, 2]\n{"q": "\\ud800"}\n' + good)
    found = read(path)
    assert [row.index for row in found] == [0, 1, 2, 3, 4]
    assert [row.raw is None for row in found] == [False, True, True, True, False]
    assert "line 3" in found[1].error
    assert "\\xff" in found[1].payload
    assert found[2].error == "a.jsonl line 4: a JSON object is expected, not list"
    assert "surrogate" in found[3].error
    for row in found:
        row.payload.encode()


def test_absurdly_nested_json_is_a_broken_line(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text("[" * 200_000 + "\n" + lines(ROWS[:1]))
    assert [row.raw is None for row in read(path)] == [True, False]


@given(
    rows=st.lists(st.dictionaries(st.text(), st.text() | st.integers() | st.lists(st.integers())), min_size=1),
    indent=st.sampled_from([None, 0, 3]),
    block=st.integers(1, 40),
)
def test_an_array_is_decoded_the_same_whatever_the_block_size(
    rows: list[dict[str, object]], indent: int | None, block: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.mktemp("array") / "a.json"
    path.write_text(json.dumps(rows, indent=indent))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(files, "READ_CHARS", block)
        assert [row.raw for row in read_path(path)] == rows


def test_a_cut_array_says_where(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_text(json.dumps(ROWS)[:-20])
    with pytest.raises(UsageError, match="element 5 of the JSON array is broken"):
        read(path)


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("missing.jsonl", None, "no such file or folder"),
        ("a.csv", b"question,answer\n", "unsupported extension '.csv'"),
        ("a.jsonl", b"", "holds no rows"),
        ("a.jsonl", b" \n\n", "holds no rows"),
        ("a.json", b"[]", "holds no rows"),
        ("a.parquet", b"not parquet", "not a readable parquet file"),
        ("a.parquet", b"", "not a readable parquet file"),
    ],
)
def test_what_cannot_be_read_is_one_clear_line(tmp_path: Path, name: str, content: bytes | None, message: str) -> None:
    path = tmp_path / name
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(UsageError, match=message) as caught:
        read(path)
    assert str(path) in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_folder_is_its_data_files_in_name_order(tmp_path: Path) -> None:
    (tmp_path / "b.jsonl").write_text(lines(ROWS[3:]))
    (tmp_path / "a.json").write_text(json.dumps(ROWS[:3]))
    (tmp_path / "LICENSE").write_text("free")
    assert [row.raw for row in read(tmp_path)] == ROWS
    assert [row.index for row in read(tmp_path)] == [0, 1, 2, 3, 4]


def test_a_folder_without_data_files_is_refused(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("none")
    with pytest.raises(UsageError, match=r"holds no \.jsonl"):
        read(tmp_path)


def test_the_digest_is_of_content_never_of_paths(tmp_path: Path) -> None:
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        (tmp_path / name / f"{name}.jsonl").write_text(lines(ROWS))
    one, two = tmp_path / "one", tmp_path / "two"
    assert content_digest(one) == content_digest(two)
    assert content_digest(one / "one.jsonl") == content_digest(two / "two.jsonl")
    (two / "two.jsonl").write_text(lines(ROWS[1:]))
    assert content_digest(one) != content_digest(two)
