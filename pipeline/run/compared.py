"""The rows that near-duplicate search compares: numbered through their shards, read from the store as it needs them."""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import pyarrow.compute as pc
from numpy.typing import NDArray

from pipeline.run.duplicates import keys_in
from pipeline.run.lanes import Lane
from pipeline.run.shard import PROBLEM
from pipeline.stages import decontaminate, sketch
from pipeline.store.parts import Store


class Rows:
    """Rows of some lanes, numbered from 0 in the lanes' order."""

    def __init__(self, store: Store, lanes: Sequence[Lane]) -> None:
        """Look at which there are; nothing of them is held but what has been taken out of them."""
        self._store, self._lanes = store, lanes
        self.starts: NDArray[np.int64] = np.cumsum([0, *(lane.parts[PROBLEM].rows for lane in lanes)])
        """Number of each lane's first row, and of the last's end."""
        self.count = int(self.starts[-1])
        self.taken_out = np.concatenate([np.empty(0, bool), *(self._refused(lane) for lane in lanes)])

    def family_keys(self) -> NDArray[np.uint64]:
        """Halves of the families that the sources give, shape [n_rows, 2]."""
        found = [keys_in(self._store, lane.parts[PROBLEM], "family") for lane in self._lanes]
        return np.concatenate([np.empty((0, 2), np.uint64), *found])

    def made_from(self) -> NDArray[np.bool_]:
        """Whether a row's source says what problem it was made from."""
        found = (self._column(lane, PROBLEM, "original_question").is_valid() for lane in self._lanes)
        return np.concatenate([np.empty(0, bool), *(valid.to_numpy() for valid in found)])

    def bands(self, first: int, last: int) -> NDArray[np.uint32]:
        """Keys of some bands, shape [n_rows, last - first], 0 for rows that were taken out."""
        keys = np.empty((self.count, last - first), np.uint32)
        for lane, start in zip(self._lanes, self.starts.tolist(), strict=False):
            sketches = self._column(lane, sketch.TABLE, "sketch").to_pylist()
            keys[start : start + len(sketches)] = sketch.bands_of(sketches, first, last)
        keys[self.taken_out] = 0
        return keys

    def templates(self) -> dict[str, dict[str, int]]:
        """For each source its rows, their number-masked questions, and the rows of the commonest of these."""
        hashes: dict[str, list[NDArray[np.uint64]]] = {}
        for lane in self._lanes:
            sketches = self._column(lane, sketch.TABLE, "sketch").to_pylist()
            hashes.setdefault(lane.source, []).append(sketch.templates_of(sketches))
        figures = {}
        for source, found in hashes.items():
            _, counts = np.unique(np.concatenate(found), return_counts=True)
            figures[source] = {
                "rows": int(counts.sum()),
                "templates": len(counts),
                "commonest": int(max(counts, default=0)),
            }
        return figures

    def ids(self, rows: NDArray[np.int64]) -> dict[int, str]:
        """Row number -> id."""
        return dict(self._values(rows, "id"))

    def questions(self, rows: NDArray[np.int64]) -> Iterator[tuple[int, str]]:
        """Each of these rows with its question."""
        return self._values(rows, "question")

    def _values(self, rows: NDArray[np.int64], column: str) -> Iterator[tuple[int, str]]:
        """One column of some rows; their shards are read one after another."""
        rows = np.sort(rows)
        edges = np.searchsorted(rows, self.starts)
        for lane, start, begin, end in zip(
            self._lanes, self.starts.tolist(), edges.tolist(), edges[1:].tolist(), strict=False
        ):
            if begin < end:
                wanted = rows[begin:end]
                values = self._column(lane, PROBLEM, column).take(wanted - start).to_pylist()
                yield from zip(wanted.tolist(), values, strict=True)

    def _refused(self, lane: Lane) -> NDArray[np.bool_]:
        clean = lane.parts.get(decontaminate.TABLE)
        if clean is None or not clean.rejected:
            return np.zeros(lane.parts[PROBLEM].rows, bool)
        passed = self._column(lane, decontaminate.TABLE, "id").combine_chunks()
        stays: NDArray[np.bool_] = pc.is_in(self._column(lane, PROBLEM, "id"), value_set=passed).to_numpy()
        return ~stays

    def _column(self, lane: Lane, table: str, column: str) -> Any:  # noqa: ANN401 - pyarrow ships no types
        return self._store.read(lane.parts[table], [column]).column(column)
