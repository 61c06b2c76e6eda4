"""Which rows are looked at, and in which order."""

import pyarrow as pa
import pytest

from pipeline.errors import UsageError
from pipeline.review.choose import Filter, Order, Verdicts, choose, slack_range, values_of
from pipeline.review.dataset import INDEX

ROWS = [
    {"id": "a1", "accepted": True, "source": "gsm8k", "voice": "ann", "slack": 9, "wer": 0.0, "pad_share": 0.4},
    {"id": "b2", "accepted": True, "source": "gsm8k", "voice": "bob", "slack": 1, "wer": 0.1, "pad_share": 0.5},
    {"id": "c3", "accepted": True, "source": "simpleop", "voice": "ann", "slack": None, "wer": 0.2, "pad_share": 0.1},
    {"id": "d4", "accepted": True, "source": "simpleop", "voice": "ann", "slack": 5, "wer": None, "pad_share": 0.9},
    {"id": "e5", "accepted": False, "source": "gsm8k", "reason": "misheard", "stage": "speak"},
]
TABLE = pa.Table.from_pylist(ROWS, schema=INDEX)


ALL = Filter()


def ids(wanted: Filter = ALL, order: Order = Order.FIRST, seed: int = 0, said: dict[str, str] | None = None) -> str:
    return " ".join(choose(TABLE, wanted, order, seed, said).column("id").to_pylist())


def test_accepted_rows_are_looked_at_unless_others_are_asked_for() -> None:
    assert ids() == "a1 b2 c3 d4"
    assert ids(Filter(accepted=False)) == "e5"
    assert ids(Filter(accepted=None)) == "a1 b2 c3 d4 e5"


def test_filters_narrow_together() -> None:
    assert ids(Filter(source="gsm8k", voice="ann")) == "a1"
    assert ids(Filter(accepted=False, reason="misheard")) == "e5"
    assert ids(Filter(slack=(2, None))) == "a1 d4"
    assert ids(Filter(slack=(None, 5))) == "b2 d4"
    assert ids(Filter(slack=(1, 5), voice="bob")) == "b2"


def test_rows_are_chosen_by_what_reviewers_said() -> None:
    said = {"a1": "good", "c3": "bad"}
    assert ids(Filter(verdicts=Verdicts.NONE), said=said) == "b2 d4"
    assert ids(Filter(verdicts=Verdicts.BAD), said=said) == "c3"
    assert ids(Filter(verdicts=Verdicts.GOOD), said=said) == "a1"


def test_each_measure_puts_its_worst_first_and_the_unknown_last() -> None:
    assert ids(order=Order.SLACK) == "b2 d4 a1 c3"
    assert ids(order=Order.WER) == "c3 b2 a1 d4"
    assert ids(order=Order.PADS) == "d4 b2 a1 c3"


def test_worst_is_what_is_extreme_in_any_measure() -> None:
    # d4 has the most pads of four rows; b2 the least slack and c3 the highest error rate of three; a1 is nowhere last.
    assert ids(order=Order.WORST) == "d4 b2 c3 a1"


def test_the_random_order_depends_on_the_seed_and_not_on_which_rows_there_are() -> None:
    whole = ids(order=Order.RANDOM, seed=1).split()
    assert sorted(whole) == ["a1", "b2", "c3", "d4"]
    fewer = choose(TABLE.filter([True, True, False, True, True]), Filter(), Order.RANDOM, 1).column("id").to_pylist()
    assert fewer == [row_id for row_id in whole if row_id != "c3"]
    assert len({ids(order=Order.RANDOM, seed=seed) for seed in range(8)}) > 1


def test_a_pool_names_what_was_asked_for_and_is_empty_for_all_accepted_rows() -> None:
    assert Filter().pool == ""
    assert Filter(accepted=False, reason="misheard").pool == "refused reason=misheard"
    assert Filter(source="gsm8k", slack=(0, None)).pool == "source=gsm8k slack=0:"
    assert Filter(verdicts=Verdicts.NONE).pool == "verdicts=none"


def test_what_no_row_has_is_named_with_what_there_is() -> None:
    with pytest.raises(UsageError, match=r"--voice eve: no row has it; choose from ann, bob"):
        ids(Filter(voice="eve"))
    assert values_of(TABLE, "reason") == ["misheard"]


def test_no_rows_are_no_error() -> None:
    nothing = choose(TABLE.slice(0, 0), Filter(), Order.WORST, 0)
    assert nothing.num_rows == 0


@pytest.mark.parametrize(("text", "bounds"), [("0:3", (0, 3)), (":5", (None, 5)), ("-2:", (-2, None))])
def test_slack_ranges_are_read(text: str, bounds: tuple[int | None, int | None]) -> None:
    assert slack_range(text) == bounds


@pytest.mark.parametrize("text", ["3", ":", "a:b", "1:2:3", ""])
def test_what_is_no_range_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="LOW:HIGH"):
        slack_range(text)
