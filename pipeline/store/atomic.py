"""Write files so that a reader sees all or nothing, whatever is killed when.

In a folder: temp, fsync, rename, fsync the folder. In an object store: made on this machine's disk, then put, which the
store does wholly or not at all.
"""

import hashlib
import json
import os
import shutil
import tempfile
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from pipeline.store.place import Place

TEMP_MARK = ".tmp-"
"""Part of every temporary name, so that leftovers of a crash can be told and swept."""


@contextmanager
def drafting(place: Place) -> Iterator[Path]:
    """Yield a local file's name to write to; after the block what was written is in place, durably.

    Raises:
        OSError: no space, no permission; the temporary file is removed and `place` is as it was.
    """
    if not isinstance(place, Path):
        with tempfile.TemporaryDirectory(prefix="smp3m-") as folder:
            temp = Path(folder) / place.name
            yield temp
            place.fs.put_file(str(temp), place.path)
        return
    temp = place.with_name(f"{place.name}{TEMP_MARK}{uuid.uuid4().hex[:8]}")
    try:
        yield temp
        fsync(temp)
        temp.rename(place)
    except BaseException as exc:
        temp.unlink(missing_ok=True)
        if isinstance(exc, OSError) and exc.errno is not None and exc.filename is None:
            exc.filename = str(place)  # a full disk does not say of itself which one it is
        raise
    fsync(place.parent)


def write_atomic(place: Place, write: Callable[[Path], object]) -> None:
    """Let `write` fill a local file and put it in place durably; see `drafting`."""
    with drafting(place) as temp:
        write(temp)


def write_bytes(place: Place, data: bytes) -> None:
    """Write a file atomically."""
    if isinstance(place, Path):
        write_atomic(place, lambda temp: temp.write_bytes(data))
    else:
        place.fs.pipe_file(place.path, data)


def write_text(place: Place, text: str) -> None:
    """Write a text file atomically, as UTF-8."""
    write_bytes(place, text.encode())


def write_json(place: Place, value: object) -> None:
    """Write a JSON file atomically, sorted and indented, so that equal values give equal bytes."""
    write_text(place, json.dumps(value, ensure_ascii=False, indent=1, sort_keys=True) + "\n")


@contextmanager
def at_hand(place: Place) -> Iterator[Path]:
    """Yield a local file that holds what the place holds: itself, or a copy for the time of the block.

    Raises:
        FileNotFoundError: there is nothing.
    """
    if isinstance(place, Path):
        yield place
        return
    with tempfile.TemporaryDirectory(prefix="smp3m-") as folder:
        copy = Path(folder) / place.name
        place.fs.get_file(place.path, str(copy))
        yield copy


@contextmanager
def handed_over(place: Place) -> Iterator[Path]:
    """Yield a local file's name that somebody may write to, whole or not at all; if he has, it is in place after."""
    if isinstance(place, Path):
        yield place
        return
    with tempfile.TemporaryDirectory(prefix="smp3m-") as folder:
        local = Path(folder) / place.name
        yield local
        if local.exists():
            place.fs.put_file(str(local), place.path)


def sweep(folder: Place) -> None:
    """Remove what interrupted writers left behind; only while no other writer can be at work."""
    if isinstance(folder, Path):  # an object that was not put to its end is not there
        for leftover in folder.rglob(f"*{TEMP_MARK}*"):
            leftover.unlink(missing_ok=True)


def remove_folder(folder: Place) -> None:
    """Remove a folder and all that is in it, if it is there."""
    if isinstance(folder, Path):
        shutil.rmtree(folder, ignore_errors=True)
    elif folder.fs.exists(folder.path):
        folder.fs.rm(folder.path, recursive=True)


def files_digest(path: Path) -> str:
    """Digest of a file's bytes, or of a folder's files and their names inside it; where they lie does not count."""
    if path.is_file():
        with path.open("rb") as stream:
            return hashlib.file_digest(stream, "blake2b").hexdigest()[:32]
    inside = sorted(found for found in path.rglob("*") if found.is_file())
    listed = "".join(f"{file.relative_to(path)}\t{files_digest(file)}\n" for file in inside)
    return hashlib.blake2b(listed.encode(), digest_size=16).hexdigest()


def fsync(path: Path) -> None:
    """Wait until a file or folder is on disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
