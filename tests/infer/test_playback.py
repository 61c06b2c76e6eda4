import pytest

pytest.importorskip("torch", reason="the train extra is not installed")

from hypothesis import given
from hypothesis import strategies as st

from pipeline.infer.playback import Playback, Ready, play


def test_a_late_chunk_is_an_underrun() -> None:
    #         0    1    2    3    4    5
    # ready        a         b    c
    # played       aaaaa     bbbbbcccc
    heard = play([Ready(1.0, 1.0), Ready(3.0, 1.0), Ready(3.5, 1.0)])
    assert heard == Playback((1.0, 3.0, 4.0), underruns=1, stalled_s=1.0, end_s=5.0)


def test_chunks_in_time_play_without_a_gap() -> None:
    assert play([Ready(0.5, 2.0), Ready(2.5, 1.0)]) == Playback((0.5, 2.5), 0, 0.0, 3.5)
    assert play([]) == Playback((), 0, 0.0, 0.0)


def test_a_chunk_without_length_is_refused() -> None:
    with pytest.raises(ValueError, match="cannot be played"):
        play([Ready(0.0, 0.0)])


@given(st.lists(st.tuples(st.floats(0, 10), st.floats(0.01, 5)), min_size=1))
def test_playback_takes_first_wait_speech_and_stalls(raw: list[tuple[float, float]]) -> None:
    ready = sorted(at for at, _ in raw)
    chunks = [Ready(at, length) for at, (_, length) in zip(ready, raw, strict=True)]
    heard = play(chunks)
    assert heard.end_s == pytest.approx(ready[0] + sum(chunk.duration_s for chunk in chunks) + heard.stalled_s)
    assert all(start >= chunk.ready_s for start, chunk in zip(heard.starts_s, chunks, strict=True))
