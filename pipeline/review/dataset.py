"""A finished build as reviewers meet it: a light index of every row, and whole rows by their place.

The index holds what rows are chosen and plotted by; audio and tokens are read only for the rows that are looked at.
"""

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from pydantic import TypeAdapter

from pipeline.config import Config
from pipeline.core.schedule import Stream
from pipeline.errors import ContractError, UsageError
from pipeline.store.outputs import Outputs
from pipeline.store.place import Place as Where
from pipeline.store.place import ending, open_input, read_text
from schemas.example import ExampleTable
from schemas.rejected import RejectedTable

SHOWN_IDS = 4


class Place(NamedTuple):
    """Where a row lies."""

    file: int
    """Number in `Build.files`."""
    row_group: int
    row: int


@dataclass(frozen=True)
class Build:
    """A finished build: its settings and its files, accepted rows first."""

    out: Where
    config: Config
    n_accepted_files: int
    files: tuple[Where, ...]

    def holds_accepted(self, place: Place) -> bool:
        """Whether the row at a place was accepted."""
        return place.file < self.n_accepted_files


INDEX = pa.schema(
    [
        ("id", pa.string()), ("accepted", pa.bool_()), ("source", pa.string()), ("stage", pa.string()),
        ("reason", pa.string()), ("voice", pa.string()), ("duration_s", pa.float32()), ("wer", pa.float32()),
        ("slack", pa.int32()), ("pad_share", pa.float32()), ("n_response", pa.int32()), ("n_reasoning", pa.int32()),
        ("file", pa.int32()), ("row_group", pa.int32()), ("row", pa.int32()),
    ]
)  # fmt: skip
"""One line a row; what a refused row does not have is null. Lengths are in tokens."""

_LIGHT = ("id", "source", "voice", "duration_s", "wer", "slack", "response_ids", "reasoning_ids", "streams")


def open_build(out: Where) -> Build:
    """Find the files of a build.

    Raises:
        UsageError: no finished build here.
        ContractError: its files are not of this version.
    """
    place = Outputs.under(out)
    try:
        config = TypeAdapter(Config).validate_python(json.loads(read_text(place.report))["config"])
    except (FileNotFoundError, NotADirectoryError):
        raise UsageError(f"{out}: no finished build here; give the directory that --out named") from None
    except (ValueError, KeyError, TypeError) as exc:
        raise ContractError(f"{place.report}: not a report of this version; build again") from exc
    accepted = ending(place.dataset / "data", ".parquet")
    rejected = ending(place.rejected, ".parquet")
    for path in accepted:
        _check(path, ExampleTable.to_schema().columns)
    for path in rejected:
        _check(path, RejectedTable.to_schema().columns)
    return Build(out, config, len(accepted), (*accepted, *rejected))


def _check(path: Where, columns: Iterable[str]) -> None:
    try:
        names = set(pq.read_schema(open_input(path)).names)
    except (pa.ArrowInvalid, OSError) as exc:
        raise ContractError(f"{path}: not a readable parquet file; build again") from exc
    missing = sorted(set(columns) - names)
    if missing:
        raise ContractError(f"{path}: has no column {missing[0]!r}; build again with this version")


def index_of(build: Build) -> pa.Table:
    """Read the index, accepted rows first, each in published order; columns of `INDEX`."""
    groups = [_accepted(*group) for group in _scan(build, _LIGHT, accepted=True)]
    groups += [_rejected(*group) for group in _scan(build, ("id", "source", "stage", "reason"), accepted=False)]
    return pa.concat_tables([INDEX.empty_table(), *groups])


def find(build: Build, prefix: str) -> Place:
    """The place of the one row whose id begins with `prefix`.

    Raises:
        UsageError: no row's id does, or several do.
    """
    found: list[tuple[str, Place]] = []
    for accepted in (True, False):
        for rows, file, group in _scan(build, ("id",), accepted=accepted):
            ids = rows.column("id")
            hits = pc.indices_nonzero(pc.starts_with(ids, prefix)).to_pylist() if prefix else []
            found += [(ids[row].as_py(), Place(file, group, row)) for row in hits]
    if not found:
        raise UsageError(f"id {prefix!r}: no row of {build.out} has it; duplicates are neither published nor refused")
    if len({row_id for row_id, _ in found}) > 1:
        shown = ", ".join(row_id for row_id, _ in found[:SHOWN_IDS])
        more = f" and {len(found) - SHOWN_IDS} more" if len(found) > SHOWN_IDS else ""
        raise UsageError(f"id {prefix!r}: {len(found)} rows begin so ({shown}{more}); give more of it")
    return found[0][1]


def rows_at(build: Build, places: Sequence[Place], columns: Sequence[str] | None = None) -> list[dict[str, Any]]:
    """Whole rows in the order asked for; each row group is read once."""
    wanted: dict[tuple[int, int], list[int]] = defaultdict(list)
    for at, place in enumerate(places):
        wanted[place.file, place.row_group].append(at)
    rows: dict[int, dict[str, Any]] = {}
    for (file, group), positions in wanted.items():
        table = _read(build, file, group, columns).take([places[at].row for at in positions])
        rows.update(zip(positions, table.to_pylist(), strict=True))
    return [rows[at] for at in range(len(places))]


def places_of(index: pa.Table) -> list[Place]:
    """The places of rows of an index."""
    columns = (index.column(name).to_pylist() for name in Place._fields)
    return [Place(*place) for place in zip(*columns, strict=True)]


def _scan(build: Build, columns: Sequence[str], *, accepted: bool) -> Iterator[tuple[pa.Table, int, int]]:
    """Every row group with the numbers of its file and of itself."""
    for file, path in enumerate(build.files):
        if (file < build.n_accepted_files) is accepted:
            with pq.ParquetFile(open_input(path)) as opened:
                for group in range(opened.num_row_groups):
                    yield opened.read_row_group(group, columns=list(columns)), file, group


def _read(build: Build, file: int, group: int, columns: Sequence[str] | None) -> pa.Table:
    with pq.ParquetFile(open_input(build.files[file])) as opened:
        return opened.read_row_group(group, columns=None if columns is None else list(columns))


def _accepted(rows: pa.Table, file: int, group: int) -> pa.Table:
    known = {name: rows.column(name) for name in ("id", "source", "voice", "duration_s", "wer", "slack")}
    known["pad_share"] = _pad_share(rows.column("streams"))
    known["n_response"] = pc.list_value_length(rows.column("response_ids"))
    known["n_reasoning"] = pc.list_value_length(rows.column("reasoning_ids"))
    return _indexed(known, rows.num_rows, file, group, accepted=True)


def _rejected(rows: pa.Table, file: int, group: int) -> pa.Table:
    known = {name: rows.column(name) for name in rows.column_names}
    return _indexed(known, rows.num_rows, file, group, accepted=False)


def _indexed(known: dict[str, pa.Array], n_rows: int, file: int, group: int, *, accepted: bool) -> pa.Table:
    place = {"accepted": accepted, "file": file, "row_group": group}
    columns = dict(known, row=pa.array(range(n_rows), pa.int32()))
    columns |= {name: pa.array([value] * n_rows, INDEX.field(name).type) for name, value in place.items()}
    return pa.table(
        {field.name: columns.get(field.name, pa.nulls(n_rows, field.type)) for field in INDEX}, schema=INDEX
    )


def _pad_share(streams: pa.ChunkedArray) -> pa.Array:
    """Pads of all tokens, for each row."""
    lists = streams.combine_chunks()
    ends = np.cumsum(pc.list_value_length(lists).to_numpy(zero_copy_only=False))
    is_pad = lists.flatten().to_numpy(zero_copy_only=False) == int(Stream.PAD)
    pads = np.diff(np.concatenate(([0], np.cumsum(is_pad)[ends - 1] if len(ends) else [])))
    lengths = np.diff(np.concatenate(([0], ends)))
    return pa.array((pads / np.maximum(lengths, 1)).astype(np.float32))
