"""The store: immutable parts of tables, addressed by what they were made from.

    DIR/store/STORE.json                          format of the store
    DIR/store/lock                                held by the one build at work
    DIR/store/TABLE/KEY.parquet                   rows that passed
    DIR/store/TABLE/KEY.rejected.parquet          rows that were refused (only where there are any)
    DIR/store/TABLE/KEY.json                      the part's record: counts and content digests, written after the part
    DIR/store/journal/                            answers of models that were paid for
    DIR/store/attempts/STAGE.json                 rows that were asked for afresh (see `store.attempts`)
    DIR/store/memo/KEY.json                       small derived facts (how a file was cut, which rows are duplicates)

A part without a record does not exist. DIR is a folder or a prefix of an object store (`store.place`), where `lock` is
a `lease/`. The store knows no stages and no Ray.
"""

import json
import logging
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from pipeline.core.fingerprint import digest_bytes
from pipeline.errors import StoreError
from pipeline.store.atomic import at_hand, fsync, sweep, write_bytes, write_json
from pipeline.store.lease import Lease
from pipeline.store.lock import FileLock, Hold, Lock
from pipeline.store.pieces import PieceReader, fetched, writing
from pipeline.store.place import (
    Place,
    make_folder,
    read_bytes,
    read_text,
    read_texts,
    remove,
    sizes,
    store_errors,
    told,
)

_LOG = logging.getLogger(__name__)
STORE_FORMAT = 1
"""Raised whenever older parts can no longer be read; such a store is refused, never converted silently."""


ASKED_BY_ITSELF = 4
"""Up to so many parts of an object store are looked for one by one, which takes three requests each."""


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

    def __init__(self, out: Place) -> None:
        """Name the store of an output directory; touches nothing yet."""
        self.out = out
        self.root = out / "store"
        self.journal = self.root / "journal"
        self._lock = _lock(self.root, str(out))

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
                make_folder(self.root)
                write_json(marker, {"format": STORE_FORMAT})
            found = json.loads(read_text(marker))
            version = found["format"]
        except store_errors() as exc:
            said = getattr(exc, "strerror", None) or told(exc)
            raise StoreError(f"{self.out}: cannot be used for output: {said}; give another --out") from exc
        except (ValueError, KeyError, TypeError) as exc:
            raise StoreError(f"{marker}: damaged; move {self.root} away to build anew") from exc
        if version != STORE_FORMAT:
            raise StoreError(
                f"{self.out}: store format {version}, this version reads {STORE_FORMAT}; "
                f"give another --out, or move {self.root} away to build anew"
            )

    @contextmanager
    def locked(self) -> Iterator[Hold]:
        """Hold the store for one build; the lock dies with the process.

        Raises:
            StoreError: another build holds it.
        """
        with self._lock.held() as hold:
            sweep(self.root)
            yield hold

    @property
    def busy(self) -> bool:
        """Whether a build holds the lock right now."""
        return self._lock.busy

    @contextmanager
    def shared(self) -> Iterator[None]:
        """Keep builds out while what they have published is read.

        Raises:
            StoreError: a build holds the store.
        """
        with self._lock.shared():
            yield

    def find(self, table: str, key: str) -> PartRecord | None:
        """Return the record of a finished part, or None; a part that is gone or cut short is no part."""
        return self.find_all(table, [key]).get(key)

    def find_all(self, table: str, keys: Sequence[str]) -> dict[str, PartRecord]:
        """Key -> record of those of a table's parts that are finished; see `find`."""
        folder = self.root / table
        # One listing for many keys: it grows with the table, and a folder answers each question by itself fast enough.
        listed = None if isinstance(folder, Path) or len(keys) <= ASKED_BY_ITSELF else sizes(folder)
        texts = read_texts(folder, [f"{key}.json" for key in keys if listed is None or f"{key}.json" in listed])
        found: dict[str, PartRecord] = {}
        for key in keys:
            text = texts.get(f"{key}.json")
            record = None if text is None else self._recorded(folder / f"{key}.json", text)
            if record is not None and self._whole(record, listed):
                found[key] = record
        return found

    def _recorded(self, path: Place, text: str) -> PartRecord | None:
        try:
            return PartRecord(**json.loads(text))
        except (ValueError, TypeError):
            _LOG.warning("%s: damaged; its part is made anew", path)
            return None

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
        with writing(path, schema) as writer:
            for rows, rejected, stats in pieces:
                writer.add(rows)
                refused.append(rejected)
                for name, value in stats.items():
                    sums[name] = sums.get(name, 0.0) + value
        record = PartRecord(table, key, writer.rows, writer.size, writer.digest)
        return self._record(record, pa.concat_tables(refused), sums)

    def _folder(self, table: str) -> Place:
        folder = self.root / table
        if isinstance(folder, Path) and not folder.exists():
            folder.mkdir(parents=True, exist_ok=True)
            fsync(folder.parent)
        return folder

    def _begun(self, table: str, key: str) -> Place:
        """Where the rows of a part go. A provisional part of that key must not pass for it if we die half-way."""
        folder = self._folder(table)
        remove(folder / f"{key}.json")
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
            source, digest = fetched(path)
        except FileNotFoundError:
            raise self._altered(record, path) from None
        if digest != record.digest:
            raise self._altered(record, path)
        return PieceReader(source, columns)

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
        """Return a fact kept under this key, None if there is none; a damaged one is named, and is none."""
        path = self.root / "memo" / f"{key}.json"
        try:
            kept = json.loads(read_text(path))
            fact, digest = kept["fact"], kept["digest"]
        except FileNotFoundError:
            return None
        except (ValueError, KeyError, TypeError):
            fact, digest = None, ""
        if digest == digest_bytes(_line(fact)):
            return fact
        _LOG.warning("%s: damaged; found out anew", path)
        return None

    def keep_memo(self, key: str, value: object) -> None:
        """Keep a small JSON fact; the key must be a digest of all it depends on."""
        make_folder(self.root / "memo")
        fact = json.loads(json.dumps(value))  # as it will be read
        write_json(self.root / "memo" / f"{key}.json", {"digest": digest_bytes(_line(fact)), "fact": fact})

    def ids(self, record: PartRecord) -> list[str]:
        """The ids of a part's rows, unchecked: for finding things, not for making any."""
        with at_hand(self._part(record)) as path:
            ids: list[str] = pq.read_table(path, columns=["id"]).column("id").to_pylist()
        return ids

    def _read(self, record: PartRecord, path: Place, expected: str, columns: list[str] | None) -> pa.Table:
        try:
            data = read_bytes(path)
        except FileNotFoundError:
            data = b""
        if digest_bytes(data) != expected:
            raise self._altered(record, path)
        return pq.read_table(pa.BufferReader(data), columns=columns)

    def _altered(self, record: PartRecord, path: Place) -> StoreError:
        remove(self._part(record).with_suffix(".json"))
        return StoreError(f"{path}: altered since it was written; run the build again to make it anew")

    def _whole(self, record: PartRecord, listed: Mapping[str, int] | None) -> bool:
        """Whether the files of a record are there, as large as they were written.

        Args:
            record: the part's.
            listed: name -> size of all that is in the table's folder; None looks there.
        """
        part = self._part(record)
        wanted = [part, part.with_suffix(".rejected.parquet")] if record.rejected_digest else [part]
        there = [_size(path) if listed is None else listed.get(path.name) for path in wanted]
        if there[0] == record.size and None not in there:
            return True
        at = 0 if there[0] != record.size else 1
        _LOG.warning("%s: %s; made anew", wanted[at], "gone" if there[at] is None else "cut short")
        return False

    def _part(self, record: PartRecord) -> Place:
        return self.root / record.table / f"{record.key}.parquet"


def _line(fact: object) -> bytes:
    return json.dumps(fact, sort_keys=True).encode()


def _lock(root: Place, out: str) -> Lock:
    if isinstance(root, Path):
        return FileLock(root / "lock", out)
    return Lease(root / "lease", out)


def _size(path: Place) -> int | None:
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return None


def _write_parquet(path: Place, table: pa.Table) -> tuple[str, int]:
    sink = pa.BufferOutputStream()
    pq.write_table(table, sink, compression="zstd")
    data = sink.getvalue().to_pybytes()
    write_bytes(path, data)
    return digest_bytes(data), len(data)


def _count(reasons: list[str]) -> dict[str, int]:
    return {reason: reasons.count(reason) for reason in sorted(set(reasons))}
