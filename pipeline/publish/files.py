"""Write the published rows as sharded Parquet files per split, named the way the Hub expects.

Files are cut at shard boundaries by rows and bytes alone, so that equal rows give equal files.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.parquet as pq

from pipeline.config import PublishConfig
from pipeline.store.atomic import fsync
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


def write_files(rows: Iterator[pa.Table], folder: Path, config: PublishConfig, sample_rate_hz: int) -> list[Path]:
    """Write all rows under `folder` (new and empty) and return the files in name order, each on disk for good.

    Raises:
        OSError: the disk is full or read-only.
    """
    folder.mkdir(parents=True)
    schema = arrow_schema(ExampleTable).with_metadata(
        {"huggingface": json.dumps({"info": {"features": features(sample_rate_hz).to_dict()}})}
    )
    writers = {split: _SplitWriter(folder, split, schema, config) for split in SPLITS}
    for table in rows:
        for split, writer in writers.items():
            mask = pa.array([value == split for value in table.column("split").to_pylist()], pa.bool_())
            writer.write(table.filter(mask))
    files = [path for split in SPLITS for path in writers[split].close()]
    fsync(folder)
    return files


class _SplitWriter:
    """Files of one split: `SPLIT-NNNNN`, renamed when their number is known."""

    def __init__(self, folder: Path, split: str, schema: pa.Schema, config: PublishConfig) -> None:
        self._folder, self._split, self._schema, self._config = folder, split, schema, config
        self._paths: list[Path] = []
        self._waiting: list[pa.Table] = []
        self._writer: pq.ParquetWriter | None = None
        self._rows = self._bytes = 0

    def write(self, table: pa.Table) -> None:
        if not table.num_rows:
            return
        if self._writer is None:
            self._paths.append(self._folder / f"{self._split}-{len(self._paths):05}")
            self._writer = pq.ParquetWriter(self._paths[-1], self._schema, compression="zstd")
        self._waiting.append(table.replace_schema_metadata(self._schema.metadata))
        self._rows += table.num_rows
        self._bytes += table.nbytes
        if sum(waiting.nbytes for waiting in self._waiting) >= ROW_GROUP_BYTES:
            self._flush()
        if self._rows >= self._config.file_rows or self._bytes >= self._config.file_bytes:
            self._finish()

    def close(self) -> list[Path]:
        self._finish()
        named = []
        for number, path in enumerate(self._paths):
            fsync(path)
            named.append(path.rename(path.with_name(f"{self._split}-{number:05}-of-{len(self._paths):05}.parquet")))
        return named

    def _flush(self) -> None:
        """Write what waits as one row group: many small ones would make readers slow."""
        if self._writer is not None and self._waiting:
            self._writer.write_table(pa.concat_tables(self._waiting), row_group_size=ROW_GROUP_ROWS)
        self._waiting = []

    def _finish(self) -> None:
        if self._writer is not None:
            self._flush()
            self._writer.close()
        self._writer = None
        self._rows = self._bytes = 0
