import io

import numpy as np
import pytest
import soundfile
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from pipeline.backends import audio
from pipeline.backends.audio import AudioFormat, Bounds, Clip, Finish
from pipeline.errors import EngineError, Reason

RATE = 16_000


def tone(seconds: float, amplitude: float = 0.3, rate: int = RATE) -> NDArray[np.float32]:
    t = np.arange(round(seconds * rate)) / rate
    return (amplitude * np.sin(2 * np.pi * 220 * t)).astype(np.float32)


def clip(*parts: NDArray[np.float32], rate: int = RATE) -> Clip:
    return Clip(np.concatenate(parts), rate)


def quiet(seconds: float, rate: int = RATE) -> NDArray[np.float32]:
    return np.zeros(round(seconds * rate), np.float32)


def test_resampling_keeps_duration_and_pitch() -> None:
    there = audio.resample(clip(tone(1.0)), 24_000)
    assert there.sample_rate_hz == 24_000
    assert there.duration_s == pytest.approx(1.0, abs=1e-3)
    crossings = np.count_nonzero(np.diff(np.signbit(there.samples)))
    assert crossings == pytest.approx(440, abs=2)


def test_resampling_to_the_same_rate_changes_nothing() -> None:
    here = clip(tone(0.1))
    assert audio.resample(here, RATE) is here


@pytest.mark.parametrize("gain", [0.01, 0.1, 1.0, 3.0])
def test_loudness_no_longer_depends_on_how_loud_the_engine_was(gain: float) -> None:
    loud = audio.normalise(clip(tone(2.0, 0.3 * gain)), -23.0, -1.0)
    assert audio.level_db(loud) == pytest.approx(-23.0, abs=0.01)


def test_pauses_do_not_count_as_quiet_speech() -> None:
    spoken = audio.level_db(clip(tone(2.0)))
    with_pauses = audio.level_db(clip(tone(1.0), quiet(3.0), tone(1.0)))
    assert with_pauses == pytest.approx(spoken, abs=1.0)


def test_a_high_peak_wins_over_the_level() -> None:
    samples = tone(2.0, 0.001)
    samples[100] = 0.5
    out = audio.normalise(Clip(samples, RATE), -23.0, -1.0)
    assert np.abs(out.samples).max() == pytest.approx(10 ** (-1 / 20), rel=1e-4)


def test_silence_at_the_ends_is_cut_to_the_margin_and_pauses_stay() -> None:
    #  0.5 s silence | 1 s tone | 0.3 s pause | 1 s tone | 0.02 s silence
    long = clip(quiet(0.5), tone(1.0), quiet(0.3), tone(1.0), quiet(0.02))
    out = audio.trim(long, -50.0, 0.1)
    assert out.duration_s == pytest.approx(0.1 + 1.0 + 0.3 + 1.0 + 0.02, abs=0.011)


@pytest.mark.parametrize("samples", [quiet(0.0), quiet(1.0)])
def test_what_is_silent_throughout_becomes_empty_and_stays_so(samples: NDArray[np.float32]) -> None:
    assert audio.finish(Clip(samples, RATE), Finish()).samples.size == 0


@settings(max_examples=30, deadline=None)
@given(
    seconds=st.floats(0.0, 1.0),
    rate=st.sampled_from([8_000, 16_000, 22_050, 24_000, 48_000]),
    gain=st.floats(0.0, 2.0),
)
def test_a_finished_clip_is_within_range_at_the_rate_and_reproducible(seconds: float, rate: int, gain: float) -> None:
    raw = clip(quiet(0.1, rate), tone(seconds, gain, rate), rate=rate)
    out = audio.finish(raw, Finish())
    assert out.sample_rate_hz == 24_000
    assert out.samples.dtype == np.float32
    assert np.abs(out.samples).max(initial=0.0) <= 10 ** (-1 / 20) + 1e-6
    assert audio.encode(out, "flac") == audio.encode(audio.finish(raw, Finish()), "flac")


@pytest.mark.parametrize(
    ("made", "figure"),
    [
        (clip(quiet(3.0)), "silent: -inf dB"),
        (clip(quiet(0.0)), "silent"),
        (clip(tone(3.0, 0.001)), "silent: -63 dB"),
        (clip(np.clip(tone(3.0, 2.0), -1, 1)), "clipped: 66"),
        (clip(np.clip(tone(3.0, 2.0), -1, 32_767 / 32_768)), "clipped: 66"),
    ],
)
def test_what_an_engine_spoils_is_named_with_its_figure(made: Clip, figure: str) -> None:
    found = audio.raw_fault(made, Bounds())
    assert found is not None
    assert found.reason == Reason.SPEECH_FAILED
    assert figure in found.detail


@pytest.mark.parametrize(
    ("made", "words", "figure"),
    [
        (clip(quiet(0.0)), 9, "0.0 s long"),
        (clip(tone(0.5)), 2, "0.5 s long"),
        (clip(tone(61.0)), 180, "61.0 s long"),
        (clip(tone(3.0)), 30, "10.0 words per second"),
        (clip(tone(10.0)), 3, "0.3 words per second"),
    ],
)
def test_a_length_that_is_no_speech_is_named_with_its_figure(made: Clip, words: int, figure: str) -> None:
    found = audio.fault(made, words, Bounds())
    assert found is not None
    assert found.reason == Reason.SPEECH_DURATION
    assert figure in found.detail


def test_ordinary_audio_has_no_fault() -> None:
    assert audio.raw_fault(clip(tone(4.0)), Bounds()) is None
    assert audio.fault(clip(tone(4.0)), 11, Bounds()) is None


@pytest.mark.parametrize("audio_format", ["flac", "wav"])
@settings(max_examples=15, deadline=None)
@given(pcm=st.lists(st.integers(-32_768, 32_767), min_size=1, max_size=500))
def test_lossless_formats_give_back_what_went_in(audio_format: AudioFormat, pcm: list[int]) -> None:
    samples = (np.array(pcm) / 32_768).astype(np.float32)
    back = audio.decode(audio.encode(Clip(samples, RATE), audio_format))
    assert back.sample_rate_hz == RATE
    np.testing.assert_array_equal(np.rint(back.samples * 32_768), pcm)


def test_ogg_is_smaller_and_sounds_the_same() -> None:
    here = Clip(tone(2.0, rate=24_000), 24_000)
    data = audio.encode(here, "ogg")
    back = audio.decode(data)
    assert len(data) < len(audio.encode(here, "wav")) / 4
    assert back.duration_s == pytest.approx(2.0, abs=0.05)
    assert audio.level_db(back) == pytest.approx(audio.level_db(here), abs=0.5)


def test_stereo_becomes_mono() -> None:
    both = np.stack([tone(0.5), quiet(0.5)], axis=1)
    out = io.BytesIO()
    soundfile.write(out, both, RATE, format="WAV", subtype="FLOAT")
    np.testing.assert_allclose(audio.decode(out.getvalue()).samples, tone(0.5) / 2, atol=1e-6)


@pytest.mark.parametrize("data", [b"", b"not audio at all" * 9])
def test_bytes_that_are_no_audio_are_refused(data: bytes) -> None:
    with pytest.raises(EngineError, match="no audio"):
        audio.decode(data)


def test_joining_puts_the_pause_between_and_not_at_the_ends() -> None:
    out = audio.join([clip(tone(0.5)), clip(tone(0.5))], 0.2)
    assert out.duration_s == pytest.approx(1.2)
    assert np.abs(out.samples[8_001:11_199]).max() == 0


def test_clips_of_different_rates_are_not_joined() -> None:
    with pytest.raises(ValueError, match=r"\[8000, 16000\]"):
        audio.join([clip(tone(0.1)), clip(tone(0.1), rate=8_000)], 0.1)
