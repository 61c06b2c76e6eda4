"""An engine and an ear for tests of the stages: the engine says words as tones, the ear hears what was said last."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np
import pytest

from pipeline.backends import asr, tts
from pipeline.backends.asr import Ear
from pipeline.backends.audio import Clip
from pipeline.backends.tts import SpeechEngine
from pipeline.backends.tts.protocol import Voice, VoiceModel, WordTime
from pipeline.errors import EngineError

RATE = 16_000
WORD_S = 0.4


@dataclass
class Studio:
    """What was said, and how the next texts go wrong."""

    said: list[tuple[str, str, int]] = field(default_factory=list)
    """Text, voice and seed of each call."""
    loaded: list[str] = field(default_factory=list)
    """Engines, each time one was made."""
    mishears: Callable[[str, str], bool] = lambda text, voice: False  # noqa: ARG005
    raises: Callable[[str], Exception | None] = lambda text: None  # noqa: ARG005
    gain: float = 1.0
    """How loud the engines are; what passes full scale is cut off there."""


@dataclass
class Tones:
    """A `Synthesizer`: so many seconds of tone a word, at the voice's pace."""

    studio: Studio
    name: str
    voices: tuple[str, ...] = ("low", "high")
    deterministic = True

    def synthesize(self, text: str, voice: Voice, seed: int) -> Clip:
        """See the protocol."""
        error = self.studio.raises(text)
        if error is not None:
            raise error
        self.studio.said.append((text, str(voice), seed))
        t = np.arange(round(len(text.split()) * WORD_S / voice.speed * RATE)) / RATE
        hz = 200 if voice.name == "low" else 400
        loud = np.clip(0.2 * self.studio.gain * np.sin(2 * np.pi * hz * t), -1, 1)
        return Clip(loud.astype(np.float32), RATE)


@dataclass
class TimedTones(Tones):
    """A `TimedSynthesizer`."""

    def synthesize_timed(self, text: str, voice: Voice, seed: int) -> tuple[Clip, tuple[WordTime, ...]]:
        """See the protocol."""
        each = WORD_S / voice.speed
        words = [WordTime(word, n * each, (n + 1) * each) for n, word in enumerate(text.split())]
        return self.synthesize(text, voice, seed), tuple(words)


@dataclass
class LastSaid:
    """A `Transcriber`."""

    studio: Studio

    def transcribe(self, clip: Clip) -> str:  # noqa: ARG002
        """See the protocol."""
        text, voice, _ = self.studio.said[-1]
        return "nothing of the kind" if self.studio.mishears(text, voice) else text


@dataclass
class AligningEar(LastSaid):
    """An `AligningTranscriber`: a tenth of a second a word; fails on texts of one word."""

    def align(self, clip: Clip, words: Sequence[str]) -> tuple[WordTime, ...]:  # noqa: ARG002
        """See the protocol."""
        if len(words) == 1:
            raise EngineError("no word found")
        return tuple(WordTime(word, n / 10, (n + 1) / 10) for n, word in enumerate(words))


@pytest.fixture
def studio(monkeypatch: pytest.MonkeyPatch) -> Studio:
    """Engines tones, timed (word times), slow (one pace), modelled, cloner and broken; and the ears echo, aligner,
    and keen, which always hears well."""
    here = Studio()

    def made(kind: type[Tones], name: str) -> Callable[[VoiceModel], Tones]:
        def make(model: VoiceModel) -> Tones:
            here.loaded.append(name)
            voices = tuple(model.references) or ("low", "high")
            return kind(here, name, voices)

        return make

    def broken(model: VoiceModel) -> Tones:
        raise EngineError(f"broken: {model.name_or_path} does not load")

    engines = {
        "tones": SpeechEngine(made(Tones, "tones"), (), voices=("low", "high")),
        "timed": SpeechEngine(made(TimedTones, "timed"), (), voices=("low", "high"), longest=40),
        "slow": SpeechEngine(made(Tones, "slow"), (), voices=("low",), paced=False),
        "cloner": SpeechEngine(made(Tones, "cloner"), (), clones=True, needs_model=True, paced=False),
        "modelled": SpeechEngine(made(Tones, "modelled"), (), needs_model=True),
        "broken": SpeechEngine(broken, (), voices=("low",)),
        "many": SpeechEngine(made(Tones, "many"), (), voices=("low",), concurrency=3),
    }
    for name, engine in engines.items():
        monkeypatch.setitem(tts.ENGINES, name, engine)
    monkeypatch.setitem(asr.ENGINES, "aligner", Ear(lambda model, url: AligningEar(here), ()))  # noqa: ARG005
    monkeypatch.setitem(asr.ENGINES, "echo", Ear(lambda model, url: LastSaid(here), ()))  # noqa: ARG005
    keen = Ear(lambda model, url: LastSaid(Studio(said=here.said)), ())  # noqa: ARG005
    monkeypatch.setitem(asr.ENGINES, "keen", keen)
    return here
