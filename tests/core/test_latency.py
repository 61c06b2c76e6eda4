"""Figures on streams small enough to count by hand; R is a reasoning slot, o a spoken token, E the end."""

from fractions import Fraction

import pytest

from pipeline.core.latency import latency, stalls
from pipeline.core.schedule import Stream

MARKS = {"o": Stream.RESPONSE, "E": Stream.RESPONSE, "R": Stream.REASONING, ".": Stream.PAD}


def marks(drawing: str) -> list[int]:
    return [MARKS[letter] for letter in drawing]


def test_figures_of_a_turn_without_stalls() -> None:
    # 2 words in 2 tokens at 60 words/min: a token lasts 1 s, which is 10 ticks.
    figures = latency(marks("RRoRRo..E"), n_words=2, tokens_per_s=10, words_per_min=60)
    assert figures.n_before_first == 2
    assert figures.first_word_s == pytest.approx(0.3)
    assert figures.last_word_s == pytest.approx(0.6)
    assert figures.response_tokens_per_s == pytest.approx(20 / 9)
    assert figures.least_tokens_per_s == pytest.approx(3)
    assert (figures.underruns, figures.stalled_s) == (0, 0)
    assert figures.pad_share == pytest.approx(2 / 9)


def test_at_the_least_speed_nothing_stalls_and_below_it_something_does() -> None:
    streams = marks("ooRRRRooRRRRRRRRoE")
    least = latency(streams, 5, 50, 60).least_tokens_per_s
    assert least == pytest.approx(4)
    assert latency(streams, 5, 4, 60).underruns == 0
    assert latency(streams, 5, 3, 60).underruns > 0


def test_a_stall_moves_the_clock() -> None:
    # due: 0, 2, then 10 is awaited from 4 on; 12 is due again at 12.
    assert stalls([0, 2, 10, 12], Fraction(2)) == [6]


def test_silence_has_no_figures() -> None:
    with pytest.raises(ValueError, match="nothing is spoken"):
        latency(marks("RRE"), 1)
