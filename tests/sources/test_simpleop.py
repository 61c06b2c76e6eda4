"""SimpleOP's rows: all different, any range alone, the stated mix, and through the common parser."""

from collections import Counter
from itertools import chain

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.core.fingerprint import normalise
from pipeline.errors import UsageError
from schemas.rows import Problem
from sources import simpleop

SIZE_OF_THE_3M_RECIPE = 2_600_000


@pytest.mark.parametrize("kind", sorted(simpleop.MIXES))
def test_no_two_questions_are_equal(kind: str) -> None:
    questions = [normalise(str(row["question"])) for row in simpleop.generate(11, 0, 20_000, kind)]
    assert len(set(questions)) == len(questions)


def test_rows_far_apart_are_different_too() -> None:
    capacity = simpleop.capacity()
    ranges = (range(at, at + 2000) for at in (0, capacity // 2, capacity - 2000))
    rows = chain.from_iterable(simpleop.generate(5, part.start, part.stop) for part in ranges)
    assert len({normalise(str(row["question"])) for row in rows}) == 6000


@given(start=st.integers(0, 3_000_000), length=st.integers(1, 30), cut=st.integers(0, 30))
def test_any_partition_is_generated_alone(start: int, length: int, cut: int) -> None:
    cut = min(cut, length)
    whole = list(simpleop.generate(2, start, start + length))
    first = list(simpleop.generate(2, start, start + cut))
    rest = list(simpleop.generate(2, start + cut, start + length))
    assert whole == first + rest


@pytest.mark.parametrize("kind", sorted(simpleop.MIXES))
def test_capacity_is_comfortably_above_the_recipe(kind: str) -> None:
    assert simpleop.capacity(kind) >= 1.9 * SIZE_OF_THE_3M_RECIPE


def test_beyond_the_capacity_nothing_is_repeated_but_refused() -> None:
    last = simpleop.capacity()
    assert len(list(simpleop.generate(0, last - 5, last))) == 5
    with pytest.raises(UsageError, match=str(last)):
        simpleop.generate(0, last, last + 1)


def test_an_unknown_kind_names_those_there_are() -> None:
    with pytest.raises(UsageError, match="mixed, chain"):
        simpleop.generate(0, 0, 1, "chains")


@pytest.mark.parametrize("kind", sorted(simpleop.MIXES))
def test_every_period_holds_the_stated_mix(kind: str) -> None:
    stated = Counter[str]()
    for family in simpleop.MIXES[kind]:
        stated[family.kind] += family.slots
    assert stated.total() == simpleop.PERIOD
    for start in (0, 40 * simpleop.PERIOD):
        rows = simpleop.generate(8, start, start + simpleop.PERIOD, kind)
        assert Counter(str(row["kind"]) for row in rows) == stated


def test_seeds_give_other_rows() -> None:
    one = {str(row["question"]) for row in simpleop.generate(1, 0, 1000)}
    two = {str(row["question"]) for row in simpleop.generate(2, 0, 1000)}
    assert len(one & two) < 50


def test_rows_go_through_the_common_parser() -> None:
    for row in simpleop.raw_rows(3, 990, 1090):
        assert row.raw is not None
        problem = simpleop.parse(row.raw, str(row.index))
        assert isinstance(problem, Problem)
        assert problem.source_id == str(row.index)
        assert problem.subset == row.raw["kind"]
        assert (problem.source, problem.license, problem.original_question) == ("simpleop", "Apache-2.0", None)


def test_chains_do_not_commute() -> None:
    """Neighbouring moves are never both sums or both products, so their order matters."""
    weights = {"+": 0, "-": 0, "*": 1, "/": 1}
    for row in simpleop.generate(6, 0, 500, "chain"):
        lines = str(row["solution"]).splitlines()[:-1]
        assert 2 <= len(lines) <= 8
        signs = [line.partition(": ")[2].split(" ")[1] for line in lines]
        assert len({weights[sign] for sign in signs}) == 2 or "-" in signs, row
