"""A reviewer's way through the rows, and what the verdicts come to."""

from pathlib import Path

import pytest

from pipeline.errors import UsageError
from pipeline.review import looking
from pipeline.review.choose import Filter, Order, Verdicts
from pipeline.review.session import Session
from pipeline.review.summary import lines
from pipeline.review.verdicts import verdicts


def judge_all(session: Session, bad: tuple[int, ...] = ()) -> list[str]:
    ids = []
    for at in range(session.rows.num_rows):
        session.at = at
        ids.append(session.judge("bad" if at in bad else "good", "audio" if at in bad else "").id)
    return ids


def test_it_begins_at_random_rows_and_goes_on_where_the_reviewer_stopped(build_copy: Path) -> None:
    session = Session.of(build_copy, "ann")
    assert session.rows.num_rows == 12
    for _ in range(3):
        session.judge("good")
        session.step(1)
    expected = session.view
    assert expected is not None
    again = Session.of(build_copy, "ann")
    assert again.view == expected
    assert Session.of(build_copy, "bob").at == 0


def test_it_stays_within_the_rows(build_copy: Path) -> None:
    session = Session.of(build_copy, "ann")
    session.step(-1)
    assert session.at == 0
    session.step(100)
    assert session.at == 11


def test_a_row_judged_for_another_cause_still_comes_up_at_random(build_copy: Path) -> None:
    session = Session.of(build_copy, "ann")
    session.choose(Filter(), Order.WORST, 0)
    judge_all(session, bad=(0, 1, 2))
    assert session.summary().n_random == 0
    session.choose(Filter(), Order.RANDOM, 0)
    assert session.at == 0
    session.judge("good")
    summary = session.summary()
    assert summary.n_random == 1
    # It was drawn: that it is looked at again as one of the worst takes it out of no estimate.
    session.choose(Filter(), Order.SLACK, 0)
    judge_all(session)
    assert session.summary().n_random == 1


def test_rows_of_a_narrower_choice_estimate_nothing(build_copy: Path) -> None:
    session = Session.of(build_copy, "ann")
    session.choose(Filter(verdicts=Verdicts.NONE), Order.RANDOM, 0)
    session.judge("good")
    assert verdicts(build_copy)[0].pool == "verdicts=none"
    assert session.summary().acceptance is None
    assert any("cannot be told" in line for line in lines(session.summary()))


def test_who_judged_all_rows_knows_the_share(build_copy: Path) -> None:
    session = Session.of(build_copy, "ann")
    judge_all(session, bad=(0, 1, 2))
    summary = session.summary()
    assert summary.acceptance == pytest.approx((0.75, 0.75, 0.75))
    assert len(summary.bad) == 3
    assert summary.standing[summary.bad[0].id] == "bad"
    assert summary.bad[0].detail == "ann: bad (audio)"
    session.choose(Filter(verdicts=Verdicts.BAD), Order.FIRST, 0)
    assert session.rows.num_rows == 3


def test_reviewers_who_disagree_are_counted_and_the_worse_verdict_stands(build_copy: Path) -> None:
    judge_all(Session.of(build_copy, "ann"), bad=(0, 1))
    judge_all(Session.of(build_copy, "bob"), bad=(1, 2))
    summary = Session.of(build_copy, "carla").summary()
    assert (summary.n_shared, summary.same, len(summary.bad)) == (12, 10 / 12, 3)
    assert summary.alpha == pytest.approx(1 - 23 * 4 / (2 * 4 * 20))
    judge_all(Session.of(build_copy, "carla"), bad=(1,))
    outvoted = Session.of(build_copy, "carla").summary()
    assert [row.detail for row in outvoted.bad] == ["ann: bad (audio); bob: bad (audio); carla: bad (audio)"]


def test_a_verdict_taken_back_counts_no_more(build_copy: Path) -> None:
    session = Session.of(build_copy, "ann")
    session.judge("bad")
    view = session.view
    assert view is not None
    mine = session.mine(view)
    assert mine is not None
    assert mine.verdict == "bad"
    session.judge("withdrawn")
    assert session.mine(view) is None
    assert session.summary().n_verdicts == 0


def test_what_was_judged_bad_stays_listed_while_the_build_lacks_it(build_copy: Path) -> None:
    session = Session.of(build_copy, "ann")
    gone = session.log.add(row_id="f" * 32, content="0" * 32, verdict="bad", reviewer="ann")
    bad = session.judge("bad")
    summary = session.summary()
    assert [row.id for row in summary.bad] == [bad.id]
    assert {(row.id, row.content) for row in summary.listed} == {(bad.id, bad.content), (gone.id, gone.content)}
    assert summary.n_outdated == 1


def test_a_row_is_read_for_its_digest_once(build_copy: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    session = Session.of(build_copy, "ann")
    bad = session.judge("bad")
    assert len(session.summary().bad) == 1
    monkeypatch.setattr(looking, "content_of", None)
    assert session.summary().standing == {bad.id: "bad"}


def test_what_cannot_be_judged_is_said(build_copy: Path) -> None:
    session = Session.of(build_copy, "")
    with pytest.raises(UsageError, match="name first"):
        session.judge("good")
    session.choose(Filter(accepted=False), Order.FIRST, 0)
    with pytest.raises(UsageError, match="no row here that can be judged"):
        session.judge("good")
    session.choose(Filter(slack=(999, None)), Order.FIRST, 0)
    assert session.view is None
    with pytest.raises(UsageError, match="no row here"):
        session.judge("good")
