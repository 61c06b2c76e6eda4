import sys
from importlib.util import find_spec
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from pipeline.backends.asr import ENGINES
from pipeline.backends.asr.hearing import listen
from pipeline.backends.asr.protocol import ScoringTranscriber
from pipeline.backends.asr.whisper import Whisper
from pipeline.backends.audio import Clip, join
from pipeline.backends.tts.nanotts import NanoTTS
from pipeline.backends.tts.protocol import Voice
from pipeline.errors import EngineError
from tests.models import WHISPER_TINY, path_of

needs_whisper = pytest.mark.skipif(
    find_spec("faster_whisper") is None, reason="faster-whisper is not installed: pip install 'smp3m[whisper]'"
)
TEXT = "Each box holds forty eight red pens, and there are six boxes."
STORY = (
    "A farmer takes twelve baskets of apples to the market.",
    "Each of the baskets holds thirty apples.",
    "In the morning she sells half of them to a school.",
    "At noon a baker buys another forty apples for his cakes.",
    "It begins to rain, and nobody comes for two hours.",
    "Then her brother arrives with five more baskets.",
    "Late in the evening a hotel takes all that is left.",
    "How many apples does the hotel buy from the farmer?",
)
PAUSE_S = 0.8
LAST = "How many pens are there in all?"


@pytest.fixture(scope="module")
def folder() -> Path:
    paths = [path_of(model) for model in WHISPER_TINY]
    if paths[0] is None or None in paths:
        pytest.skip("its model was not brought: make models")
    return paths[0].parent


@pytest.fixture(scope="module")
def ear(folder: Path) -> Whisper:
    return Whisper(str(folder), device="cpu")


@pytest.fixture(scope="module")
def clips() -> dict[str, Clip]:
    voice = NanoTTS()
    spoken = {text: voice.synthesize(text, Voice("en-US", 0.85), 0) for text in (TEXT, LAST)}
    voice.close()
    return spoken


@needs_whisper
def test_it_hears_and_prefers_the_text_that_was_spoken(ear: Whisper, clips: dict[str, Clip]) -> None:
    assert "boxes" in ear.transcribe(clips[TEXT]).lower()
    others = [TEXT.replace("eight", other) for other in ("nine", "")] + [TEXT.replace("six", "sixty")]
    truth, *rest = ear.score(clips[TEXT], [TEXT, *others])
    assert truth > max(rest) + 2
    assert listen(ear, clips[TEXT], TEXT, 0.3).understood
    assert not listen(ear, clips[TEXT], others[0], 0.3).understood


@needs_whisper
def test_a_clip_longer_than_a_window_is_scored_to_its_end(ear: Whisper, clips: dict[str, Clip]) -> None:
    long = join([clips[TEXT]] * 8 + [clips[LAST]], 0.3)
    assert long.duration_s > 32
    text = " ".join([TEXT] * 8 + [LAST])
    truth, late, early = ear.score(
        long, [text, text.replace(LAST, "How many pens are in six?"), text.replace("six", "ten", 1)]
    )
    assert truth > late + 2
    assert truth > early + 2


@needs_whisper
def test_words_are_found_where_they_are_spoken_beyond_a_window_too(ear: Whisper) -> None:
    voice = NanoTTS()
    spoken = [voice.synthesize(sentence, Voice("en-US", 0.85), 0) for sentence in STORY]
    voice.close()
    long = join(spoken, PAUSE_S)
    assert long.duration_s > 32
    words = " ".join(STORY).split()
    times = ear.align(long, words)
    assert [time.word for time in times] == words
    assert all(one.start_s <= one.end_s <= other.start_s + 1e-6 for one, other in pairwise(times))
    start_s, first = 0.0, 0
    for sentence, clip in zip(STORY, spoken, strict=True):
        last = first + len(sentence.split()) - 1
        # Its cross-attention sees the pause as part of the word after it, and a little of the sentence before.
        assert start_s - PAUSE_S - 0.5 <= times[first].start_s
        assert times[first].end_s < start_s + 1.5
        assert times[last].end_s <= start_s + clip.duration_s + PAUSE_S
        start_s, first = start_s + clip.duration_s + PAUSE_S, last + 1
    with pytest.raises(EngineError, match="no sound"):
        ear.align(Clip(np.zeros(16_000, np.float32), 16_000), words)


@needs_whisper
@pytest.mark.parametrize("n_samples", [0, 1, 1600])
def test_without_sound_nothing_is_heard_or_preferred(ear: Whisper, n_samples: int) -> None:
    silence = Clip(np.zeros(n_samples, np.float32), 16_000)
    assert ear.transcribe(silence) == ""
    assert ear.score(silence, ["one", "two"]) == [0.0, 0.0]


@needs_whisper
def test_it_is_made_by_the_path_of_a_folder(folder: Path) -> None:
    assert isinstance(ENGINES["whisper"].make(str(folder), None), ScoringTranscriber)


@needs_whisper
def test_a_missing_or_damaged_model_is_named_in_one_line(tmp_path: Path) -> None:
    with pytest.raises(EngineError, match="no model is named"):
        Whisper(None)
    with pytest.raises(EngineError, match=r"no such folder: .*nowhere"):
        Whisper(str(tmp_path / "nowhere"))
    (tmp_path / "model.bin").write_bytes(b"damaged")
    with pytest.raises(EngineError, match="does not load") as error:
        Whisper(str(tmp_path))
    assert "\n" not in str(error.value)


def test_a_missing_package_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "faster_whisper", None)
    with pytest.raises(EngineError, match=r"pip install 'smp3m\[whisper\]'"):
        Whisper("tiny.en")
