import numpy as np
from numpy.typing import NDArray

from pipeline.run.duplicates import find_duplicates


def keys(*values: int) -> NDArray[np.uint64]:
    return np.array([[value, value + 1] for value in values], np.uint64).reshape(-1, 2)


def test_of_equal_rows_the_first_in_order_of_precedence_stays() -> None:
    assert find_duplicates([keys(5, 7, 5), keys(7, 8), keys(8, 5)]) == [[2], [0], [0, 1]]


def test_keys_that_share_one_half_are_different() -> None:
    halves = np.array([[1, 2], [1, 3], [2, 2]], np.uint64)
    assert find_duplicates([halves]) == [[]]


def test_shards_may_be_empty() -> None:
    assert find_duplicates([keys(), keys(4, 4), keys()]) == [[], [1], []]
    assert find_duplicates([]) == []
