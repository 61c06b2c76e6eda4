"""Words of tones: the length of each is known, so the estimate can be held against it."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.backends.audio import Clip
from pipeline.backends.word_times import proportional

RATE = 16_000


def said(*parts: tuple[float, float]) -> Clip:
    """Pieces of (sound, then silence) in seconds."""
    wave = [
        np.concatenate([0.3 * np.sin(np.arange(round(on * RATE)) / 5), np.zeros(round(off * RATE))])
        for on, off in parts
    ]
    return Clip(np.concatenate(wave).astype(np.float32), RATE)


def test_a_pause_falls_between_the_words_that_a_comma_parts() -> None:
    #  Well,        | pause | ten and ten is twenty
    times = proportional(said((0.4, 0.6), (2.0, 0.0)), ["Well,", "ten", "and", "ten", "is", "twenty"])
    assert [time.word for time in times] == ["Well,", "ten", "and", "ten", "is", "twenty"]
    assert times[0].end_s == pytest.approx(0.4, abs=0.02)
    assert times[1].start_s == pytest.approx(1.0, abs=0.02)
    assert times[-1].end_s == pytest.approx(3.0, abs=0.02)


def test_a_pause_where_no_mark_is_near_belongs_to_no_mark() -> None:
    # "a, bb cc dd ee ff gg hh": a hesitation near the end is not the comma after the first word
    times = proportional(said((2.7, 0.4), (0.3, 0.0)), ["a,", "bb", "cc", "dd", "ee", "ff", "gg", "hh"])
    assert times[0].end_s < 0.5
    assert times[-1].end_s == pytest.approx(3.4, abs=0.02)


def test_a_closure_within_a_word_is_no_pause() -> None:
    whole = proportional(said((2.0, 0.0)), ["one", "two."])
    closed = proportional(said((1.0, 0.05), (0.95, 0.0)), ["one", "two."])
    assert [time.start_s for time in closed] == pytest.approx([time.start_s for time in whole], abs=0.02)


@settings(deadline=None)
@given(
    words=st.lists(st.text(alphabet="abc,.", min_size=1, max_size=8), min_size=1, max_size=12),
    parts=st.lists(st.tuples(st.floats(0.05, 0.5), st.floats(0.0, 0.5)), min_size=1, max_size=6),
)
def test_times_go_forward_within_the_clip(words: list[str], parts: list[tuple[float, float]]) -> None:
    clip = said(*parts)
    times = proportional(clip, words)
    assert [time.word for time in times] == words
    edges = [edge for time in times for edge in (time.start_s, time.end_s)]
    assert edges == sorted(edges)
    assert edges[0] >= 0
    assert edges[-1] <= clip.duration_s + 0.011


def test_silence_and_no_words_give_no_error() -> None:
    assert proportional(said((0.0, 1.0)), ["a"])[0].word == "a"
    assert proportional(said((1.0, 0.0)), []) == ()
