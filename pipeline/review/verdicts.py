"""Verdicts, kept for good: every writer appends to a file of its own, and DIR/review.parquet is what they come to.

    DIR/store/review/WRITER.jsonl   one fsynced line a verdict, never altered; two reviewers never share a file
    DIR/review.parquet              all verdicts of all writers, put in place as a whole after each

A Parquet file cannot be appended to, and a killed process must lose nothing that it said was stored: the line is the
verdict, the Parquet file is made from all lines and from what it held itself, so that either can be lost or copied
from elsewhere. A torn last line (a power cut in mid-write) was never said to be stored.
"""

import fcntl
import json
import os
from collections.abc import Callable, Iterable
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import pyarrow as pa
import pyarrow.parquet as pq

from pipeline.errors import ContractError, StoreError
from pipeline.store.atomic import fsync, write_atomic
from pipeline.store.place import AnyPlace, Place, ending, open_input, read_bytes
from schemas.review import ReviewTable
from schemas.rows import Review
from schemas.table import arrow_schema, to_table, violations

SUFFIX = ".jsonl"
REASONS = {
    "audio": "hard to understand or unpleasant",
    "question": "says another question than the written one",
    "reasoning": "wrong, or does not lead to the answer",
    "response": "wrong, or not what one would say",
    "drift": "says something before it is reasoned",
    "other": "see the note",
}
"""What can be bad about a row, in the order of the keys 1 to 6."""


def now() -> str:
    """The time as the table writes it."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def parquet_of(out: AnyPlace) -> AnyPlace:
    """Where the contract puts the verdicts of a build."""
    return out / "review.parquet"


class VerdictLog:
    """One reviewer's session: appends verdicts durably. Not for two threads at once."""

    def __init__(self, out: Path, clock: Callable[[], str] = now) -> None:
        """Name the log of an output directory; a file is made at the first verdict."""
        self.out = out
        self._folder = _folder(out)
        self._clock = clock
        self._path = self._folder / f"{uuid4().hex}{SUFFIX}"

    def add(self, *, row_id: str, content: str, verdict: str, reviewer: str, **more: str) -> Review:
        """Store a verdict; when this returns it is in the line and in the Parquet file.

        Args:
            row_id: the row.
            content: digest of what was heard and read (`quarantine.content_of`).
            verdict: "good", "bad" or "withdrawn".
            reviewer: who says so.
            more: reason, note, chosen and pool of `schemas.review`.

        Raises:
            StoreError: it could not be written (disk full, directory gone); says whether its line was.
            ContractError: it is no verdict, or what lies at DIR/review.parquet is no file of verdicts.
        """
        said = {"reason": "", "note": "", "chosen": "named", "pool": "", **more}
        review = Review(id=row_id, content=content, verdict=verdict, reviewer=reviewer, time=self._clock(), **said)
        _require_valid([review], "verdict")
        line = json.dumps(asdict(review), ensure_ascii=False, sort_keys=True).encode() + b"\n"
        try:
            self._append(line)
        except OSError as exc:
            raise StoreError(f"{self._path}: the verdict could not be stored ({exc.strerror}); give it again") from exc
        try:
            consolidate(self.out)
        except OSError as exc:
            kept = f"the verdict is kept in {self._path.name}, but {parquet_of(self.out)} could not be written"
            raise StoreError(f"{kept} ({exc.strerror}); the next verdict or --apply writes it") from exc
        return review

    def _append(self, line: bytes) -> None:
        is_new = not self._path.exists()
        self._folder.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
        try:
            before = os.fstat(descriptor).st_size
            try:
                view = memoryview(line)
                while view:
                    view = view[os.write(descriptor, view) :]
                os.fsync(descriptor)
            except OSError:
                os.ftruncate(descriptor, before)
                raise
        finally:
            os.close(descriptor)
        if is_new:
            fsync(self._folder)


def verdicts(out: Place) -> list[Review]:
    """All verdicts of a build by time, from the lines and from the Parquet file.

    Raises:
        ContractError: the Parquet file is not of this table.
        StoreError: a line that was stored has been damaged since.
    """
    found = {*_published(parquet_of(out))}
    for path in ending(_folder(out), SUFFIX):
        found.update(_lines(path))
    return sorted(found, key=lambda review: (review.time, review.reviewer, review.id))


def consolidate(out: Path) -> list[Review]:
    """Put all verdicts into DIR/review.parquet; of two at once the second waits.

    Raises:
        ContractError: as for `verdicts`.
        OSError: the disk is full or read-only; the file that lies there is left.
    """
    _folder(out).mkdir(parents=True, exist_ok=True)
    descriptor = os.open(_folder(out) / "lock", os.O_RDWR | os.O_CREAT, 0o644)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        found = verdicts(out)
        table = to_table(ReviewTable, found)
        write_atomic(parquet_of(out), lambda temp: pq.write_table(table, temp, compression="zstd"))
        return found
    finally:
        os.close(descriptor)


def current(found: Iterable[Review]) -> list[Review]:
    """The last word of each reviewer on each row as it was, withdrawn ones left out; `found` is in order of time."""
    last = {(review.id, review.content, review.reviewer): review for review in found}
    return [review for review in last.values() if review.verdict != "withdrawn"]


def _folder(out: AnyPlace) -> AnyPlace:
    return out / "store" / "review"


def _published(path: Place) -> list[Review]:
    try:
        table = pq.read_table(open_input(path))
    except FileNotFoundError:
        return []
    except (pa.ArrowInvalid, OSError) as exc:
        raise ContractError(f"{path}: not a readable parquet file; move it away") from exc
    schema = arrow_schema(ReviewTable)
    if set(table.column_names) != set(schema.names):
        raise ContractError(f"{path}: has columns {', '.join(table.column_names)}; move it away")
    return [Review(**row) for row in table.to_pylist()]


def _lines(path: Place) -> list[Review]:
    found: list[Review] = []
    for number, line in enumerate(read_bytes(path).splitlines(keepends=True), 1):
        if not line.endswith(b"\n"):
            break  # torn in mid-write: nobody was told that it is stored
        try:
            fields: dict[str, Any] = json.loads(line)
            found.append(Review(**fields))
        except (ValueError, TypeError) as exc:
            raise StoreError(f"{path}: line {number} is damaged; mend or remove it") from exc
    return found


def _require_valid(found: list[Review], what: str) -> None:
    broken = violations(ReviewTable, to_table(ReviewTable, found))
    if broken:
        raise ContractError(f"{what}: {broken[0].detail}")
