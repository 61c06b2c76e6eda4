import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from pipeline.backends.asr import ENGINES
from pipeline.backends.asr.moonshine import Moonshine
from pipeline.backends.audio import Clip, join, resample
from pipeline.backends.tts.nanotts import NanoTTS
from pipeline.backends.tts.protocol import Voice
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
    spoken = [voice.synthesize(text, Voice("en-US"), 0) for text in TEXTS]
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


def test_a_minute_of_speech_is_heard_to_its_end(ear: Moonshine, clips: list[Clip]) -> None:
    long = join([clips[0]] * 3 + [clips[1]] * 3, 0.3)
    assert long.duration_s > 30
    assert ear.transcribe(long).endswith("each row?")
    truth, other = ear.score(long, [" ".join(TEXTS[:1] * 3 + TEXTS[1:] * 3), " ".join(TEXTS[:1] * 3 + TEXTS[1:])])
    assert truth > other


def test_any_rate_is_accepted(ear: Moonshine, clips: list[Clip]) -> None:
    assert "each row" in ear.transcribe(resample(clips[1], 44_100)).lower()


@pytest.mark.parametrize("n_samples", [0, 1, 100])
def test_next_to_nothing_is_heard_as_little(ear: Moonshine, n_samples: int) -> None:
    assert len(ear.transcribe(Clip(np.zeros(n_samples, np.float32), 16_000)).split()) <= 1


def test_a_folder_without_a_model_is_named(tmp_path: Path) -> None:
    with pytest.raises(EngineError, match=str(tmp_path)):
        Moonshine(tmp_path)


def test_a_damaged_model_is_named(tmp_path: Path) -> None:
    for name in ("encoder_model.ort", "decoder_model_merged.ort", "tokenizer.bin"):
        (tmp_path / name).write_bytes(b"damaged")
    with pytest.raises(EngineError, match="does not load") as error:
        Moonshine(tmp_path)
    assert "\n" not in str(error.value)


def test_the_text_that_was_spoken_is_likelier_than_one_with_another_number(ear: Moonshine, clips: list[Clip]) -> None:
    truth, *others = ear.score(
        clips[1],
        [
            TEXTS[1],
            *(TEXTS[1].replace("forty eight", other) for other in ("forty", "fourteen", "eight", "fifty eight")),
        ],
    )
    assert truth > max(others) + 3


def test_a_score_does_not_depend_on_the_texts_beside_it(ear: Moonshine, clips: list[Clip]) -> None:
    alone = [ear.score(clips[0], [text])[0] for text in TEXTS]
    assert ear.score(clips[0], TEXTS * 5) == pytest.approx(alone * 5, abs=1e-3)
    assert ear.score(clips[0], []) == []


def test_only_one_thread_is_used() -> None:
    code = """
import os
from pipeline.backends.asr.moonshine import Moonshine
before = len(os.listdir("/proc/self/task"))
Moonshine()
print(len(os.listdir("/proc/self/task")) - before)
"""
    assert subprocess.run([sys.executable, "-c", code], check=True, capture_output=True).stdout.strip() == b"0"


def test_it_is_made_by_name() -> None:
    assert isinstance(ENGINES["moonshine"].make(None, None), Moonshine)
