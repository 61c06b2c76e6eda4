"""Drop exact duplicates over all shards: of rows with equal question and solution the least (source, row) stays.

The driver holds 16 bytes a row, about 60 while it sorts them; shards without a duplicate are passed on as they are.
"""

from collections.abc import Sequence

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from pipeline.core.fingerprint import digest
from pipeline.run.lanes import Lane
from pipeline.run.shard import PROBLEM
from pipeline.store.parts import PartRecord, Store
from schemas.rejected import RejectedTable
from schemas.table import arrow_schema

VERSION = 1


def drop_duplicates(store: Store, lanes: Sequence[Lane]) -> None:
    """Give every lane its `problem` part and its count of duplicates; lanes come in order of precedence."""
    memo_key = digest(["duplicates", VERSION, [lane.collected.digest for lane in lanes]])
    dropped: list[list[int]] | None = store.memo(memo_key)
    if dropped is None:
        dropped = find_duplicates([keys_in(store, lane.collected, "duplicate_key") for lane in lanes])
        store.keep_memo(memo_key, dropped)
    for lane, rows in zip(lanes, dropped, strict=True):
        lane.duplicates = len(rows)
        lane.parts[PROBLEM] = _without(store, lane.collected, rows) if rows else lane.collected


def find_duplicates(keys: Sequence[NDArray[np.uint64]]) -> list[list[int]]:
    """Return for each shard the row numbers whose key occurs earlier.

    Args:
        keys: one array [n_rows, 2] per shard, the two halves of each row's 128-bit key, in order of precedence.
    """
    sizes = [len(shard) for shard in keys]
    everything = np.concatenate([*keys, np.empty((0, 2), np.uint64)])
    order = np.lexsort((everything[:, 1], everything[:, 0]))  # stable: equal keys stay in order of precedence
    ranked = everything[order]
    repeats = np.zeros(len(order), bool)
    repeats[1:] = (ranked[1:] == ranked[:-1]).all(axis=1)
    mask = np.zeros(len(order), bool)
    mask[order[repeats]] = True
    starts = np.cumsum([0, *sizes])
    return [np.flatnonzero(mask[start : start + size]).tolist() for start, size in zip(starts, sizes, strict=False)]


def keys_in(store: Store, record: PartRecord, column: str) -> NDArray[np.uint64]:
    """The 128-bit digests in a column, as two halves each: shape [n_rows, 2]."""
    found = store.read(record, [column]).column(column)
    return np.frombuffer(bytes.fromhex("".join(found.to_pylist())), dtype=np.uint64).reshape(-1, 2)


def _without(store: Store, collected: PartRecord, rows: list[int]) -> PartRecord:
    key = digest(["without duplicates", VERSION, collected.digest, rows])
    record = store.find(PROBLEM, key)
    if record is None:
        table = store.read(collected)
        keep = np.ones(table.num_rows, bool)
        keep[rows] = False
        kept = table.filter(pa.array(keep))
        record = store.write(PROBLEM, key, kept, arrow_schema(RejectedTable).empty_table())
    return record
