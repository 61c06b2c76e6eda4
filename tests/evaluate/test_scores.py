import pytest

from pipeline.evaluate.contestants import Given
from pipeline.evaluate.evaluation import Answered
from pipeline.evaluate.items import Item
from pipeline.evaluate.score_table import markdown
from pipeline.evaluate.scores import scores, verdicts, wilson


def answered(
    subset: str, gold: str, response: str | None, heard: str | None = None, *, listened: bool = False, **given: float
) -> Answered:
    item = Item("spoken_mqa", subset, gold, "Q?", gold)
    return Answered("us", "audio", item, Given(response, **given), heard, listened)  # type: ignore[arg-type]


def test_both_conventions_stand_side_by_side() -> None:
    made = verdicts(
        [
            answered("short_digit", "72", "It is 72."),
            answered("short_digit", "72", None),
            answered("short_digit", "14", "seventy-two"),
            answered("short_digit", "72", "seventy-two"),
            answered("short_digit", "-14", "minus 14"),
            answered("short_digit", "3.5", "The answer is 3 1/2"),
        ]
    )
    assert [one.official for one in made] == [True, True, False, False, False, False]
    assert [one.normalised for one in made] == [True, False, False, True, True, True]
    (score,) = scores(made)
    assert (score.n_items, score.n_failed) == (6, 1)
    assert score.official == pytest.approx(1 / 3)
    assert score.normalised == pytest.approx(4 / 6)
    assert score.heard_official is score.heard_normalised is None


def test_the_answer_before_is_of_the_same_subset() -> None:
    made = verdicts([answered("short_digit", "7", "7"), answered("long_digit", "7", None)])
    assert [one.official for one in made] == [True, False]


def test_what_the_ear_heard_is_scored_besides() -> None:
    made = verdicts(
        [
            answered("short_digit", "60", "Sixty.", "sixteen", listened=True),
            answered("short_digit", "61", "Sixty one.", "It is 61", listened=True),
            answered("short_digit", "62", "62 <", None, listened=True),
        ]
    )
    assert [one.normalised for one in made] == [True, True, True]
    assert [one.heard_normalised for one in made] == [False, True, False]
    assert [one.heard_official for one in made] == [False, True, False]
    (score,) = scores(made)
    assert score.heard_normalised == pytest.approx(1 / 3)


def test_figures_are_of_those_that_have_them() -> None:
    made = verdicts(
        [
            answered("short_digit", "1", "one two", n_derived=2, n_early=1, n_ungrounded=0, first_token_s=1.0),
            answered("short_digit", "2", "one two three four", n_derived=1, n_early=0, n_ungrounded=2, batch=8),
            answered("short_digit", "3", "one", n_derived=0, n_early=0, n_ungrounded=0, first_token_s=3.0),
            answered("short_digit", "4", None),
        ]
    )
    (score,) = scores(made)
    assert score.words == pytest.approx(7 / 3)
    assert score.drift == 0.5
    assert score.ungrounded == pytest.approx(1 / 3)
    assert score.first_token_ms == 2000
    assert score.before_first is None


def test_the_papers_two_figures_are_pooled_by_items() -> None:
    made = scores(
        verdicts(
            [
                answered("short_digit", "1", "1"),
                answered("long_digit", "2", "1"),
                answered("long_digit", "3", "1"),
                answered("knowledge", "3", "1"),
            ]
        )
    )
    assert [score.subset for score in made] == ["short_digit", "long_digit", "knowledge", "arithmetic"]
    assert made[-1].official == pytest.approx(1 / 3)
    table = markdown(made)
    rows = [line for line in table.splitlines() if "spoken_mqa arithmetic" in line]
    assert len(rows) == 3
    assert "| 77.25 |" in table
    assert len({line.count("|") for line in table.splitlines()}) == 1


def test_an_interval_holds_its_share() -> None:
    assert wilson(0, 10)[0] == 0
    assert wilson(10, 10)[1] == 1
    low, high = wilson(50, 100)
    assert low == pytest.approx(0.4038, abs=1e-4)
    assert high == pytest.approx(0.5962, abs=1e-4)
