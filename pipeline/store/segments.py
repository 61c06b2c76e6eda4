"""Files that only grow: where a journal's lines are written and read, in a folder or in an object store.

In a folder every writer appends to a file of its own. An object cannot be appended to: each write is an object of its
own there, a segment, which counts once its put has returned. Reading them one by one would take a request a line, so
every machine keeps copies in ~/.cache/smp3m/journal (XDG_CACHE_HOME), which it may lose: a segment never changes.
"""

import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Protocol
from uuid import uuid4

from upath import UPath

from pipeline.store.atomic import TEMP_MARK, write_bytes
from pipeline.store.place import Place, make_folder, sizes


class Written(Protocol):
    """One writer's lines."""

    def append(self, data: bytes) -> tuple[Path, int]:
        """Write lines durably; the local file that now holds them, and the offset they begin at.

        Raises:
            OSError: they could not be written; nothing of them counts.
        """
        ...

    def close(self) -> None:
        """Release what is held; the next lines go to a file of a new name."""
        ...


def written(folder: Place, suffix: str) -> Written:
    """A writer of a folder; nothing is made before the first lines."""
    return _Appended(folder, suffix) if isinstance(folder, Path) else _Put(folder, suffix)


def files(folder: Place, suffix: str) -> list[Path]:
    """The local files of all that is written in a folder, in order of name; fetches what is not here yet."""
    if isinstance(folder, Path):
        return sorted(folder.glob(f"*{suffix}"))
    there = {name: size for name, size in sizes(folder).items() if name.endswith(suffix)}
    copies = _copies(folder)
    here = sizes(copies)
    missing = [name for name, size in there.items() if here.get(name) != size]
    if missing:
        copies.mkdir(parents=True, exist_ok=True)
        for name, data in folder.fs.cat([f"{folder.path}/{name}" for name in missing]).items():
            _keep(copies / name.rpartition("/")[2], data)
    return [copies / name for name in there]


class _Appended:
    """A file in a folder."""

    def __init__(self, folder: Path, suffix: str) -> None:
        self._folder = folder
        self._suffix = suffix
        self._path = folder
        self._descriptor = -1
        self._size = 0

    def append(self, data: bytes) -> tuple[Path, int]:
        with self._closed_on_failure():
            if self._descriptor < 0:
                self._open()
            start = self._size
            view = memoryview(data)
            while view:
                view = view[os.write(self._descriptor, view) :]
            os.fsync(self._descriptor)
        self._size = start + len(data)
        return self._path, start

    def close(self) -> None:
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1

    def _open(self) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)
        self._path = self._folder / f"{uuid4().hex}{self._suffix}"
        self._descriptor = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND, 0o644)
        self._size = 0
        directory = os.open(self._folder, os.O_RDONLY)
        try:
            os.fsync(directory)
        finally:
            os.close(directory)

    @contextmanager
    def _closed_on_failure(self) -> Iterator[None]:
        """Leave a file whose last write failed; its torn end is cut off so that nothing is named as damage."""
        try:
            yield
        except OSError:
            if self._descriptor >= 0:
                with suppress(OSError):  # a torn end that stays is named by whoever reads it
                    os.ftruncate(self._descriptor, self._size)
            self.close()
            raise


class _Put:
    """Segments in an object store, with a copy of each on this machine."""

    def __init__(self, folder: UPath, suffix: str) -> None:
        self._folder = folder
        self._suffix = suffix
        self._copies = _copies(folder)
        self.close()

    def append(self, data: bytes) -> tuple[Path, int]:
        name = f"{self._name}-{self._count:06}{self._suffix}"
        self._count += 1
        write_bytes(self._folder / name, data)
        make_folder(self._copies)
        _keep(self._copies / name, data)
        return self._copies / name, 0

    def close(self) -> None:
        self._name, self._count = uuid4().hex, 0


def _copies(folder: UPath) -> Path:
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    address = f"{folder.storage_options.get('endpoint_url', '')} {folder}"
    return cache / "smp3m" / "journal" / hashlib.blake2b(address.encode(), digest_size=16).hexdigest()


def _keep(path: Path, data: bytes) -> None:
    """Keep a copy; not durably, but whole."""
    temp = path.with_name(f"{path.name}{TEMP_MARK}{uuid4().hex[:8]}")
    temp.write_bytes(data)
    temp.rename(path)
