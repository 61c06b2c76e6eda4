"""Parts too large to hold: written piece by piece, and read back a few rows at a time.

What is in memory is bounded by bytes, however many rows a part has. It knows neither stages nor what the rows hold.
"""

import hashlib
import tempfile
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from itertools import accumulate
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from pipeline.core.fingerprint import DIGEST_BYTES
from pipeline.store.atomic import drafting
from pipeline.store.place import Place

GROUP_BYTES = 8_000_000
"""Rows wait until they are so many bytes, then become one row group: the least that a reader holds."""


class PieceWriter:
    """A Parquet file that grows by tables; made by `writing`."""

    def __init__(self, file: pq.ParquetWriter) -> None:
        self._file = file
        self._waiting: list[pa.Table] = []
        self._bytes = 0
        self.rows = 0
        self.size = 0
        """Bytes of the file, once it is whole."""
        self.digest = ""
        """Digest of these bytes."""

    def add(self, table: pa.Table) -> None:
        """Write rows of the file's schema, now or with the next ones."""
        self._waiting.append(table)
        self._bytes += table.nbytes
        self.rows += table.num_rows
        if self._bytes >= GROUP_BYTES:
            self.flush()

    def flush(self) -> None:
        """Write what waits."""
        if self._waiting:
            self._file.write_table(pa.concat_tables(self._waiting))
        self._waiting, self._bytes = [], 0


@contextmanager
def writing(place: Place, schema: pa.Schema) -> Iterator[PieceWriter]:
    """Yield a writer of a file that appears, durably, when the block has ended: equal tables, equal bytes.

    Raises:
        OSError: the disk is full or read-only; nothing is left of the file, as after any error in the block.
    """
    with drafting(place) as temp:
        with pq.ParquetWriter(temp, schema, compression="zstd") as file:
            writer = PieceWriter(file)
            yield writer
            writer.flush()
        writer.size, writer.digest = temp.stat().st_size, digest_file(temp)


class PieceReader:
    """Rows of a Parquet file by their ids; asked in the file's order, it reads each row group once."""

    def __init__(self, source: Path | pa.NativeFile, columns: Sequence[str] | None = None) -> None:
        """Open a file whose column `id` is unique.

        Args:
            source: the file.
            columns: what is wanted of it, `id` among them; None for all.
        """
        self._file = pq.ParquetFile(source)
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


def fetched(place: Place) -> tuple[Path | pa.NativeFile, str]:
    """A file to be read here and there, and the digest of its bytes.

    An object is copied to this machine's disk first, once: that is one request instead of one for each row group, and
    what was checked is what is read. The copy goes when it is closed or dropped.

    Raises:
        FileNotFoundError: there is none.
    """
    if isinstance(place, Path):
        return place, digest_file(place)
    with tempfile.TemporaryDirectory(prefix="smp3m-") as folder:
        copy = Path(folder) / place.name
        place.fs.get_file(place.path, str(copy))
        return pa.OSFile(str(copy)), digest_file(copy)  # stays readable when its name has gone


def digest_file(path: Path) -> str:
    """Digest of a file's bytes, as `core.fingerprint.digest_bytes` gives it, without holding them."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, partial(hashlib.blake2b, digest_size=DIGEST_BYTES)).hexdigest()
