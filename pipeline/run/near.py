"""Near duplicates among numbered rows: which families they join, and which rows they make superfluous.

Rows are numbered in order of precedence: of near duplicates the one with the least number stays. It holds arrays, some
70 bytes a row at the most while numpy sorts, and knows neither texts nor the store: keys come a few bands at a time,
and candidates are judged by the caller.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

BANDS_AT_A_TIME = 4
"""How many keys a row are in memory together."""
NONE = -1

Pairs = NDArray[np.int64]
"""Row numbers, shape [n_pairs, 2], the lesser first."""


@dataclass(frozen=True)
class Families:
    """Families as the sources know them."""

    codes: NDArray[np.int32]
    """Family of each row, counted from 0."""
    first: NDArray[np.int64]
    """The least row of each family."""


def families_of(keys: NDArray[np.uint64]) -> Families:
    """Number the families of rows.

    Args:
        keys: shape [n_rows, 2], the halves of each row's 128-bit family.
    """
    order = np.lexsort((keys[:, 1], keys[:, 0]))  # stable: the first of a family is its least row
    begins = np.ones(len(order), bool)
    begins[1:] = (keys[order[1:]] != keys[order[:-1]]).any(axis=1)
    codes = np.empty(len(order), np.int32)
    codes[order] = np.cumsum(begins) - 1
    return Families(codes, order[begins])


class Joined:
    """Families that near duplicates have joined; each set is named by the one whose least row is least."""

    def __init__(self, families: Families) -> None:
        """Every family by itself."""
        self._first = families.first
        self._parent = np.arange(len(families.first), dtype=np.int32)

    def root(self, family: int) -> int:
        """The family that names the set of this one."""
        parent = self._parent
        while parent[family] != family:
            parent[family] = parent[parent[family]]
            family = int(parent[family])
        return family

    def join(self, one: int, other: int) -> bool:
        """Make one set of two families' sets; False where they were one already."""
        a, b = self.root(one), self.root(other)
        if a == b:
            return False
        if self._first[b] < self._first[a]:
            a, b = b, a
        self._parent[b] = a
        return True

    def roots(self) -> NDArray[np.int32]:
        """For every family the one that names its set."""
        roots = self._parent
        while not np.array_equal(above := roots[roots], roots):
            roots = above
        return roots


def near_pairs(
    families: Families,
    n_bands: int,
    keys: Callable[[int, int], NDArray[np.uint32]],
    similar: Callable[[Pairs], NDArray[np.bool_]],
    joined: Joined,
) -> Pairs:
    """Find near duplicates of different families and join these.

    Args:
        families: of all rows.
        n_bands: keys that a row has.
        keys: gives the keys of the bands first to last-1, shape [n_rows, last - first], 0 for none.
        similar: judges candidates, shape [n_pairs].
        joined: the sets of families; changed.

    Returns:
        The pairs that joined two sets each: fewer than there are families.
    """
    found: list[Pairs] = [np.empty((0, 2), np.int64)]
    for first in range(0, n_bands, BANDS_AT_A_TIME):
        held = keys(first, min(first + BANDS_AT_A_TIME, n_bands))
        for band in range(held.shape[1]):
            pairs = _candidates(held[:, band], families, joined)
            pairs = pairs[similar(pairs)] if len(pairs) else pairs
            codes = families.codes[pairs].tolist()
            new = [joined.join(one, other) for one, other in codes]
            found.append(pairs[np.array(new, bool)])
    return np.concatenate(found)


def _candidates(keys: NDArray[np.uint32], families: Families, joined: Joined) -> Pairs:
    """Each row with the first that has the same key, where their families are not one; one pair for two families."""
    order = np.argsort(keys, kind="stable")
    ranked = keys[order]
    begins = np.ones(len(order), bool)
    begins[1:] = ranked[1:] != ranked[:-1]
    starts = np.flatnonzero(begins)
    heads = np.repeat(order[starts], np.diff(starts, append=len(order)))
    roots = joined.roots()
    apart = (ranked != 0) & (roots[families.codes[heads]] != roots[families.codes[order]])
    pairs = np.stack([heads[apart], order[apart]], axis=1)
    _, once = np.unique(families.codes[pairs], axis=0, return_index=True)
    pairs = pairs[np.sort(once)]
    return pairs[np.lexsort((pairs[:, 1], pairs[:, 0]))]


def keepers(
    families: Families, near: Pairs, made_from: NDArray[np.bool_], taken_out: NDArray[np.bool_]
) -> NDArray[np.int64]:
    """For every row the one that stays in its place, NONE where it stays itself.

    Rows that their source says were made from the same problem never remove one another.

    Args:
        families: of all rows.
        near: pairs of near duplicates of different families.
        made_from: whether a row's family is what its source says it was made from, not its own question.
        taken_out: rows that are refused for another reason: they neither stay nor go.
    """
    kept = np.full(len(families.codes), NONE, np.int64)
    for one, other in _by_later(near, _of_one_question(families, made_from | taken_out)):
        stays = one if kept[one] == NONE else int(kept[one])
        if kept[other] != NONE or stays == other:
            continue
        if families.codes[stays] != families.codes[other] or not (made_from[stays] or made_from[other]):
            kept[other] = stays
    return kept


def _of_one_question(families: Families, passed_over: NDArray[np.bool_]) -> Pairs:
    """Each row with the first of its family, but for those that are passed over."""
    rows = np.flatnonzero(~passed_over)
    least = np.full(len(families.first), len(families.codes), np.int64)
    np.minimum.at(least, families.codes[rows], rows)
    first = least[families.codes[rows]]
    return np.stack([first, rows], axis=1)[first < rows]


def _by_later(*pairs: Pairs) -> Iterator[tuple[int, int]]:
    """All pairs in order of their later row: what becomes of the earlier one is then known."""
    everything = np.concatenate(pairs)
    order = np.lexsort((everything[:, 0], everything[:, 1]))
    for one, other in everything[order]:
        yield int(one), int(other)
