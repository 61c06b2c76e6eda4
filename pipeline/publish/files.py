"""Write the published rows as sharded Parquet files per split, named the way the Hub expects.

Files are cut at shard boundaries by rows and bytes alone, so that equal rows give equal files.
"""

import json
from collections.abc import Iterator
from contextlib import ExitStack
from types import TracebackType
from typing import TYPE_CHECKING, Self

import pyarrow as pa
import pyarrow.parquet as pq

from pipeline.config import PublishConfig
from pipeline.store.atomic import drafting
from pipeline.store.swap import Swap
from schemas.columns import AUDIO_TYPE
from schemas.example import ExampleTable
from schemas.table import arrow_schema

if TYPE_CHECKING:
    from datasets import Features

ROW_GROUP_BYTES = 64_000_000
"""Rows wait in memory until they are so many bytes."""
ROW_GROUP_ROWS = 2_000
SPLITS = ("train", "validation", "test")


def features(sample_rate_hz: int) -> "Features":
    """What `datasets` makes of our columns: audio structs become its Audio feature."""
    # Only here: importing `datasets` takes over a second, which a build that has nothing new to publish need not pay.
    from datasets import Audio, Features

    schema = arrow_schema(ExampleTable)
    found = Features.from_arrow_schema(schema)
    for field in schema:
        if field.type == AUDIO_TYPE:
            found[field.name] = Audio(sampling_rate=sample_rate_hz)
    return found


def write_files(rows: Iterator[pa.Table], dataset: Swap, config: PublishConfig, sample_rate_hz: int) -> dict[str, int]:
    """Write all rows as files of a data set; name -> bytes, in order of name, each stored for good.

    Raises:
        OSError: the disk is full or read-only.
    """
    schema = arrow_schema(ExampleTable).with_metadata(
        {"huggingface": json.dumps({"info": {"features": features(sample_rate_hz).to_dict()}})}
    )
    with ExitStack() as stack:
        writers = {s: stack.enter_context(_SplitWriter(dataset, s, schema, config)) for s in SPLITS}
        for table in rows:
            for split, writer in writers.items():
                mask = pa.array([value == split for value in table.column("split").to_pylist()], pa.bool_())
                writer.write(table.filter(mask))
    return {name: size for split in SPLITS for name, size in writers[split].named().items()}


class _SplitWriter:
    """Files of one split: `SPLIT-NNNNN`, renamed when their number is known."""

    def __init__(self, dataset: Swap, split: str, schema: pa.Schema, config: PublishConfig) -> None:
        self._dataset, self._split, self._schema, self._config = dataset, split, schema, config
        self._sizes: list[int] = []
        self._waiting: list[pa.Table] = []
        self._file: pq.ParquetWriter | None = None
        self._open = ExitStack()
        self._rows = self._bytes = self._waiting_bytes = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None:
            self._finish()
        else:
            self._open.__exit__(kind, error, trace)

    def write(self, table: pa.Table) -> None:
        if not table.num_rows:
            return
        if self._file is None:
            self._begin()
        self._waiting.append(table.replace_schema_metadata(self._schema.metadata))
        n_bytes = table.nbytes
        self._rows += table.num_rows
        self._bytes += n_bytes
        self._waiting_bytes += n_bytes
        if self._waiting_bytes >= ROW_GROUP_BYTES:
            self._flush()
        if self._rows >= self._config.file_rows or self._bytes >= self._config.file_bytes:
            self._finish()

    def named(self) -> dict[str, int]:
        """Give the files their names, now that all are there; name -> bytes."""
        found: dict[str, int] = {}
        for number, size in enumerate(self._sizes):
            name = f"{self._split}-{number:05}-of-{len(self._sizes):05}.parquet"
            self._dataset.rename(self._name(number), f"data/{name}")
            found[name] = size
        return found

    def _begin(self) -> None:
        temp = self._open.enter_context(drafting(self._dataset.place(self._name(len(self._sizes)))))
        # Left in the opposite order: the file is closed, measured, and put in place.
        self._open.callback(lambda: self._sizes.append(temp.stat().st_size))
        self._file = self._open.enter_context(pq.ParquetWriter(temp, self._schema, compression="zstd"))

    def _name(self, number: int) -> str:
        return f"data/{self._split}-{number:05}"

    def _flush(self) -> None:
        """Write what waits as one row group: many small ones would make readers slow."""
        if self._file is not None and self._waiting:
            self._file.write_table(pa.concat_tables(self._waiting), row_group_size=ROW_GROUP_ROWS)
        self._waiting = []
        self._waiting_bytes = 0

    def _finish(self) -> None:
        self._flush()
        self._open.close()
        self._file = None
        self._rows = self._bytes = 0
