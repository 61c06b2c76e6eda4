"""The store: immutable parts of tables, addressed by what they were made from.

    DIR/store/STORE.json                          format of the store
    DIR/store/lock                                held by the one build at work
    DIR/store/TABLE/KEY.parquet                   rows that passed
    DIR/store/TABLE/KEY.rejected.parquet          rows that were refused (only where there are any)
    DIR/store/TABLE/KEY.json                      the part's record: counts and content digests, written after the part
    DIR/store/journal/                            answers of models that were paid for
    DIR/store/attempts/STAGE.json                 rows that were asked for afresh (see `store.attempts`)
    DIR/store/memo/KEY.json                       small derived facts (how a file was cut, which rows are duplicates)

A part without a record does not exist. The store knows no stages and no Ray.
"""

import contextlib
import fcntl
import json
import os
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from pipeline.core.fingerprint import digest_bytes
from pipeline.errors import StoreError
from pipeline.store.atomic import fsync, sweep, write_atomic, write_json
from pipeline.store.pieces import PieceReader, PieceWriter, digest_file

LOCK_TRIES, LOCK_WAIT_S = 4, 0.1
STORE_FORMAT = 1
"""Raised whenever older parts can no longer be read; such a store is refused, never converted silently."""


@dataclass(frozen=True)
class PartRecord:
    """What is known of a finished part."""

    table: str
    key: str
    rows: int
    size: int
    """Bytes of the rows that passed."""
    digest: str
    """Digest of those bytes."""
    rejected: dict[str, int] = field(default_factory=dict)
    """Reason -> count."""
    rejected_digest: str = ""
    stats: dict[str, float] = field(default_factory=dict)
    """Sums a stage reports (seconds of audio, tokens, cost); no row depends on them."""
    pending: dict[str, int] = field(default_factory=dict)
    """Why -> rows that wait for another run. Such a part is provisional: it is made again, and then it is whole."""


Piece = tuple[pa.Table, pa.Table, Mapping[str, float]]
"""Rows, refused rows, and sums."""


class Store:
    """Parts and memos under one folder."""

    def __init__(self, out: Path) -> None:
        """Name the store of an output directory; touches nothing yet."""
        self.out = out
        self.root = out / "store"
        self.journal = self.root / "journal"

    @property
    def exists(self) -> bool:
        """Whether a build has been started here."""
        return (self.root / "STORE.json").exists()

    def open(self) -> None:
        """Create the store, or make sure that this version can read it.

        Raises:
            StoreError: another format, not a store, or the folder cannot be made.
        """
        marker = self.root / "STORE.json"
        try:
            if not marker.exists():
                self.root.mkdir(parents=True, exist_ok=True)
                write_json(marker, {"format": STORE_FORMAT})
            found = json.loads(marker.read_text(encoding="utf-8"))
            version = found["format"]
        except OSError as exc:
            raise StoreError(f"{self.out}: cannot be used for output: {exc.strerror}; give another --out") from exc
        except (ValueError, KeyError, TypeError) as exc:
            raise StoreError(f"{marker}: damaged; move {self.root} away to build anew") from exc
        if version != STORE_FORMAT:
            raise StoreError(
                f"{self.out}: store format {version}, this version reads {STORE_FORMAT}; "
                f"give another --out, or move {self.root} away to build anew"
            )

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Hold the store for one build; the lock dies with the process.

        Raises:
            StoreError: another build holds it.
        """
        descriptor = os.open(self.root / "lock", os.O_RDWR | os.O_CREAT, 0o644)
        try:
            try:
                _lock(descriptor)
            except BlockingIOError:
                holder = os.pread(descriptor, 32, 0).decode(errors="replace").strip()
                raise StoreError(
                    f"{self.out}: in use by another build or a push (last build: process {holder or '?'}); "
                    "wait for it, or give another --out"
                ) from None
            os.truncate(descriptor, 0)
            os.pwrite(descriptor, str(os.getpid()).encode(), 0)
            sweep(self.root)
            yield
        finally:
            os.close(descriptor)

    @property
    def busy(self) -> bool:
        """Whether a build holds the lock right now."""
        try:
            with self.shared():
                return False
        except StoreError:
            return True

    @contextmanager
    def shared(self) -> Iterator[None]:
        """Keep builds out while what they have published is read; any number of readers may.

        Raises:
            StoreError: a build holds the store.
        """
        try:
            descriptor = os.open(self.root / "lock", os.O_RDONLY)
        except FileNotFoundError:  # no build has begun here
            yield
            return
        try:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
            except BlockingIOError:
                raise StoreError(f"{self.out}: a build is at work here; wait for it") from None
            yield
        finally:
            os.close(descriptor)

    def find(self, table: str, key: str) -> PartRecord | None:
        """Return the record of a finished part, or None; a part that is gone or cut short is no part."""
        try:
            record = PartRecord(**json.loads((self.root / table / f"{key}.json").read_text(encoding="utf-8")))
        except (FileNotFoundError, ValueError, TypeError):
            return None  # no record, or a damaged one: the part is made again
        return record if self._whole(record) else None

    def write(
        self,
        table: str,
        key: str,
        rows: pa.Table,
        rejected: pa.Table,
        stats: Mapping[str, float] | None = None,
        pending: Mapping[str, int] | None = None,
    ) -> PartRecord:
        """Write a part, then its record. Equal input gives equal bytes.

        Raises:
            OSError: the disk is full or read-only; no part is left behind.
        """
        path = self._begun(table, key)
        digest, size = _write_parquet(path, rows)
        record = PartRecord(table, key, rows.num_rows, size, digest, pending=dict(pending or {}))
        return self._record(record, rejected, stats or {})

    def write_pieces(
        self, table: str, key: str, schema: pa.Schema, pieces: Iterable[Piece], empty_rejected: pa.Table
    ) -> PartRecord:
        """Write a part whose rows come bit by bit, without holding them; see `write`.

        Args:
            table: name of the table.
            key: address of the part.
            schema: of its rows.
            pieces: rows, refused rows and sums, in order.
            empty_rejected: a table of refused rows that has none.
        """
        path = self._begun(table, key)
        refused, sums = [empty_rejected], dict[str, float]()
        with PieceWriter(path, schema) as writer:
            for rows, rejected, stats in pieces:
                writer.add(rows)
                refused.append(rejected)
                for name, value in stats.items():
                    sums[name] = sums.get(name, 0.0) + value
        record = PartRecord(table, key, writer.rows, path.stat().st_size, digest_file(path))
        return self._record(record, pa.concat_tables(refused), sums)

    def _folder(self, table: str) -> Path:
        folder = self.root / table
        if not folder.exists():
            folder.mkdir(parents=True, exist_ok=True)
            fsync(self.root)
        return folder

    def _begun(self, table: str, key: str) -> Path:
        """Where the rows of a part go. A provisional part of that key must not pass for it if we die half-way."""
        folder = self._folder(table)
        (folder / f"{key}.json").unlink(missing_ok=True)
        return folder / f"{key}.parquet"

    def _record(self, record: PartRecord, rejected: pa.Table, stats: Mapping[str, float]) -> PartRecord:
        """Write the refused rows of a part whose rows are on disk, then its record."""
        folder, rejected_digest = self.root / record.table, ""
        if rejected.num_rows:
            rejected_digest, _ = _write_parquet(folder / f"{record.key}.rejected.parquet", rejected)
        whole = replace(
            record,
            rejected=_count(rejected.column("reason").to_pylist()),
            rejected_digest=rejected_digest,
            stats=dict(stats),
        )
        write_json(folder / f"{record.key}.json", asdict(whole))
        return whole

    def read(self, record: PartRecord, columns: list[str] | None = None) -> pa.Table:
        """Read the rows of a part.

        Raises:
            StoreError: its bytes are not those that were written; its record is dropped, so that the next build
                makes it again.
        """
        return self._read(record, self._part(record), record.digest, columns)

    def reader(self, record: PartRecord, columns: Sequence[str] | None = None) -> PieceReader:
        """Open the rows of a part to be read a few at a time.

        Raises:
            StoreError: as for `read`.
        """
        path = self._part(record)
        try:
            digest = digest_file(path)
        except FileNotFoundError:
            digest = ""
        if digest != record.digest:
            raise self._altered(record, path)
        return PieceReader(path, columns)

    def read_rejected(self, record: PartRecord) -> pa.Table | None:
        """Read the refused rows of a part, None where there are none.

        Raises:
            StoreError: as for `read`.
        """
        if not record.rejected_digest:
            return None
        path = self._part(record).with_suffix(".rejected.parquet")
        return self._read(record, path, record.rejected_digest, None)

    def memo(self, key: str) -> Any | None:  # noqa: ANN401 - JSON
        """Return a fact kept under this key, None if there is none."""
        try:
            return json.loads((self.root / "memo" / f"{key}.json").read_text(encoding="utf-8"))
        except (FileNotFoundError, ValueError):
            return None

    def keep_memo(self, key: str, value: object) -> None:
        """Keep a small JSON fact; the key must be a digest of all it depends on."""
        (self.root / "memo").mkdir(exist_ok=True)
        write_json(self.root / "memo" / f"{key}.json", value)

    def ids(self, record: PartRecord) -> list[str]:
        """The ids of a part's rows, unchecked: for finding things, not for making any."""
        ids: list[str] = pq.read_table(self._part(record), columns=["id"]).column("id").to_pylist()
        return ids

    def _read(self, record: PartRecord, path: Path, expected: str, columns: list[str] | None) -> pa.Table:
        try:
            data = path.read_bytes()
        except FileNotFoundError:
            data = b""
        if digest_bytes(data) != expected:
            raise self._altered(record, path)
        return pq.read_table(pa.BufferReader(data), columns=columns)

    def _altered(self, record: PartRecord, path: Path) -> StoreError:
        self._part(record).with_suffix(".json").unlink(missing_ok=True)
        return StoreError(f"{path}: altered since it was written; run the build again to make it anew")

    def _whole(self, record: PartRecord) -> bool:
        part = self._part(record)
        try:
            return part.stat().st_size == record.size and (
                not record.rejected_digest or part.with_suffix(".rejected.parquet").exists()
            )
        except FileNotFoundError:
            return False

    def _part(self, record: PartRecord) -> Path:
        return self.root / record.table / f"{record.key}.parquet"


def _lock(descriptor: int) -> None:
    """Take the lock; a `status` that looks at it holds it for a moment."""
    for _ in range(LOCK_TRIES - 1):
        with contextlib.suppress(BlockingIOError):
            return fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        time.sleep(LOCK_WAIT_S)
    return fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)


def _write_parquet(path: Path, table: pa.Table) -> tuple[str, int]:
    sink = pa.BufferOutputStream()
    pq.write_table(table, sink, compression="zstd")
    data = sink.getvalue().to_pybytes()
    write_atomic(path, lambda temp: _write_bytes(temp, data))
    return digest_bytes(data), len(data)


def _write_bytes(path: Path, data: bytes) -> None:
    path.write_bytes(data)


def _count(reasons: list[str]) -> dict[str, int]:
    return {reason: reasons.count(reason) for reason in sorted(set(reasons))}
