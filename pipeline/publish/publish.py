"""Publish: join what passed, write DIR/dataset, DIR/rejected and DIR/report.json, each put in place as a whole.

It does not know how the parts were made; it is handed them shard by shard.
"""

import shutil
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from pipeline.config import Config, to_dict
from pipeline.publish.card import card
from pipeline.publish.files import write_files
from pipeline.publish.join import join
from pipeline.publish.report import Report
from pipeline.store.atomic import TEMP_MARK, fsync, write_json, write_text
from schemas.rejected import RejectedTable
from schemas.table import arrow_schema


@dataclass(frozen=True)
class Published:
    """Where everything lies."""

    dataset: Path
    rejected: Path
    report: Path
    files: tuple[Path, ...]


def publish(
    config: Config, out: Path, parts: Iterable[dict[str, pa.Table]], rejected: Iterable[pa.Table], report: Report
) -> Published:
    """Write the data set, the refused rows and the report; fills `report` on the way.

    Raises:
        OSError: the disk is full or read-only; what was published before is still in place.
    """
    dataset, refused, report_file = out / "dataset", out / "rejected", out / "report.json"
    new_dataset, new_refused = _fresh(dataset), _fresh(refused)
    _write_rejected(new_refused / "rejected-00000-of-00001.parquet", rejected, report)
    files = write_files(
        _joined(parts, config, report), new_dataset / "data", config.publish, config.speak.sample_rate_hz
    )
    write_text(new_dataset / "README.md", card(config, report))
    _replace(dataset, new_dataset)
    _replace(refused, new_refused)
    write_json(report_file, {**report.to_json(), "config": to_dict(config)})
    return Published(dataset, refused, report_file, tuple(dataset / "data" / file.name for file in files))


def _joined(parts: Iterable[dict[str, pa.Table]], config: Config, report: Report) -> Iterator[pa.Table]:
    for tables in parts:
        rows = join(tables, config.split, config.seed)
        report.accept(rows)
        yield rows


def _write_rejected(path: Path, tables: Iterable[pa.Table], report: Report) -> None:
    path.parent.mkdir(parents=True)
    with pq.ParquetWriter(path, arrow_schema(RejectedTable), compression="zstd") as writer:
        for table in tables:
            report.refuse(table)
            writer.write_table(table)
    fsync(path)


def _fresh(folder: Path) -> Path:
    new = folder.with_name(f"{folder.name}{TEMP_MARK}new")
    shutil.rmtree(new, ignore_errors=True)
    return new


def _replace(folder: Path, new: Path) -> None:
    """Put a finished folder in place of another; a crash between leaves one of the two whole."""
    old = folder.with_name(f"{folder.name}{TEMP_MARK}old")
    shutil.rmtree(old, ignore_errors=True)
    fsync(new)
    if folder.exists():
        folder.rename(old)
    new.rename(folder)
    fsync(folder.parent)
    shutil.rmtree(old, ignore_errors=True)
