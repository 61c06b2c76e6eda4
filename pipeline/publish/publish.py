"""Publish: join what passed, write DIR/dataset, DIR/rejected and DIR/report.json, each put in place as a whole.

It does not know how the parts were made; it is handed them shard by shard.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain

import pyarrow as pa
import pyarrow.parquet as pq

from pipeline.config import Config, to_dict, to_toml
from pipeline.core.fingerprint import digest
from pipeline.publish.card import card
from pipeline.publish.files import write_files
from pipeline.publish.held_back import by_row, hold_back
from pipeline.publish.join import join
from pipeline.stages.report import Report, from_json
from pipeline.stages.stage import keep_valid
from pipeline.store.atomic import drafting, write_json, write_text
from pipeline.store.outputs import Outputs
from pipeline.store.place import Place, read_text, remove, sizes
from pipeline.store.quarantine import Quarantined, read_quarantine
from pipeline.store.swap import Swap
from schemas.example import ExampleTable
from schemas.rejected import RejectedTable
from schemas.table import arrow_schema, to_table

VERSION = 6
"""Raised when equal parts come to be published in another form."""
STAGE = "publish"


def publish(
    config: Config,
    out: Place,
    parts_key: str,
    parts: Iterable[Mapping[str, pa.Table]],
    rejected: Iterable[pa.Table],
    report: Report,
) -> Report:
    """Write the data set, the refused rows and the report; what lies there already, whole, is left as it is.

    Args:
        config: settings of the build.
        out: output directory.
        parts_key: digest of all parts; equal parts and settings are not published twice.
        parts: for each shard, in order, its table of every stage by name.
        rejected: the refused rows, each once.
        report: counts of what went in; filled on the way.

    Returns:
        The report of what lies in `out` now.

    Raises:
        OSError: the disk is full or read-only; what was published before is still in place.
    """
    held_back = read_quarantine(out)
    key = digest(["published", VERSION, to_toml(config), parts_key, held_back])
    place = Outputs.under(out)
    before = _published_before(place, key)
    if before is not None:
        return before
    dataset, refused = Swap(place.dataset), Swap(place.rejected)
    try:
        files = _write(config, key, parts, rejected, held_back, report, dataset, refused)
    except BaseException:
        # A full disk must not stay full of what nobody will read.
        dataset.discard()
        refused.discard()
        raise
    # The report goes first and comes last: where it lies, all lies that it tells of.
    remove(place.report)
    if files:
        dataset.commit()
    else:
        dataset.discard()  # nothing was accepted: what was published before stays
    refused.commit()
    write_json(place.report, {**report.to_json(), "config": to_dict(config), "files": files, "key": key})
    return report


def _write(
    config: Config,
    key: str,
    parts: Iterable[Mapping[str, pa.Table]],
    rejected: Iterable[pa.Table],
    held_back: Sequence[Quarantined],
    report: Report,
    dataset: Swap,
    refused_files: Swap,
) -> dict[str, int]:
    """Write everything beside what lies there; return the sizes of the data files."""
    refused: list[pa.Table] = []
    rows = _joined(parts, config, by_row(held_back), report, refused)
    files = write_files(rows, dataset, config.publish, config.speak.sample_rate_hz)
    _write_rejected(refused_files.place("rejected-00000-of-00001.parquet"), chain(rejected, refused), report)
    write_text(dataset.place("README.md"), card(config, report, key))
    return files


def _published_before(place: Outputs[Place], key: str) -> Report | None:
    try:
        plain = json.loads(read_text(place.report))
        whole = plain["key"] == key and plain["files"] == sizes(place.dataset / "data")
        beside = (place.dataset / "README.md").exists() and bool(sizes(place.rejected))
        return from_json(plain) if whole and beside else None
    except (OSError, ValueError, KeyError, TypeError):
        return None  # nothing there, or nothing of ours: publish anew


def _joined(
    parts: Iterable[Mapping[str, pa.Table]],
    config: Config,
    held_back: Mapping[str, Mapping[str, str]],
    report: Report,
    refused: list[pa.Table],
) -> Iterator[pa.Table]:
    """Published rows shard by shard; rows that break the published schema or were judged bad go to `refused`."""
    for tables in parts:
        rows, broken = keep_valid(STAGE, ExampleTable, join(tables, config.split, config.seed))
        rows, judged_bad = hold_back(STAGE, rows, held_back)
        if broken or judged_bad:
            refused.append(to_table(RejectedTable, [*broken, *judged_bad]))
        report.accept(rows)
        yield rows


def _write_rejected(place: Place, tables: Iterable[pa.Table], report: Report) -> None:
    with (
        drafting(place) as temp,
        pq.ParquetWriter(temp, arrow_schema(RejectedTable), compression="zstd") as writer,
    ):
        for table in tables:
            report.refuse(table)
            writer.write_table(table)
