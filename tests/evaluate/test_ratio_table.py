"""Figures as a person and as a spreadsheet read them."""

import csv
import io

from rich.console import Console

from pipeline.core.ratio_figures import Tally
from pipeline.errors import Reason
from pipeline.evaluate.ratio_table import label, tables, to_csv

FULL = Tally("4:16", "reasoning_first", rows=8, accepted=4, repaired=2, lead_in_tokens=9, tails=4, tail_tokens=100)
FULL.slack.update({0: 1, 7: 3})
FULL.refused.update({Reason.DRIFT: 3, Reason.TAIL: 1})
FULL.pad_share, FULL.first_word_s, FULL.last_word_s = 2.0, 1.36, 20.0
EMPTY = Tally("adaptive", None)
LINES = [FULL.figures(), EMPTY.figures()]


def test_the_csv_holds_every_figure_by_name() -> None:
    first, last = csv.DictReader(io.StringIO(to_csv(LINES)))
    assert (first["ratio"], first["order"], first["rows"]) == ("4:16", "reasoning_first", "8")
    assert (first["accepted_share"], first["lead_in_tokens"], first["tail_tokens"]) == ("0.5", "4.5", "25.0")
    assert (first["slack_p1"], first["slack_p50"], first["first_word_s"]) == ("0", "7", "0.34")
    assert (first["refused_drift"], first["refused_tail"], first["refused_ungrounded"]) == ("3", "1", "0")
    assert (last["order"], last["accepted_share"], last["slack_p50"]) == ("", "0.0", "")


def test_the_tables_fit_a_narrow_terminal_whole() -> None:
    console = Console(width=80, record=True, file=io.StringIO())
    console.print(*tables(LINES))
    text = console.export_text()
    assert "…" not in text
    for words in ("4:16 r-first", "50.0%", "0/7/7", "0.34 s", "5.00 s", "adaptive"):
        assert words in text


def test_a_schedule_is_named_shortly() -> None:
    assert [label(line) for line in LINES] == ["4:16 r-first", "adaptive"]
