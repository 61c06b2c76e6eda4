"""A table line for rows that can be reckoned by hand."""

import pytest

from pipeline.backends.tokenizer import control_ids, load
from pipeline.core.adaptive import Adaptive
from pipeline.core.interleaving import Prepared, layout, prepare
from pipeline.core.outcome import Unreadable
from pipeline.core.quantities import read
from pipeline.core.ratio_figures import RatioFigures, Tally, tally
from pipeline.core.schedule import Schedule

QWEN = load("qwen2.5")

QUESTION = "Ann has twelve pens and buys eight. She gives away half of them."
REASONING = "Pens in all: 12 + 8 = 20\nGiven away: 20 / 2 = 10 pens"


def row(key: str, response: str) -> Prepared | Unreadable:
    return prepare(read(QUESTION), REASONING, response, QWEN.encode, key=key)


SOUND = row("a", "Twelve pens and eight more make twenty pens in all. Half of the twenty pens is ten.")
EARLY = row("b", "She gives ten away. That is half of the twenty pens that she has by then, is it not?")
INVENTED = row("c", "Twelve pens and eight more make ninety pens.")


def counted(schedule: Schedule | Adaptive, *rows: Prepared | Unreadable) -> Tally:
    (made,) = tally(rows, [layout(schedule, control_ids(QWEN), QWEN.encode, QWEN.decode)])
    return made


def line(schedule: Schedule | Adaptive, *rows: Prepared | Unreadable) -> RatioFigures:
    return counted(schedule, *rows).figures()


def test_shares_and_reasons_add_up() -> None:
    out = line(Schedule(2, 8), SOUND, EARLY, INVENTED)
    assert (out.ratio, out.order, out.rows) == ("2:8", "response_first", 3)
    assert out.accepted_share == pytest.approx(2 / 3)
    assert out.refused == {"ungrounded": 1}
    assert out.repaired_share == pytest.approx(1 / 2)
    assert out.lead_in_tokens > 1
    assert min(out.slack.values()) >= 0
    assert list(out.slack.values()) == sorted(out.slack.values())


def test_a_leaner_schedule_leaves_a_tail_and_needs_more_words() -> None:
    rich, lean = line(Schedule(2, 8), EARLY), line(Schedule(2, 4), EARLY)
    assert rich.tail_share == 0
    assert lean.lead_in_tokens > rich.lead_in_tokens
    assert line(Schedule(4, 4), SOUND).tail_share == 1


def test_the_adaptive_schedule_has_no_order_no_pads_and_no_repair() -> None:
    out = line(Adaptive(), SOUND, EARLY)
    assert (out.ratio, out.order) == ("adaptive", None)
    assert (out.accepted_share, out.repaired_share, out.pad_share, out.underruns) == (1, 0, 0, 0)


def test_reasoning_first_delays_the_first_word() -> None:
    first = line(Schedule.parse("2:8", "reasoning_first"), SOUND)
    assert first.first_word_s == pytest.approx(9 / 50)
    assert line(Schedule(2, 8), SOUND).first_word_s == pytest.approx(1 / 50)


def test_no_rows_give_a_line_of_zeros() -> None:
    out = line(Schedule(2, 8))
    assert (out.rows, out.accepted_share, out.slack) == (0, 0, {})


def test_tallies_of_two_pieces_add_up_to_that_of_the_whole() -> None:
    first, second = counted(Schedule(2, 4), SOUND, INVENTED), counted(Schedule(2, 4), EARLY, SOUND)
    first.add(second)
    assert first.figures() == line(Schedule(2, 4), SOUND, INVENTED, EARLY, SOUND)


def test_tallies_of_two_schedules_do_not_mix() -> None:
    with pytest.raises(ValueError, match="2:4"):
        counted(Schedule(2, 4)).add(counted(Schedule(2, 8)))


def test_playback_stalls_are_counted_by_row_and_in_all() -> None:
    slow = tally([SOUND], [layout(Schedule(2, 8), control_ids(QWEN), QWEN.encode, QWEN.decode)], tokens_per_s=5)
    out = slow[0].figures()
    assert out.underrun_share == 1
    assert out.underruns > 1
    assert line(Schedule(2, 8), SOUND).underrun_share == 0
