"""What every contestant answered to every item, kept durably: one JSON object a line, asked for once.

A record counts once its line is written and fsynced. A process that dies leaves at most one torn line, at the end,
which is cut off by the next one. Two evaluations in one folder: the second refuses.
"""

import fcntl
import json
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from pipeline.errors import StoreError

NAME = "records.jsonl"


class Records:
    """The records of a folder; a context manager that holds the folder for itself."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / NAME
        self._records: dict[str, Mapping[str, Any]] = {}
        self._descriptor = -1

    def __enter__(self) -> Self:
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            self._descriptor = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o644)
            try:
                fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise StoreError(
                    f"{self.path.parent}: another evaluation is at work here; wait, or give another --out"
                ) from None
            self._read()
        except OSError as exc:
            self._release()
            raise StoreError(f"{self.path}: cannot be used: {exc.strerror}") from exc
        except StoreError:
            self._release()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._release()

    def __len__(self) -> int:
        return len(self._records)

    def get(self, key: str) -> Mapping[str, Any] | None:
        """The record of a key; of two the later counts."""
        return self._records.get(key)

    def put(self, key: str, record: Mapping[str, Any]) -> None:
        """Keep a record; returns when it is durable.

        Raises:
            StoreError: it cannot be written.
        """
        line = json.dumps({"key": key, **record}, ensure_ascii=False, sort_keys=True).encode() + b"\n"
        try:
            end = os.fstat(self._descriptor).st_size
            if os.write(self._descriptor, line) != len(line):
                os.ftruncate(self._descriptor, end)
                raise StoreError(f"{self.path}: the disk is full: free some space and run again, records are kept")
            os.fsync(self._descriptor)
        except OSError as exc:
            raise StoreError(f"{self.path}: a record cannot be written ({exc.strerror}): run again") from exc
        self._records[key] = record

    def _read(self) -> None:
        data = self.path.read_bytes()
        whole = data.rfind(b"\n") + 1
        if whole < len(data):  # torn by a crash; what it held is asked for again
            os.ftruncate(self._descriptor, whole)
        for number, line in _lines(data[:whole]):
            try:
                record = json.loads(line)
                self._records[record.pop("key")] = record
            except (ValueError, KeyError, AttributeError) as exc:
                raise StoreError(f"{self.path}: line {number} is damaged ({exc}): remove that line") from exc

    def _release(self) -> None:
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1


def _lines(data: bytes) -> Iterator[tuple[int, bytes]]:
    for number, line in enumerate(data.split(b"\n"), start=1):
        if line.strip():
            yield number, line
