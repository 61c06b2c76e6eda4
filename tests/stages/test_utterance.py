import numpy as np
import pytest
from numpy.typing import NDArray

from pipeline.backends.audio import Clip
from pipeline.backends.tts.protocol import Voice
from pipeline.errors import EngineError
from pipeline.stages.utterance import SENTENCE_PAUSE_S, Manner, utter
from tests.stages.recorded import RATE, WORD_S, Studio, TimedTones, Tones

TEXT = "Ten pens cost nine. How many is that now?"


def hz(samples: NDArray[np.float32]) -> float:
    return float(np.count_nonzero(np.diff(np.signbit(samples))) / 2 / len(samples) * RATE)


def test_pitch_moves_the_frequencies_and_not_the_pace() -> None:
    plain = utter(Tones(Studio(), "t"), TEXT, Manner(Voice("low"), 1.0, None), 0, timed=False)
    high = utter(Tones(Studio(), "t"), TEXT, Manner(Voice("low"), 1.25, None), 0, timed=False)
    assert high.clip.duration_s == pytest.approx(plain.clip.duration_s, abs=1e-3)
    assert hz(high.clip.samples) == pytest.approx(1.25 * hz(plain.clip.samples), rel=0.01)


def test_an_engine_with_a_limit_gets_sentences_and_they_are_joined_without_a_click() -> None:
    studio = Studio()
    said = utter(TimedTones(studio, "t"), TEXT, Manner(Voice("low"), 1.0, 25), 0, timed=True)
    assert [text for text, _, _ in studio.said] == ["Ten pens cost nine.", "How many is that now?"]
    assert said.clip.duration_s == pytest.approx(9 * WORD_S + SENTENCE_PAUSE_S, abs=0.05)
    loudest_step = np.abs(np.diff(said.clip.samples)).max()
    assert loudest_step <= 1.05 * 0.2 * 2 * np.pi * 200 / RATE  # the tone's own steepest
    assert said.times is not None
    assert [time.word for time in said.times] == TEXT.split()
    gap = said.times[4].start_s - said.times[3].end_s
    assert gap == pytest.approx(SENTENCE_PAUSE_S, abs=0.03)


def test_a_sentence_without_a_sound_is_not_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    def mute(self: Tones, text: str, voice: Voice, seed: int) -> Clip:
        clip = said(self, text, voice, seed)
        return Clip(clip.samples * np.float32(not text.startswith("How")), clip.sample_rate_hz)

    said = Tones.synthesize
    monkeypatch.setattr(Tones, "synthesize", mute)
    with pytest.raises(EngineError, match="no sound for 'How many is that now"):
        utter(Tones(Studio(), "t"), TEXT, Manner(Voice("low"), 1.0, 25), 0, timed=False)


def test_times_follow_pace_and_pitch() -> None:
    said = utter(TimedTones(Studio(), "t"), TEXT, Manner(Voice("low", 0.8), 1.25, None), 0, timed=True)
    assert said.times is not None
    assert said.times[-1].end_s == pytest.approx(9 * WORD_S / 0.8, abs=0.01)
    assert said.clip.duration_s == pytest.approx(9 * WORD_S / 0.8, abs=0.01)
