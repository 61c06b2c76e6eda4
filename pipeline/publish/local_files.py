"""The files of a data set folder and their digests, each computed once: DIR/push.jsonl keeps them between pushes.

The journal has one JSON line a file, appended and fsynced when the file has been read. A line counts while size and
modification time of the file are those it names, so that a push that is killed never reads a finished file's digests
again; a torn last line is passed over.
"""

import hashlib
import json
import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from pipeline.store.atomic import TEMP_MARK

JOURNAL = "push.jsonl"
_BLOCK_BYTES = 1 << 20


@dataclass(frozen=True)
class LocalFile:
    """One file that goes to the Hub as it is."""

    name: str
    """Path in the repository."""
    path: Path
    size: int
    sha256: str
    """How large files are addressed there (LFS)."""
    blob_id: str
    """How small files are addressed there (git)."""


@dataclass(frozen=True)
class _Line:
    name: str
    size: int
    mtime_ns: int
    sha256: str
    blob_id: str


def listed(folder: Path) -> list[Path]:
    """Every file of a data set folder in name order, but for hidden and half-written ones."""
    return sorted(
        path
        for path in folder.rglob("*")
        if path.is_file()
        and TEMP_MARK not in path.name
        and not any(part.startswith(".") for part in path.relative_to(folder).parts)
    )


def digested(folder: Path, paths: Sequence[Path], journal: Path, read: Callable[[int], None]) -> list[LocalFile]:
    """Give every file its digests, from the journal where it knows them.

    Args:
        folder: what the names are relative to.
        paths: files in it.
        journal: where digests are kept; made if it is not there.
        read: is told of bytes done.

    Raises:
        OSError: a file cannot be read, or the journal not be written.
    """
    known = {line.name: line for line in _lines(journal)}
    files = []
    for path in paths:
        name = path.relative_to(folder).as_posix()
        stat = path.stat()
        line = known.get(name)
        if line is None or (line.size, line.mtime_ns) != (stat.st_size, stat.st_mtime_ns):
            line = _Line(name, stat.st_size, stat.st_mtime_ns, *_digests(path, stat.st_size))
            _append(journal, line)
        read(line.size)
        files.append(LocalFile(name, path, line.size, line.sha256, line.blob_id))
    return files


def _digests(path: Path, size: int) -> tuple[str, str]:
    sha256 = hashlib.sha256()
    blob = hashlib.sha1(b"blob %d\0" % size, usedforsecurity=False)
    with path.open("rb") as stream:
        while block := stream.read(_BLOCK_BYTES):
            sha256.update(block)
            blob.update(block)
    return sha256.hexdigest(), blob.hexdigest()


def _lines(journal: Path) -> Iterator[_Line]:
    if not journal.exists():
        return
    for text in journal.read_text(encoding="utf-8").splitlines():
        try:
            yield _Line(**json.loads(text))
        except (ValueError, TypeError):
            continue  # torn by a crash: its file is read again


def _append(journal: Path, line: _Line) -> None:
    """Add a line durably; what a crash tore before it is ended first."""
    with journal.open("ab+") as stream:
        if stream.tell():
            stream.seek(-1, os.SEEK_END)
            if stream.read(1) != b"\n":
                stream.write(b"\n")
        stream.write(json.dumps(asdict(line)).encode() + b"\n")
        stream.flush()
        os.fsync(stream.fileno())
