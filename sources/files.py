"""Raw rows from a local file or folder: jsonl, a json array, or parquet, read as a stream.

A broken line of a jsonl file is a row of its own that carries the error, so that the rest of the file is still read.
It does not know which fields a source expects.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from pipeline.errors import UsageError

SUFFIXES = (".jsonl", ".json", ".parquet")
PARQUET_BATCH_ROWS = 1024
READ_CHARS = 1 << 20
MAX_ELEMENT_CHARS = 1 << 26
"""A json array whose next element is longer than this is taken as broken rather than read whole."""


@dataclass(frozen=True, slots=True)
class RawRow:
    """One row as collected; `raw` is None when it could not be decoded."""

    index: int
    """0-based number of the row in its source, broken rows counted, blank lines not."""
    raw: Mapping[str, object] | None
    error: str
    """Why `raw` is None, with the line number; "" otherwise."""
    payload: str
    """Canonical JSON, the same whichever file format the row came in; a line that is no JSON as it stands,
    with bytes that are not UTF-8 escaped."""


def canonical_json(raw: object) -> str:
    """Compact JSON with sorted keys, the same for equal rows of every file format."""
    return json.dumps(raw, sort_keys=True, ensure_ascii=False, separators=(",", ":"), default=str)


def data_files(path: Path) -> tuple[Path, ...]:
    """The file itself, or a folder's data files in sorted name order."""
    if not path.exists():
        raise UsageError(f"{path}: no such file or folder")
    if path.is_dir():
        files = tuple(
            sorted(
                p for p in path.iterdir() if p.is_file() and p.suffix.lower() in SUFFIXES and not p.name.startswith(".")
            )
        )
        if not files:
            raise UsageError(f"{path}: the folder holds no {', '.join(SUFFIXES)} file")
        return files
    if path.suffix.lower() not in SUFFIXES:
        raise UsageError(f"{path}: unsupported extension {path.suffix!r}: give one of {', '.join(SUFFIXES)}")
    return (path,)


def content_digest(path: Path) -> str:
    """Digest of the bytes of a file, or of the digests of a folder's data files in sorted name order."""
    digests = [_file_digest(file) for file in data_files(path)]
    return digests[0] if path.is_file() else blake2b("".join(digests).encode(), digest_size=16).hexdigest()


def _file_digest(file: Path) -> str:
    digest = blake2b(digest_size=16)
    with file.open("rb") as stream:
        while block := stream.read(READ_CHARS):
            digest.update(block)
    return digest.hexdigest()


def read_path(path: Path) -> Iterator[RawRow]:
    """Every row of a file or folder in order; UsageError when there is none or the format is wrong."""
    index = 0
    for file in data_files(path):
        try:
            for raw, error, payload in _read_file(file):
                yield RawRow(index, raw, f"{file.name} {error}" if error else "", payload)
                index += 1
        except OSError as exc:
            raise UsageError(f"{file}: cannot be read: {exc.strerror or exc}") from exc
    if index == 0:
        raise UsageError(f"{path}: holds no rows")


_SEPARATORS = frozenset(" \t\r\n,")
_Decoded = tuple[Mapping[str, object] | None, str, str]


def _read_file(file: Path) -> Iterator[_Decoded]:
    if file.suffix.lower() == ".parquet":
        return _read_parquet(file)
    if file.suffix.lower() == ".json" and _first_character(file) == "[":
        return _read_array(file)
    return _read_lines(file)


def _read_parquet(file: Path) -> Iterator[_Decoded]:
    try:
        with pq.ParquetFile(file) as table:
            for batch in table.iter_batches(batch_size=PARQUET_BATCH_ROWS):
                for raw in batch.to_pylist():
                    yield raw, "", canonical_json(raw)
    except pa.ArrowException as exc:
        raise UsageError(f"{file}: not a readable parquet file: {str(exc).splitlines()[0]}") from exc


def _first_character(file: Path) -> str:
    with file.open(encoding="utf-8-sig", errors="replace") as stream:
        while text := stream.read(READ_CHARS):
            if stripped := text.lstrip():
                return stripped[0]
    return ""


def _read_lines(file: Path) -> Iterator[_Decoded]:
    with file.open("rb") as stream:
        for number, line in enumerate(stream, start=1):
            body = line.removeprefix(b"\xef\xbb\xbf") if number == 1 else line
            if body.strip():
                yield _decode_line(body.strip(), number)


def _decode_line(line: bytes, number: int) -> _Decoded:
    try:
        return _object(json.loads(line), f"line {number}")
    except (ValueError, RecursionError) as exc:
        return None, f"line {number}: {exc}", line.decode("utf-8", "backslashreplace")


def _read_array(file: Path) -> Iterator[_Decoded]:
    """Elements of one JSON array, decoded one by one so that memory does not grow with the file."""
    decoder = json.JSONDecoder()
    with file.open(encoding="utf-8-sig", errors="replace") as stream:
        text, number = stream.read(READ_CHARS), 0
        position = text.index("[") + 1
        while True:
            while text[position : position + 1] in _SEPARATORS:
                position += 1
            if text.startswith("]", position):
                return
            try:
                raw, position = decoder.raw_decode(text, position)
            except (ValueError, RecursionError) as exc:
                text, position = text[position:], 0
                more = stream.read(max(READ_CHARS, len(text)))
                if not more or len(text) > MAX_ELEMENT_CHARS:
                    raise UsageError(f"{file}: element {number + 1} of the JSON array is broken: {exc}") from exc
                text += more
                continue
            number += 1
            yield _object(raw, f"element {number}")


def _object(raw: object, place: str) -> _Decoded:
    payload = canonical_json(raw)
    try:
        payload.encode()
    except UnicodeEncodeError:
        # A lone surrogate ("\ud800") is valid JSON but no text: it cannot be stored as UTF-8.
        return None, f"{place}: an unpaired surrogate is no character", json.dumps(raw, sort_keys=True)
    if isinstance(raw, dict):
        return raw, "", payload
    return None, f"{place}: a JSON object is expected, not {type(raw).__name__}", payload
