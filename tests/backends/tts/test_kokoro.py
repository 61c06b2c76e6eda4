import sys
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest

from pipeline.backends.tts import ENGINES
from pipeline.backends.tts.kokoro import Kokoro
from pipeline.backends.tts.protocol import Voice, VoiceModel
from pipeline.errors import EngineError
from tests.models import KOKORO, KOKORO_VOICES, path_of

needs_kokoro = pytest.mark.skipif(
    find_spec("kokoro_onnx") is None, reason="kokoro-onnx is not installed: pip install 'smp3m[kokoro]'"
)
TEXT = "Nine pens are left."


@pytest.fixture(scope="module")
def model() -> Path:
    path = path_of(KOKORO)
    if path is None or any(path_of(voice) is None for voice in KOKORO_VOICES):
        pytest.skip("its model was not brought: make models")
    return path


@pytest.fixture(scope="module")
def engine(model: Path) -> Kokoro:
    return Kokoro(VoiceModel(str(model.parent)))


@needs_kokoro
def test_voices_differ_and_a_text_has_one_pronunciation(engine: Kokoro) -> None:
    assert {"af_heart", "bm_george"} <= {*engine.voices}
    first, again, other = (
        engine.synthesize(TEXT, Voice(name), seed)
        for name, seed in (("af_heart", 1), ("af_heart", 2), ("bm_george", 1))
    )
    assert first.sample_rate_hz == 24_000
    assert 0.8 < first.duration_s < 3
    np.testing.assert_array_equal(first.samples, again.samples)
    assert not np.array_equal(first.samples, other.samples)


@needs_kokoro
def test_it_is_made_by_name_of_a_folder_and_speaks_slower_when_asked(model: Path) -> None:
    made = ENGINES["kokoro"].make(VoiceModel(str(model.parent)))
    slow, plain = (made.synthesize(TEXT, Voice("am_michael", speed), 0).duration_s for speed in (0.7, 1.0))
    assert slow > 1.2 * plain


@needs_kokoro
@pytest.mark.parametrize(
    ("text", "voice", "message"),
    [
        (TEXT, "nobody", "unknown voice 'nobody'"),
        (TEXT, "af_heart@3", "pace goes from 0.5 to 2"),
        (" ", "af_heart", "no phonemes"),
    ],
)
def test_what_cannot_be_spoken_is_one_clear_error(engine: Kokoro, text: str, voice: str, message: str) -> None:
    with pytest.raises(EngineError, match=message):
        engine.synthesize(text, Voice.parse(voice), 0)


@needs_kokoro
def test_a_missing_or_damaged_model_is_named_in_one_line(tmp_path: Path, model: Path) -> None:
    with pytest.raises(EngineError, match="no such file"):
        Kokoro(VoiceModel(str(tmp_path / "nowhere")))
    with pytest.raises(EngineError, match=r"holds 0 \.onnx files"):
        Kokoro(VoiceModel(str(tmp_path)))
    with pytest.raises(EngineError, match="give the folder"):
        Kokoro(VoiceModel(str(model)))
    (tmp_path / "model.onnx").write_bytes(model.read_bytes()[:100_000])
    with pytest.raises(EngineError, match="no English voices"):
        Kokoro(VoiceModel(str(tmp_path)))
    (tmp_path / "voices").mkdir()
    voice = tmp_path / "voices" / "af_heart.bin"
    voice.write_bytes(b"12345")
    with pytest.raises(EngineError, match=r"af_heart\.bin holds no voice"):
        Kokoro(VoiceModel(str(tmp_path)))
    voice.write_bytes((model.parent / "voices" / "af_heart.bin").read_bytes())
    with pytest.raises(EngineError, match=r"model\.onnx does not load") as error:
        Kokoro(VoiceModel(str(tmp_path)))
    assert "\n" not in str(error.value)


@needs_kokoro
def test_an_archive_of_voices_does_as_well(tmp_path: Path, model: Path) -> None:
    (tmp_path / "model.onnx").symlink_to(model)
    style = np.fromfile(model.parent / "voices" / "af_heart.bin", np.float32).reshape(-1, 1, 256)
    with (tmp_path / "voices-v1.0.bin").open("wb") as out:
        np.savez(out, af_heart=style, ff_siwis=style)
    assert Kokoro(VoiceModel(str(tmp_path))).voices == ("af_heart",)


def test_a_missing_package_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "kokoro_onnx", None)
    with pytest.raises(EngineError, match=r"pip install 'smp3m\[kokoro\]'"):
        Kokoro(VoiceModel("somewhere"))
