"""Whether a finished data set may go to the Hub: whole, not empty, audio in all rows or none, licences that allow it.

It reads the report, Parquet footers and narrow columns; no audio, no network.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from pipeline.errors import ContractError, RunError, StoreError, UsageError
from pipeline.publish.card_metadata import AUDIO_COLUMNS
from pipeline.publish.licences import require_passing_on
from pipeline.publish.local_files import listed
from pipeline.publish.push_plan import CARD
from pipeline.store.outputs import Outputs
from pipeline.store.parts import Store
from schemas.example import ExampleTable
from schemas.table import arrow_schema

MOST_FILES = 10_000
"""The Hub's recommended bound for the entries of one folder."""
_QUESTION_AUDIO = AUDIO_COLUMNS[0]


@dataclass(frozen=True)
class DataSet:
    """A data set that may be published."""

    folder: Path
    files: tuple[Path, ...]
    card: str


def check(directory: Path, allowed_licences: Iterable[str]) -> DataSet:
    """Look at what a build has published.

    Raises:
        UsageError: no build here, or a licence that stands in the way.
        RunError: the build is not finished, accepted nothing, was altered, or a row has no audio though others have.
    """
    place = Outputs.under(directory)
    report = _report(directory, place)
    if not report["files"]:
        raise RunError(f"{directory}: the data set is empty (nothing was accepted); there is nothing to push")
    data = place.dataset / "data"
    sizes = {path.name: path.stat().st_size for path in sorted(data.glob("*"))} if data.exists() else {}
    card = place.dataset / CARD
    if sizes != report["files"] or not card.exists():
        raise StoreError(f"{place.dataset}: altered since it was published; move it away and run the build again")
    if len(sizes) > MOST_FILES:
        raise RunError(
            f"{data}: {len(sizes):,} files, the Hub keeps up to {MOST_FILES:,} in a folder; "
            "build with larger publish.file_rows and publish.file_bytes"
        )
    pairs: set[tuple[str, str]] = set()
    for name in sizes:
        pairs |= _checked(data / name, with_audio=bool(report["audio_hours"]))
    require_passing_on(pairs, allowed_licences)
    files = tuple(listed(place.dataset))
    return DataSet(place.dataset, files, card.read_text(encoding="utf-8"))


def _report(directory: Path, place: Outputs[Path]) -> dict[str, Any]:
    try:
        report: dict[str, Any] = json.loads(place.report.read_text(encoding="utf-8"))
        _ = report["files"], report["audio_hours"]
    except FileNotFoundError:
        if Store(directory).exists:
            raise RunError(f"{directory}: the build here is not finished; run it again to the end") from None
        raise UsageError(f"{directory}: no build here; give the directory that --out named") from None
    except (ValueError, KeyError, TypeError) as exc:
        raise ContractError(f"{place.report}: not a report of this version; build again") from exc
    return report


def _checked(path: Path, *, with_audio: bool) -> set[tuple[str, str]]:
    """Sources and licences in one data file, after a look at its columns and its audio."""
    try:
        with pq.ParquetFile(path) as file:
            schema = arrow_schema(ExampleTable)
            if not file.schema_arrow.equals(schema, check_metadata=False):
                raise ContractError(f"{path}: not of this version's columns; build again")
            if with_audio:
                _require_audio(path, file)
            table = file.read(columns=["source", "license"])
    except pa.ArrowException as exc:
        raise StoreError(f"{path}: cannot be read as Parquet ({str(exc).splitlines()[0]}); build again") from exc
    rows = table.group_by(["source", "license"]).aggregate([]).to_pylist()
    return {(row["source"], row["license"]) for row in rows}


def _require_audio(path: Path, file: pq.ParquetFile) -> None:
    """Footers count the nulls, so that no audio is read unless some is missing."""
    leaf = f"{_QUESTION_AUDIO}.bytes"
    for group in range(file.num_row_groups):
        meta = file.metadata.row_group(group)
        column = next(meta.column(n) for n in range(meta.num_columns) if meta.column(n).path_in_schema == leaf)
        stats = column.statistics
        if stats is not None and stats.has_null_count and stats.null_count == 0:
            continue
        rows = file.read_row_group(group, columns=["id", leaf])
        silent = rows.filter(pc.is_null(pc.struct_field(rows.column(_QUESTION_AUDIO).combine_chunks(), "bytes")))
        if silent.num_rows:
            raise RunError(
                f"{path.name}: row {silent.column('id')[0].as_py()} has no audio, though the data set has; build again"
            )
