"""Agreement and intervals, against the examples of those who defined them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.review.agreement import krippendorff_alpha, sample_size, wilson

HUGE = 10**12

# Krippendorff (2011), section A: two observers, ten units, binary.
BINARY = list(zip("0100000010", "1110010000", strict=True))
# Section C: four observers, twelve units, five values, some missing.
OBSERVERS = ("123321412...", "1233224125.3", ".3332342251.", "12332441251.")
NOMINAL = [[value for value in unit if value != "."] for unit in zip(*OBSERVERS, strict=True)]


def test_alpha_is_that_of_its_authors_examples() -> None:
    assert krippendorff_alpha(BINARY) == pytest.approx(0.095, abs=5e-4)
    assert krippendorff_alpha(NOMINAL) == pytest.approx(0.743, abs=5e-4)


def test_alpha_is_one_where_all_agree_and_both_verdicts_occur() -> None:
    assert krippendorff_alpha([("good", "good"), ("bad", "bad", "bad")]) == 1


def test_alpha_is_below_zero_where_reviewers_contradict_each_other() -> None:
    alpha = krippendorff_alpha([("good", "bad"), ("bad", "good")])
    assert alpha is not None
    assert alpha < 0


def test_alpha_is_not_defined_without_shared_rows_or_without_variety() -> None:
    assert krippendorff_alpha([]) is None
    assert krippendorff_alpha([("good",), ("bad",)]) is None
    assert krippendorff_alpha([("good", "good"), ("good", "good")]) is None


@pytest.mark.parametrize(
    ("n_good", "n", "low", "high"),
    # R. G. Newcombe, Statistics in Medicine 17 (1998), table I, method 3.
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0, 0.1611), (1, 29, 0.0061, 0.1718)],
)
def test_the_interval_is_the_published_one(n_good: int, n: int, low: float, high: float) -> None:
    found = wilson(n_good, n, HUGE)
    assert found.share == n_good / n
    assert found.low == pytest.approx(low, abs=5e-5)
    assert found.high == pytest.approx(high, abs=5e-5)


@given(st.integers(1, 400), st.data())
def test_the_interval_holds_its_share_and_lies_within_zero_and_one(n: int, data: st.DataObject) -> None:
    n_good = data.draw(st.integers(0, n))
    population = data.draw(st.integers(n, 10 * n))
    found = wilson(n_good, n, population)
    assert 0 <= found.low <= found.share + 1e-12
    assert found.share - 1e-12 <= found.high <= 1


def test_who_has_judged_every_row_is_certain() -> None:
    assert wilson(45, 50, 50) == pytest.approx((0.9, 0.9, 0.9))
    assert wilson(1, 1, 1) == (1, 1, 1)


@pytest.mark.parametrize("population", [12_000, 3_000_000])
def test_the_sample_size_is_the_least_that_reaches_the_width(population: int) -> None:
    n = sample_size(0.5, 0.01, population)
    widths = [wilson(size // 2, size, population) for size in (n + n % 2, n - 2 - n % 2)]
    enough, too_few = ((found.high - found.low) / 2 for found in widths)
    assert enough <= 0.01 < too_few


def test_fewer_rows_are_needed_of_a_small_or_nearly_perfect_data_set() -> None:
    assert sample_size(0.5, 0.01, 126) <= 126
    assert sample_size(0.98, 0.01, 3_000_000) < sample_size(0.9, 0.01, 3_000_000) < sample_size(0.5, 0.01, 3_000_000)
    assert sample_size(1.0, 0.01, 1) == 1
