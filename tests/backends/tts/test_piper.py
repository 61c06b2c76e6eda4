import shutil
import sys
from importlib.util import find_spec
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from pipeline.backends.tts import ENGINES
from pipeline.backends.tts.piper import Piper
from pipeline.backends.tts.protocol import TimedSynthesizer, Voice, VoiceModel
from pipeline.errors import EngineError
from tests.models import PIPER_JOE, path_of

needs_piper = pytest.mark.skipif(
    find_spec("piper") is None, reason="piper-tts is not installed: pip install 'smp3m[piper]'"
)
TEXT = "One of the boys has nine pens. How many are left?"
JOE = Voice("en_US-joe-medium")


@pytest.fixture(scope="module")
def model() -> Path:
    path = path_of(PIPER_JOE)
    if path is None:
        pytest.skip("its voice was not brought: make models")
    return path


@pytest.fixture(scope="module")
def engine(model: Path) -> Piper:
    return Piper(VoiceModel(str(model)))


@needs_piper
def test_the_same_text_gives_the_same_samples_whatever_the_seed_and_process(engine: Piper, model: Path) -> None:
    first = engine.synthesize(TEXT, JOE, 1)
    assert engine.voices == ("en_US-joe-medium",)
    assert first.sample_rate_hz == 22_050
    assert 2 < first.duration_s < 6
    engine.synthesize("Something else.", JOE, 0)
    np.testing.assert_array_equal(first.samples, engine.synthesize(TEXT, JOE, 2).samples)
    watched = ENGINES["piper"].make(VoiceModel(str(model.parent)))
    assert isinstance(watched, TimedSynthesizer)
    clip, times = watched.synthesize_timed(TEXT, JOE, 3)
    np.testing.assert_array_equal(first.samples, clip.samples)
    assert [time.word for time in times] == TEXT.split()


@needs_piper
def test_word_times_follow_the_sound(engine: Piper) -> None:
    clip, times = engine.synthesize_timed(TEXT, JOE, 0)
    assert all(one.end_s <= other.start_s + 1e-6 for one, other in pairwise(times))
    assert times[-1].end_s <= clip.duration_s
    pens, how = times[6], times[7]
    assert how.start_s - pens.end_s > 0.15  # the pause between the sentences
    level = np.abs(clip.samples[round(pens.end_s * 22_050) : round(how.start_s * 22_050)]).mean()
    assert level < 0.2 * np.abs(clip.samples).mean()


@needs_piper
def test_a_slower_voice_takes_longer(engine: Piper) -> None:
    slow, plain = (engine.synthesize(TEXT, Voice(JOE.name, speed), 0).duration_s for speed in (0.7, 1.0))
    assert slow > 1.2 * plain


@needs_piper
@pytest.mark.parametrize(
    ("text", "voice", "message"),
    [
        (TEXT, "amy", "unknown voice 'amy'"),
        ("", JOE.name, "no sound"),
        ("say [[h]]", JOE.name, r"'\[\['"),
    ],
)
def test_what_cannot_be_spoken_is_one_clear_error(engine: Piper, text: str, voice: str, message: str) -> None:
    with pytest.raises(EngineError, match=message):
        engine.synthesize(text, Voice(voice), 0)


@needs_piper
def test_a_missing_or_damaged_voice_is_named_in_one_line(tmp_path: Path, model: Path) -> None:
    with pytest.raises(EngineError, match=r"no such file: .*nowhere\.onnx"):
        Piper(VoiceModel(str(tmp_path / "nowhere.onnx")))
    with pytest.raises(EngineError, match=r"holds 0 \.onnx files"):
        Piper(VoiceModel(str(tmp_path)))
    with pytest.raises(EngineError, match="no model is named"):
        Piper(VoiceModel())
    damaged = tmp_path / "damaged.onnx"
    damaged.write_bytes(model.read_bytes()[:100_000])
    with pytest.raises(EngineError, match=r"no such file: .*damaged\.onnx\.json"):
        Piper(VoiceModel(str(damaged)))
    settings = tmp_path / "damaged.onnx.json"
    settings.write_text("{")
    with pytest.raises(EngineError, match="no voice's settings"):
        Piper(VoiceModel(str(damaged)))
    shutil.copy(model.with_name(f"{model.name}.json"), settings)
    with pytest.raises(EngineError, match=r"damaged\.onnx does not load") as error:
        ENGINES["piper"].make(VoiceModel(str(damaged)))
    assert "\n" not in str(error.value)


@needs_piper
def test_a_voice_that_cannot_be_fetched_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path))
    with pytest.raises(EngineError, match=r"^piper: the voice en_US-lessac-medium cannot be fetched from rhasspy"):
        Piper(VoiceModel("en_US-lessac-medium"))


def test_a_missing_package_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "piper", None)
    with pytest.raises(EngineError, match=r"pip install 'smp3m\[piper\]'"):
        Piper(VoiceModel("en_US-lessac-medium"))
