"""The arithmetic of the table, and the exact check on rows whose faults are known."""

import pytest

from pipeline.backends.tokenizer import control_ids, load
from pipeline.core.adaptive import Adaptive
from pipeline.core.calibration import Judged, Quality, Score, exact_verdict, laid_out, quality, rows_enough, scores
from pipeline.core.injections import Fault, Item, Subject, items
from pipeline.core.interleaving import layout
from pipeline.core.numwords import cardinal
from pipeline.core.quantities import read
from pipeline.core.schedule import Schedule
from pipeline.core.steps import read_steps
from pipeline.errors import Reason, UsageError

QWEN = load("qwen2.5")


def item(fault: Fault, expected: Reason | None, *, coincident: bool = False) -> Item:
    return Item(fault, "…", expected, coincident, "")


JUDGED = [
    Judged(item(Fault.ANSWER_FIRST, Reason.DRIFT), Reason.DRIFT),
    Judged(item(Fault.ANSWER_FIRST, Reason.DRIFT), None),
    Judged(item(Fault.ANSWER_FIRST, Reason.DRIFT, coincident=True), None),
    Judged(item(Fault.UNCHANGED, None), Reason.DRIFT),
    Judged(item(Fault.UNCHANGED, None), None),
    Judged(item(Fault.WRONG_NUMBER, Reason.UNGROUNDED), Reason.UNGROUNDED),
]


def test_counts_keep_coincident_items_apart() -> None:
    assert scores(JUDGED) == (
        Score(Fault.ANSWER_FIRST, False, 2, 1),
        Score(Fault.ANSWER_FIRST, True, 1, 0),
        Score(Fault.WRONG_NUMBER, False, 1, 1),
        Score(Fault.UNCHANGED, False, 2, 1),
    )
    assert scores(JUDGED)[0].share_right == pytest.approx(0.5)


def test_precision_and_recall_leave_coincident_items_out() -> None:
    assert quality(JUDGED, Reason.DRIFT) == Quality(0.5, 0.5, 2, 2)
    assert quality(JUDGED, Reason.UNGROUNDED) == Quality(1, 1, 1, 1)
    assert quality([], Reason.DRIFT) == Quality(1, 1, 0, 0)


def test_the_exact_check_finds_every_planted_fault_and_no_other() -> None:
    schedule = Schedule(2, 8)
    how = layout(schedule, control_ids(QWEN), QWEN.encode, QWEN.decode)
    judged = []
    for n in range(13, 43):
        reasoning = f"Eggs in all: {n} * 12 = {n * 12} eggs\nEggs that are left: {n * 12} - 7 = {n * 12 - 7} eggs"
        response = (
            f"Let us see how many eggs are left. At first there are {cardinal(n * 12)} of them. "
            f"Without the broken ones that leaves {cardinal(n * 12 - 7)} eggs."
        )
        question = read(f"There are {n} boxes of 12 eggs and 7 eggs break.")
        subject = Subject(str(n), question, reasoning, response, read_steps(reasoning), schedule, QWEN.encode)
        judged += [Judged(made, exact_verdict(laid_out(made, subject, how), subject, how)) for made in items(subject)]
    drift, ungrounded = quality(judged, Reason.DRIFT), quality(judged, Reason.UNGROUNDED)
    assert (drift.precision, drift.recall) == (1, 1)
    assert (ungrounded.precision, ungrounded.recall) == (1, 1)
    assert drift.n_faults >= 60
    assert ungrounded.n_faults == 60


def test_the_adaptive_schedule_is_no_place_for_faults() -> None:
    how = layout(Adaptive(), control_ids(QWEN), QWEN.encode, QWEN.decode)
    subject = Subject("k", (), "1 + 1 = 2", "Two.", (), Schedule(), QWEN.encode)
    with pytest.raises(UsageError, match="fixed schedules"):
        laid_out(item(Fault.UNCHANGED, None), subject, how)


def test_rows_enough_follows_from_what_a_judge_would_have_missed() -> None:
    assert rows_enough(1.0) == 299  # the rule of three: 3 / 1%
    for recall in (0.9, 0.5, 0.01):
        n = rows_enough(recall)
        assert n is not None
        assert (1 - 0.01 * recall) ** n <= 0.05 < (1 - 0.01 * recall) ** (n - 1)
    assert rows_enough(0.0) is None
