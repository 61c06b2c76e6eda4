"""Take out of the collected problems what is contaminated or superfluous, and give near duplicates one family.

What is found of a shard is a part of its own, table `family`: where only a label changes, the problems stay as they
are, and nothing that is made of them is made anew. Of problems that are taken out, `problem` holds the others, and what
had been made of all of them before is cut to these (`run.shard`).

The driver holds what `run.near` says for every row that is compared, 24 bytes for each of their families, some 200 for
each family that is renamed and each row that is removed, and `PAIRS_AT_A_TIME` candidates; the rest stays on disk.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from pipeline.config_screen import Dedup, DedupConfig
from pipeline.core.fingerprint import digest
from pipeline.core.outcome import Unreadable
from pipeline.errors import Reason
from pipeline.run.compared import Rows
from pipeline.run.lanes import Lane
from pipeline.run.near import NONE, Joined, Pairs, families_of, keepers, near_pairs
from pipeline.run.shard import PROBLEM
from pipeline.stages import decontaminate, sketch
from pipeline.stages.decontaminate import worded
from pipeline.stages.stage import FAMILY, refuse
from pipeline.store.parts import PartRecord, Store
from schemas.family import FamilyTable
from schemas.rejected import RejectedTable
from schemas.table import arrow_schema, to_table

VERSION = 1
PAIRS_AT_A_TIME = 40_000
"""Candidates that are compared together; the word pairs of their questions are some 50 MB."""


def take_out(store: Store, lanes: Sequence[Lane], config: DedupConfig) -> dict[str, Any]:
    """Give lanes their `family` part where they need one, and their problems without those that are taken out.

    Args:
        store: holds the parts.
        lanes: in order of precedence, with `problem`, `sketch` where their source is compared, and `clean` where
            problems were compared with evaluation sets.
        config: what is removed.

    Returns:
        Figures for the report.
    """
    memo_key = digest(["families", VERSION, config.mode, config.similarity, [_made_of(lane) for lane in lanes]])
    memo: dict[str, Any] | None = store.memo(memo_key)
    parts = None if memo is None else _remembered(store, memo["parts"])
    if memo is None or parts is None:
        found = _search(store, lanes, config)
        parts = [_part(store, lane, found) for lane in lanes]
        memo = {"parts": [None if part is None else part.key for part in parts], "figures": found.figures}
        store.keep_memo(memo_key, memo)
    for lane, part in zip(lanes, parts, strict=True):
        if part is not None:
            lane.parts[FAMILY] = part
        _screen(store, lane)
    figures: dict[str, Any] = memo["figures"]
    return figures


def _made_of(lane: Lane) -> list[str]:
    return [lane.parts[name].digest for name in (PROBLEM, sketch.TABLE, decontaminate.TABLE) if name in lane.parts]


def _remembered(store: Store, keys: Sequence[str | None]) -> list[PartRecord | None] | None:
    """The parts of these keys, None for no key; None in all where one of them is gone."""
    parts = [None if key is None else store.find(FAMILY, key) for key in keys]
    return None if any(key and part is None for key, part in zip(keys, parts, strict=True)) else parts


class _Found(NamedTuple):
    """What is near what."""

    renamed: Mapping[str, str]
    """Family -> the one that it has joined."""
    survivors: Mapping[int, Mapping[int, str]]
    """Identity of a lane -> row of it that is removed -> id of the row that stays in its place."""
    figures: dict[str, Any]


def _search(store: Store, lanes: Sequence[Lane], config: DedupConfig) -> _Found:
    compared = [lane for lane in lanes if sketch.TABLE in lane.parts]
    rows = Rows(store, compared)
    keys = rows.family_keys()
    families = families_of(keys)
    names = keys[families.first]
    del keys
    joined = Joined(families)
    near = near_pairs(families, sketch.BANDS, rows.bands, _Judge(rows, config.similarity), joined)
    kept = np.full(rows.count, NONE, np.int64)
    if config.mode is Dedup.NEAR:
        kept = keepers(families, near, rows.made_from(), rows.taken_out)
    roots = joined.roots()
    moved = np.flatnonzero(roots != np.arange(len(roots)))
    removed = np.flatnonzero(kept != NONE)
    figures = {
        "mode": config.mode.value,
        "similarity": config.similarity,
        "rows": rows.count,
        "families": len(names) - len(moved),
        "joined": len(moved),
        "relabelled": int(np.isin(families.codes, moved).sum()),
        "removed": len(removed),
        "templates": rows.templates(),
    }
    return _Found(
        {_hex(names[family]): _hex(names[roots[family]]) for family in moved},
        _by_lane(rows, compared, kept, removed),
        figures,
    )


def _hex(key: NDArray[np.uint64]) -> str:
    return key.tobytes().hex()


def _by_lane(
    rows: Rows, lanes: Sequence[Lane], kept: NDArray[np.int64], removed: NDArray[np.int64]
) -> dict[int, dict[int, str]]:
    ids = rows.ids(np.unique(kept[removed]))
    edges = np.searchsorted(removed, rows.starts)
    return {
        id(lane): {int(row - start): ids[int(kept[row])] for row in removed[begin:end]}
        for lane, start, begin, end in zip(lanes, rows.starts, edges, edges[1:], strict=False)
        if begin < end
    }


class _Compared(NamedTuple):
    """What two questions are judged by."""

    shingles: NDArray[np.int64]
    """Hashes of its word pairs, each once; they differ from process to process."""
    decisive: int


class _Judge:
    """Says of candidates whether they are near duplicates."""

    def __init__(self, rows: Rows, similarity: float) -> None:
        self._rows, self._similarity = rows, similarity

    def __call__(self, pairs: Pairs) -> NDArray[np.bool_]:
        batches = [pairs[start : start + PAIRS_AT_A_TIME] for start in range(0, len(pairs), PAIRS_AT_A_TIME)]
        return np.array([verdict for batch in batches for verdict in self._judged(batch)], bool)

    def _judged(self, pairs: Pairs) -> Iterator[bool]:
        texts = {row: _compared(text) for row, text in self._rows.questions(np.unique(pairs))}
        for one, other in pairs.tolist():
            yield self._near(texts[one], texts[other])

    def _near(self, one: _Compared, other: _Compared) -> bool:
        if one.decisive != other.decisive:
            return False
        both = len(np.intersect1d(one.shingles, other.shingles, assume_unique=True))
        return both >= self._similarity * (len(one.shingles) + len(other.shingles) - both)


def _compared(text: str) -> _Compared:
    read = worded(text)
    return _Compared(np.array([hash(shingle) for shingle in read.shingles], np.int64), hash(read.decisive))


def _part(store: Store, lane: Lane, found: _Found) -> PartRecord | None:
    """The lane's `family` part, None where the families that its problems say are right and all of them stay."""
    problems = lane.parts[PROBLEM]
    gone = found.survivors.get(id(lane), {})
    if not gone and not found.renamed:
        return None
    families = store.read(problems, ["family"]).column("family").to_pylist()
    renamed = [found.renamed.get(family, family) for family in families]
    if not gone and renamed == families:
        return None
    key = digest([FAMILY, VERSION, problems.digest, renamed, sorted(gone.items())])
    record = store.find(FAMILY, key)
    return record or _written(store, key, store.read(problems), renamed, gone)


def _written(
    store: Store, key: str, problems: pa.Table, families: Sequence[str], gone: Mapping[int, str]
) -> PartRecord:
    labelled = pa.table({"id": problems.column("id"), "family": pa.array(families, pa.string())})
    stay = pa.array([row not in gone for row in range(problems.num_rows)], pa.bool_())
    refused = [
        refuse(
            sketch.STAGE,
            problems.slice(row, 1).to_pylist()[0],
            Unreadable(Reason.NEAR_DUPLICATE, survivor),
            {"family": families[row]},
        )
        for row, survivor in gone.items()
    ]
    rows = labelled.filter(stay).cast(arrow_schema(FamilyTable))
    return store.write(FAMILY, key, rows, to_table(RejectedTable, refused))


def _screen(store: Store, lane: Lane) -> None:
    """Leave the lane with the problems that neither table has refused."""
    parts = [lane.parts[name] for name in (decontaminate.TABLE, FAMILY) if name in lane.parts]
    refusing = [part for part in parts if part.rejected]
    if not refusing:
        return
    whole = lane.parts[PROBLEM]
    key = digest(["screened", VERSION, whole.digest, [part.digest for part in refusing]])
    record = store.find(PROBLEM, key)
    if record is None:
        table = store.read(whole)
        for part in refusing:
            passed = store.read(part, ["id"]).column("id").combine_chunks()
            table = table.filter(pc.is_in(table.column("id"), value_set=passed))
        record = store.write(PROBLEM, key, table, arrow_schema(RejectedTable).empty_table())
    lane.whole = {PROBLEM: whole}
    lane.parts[PROBLEM] = record
