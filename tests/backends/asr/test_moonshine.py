import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from pipeline.backends.asr import ENGINES
from pipeline.backends.asr.moonshine import Moonshine
from pipeline.backends.audio import Clip, resample
from pipeline.backends.tts.nanotts import NanoTTS
from pipeline.errors import EngineError

TEXTS = (
    "Each jar holds two and a half litres of honey, and there are nineteen jars.",
    "A gardener plants forty eight tulips in six rows. How many tulips are in each row?",
)


@pytest.fixture(scope="module")
def ear() -> Moonshine:
    return Moonshine()


@pytest.fixture(scope="module")
def clips() -> list[Clip]:
    voice = NanoTTS()
    spoken = [voice.synthesize(text, "en-US", 0) for text in TEXTS]
    voice.close()
    return spoken


def test_numbers_are_heard(ear: Moonshine, clips: list[Clip]) -> None:
    heard = ear.transcribe(clips[1]).lower()
    assert "48" in heard or "forty" in heard
    assert "each row" in heard


def test_what_is_heard_does_not_depend_on_what_was_heard_before(ear: Moonshine, clips: list[Clip]) -> None:
    first = [Moonshine().transcribe(clip) for clip in clips]
    for order in ((0, 1), (1, 0), (0, 0)):
        assert [ear.transcribe(clips[i]) for i in order] == [first[i] for i in order]


def test_any_rate_is_accepted(ear: Moonshine, clips: list[Clip]) -> None:
    assert "each row" in ear.transcribe(resample(clips[1], 44_100)).lower()


@pytest.mark.parametrize("n_samples", [0, 1, 100])
def test_next_to_nothing_is_heard_as_little(ear: Moonshine, n_samples: int) -> None:
    assert len(ear.transcribe(Clip(np.zeros(n_samples, np.float32), 16_000)).split()) <= 1


def test_a_folder_without_a_model_is_named(tmp_path: Path) -> None:
    with pytest.raises(EngineError, match=str(tmp_path)):
        Moonshine(tmp_path)


def test_no_sound_library_is_loaded() -> None:
    code = "import sys; from pipeline.backends.asr.moonshine import Moonshine; Moonshine(); "
    code += "sys.exit('sounddevice' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_it_is_made_by_name() -> None:
    assert isinstance(ENGINES["moonshine"](), Moonshine)
