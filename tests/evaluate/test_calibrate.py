"""Faults are planted alike for every judge; the exact check finds all that numbers can show."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from pipeline.core.calibration import Planted, quality
from pipeline.core.injections import Fault
from pipeline.core.repair import Limits
from pipeline.core.schedule import Schedule, deinterleave
from pipeline.errors import Reason, UsageError
from pipeline.evaluate.calibrate import Calibration, Layouts, calibrate, drawn
from pipeline.evaluate.calibration_table import kind_table, reason_table, to_json
from pipeline.evaluate.dataset import DataSet, open_dataset, vocabulary_of
from pipeline.evaluate.judges import ExactJudge

pytestmark = pytest.mark.ray


class Trusting:
    """A judge that finds nothing."""

    name = "trusting"

    def verdicts(self, planted: Sequence[Planted]) -> Sequence[Reason | None]:
        return [None] * len(planted)


def layouts(data: DataSet) -> Layouts:
    return Layouts(vocabulary_of(data), data.limits)


def exact(data: DataSet, n_faults: int = 60, seed: int = 0) -> Calibration:
    made = layouts(data)
    return calibrate(data, n_faults, seed, ExactJudge(made), made)


def test_the_exact_check_finds_every_fault_that_numbers_show(lean: Path) -> None:
    found = exact(open_dataset(lean))
    drift, ungrounded = (quality(found.judged, reason) for reason in (Reason.DRIFT, Reason.UNGROUNDED))
    assert (drift.precision, drift.recall, ungrounded.precision, ungrounded.recall) == (1, 1, 1, 1)
    assert drift.n_faults >= 20
    assert ungrounded.n_faults >= 20
    assert drift.n_faults + ungrounded.n_faults >= 60


def test_another_judge_is_shown_the_same_items_and_scored_alike(lean: Path) -> None:
    data = open_dataset(lean)
    trusting = calibrate(data, 60, 0, Trusting(), layouts(data))
    assert [entry.item for entry in trusting.planted] == [entry.item for entry in exact(data).planted]
    assert quality(trusting.judged, Reason.DRIFT).recall == 0
    report = to_json(trusting, 0)
    assert report["judge"] == "trusting"
    assert report["n_misjudged"] == report["faults"]
    assert {"id", "words", "response", "expected"} <= report["misjudged"][0].keys()


def test_what_a_judge_is_shown_is_the_planted_response(lean: Path) -> None:
    data = open_dataset(lean)
    made = layouts(data)
    for entry in exact(data).planted:
        how = made.of(entry.subject.schedule)
        turn = deinterleave(entry.token_ids, entry.streams, how.control)
        assert how.decode(turn.response_ids) == entry.item.response
        assert entry.question


def test_the_seed_draws_rows_and_faults(lean: Path) -> None:
    data = open_dataset(lean)
    first, again, other = exact(data, 20), exact(data, 20), exact(data, 20, seed=1)
    assert first == again
    assert [entry.id for entry in first.planted] != [entry.id for entry in other.planted]
    assert len(list(drawn(data, 3, 0))) == 3


def test_no_more_rows_are_taken_than_faults_are_asked_for(lean: Path) -> None:
    found = exact(open_dataset(lean), 1)
    assert found.n_rows == 1
    assert any(entry.item.expected for entry in found.planted)


def test_the_tables_hold_every_kind(lean: Path) -> None:
    found = exact(open_dataset(lean))
    assert kind_table(found).row_count == len(Fault)
    assert reason_table(found).row_count == 2


def test_an_adaptive_build_has_no_place_for_faults(adaptive: Path) -> None:
    with pytest.raises(UsageError, match="all rows are adaptive"):
        exact(open_dataset(adaptive))


def test_one_layout_is_made_for_a_schedule(lean: Path) -> None:
    made = Layouts(vocabulary_of(open_dataset(lean)), Limits())
    assert made.of(Schedule(2, 8)) is made.of(Schedule(2, 8))
