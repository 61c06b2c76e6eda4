"""A permutation is one-to-one, stays in range, and hides the order it was given."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sources.simpleop_permute import permutation


@given(at_most=st.integers(1, 3000), key=st.integers(0, 2**64))
def test_every_number_is_hit_exactly_once(at_most: int, key: int) -> None:
    shuffle = permutation(at_most, key)
    assert sorted(map(shuffle, range(shuffle.size))) == list(range(shuffle.size))


@given(at_most=st.integers(1, 10**15))
def test_almost_all_of_the_range_is_used(at_most: int) -> None:
    size = permutation(at_most, 0).size
    assert size <= at_most
    assert at_most - size <= 2 * size**0.5


def test_an_index_outside_the_range_is_refused() -> None:
    shuffle = permutation(100, 7)
    with pytest.raises(ValueError, match="100"):
        shuffle(100)
    with pytest.raises(ValueError, match="-1"):
        shuffle(-1)


def test_neighbours_do_not_stay_neighbours() -> None:
    shuffle = permutation(1_000_000, 3)
    steps = [abs(shuffle(i + 1) - shuffle(i)) for i in range(1000)]
    assert sum(step < 1000 for step in steps) < 20


def test_keys_give_different_orders() -> None:
    first, second = permutation(10_000, 1), permutation(10_000, 2)
    assert sum(first(i) == second(i) for i in range(1000)) < 10
