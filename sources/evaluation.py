"""Questions of evaluation sets, from files in whatever form the set is published: jsonl, json or parquet.

The columns that hold the question are recognised by name; a SVAMP row (this one was written for this page) needs two:

    {"ID": "chal-1", "Body": "A jar holds 12 olives. Ada eats 5.", "Question": "How many are left?", "Answer": 7.0}

It does not know what the questions are compared with.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from pipeline.core.fingerprint import digest
from pipeline.errors import UsageError
from sources import files

COLUMNS: tuple[tuple[str, ...], ...] = (
    ("Body", "Question"),
    ("body", "question"),
    ("question_concat",),
    ("context_transcript",),
    ("question",),
    ("Question",),
    ("problem",),
    ("Problem",),
    ("sQuestion",),
    ("original_text",),
    ("query",),
    ("input",),
    ("instruction",),
    ("prompt",),
    ("text",),
)
"""Columns that hold a question, the first that a row has: SVAMP's two, Spoken-MQA's, GSM8K's, MATH's, MAWPS's
(AddSub, SingleOp, MultiArith), and what other sets call theirs."""


@dataclass(frozen=True, slots=True)
class EvaluationSet:
    """The questions of one evaluation set."""

    name: str
    path: Path
    digest: str
    """Of the bytes of its files."""
    questions: tuple[str, ...]
    """In the order of the files; an item's number is its index."""


def read_set(name: str, path: Path) -> EvaluationSet:
    """Read the questions of a file, or of all files in a folder and its folders, in the order of their paths in it.

    Raises:
        UsageError: nothing is there, it cannot be read, or no column is known to hold a question.
    """
    try:
        found = _files(path)
        read = digest([files.content_digest(file) for file in found])
        questions = [one for file in found for one in _questions(f"--decontaminate {name}={file}", file)]
    except OSError as exc:
        raise UsageError(
            f"--decontaminate {name}={exc.filename or path}: cannot be read: {exc.strerror or exc}"
        ) from exc
    if not any(questions):
        raise UsageError(f"--decontaminate {name}={path}: holds no items")
    return EvaluationSet(name, path, read, tuple(questions))


def _files(path: Path) -> list[Path]:
    """The files of a set that may have a folder for each of its parts; what is hidden is no part of it."""
    inner = (
        sorted(one for one in path.iterdir() if one.is_dir() and not one.name.startswith(".")) if path.is_dir() else []
    )
    if not inner:
        return list(files.data_files(path))
    direct = [one for one in path.iterdir() if one.is_file() and one.suffix.lower() in files.SUFFIXES]
    return [*(files.data_files(path) if direct else ()), *(file for one in inner for file in _files(one))]


def _questions(where: str, file: Path) -> Iterator[str]:
    columns: tuple[str, ...] | None = None
    for number, row in enumerate(_rows(where, file)):
        columns = columns or _columns(where, row)
        texts = [row.get(column) for column in columns]
        if not all(isinstance(text, str) for text in texts):
            raise UsageError(f"{where}: item {number} has no text in {' and '.join(columns)}: {texts!r}; mend the file")
        yield _joined([str(text).strip() for text in texts])


def _joined(texts: Iterable[str]) -> str:
    """One text: a body without a full stop gets one, or its last word would run into the question."""
    parts = [text for text in texts if text]
    ended = [part if part[-1] in ".!?,;:" else f"{part}." for part in parts[:-1]]
    return " ".join([*ended, *parts[-1:]])


def _rows(where: str, file: Path) -> Iterator[Mapping[str, object]]:
    if file.suffix.lower() == ".parquet":
        yield from _parquet_rows(where, file)
        return
    for row in files.read_path(file):
        if row.raw is None:
            raise UsageError(f"{where}: {row.error}; mend the file, an item that cannot be read cannot be compared")
        yield row.raw


def _parquet_rows(where: str, file: Path) -> Iterator[Mapping[str, object]]:
    """Only the columns with the question: an evaluation set of speech holds its audio beside."""
    try:
        with pq.ParquetFile(file) as table:
            wanted = _columns(where, dict.fromkeys(table.schema_arrow.names))
            for batch in table.iter_batches(columns=list(wanted)):
                yield from batch.to_pylist()
    except pa.ArrowException as exc:
        raise UsageError(f"{where}: not a readable parquet file: {str(exc).splitlines()[0]}") from exc


def _columns(where: str, row: Mapping[str, object]) -> tuple[str, ...]:
    for columns in COLUMNS:
        if all(column in row for column in columns):
            return columns
    known = ", ".join(" + ".join(columns) for columns in COLUMNS)
    there = ", ".join(map(str, row)) or "none"
    raise UsageError(f"{where}: which column holds the question? It has {there}; call one of them one of {known}")
