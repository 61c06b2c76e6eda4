"""Parts too large to hold: written piece by piece, and read back a few rows at a time.

What is in memory is bounded by bytes, however many rows a part has. It knows neither stages nor what the rows hold.
"""

import hashlib
from bisect import bisect_right
from collections.abc import Sequence
from functools import partial
from itertools import accumulate
from pathlib import Path
from types import TracebackType
from uuid import uuid4

import pyarrow as pa
import pyarrow.parquet as pq

from pipeline.core.fingerprint import DIGEST_BYTES
from pipeline.store.atomic import TEMP_MARK, fsync

GROUP_BYTES = 8_000_000
"""Rows wait until they are so many bytes, then become one row group: the least that a reader holds."""


class PieceWriter:
    """A Parquet file that grows by tables and appears when it is whole: equal tables, equal bytes."""

    def __init__(self, path: Path, schema: pa.Schema) -> None:
        """Name the file; it is begun at once, under another name."""
        self._path = path
        self._temp = path.with_name(f"{path.name}{TEMP_MARK}{uuid4().hex[:8]}")
        self._writer = pq.ParquetWriter(self._temp, schema, compression="zstd")
        self._waiting: list[pa.Table] = []
        self._bytes = 0
        self.rows = 0

    def __enter__(self) -> "PieceWriter":
        """Return self."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Put the file in place durably; after an error nothing is left of it."""
        try:
            if kind is None:
                self._flush()
            self._writer.close()
            if kind is None:
                fsync(self._temp)
                self._temp.rename(self._path)
                fsync(self._path.parent)
        finally:
            self._temp.unlink(missing_ok=True)

    def add(self, table: pa.Table) -> None:
        """Write rows of the file's schema, now or with the next ones."""
        self._waiting.append(table)
        self._bytes += table.nbytes
        self.rows += table.num_rows
        if self._bytes >= GROUP_BYTES:
            self._flush()

    def _flush(self) -> None:
        if self._waiting:
            self._writer.write_table(pa.concat_tables(self._waiting))
        self._waiting, self._bytes = [], 0


class PieceReader:
    """Rows of a Parquet file by their ids; asked in the file's order, it reads each row group once."""

    def __init__(self, path: Path, columns: Sequence[str] | None = None) -> None:
        """Open a file whose column `id` is unique.

        Args:
            path: the file.
            columns: what is wanted of it, `id` among them; None for all.
        """
        self._file = pq.ParquetFile(path)
        self._columns = list(columns) if columns is not None else self._file.schema_arrow.names
        ids = self._file.read(columns=["id"]).column("id").to_pylist()
        self._place = {row_id: place for place, row_id in enumerate(ids)}
        about = self._file.metadata
        sizes = (about.row_group(number).num_rows for number in range(about.num_row_groups))
        self._starts = [0, *accumulate(sizes)]
        self._held: dict[int, pa.Table] = {}

    def rows_of(self, ids: Sequence[str]) -> pa.Table:
        """The rows that the file has of these ids, in the file's order."""
        places = sorted(self._place[row_id] for row_id in ids if row_id in self._place)
        found: dict[int, list[int]] = {}
        for place in places:
            group = bisect_right(self._starts, place) - 1
            found.setdefault(group, []).append(place - self._starts[group])
        self._held = {group: self._group(group) for group in found}
        taken = [self._held[group].take(pa.array(rows)) for group, rows in found.items()]
        return pa.concat_tables(taken) if taken else self._file.schema_arrow.empty_table().select(self._columns)

    def _group(self, number: int) -> pa.Table:
        held = self._held.get(number)
        return self._file.read_row_group(number, columns=self._columns) if held is None else held


def digest_file(path: Path) -> str:
    """Digest of a file's bytes, as `core.fingerprint.digest_bytes` gives it, without holding them."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, partial(hashlib.blake2b, digest_size=DIGEST_BYTES)).hexdigest()
