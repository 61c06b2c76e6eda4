"""Rows as letters: rows with the same letter have the same key, a capital is near its small letter."""

from collections.abc import Callable, Sequence
from itertools import combinations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from pipeline.core.fingerprint import digest
from pipeline.core.splits import split_of
from pipeline.run.near import NONE, Families, Joined, Pairs, families_of, keepers, near_pairs


def families(names: Sequence[int]) -> Families:
    return families_of(np.array([[name, 0] for name in names], np.uint64).reshape(-1, 2))


def bands(keys: Sequence[Sequence[int]]) -> Callable[[int, int], NDArray[np.uint32]]:
    held = np.array(keys, np.uint32)
    return lambda first, last: held[:, first:last]


def always(pairs: Pairs) -> NDArray[np.bool_]:
    return np.ones(len(pairs), bool)


def searched(names: Sequence[int], keys: Sequence[Sequence[int]]) -> tuple[Families, Joined, Pairs]:
    found = families(names)
    joined = Joined(found)
    return found, joined, near_pairs(found, len(keys[0]) if keys else 0, bands(keys), always, joined)


def kept(names: Sequence[int], keys: Sequence[Sequence[int]], made_from: Sequence[int] = ()) -> list[int]:
    found, _, near = searched(names, keys)
    lineage = np.isin(np.arange(len(names)), made_from)
    stays: list[int] = keepers(found, near, lineage, np.zeros(len(names), bool)).tolist()
    return stays


def test_families_are_numbered_and_know_their_least_row() -> None:
    found = families([7, 3, 7, 9, 3])
    assert found.first[found.codes].tolist() == [0, 1, 0, 3, 1]


def test_rows_with_a_key_in_common_join_their_families_under_the_least_row() -> None:
    found, joined, near = searched([5, 6, 7, 8], [[1, 9], [2, 0], [1, 4], [3, 4]])
    assert found.first[joined.roots()[found.codes]].tolist() == [0, 1, 0, 0]
    assert near.tolist() == [[0, 2], [2, 3]]


def test_the_key_0_is_none() -> None:
    _, _, near = searched([5, 6], [[0], [0]])
    assert near.tolist() == []


def test_what_the_caller_does_not_find_similar_stays_apart() -> None:
    found = families([5, 6, 7])
    joined = Joined(found)
    near = near_pairs(found, 1, bands([[1], [1], [1]]), lambda pairs: pairs[:, 1] == 2, joined)
    assert near.tolist() == [[0, 2]]
    assert len(set(joined.roots().tolist())) == 2


def test_the_least_row_stays_for_all_that_are_near_it_in_a_chain() -> None:
    assert kept([5, 6, 7], [[1, 9], [1, 2], [8, 2]]) == [NONE, 0, 0]


def test_rows_of_one_question_are_near_each_other_unless_their_source_names_the_family() -> None:
    assert kept([5, 5], [[1], [1]]) == [NONE, 0]
    assert kept([5, 5], [[1], [1]], made_from=[0, 1]) == [NONE, NONE]
    assert kept([5, 5], [[1], [1]], made_from=[1]) == [NONE, NONE]


def test_a_row_between_two_of_a_named_family_removes_neither_of_them() -> None:
    # 0 and 1 were made from one problem; 2 is near both.
    assert kept([5, 5, 6], [[1, 8], [9, 2], [1, 2]], made_from=[0, 1]) == [NONE, NONE, 0]


def test_a_row_that_was_taken_out_neither_stays_nor_goes() -> None:
    found = families([5, 5, 5])
    out = np.array([True, False, False])
    none = np.empty((0, 2), np.int64)
    assert keepers(found, none, np.zeros(3, bool), out).tolist() == [NONE, NONE, 1]


def test_no_rows_are_no_trouble() -> None:
    found, joined, near = searched([], np.empty((0, 24), np.uint32).tolist())
    assert (len(found.codes), len(joined.roots()), len(near)) == (0, 0, 0)


KEYS = st.lists(
    st.tuples(st.integers(0, 12), st.lists(st.integers(0, 5), min_size=6, max_size=6)), min_size=1, max_size=40
)


@given(KEYS)
def test_sets_of_families_are_those_that_chains_of_keys_connect(rows: list[tuple[int, list[int]]]) -> None:
    names, keys = [name for name, _ in rows], [key for _, key in rows]
    found, joined, near = searched(names, keys)
    reached = list(range(len(rows)))
    for _ in rows:  # the slow way: the least row that can be reached, over and over
        for one in range(len(rows)):
            for other in range(len(rows)):
                alike = any(a and a == b for a, b in zip(keys[one], keys[other], strict=True))
                if alike or names[one] == names[other]:
                    reached[one] = min(reached[one], reached[other])
    assert found.first[joined.roots()[found.codes]].tolist() == reached
    assert len(near) == len(set(names)) - len(set(reached))


@given(KEYS, st.sets(st.integers(0, 39)))
def test_a_row_goes_only_for_a_lesser_one_that_stays_and_is_of_another_named_family(
    rows: list[tuple[int, list[int]]], made_from: set[int]
) -> None:
    names = [name for name, _ in rows]
    stays = kept(names, [key for _, key in rows], sorted(made_from))
    for row, keeper in enumerate(stays):
        if keeper != NONE:
            assert keeper < row
            assert stays[keeper] == NONE
            assert names[row] != names[keeper] or not {row, keeper} & made_from


@given(KEYS, st.integers(0, 9))
def test_rows_of_a_family_and_near_duplicates_are_in_one_split(rows: list[tuple[int, list[int]]], seed: int) -> None:
    names, keys = [name for name, _ in rows], [key for _, key in rows]
    found, joined, _ = searched(names, keys)
    labels = found.first[joined.roots()[found.codes]].tolist()
    splits = [split_of(digest(label), seed, validation=0.3, test=0.3) for label in labels]
    for one, other in combinations(range(len(rows)), 2):
        if names[one] == names[other] or any(a and a == b for a, b in zip(keys[one], keys[other], strict=True)):
            assert splits[one] == splits[other]
