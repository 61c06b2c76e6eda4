import io
import sys
from pathlib import Path

import numpy as np
import pytest
import soundfile

pytest.importorskip("torch", reason="the train extra is not installed")
pytest.importorskip("transformers", reason="the train extra is not installed")

from pipeline.backends.audio import Clip
from pipeline.backends.tts.nanotts import NanoTTS
from pipeline.backends.tts.protocol import Voice
from pipeline.errors import UsageError
from pipeline.infer.question import Question, prompt_of, recorded, written
from pipeline.model import thinker
from pipeline.model.thinker import Geometry
from pipeline.model.vocabulary import Vocabulary

RATE = 16_000


@pytest.fixture(scope="module")
def speech() -> Clip:
    engine = NanoTTS()
    clip = engine.synthesize("What is two plus three?", Voice("en-US"), 0)
    engine.close()
    return clip


def wav(path: Path, samples: np.ndarray, rate: int = RATE) -> str:
    soundfile.write(path, samples, rate)
    return str(path)


def test_stereo_is_averaged_and_any_rate_is_heard(speech: Clip, tmp_path: Path) -> None:
    small = thinker.tiny(Vocabulary.trimmed("qwen2.5", []), Geometry(hidden=32, layers=1, n_mels=20)).eval()
    mono = recorded(wav(tmp_path / "mono.wav", speech.samples))
    stereo = recorded(wav(tmp_path / "stereo.flac", np.stack([speech.samples, 0 * speech.samples], axis=1)))
    slow = recorded(wav(tmp_path / "slow.wav", speech.samples[::2], 8_000))
    assert mono.clip is not None
    assert stereo.clip is not None
    np.testing.assert_allclose(stereo.clip.samples, mono.clip.samples / 2, atol=1e-4)
    places = {len(prompt_of(question, small).rows) for question in (mono, stereo, slow)}
    assert len(places) == 1
    heard = [prompt_of(question, small).heard for question in (mono, slow)]
    assert heard[0] is not None
    assert heard[1] is not None
    assert heard[0].frames.shape == heard[1].frames.shape


def test_stdin_is_read(speech: Clip, monkeypatch: pytest.MonkeyPatch) -> None:
    file = io.BytesIO()
    soundfile.write(file, speech.samples, RATE, format="WAV")
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(file.getvalue())))
    assert recorded("-").source == "audio"


def test_what_cannot_be_answered_is_said_in_one_line(speech: Clip, tmp_path: Path) -> None:
    (tmp_path / "text.wav").write_text("not a sound")
    (tmp_path / "empty.wav").touch()
    cut = tmp_path / "cut.wav"
    wav(cut, speech.samples)
    cut.write_bytes(cut.read_bytes()[:300])
    cases = {
        wav(tmp_path / "silent.wav", np.zeros(RATE)): r"silent \(-inf dB",
        wav(tmp_path / "faint.wav", 1e-4 * np.ones(RATE)): "silent",
        wav(tmp_path / "hour.flac", np.zeros(3600 * 8_000, np.int16), 8_000): r"3600\.0 s long; a question takes 0\.2",
        wav(tmp_path / "click.wav", np.ones(100)): "0.0 s long",
        str(tmp_path / "text.wav"): "no audio that can be read",
        str(tmp_path / "empty.wav"): "holds nothing",
        str(cut): "s long|no audio",
        str(tmp_path / "none.wav"): "No such file",
        str(tmp_path): "directory",
    }
    for path, message in cases.items():
        with pytest.raises(UsageError, match=message) as refused:
            recorded(path)
        assert "\n" not in str(refused.value)
        assert path in str(refused.value)


def test_a_written_question_is_put_into_words() -> None:
    assert written("What is 3 + 4?").text == "What is three plus four?"
    assert written("  What is  three?\n").text == "What is three?"


@pytest.mark.parametrize(
    ("text", "message"),
    [("?!", "holds no word"), ("", "holds no word"), ("a" * 5000, "5000 characters"), ("Solve 数 = 3", "--text: ")],
)
def test_a_text_that_is_no_question_is_refused(text: str, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        written(text)


def test_a_question_is_text_or_sound(speech: Clip) -> None:
    for both in ({}, {"text": "a", "clip": speech}):
        with pytest.raises(UsageError, match="give one of them"):
            Question(**both)  # type: ignore[arg-type]
