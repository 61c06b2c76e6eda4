from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.backends.tts.onnx import Phoneme, session, word_times
from pipeline.errors import EngineError


def spoken(phonemes: str, each_s: float = 0.1) -> list[Phoneme]:
    return [Phoneme(symbol, i * each_s, (i + 1) * each_s) for i, symbol in enumerate(phonemes)]


def spans(words: str, alone: list[str], phonemes: str) -> list[tuple[str, int, int]]:
    times = word_times(words.split(), alone, spoken(phonemes))
    return [(time.word, round(time.start_s * 10), round(time.end_s * 10)) for time in times]


def test_words_lie_between_blanks_and_marks() -> None:
    # phonemes  n aɪ n   dʒ ɑː z .
    #           0 1  2 3 4  5  6 7
    assert spans("nine jars.", ["nin", "dɑz"], "nin dɑz.") == [("nine", 0, 3), ("jars.", 4, 7)]


def test_words_that_run_together_are_cut_where_their_own_phonemes_meet() -> None:
    # "of the" is spoken as one word, and loses a sound
    assert spans("one of the pens", ["wun", "ov", "ðə", "penz"], "wun əvðə penz") == [
        ("one", 0, 3),
        ("of", 4, 6),
        ("the", 6, 8),
        ("pens", 9, 13),
    ]


@given(
    alone=st.lists(st.text("abcd", min_size=1, max_size=4), min_size=1, max_size=6),
    phonemes=st.text("abcd. ", min_size=1),
)
def test_there_is_a_time_for_every_word_in_order(alone: list[str], phonemes: str) -> None:
    times = word_times(["w"] * len(alone), alone, spoken(phonemes))
    assert len(times) == len(alone)
    assert all(time.start_s < time.end_s for time in times)
    assert all(one.start_s <= other.start_s for one, other in pairwise(times))


def test_a_damaged_graph_is_named_in_one_line(tmp_path: Path) -> None:
    path = tmp_path / "voice.onnx"
    path.write_bytes(b"damaged")
    with pytest.raises(EngineError, match=r"^piper: .*voice\.onnx does not load: ") as error:
        session("piper", path)
    assert "\n" not in str(error.value)
