"""Write files so that a reader sees all or nothing, whatever is killed when: temp, fsync, rename, fsync the folder."""

import hashlib
import json
import os
import uuid
from collections.abc import Callable
from pathlib import Path

TEMP_MARK = ".tmp-"
"""Part of every temporary name, so that leftovers of a crash can be told and swept."""


def write_atomic(path: Path, write: Callable[[Path], None]) -> None:
    """Let `write` fill a temporary file beside `path`, then put it in place durably.

    Raises:
        OSError: no space, no permission; the temporary file is removed and `path` is as it was.
    """
    temp = path.with_name(f"{path.name}{TEMP_MARK}{uuid.uuid4().hex[:8]}")
    try:
        write(temp)
        fsync(temp)
        temp.rename(path)
    except BaseException:
        temp.unlink(missing_ok=True)
        raise
    fsync(path.parent)


def write_text(path: Path, text: str) -> None:
    """Write a text file atomically, as UTF-8."""
    write_atomic(path, lambda temp: _write_all(temp, text))


def write_json(path: Path, value: object) -> None:
    """Write a JSON file atomically, sorted and indented, so that equal values give equal bytes."""
    write_text(path, json.dumps(value, ensure_ascii=False, indent=1, sort_keys=True) + "\n")


def sweep(folder: Path) -> None:
    """Remove what interrupted writers left behind; only while no other writer can be at work."""
    for leftover in folder.rglob(f"*{TEMP_MARK}*"):
        leftover.unlink(missing_ok=True)


def files_digest(path: Path) -> str:
    """Digest of a file's bytes, or of a folder's files and their names inside it; where they lie does not count."""
    if path.is_file():
        with path.open("rb") as stream:
            return hashlib.file_digest(stream, "blake2b").hexdigest()[:32]
    inside = sorted(found for found in path.rglob("*") if found.is_file())
    listed = "".join(f"{file.relative_to(path)}\t{files_digest(file)}\n" for file in inside)
    return hashlib.blake2b(listed.encode(), digest_size=16).hexdigest()


def _write_all(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8")


def fsync(path: Path) -> None:
    """Wait until a file or folder is on disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
