"""Append-only journal of paid answers: what was once durable is never asked for again.

It knows keys (32 hex digits, `core.fingerprint.digest`) and flat records, not prompts or models. A journal is a
directory; every writer appends to a file of its own in it, so that writers on one machine or many (NFS) never share a
file or a lock. One line an answer:

    <key, 32 hex> TAB <blake2b-64 of the JSON, 16 hex> TAB <JSON> LF

An answer counts once its line is written and fsynced; answers that arrive during one fsync share the next. A process
that dies leaves at most one torn line, at the end of its own file; it is named in `damage` and its answer asked again.
In an object store a write and its fsync are one put of a segment (see `store.segments`), and nothing is ever torn.
"""

import asyncio
import errno
import json
import logging
import re
from collections.abc import Iterator, Mapping
from hashlib import blake2b
from pathlib import Path
from types import TracebackType
from typing import NamedTuple, Self, cast

from pipeline.errors import StoreError
from pipeline.store.place import Place, store_errors, told
from pipeline.store.segments import files, written

SUFFIX = ".answers"

_LOG = logging.getLogger(__name__)

Record = Mapping[str, str | int]
"""One answer as it is stored: flat, so that it means the same to every reader."""

_KEY_BYTES = 16
_CHECK_BYTES = 8
_HEX = re.compile(rb"[0-9a-f]+")
_BODY_AT = 2 * _KEY_BYTES + 1 + 2 * _CHECK_BYTES + 1


# An index entry is one int, file number above byte offset: 3 million answers then cost 0.5 GB less than as tuples.
_OFFSET_BITS = 40
_OFFSET_MASK = (1 << _OFFSET_BITS) - 1


class _Pending(NamedTuple):
    key: str
    line: bytes
    written: asyncio.Future[None]


class Journal:
    """One process's view of a journal directory: reads everybody's answers, writes its own file.

    Use as an async context manager, or keep one for the life of a process, over any number of event loops, and `drain`
    it before each of them ends: the index is then built once. The directory is read at the first lookup, the file made
    at the first write. Answers that other processes write later are seen after `refresh`; of two for
    one key the later counts.
    """

    def __init__(self, directory: Place) -> None:
        self.directory = directory
        self.damage: list[str] = []
        """One line for each torn or damaged line met: file, byte offset, and what was done; logged as a warning too."""
        self._files: list[Path] = []
        self._numbers: dict[Path, int] = {}
        self._read: list[int] = []
        """Bytes of each file that the index knows."""
        self._index: dict[bytes, int] = {}
        self._stale = True
        self._own = written(directory, SUFFIX)
        self._pending: list[_Pending] = []
        self._flusher: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """Finish what is being written and release the file; the journal can be used again, with a new file."""
        await self.drain()
        self._own.close()

    async def drain(self) -> None:
        """Finish what is being written: enough before an event loop ends, where the journal outlives it."""
        while self._flusher is not None:
            await asyncio.shield(self._flusher)

    def refresh(self) -> None:
        """See, from the next lookup on, what other processes have written since; only that is read."""
        self._stale = True

    def get(self, key: str) -> Record | None:
        """The answer stored under `key`, or None."""
        index = self._load()
        place = index.get(bytes.fromhex(key))
        if place is None:
            return None
        path, offset = self._files[place >> _OFFSET_BITS], place & _OFFSET_MASK
        with path.open("rb") as file:
            file.seek(offset)
            line = file.readline()
        if not _intact(line):
            self._name(f"{path}: damaged line at byte {offset}; its answer will be asked for again")
            del index[bytes.fromhex(key)]
            return None
        return cast(Record, json.loads(line[_BODY_AT:]))

    def __len__(self) -> int:
        return len(self._load())

    async def put(self, key: str, answer: Record) -> None:
        """Store an answer; returns when it is durable.

        Raises:
            StoreError: it could not be written (disk full, directory gone); nothing is recorded under the key.
        """
        body = json.dumps(answer, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
        check = blake2b(body, digest_size=_CHECK_BYTES).hexdigest()
        line = f"{key}\t{check}\t".encode() + body + b"\n"
        self._load()  # here, so that the writing thread never touches the index
        written = asyncio.get_running_loop().create_future()
        self._pending.append(_Pending(key, line, written))
        if self._flusher is None:
            self._flusher = asyncio.create_task(self._flush())
        # Shielded: a cancelled row must not cancel the write of an answer that is already paid.
        await asyncio.shield(written)

    async def _flush(self) -> None:
        try:
            while self._pending:
                batch, self._pending = self._pending, []
                try:
                    path, offset = await asyncio.to_thread(self._append, b"".join(item.line for item in batch))
                except StoreError as exc:
                    for item in batch:
                        _settle(item.written, exc)
                    continue
                self._record(batch, path, offset)
        finally:
            self._flusher = None

    def _record(self, batch: list[_Pending], path: Path, offset: int) -> None:
        index = self._load()
        own = self._number(path)
        for item in batch:
            index[bytes.fromhex(item.key)] = own << _OFFSET_BITS | offset
            offset += len(item.line)
            _settle(item.written, None)
        self._read[own] = max(self._read[own], offset)

    def _append(self, data: bytes) -> tuple[Path, int]:
        """Write `data` durably; where it begins. Runs in a thread, one call at a time."""
        try:
            return self._own.append(data)
        except store_errors() as exc:
            full = isinstance(exc, OSError) and exc.errno == errno.ENOSPC
            hint = "free some space and run again" if full else "check the directory"
            said = getattr(exc, "strerror", None) or told(exc)
            raise StoreError(f"{self.directory}: an answer could not be stored ({said}): {hint}") from exc

    def _load(self) -> dict[bytes, int]:
        if self._stale:
            self._stale = False
            there = files(self.directory, SUFFIX)
            known = zip(self._files, self._read, strict=True)
            if not self._numbers.keys() <= set(there) or not all(_holds(path, size) for path, size in known):
                self._forget()
            for path in there:
                number = self._number(path)
                for key, offset in self._scan(number):
                    self._enter(key, number, offset)
        return self._index

    def _number(self, path: Path) -> int:
        if path not in self._numbers:
            self._numbers[path] = len(self._files)
            self._files.append(path)
            self._read.append(0)
        return self._numbers[path]

    def _enter(self, key: bytes, number: int, offset: int) -> None:
        known = self._index.get(key)
        # By name, so that of two answers under one key every process takes the same, whichever it came upon first.
        if known is None or self._files[known >> _OFFSET_BITS] <= self._files[number]:
            self._index[key] = number << _OFFSET_BITS | offset

    def _forget(self) -> None:
        """Begin anew: files that were read are gone."""
        self._own.close()
        self._files, self._numbers, self._read, self._index = [], {}, [], {}

    def _name(self, damage: str) -> None:
        if damage in self.damage:
            return
        self.damage.append(damage)
        _LOG.warning("%s", damage)

    def _scan(self, number: int) -> Iterator[tuple[bytes, int]]:
        """Keys and offsets of the lines of a file that are not read yet."""
        path, offset = self._files[number], self._read[number]
        with path.open("rb") as file:
            file.seek(offset)
            for line in file:
                if not line.endswith(b"\n"):
                    # Torn, or still being written: a later look begins with it.
                    self._name(f"{path}: torn last line at byte {offset}; its answer will be asked for again")
                    return
                if _shaped(line):
                    yield bytes.fromhex(line[: 2 * _KEY_BYTES].decode()), offset
                else:
                    self._name(f"{path}: damaged line at byte {offset}; its answer will be asked for again")
                offset += len(line)
                self._read[number] = offset


def _holds(path: Path, size: int) -> bool:
    try:
        return path.stat().st_size >= size
    except FileNotFoundError:
        return False


def records_from(path: Path, start: int) -> Iterator[tuple[dict[str, str | int], int]]:
    """The whole records of a journal's file from a byte offset on, each with the offset of its end."""
    with path.open("rb") as file:
        file.seek(start)
        for line in file:
            if not line.endswith(b"\n"):
                return  # still being written, or torn
            start += len(line)
            if _intact(line):
                yield json.loads(line[_BODY_AT:]), start


def _shaped(line: bytes) -> bool:
    """Whether a line has its three parts; its checksum is compared when it is read."""
    return (
        line.endswith(b"\n")
        and len(line) > _BODY_AT
        and line[2 * _KEY_BYTES] == line[_BODY_AT - 1] == ord("\t")
        and _HEX.fullmatch(line, 0, 2 * _KEY_BYTES) is not None
    )


def _intact(line: bytes) -> bool:
    body = line[_BODY_AT:-1]
    check = blake2b(body, digest_size=_CHECK_BYTES).hexdigest().encode()
    return _shaped(line) and line[2 * _KEY_BYTES + 1 : _BODY_AT - 1] == check


def _settle(future: asyncio.Future[None], error: StoreError | None) -> None:
    if future.done():
        return
    if error is None:
        future.set_result(None)
    else:
        future.set_exception(error)
