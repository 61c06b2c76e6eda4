"""Speech engines by name. An engine's module, and what it needs, is imported when the engine is made."""

from collections.abc import Callable
from dataclasses import dataclass

from pipeline.backends.tts.protocol import Synthesizer, VoiceModel
from pipeline.backends.tts.watched import watched


@dataclass(frozen=True)
class SpeechEngine:
    """What is known of an engine before it is loaded."""

    make: Callable[[VoiceModel], Synthesizer]
    """Loads it. Raises EngineError: not installed, or its model cannot be fetched or loaded."""
    packages: tuple[str, ...]
    """Distributions whose versions decide the samples."""
    extra: str = ""
    """Extra of this project that installs them; "" for the base."""
    needs_model: bool = False
    """Whether a model must be named."""
    remote: bool = False
    """Whether a server speaks, to which every voice's name is handed on."""
    voices: tuple[str, ...] = ()
    """Voices as a config spells them, the ones to use where it names none; empty means all that the model has."""
    paced: bool = True
    """Whether it speaks faster or slower when asked to."""
    draws: bool = False
    """Whether it speaks a text otherwise with another seed."""
    clones: bool = False
    """Whether it takes recordings to clone."""
    longest: int | None = None
    """Most characters it speaks well at a time: longer texts are handed over sentence by sentence."""
    concurrency: int = 1
    """Utterances at a time that it gains from: above 1 for a server, or where calls leave cores idle."""


def _nanotts(model: VoiceModel) -> Synthesizer:  # noqa: ARG001 - its voices lie in its package
    from pipeline.backends.tts.nanotts import NanoTTS

    return NanoTTS()


def _piper(model: VoiceModel) -> Synthesizer:
    return watched("pipeline.backends.tts.piper:Piper", model)


def _kokoro(model: VoiceModel) -> Synthesizer:
    return watched("pipeline.backends.tts.kokoro:Kokoro", model)


def _coqui(model: VoiceModel) -> Synthesizer:
    return watched("pipeline.backends.tts.coqui:Coqui", model)


def _openai(model: VoiceModel) -> Synthesizer:
    from pipeline.backends.tts.openai import OpenAISpeech

    return OpenAISpeech(model)


ENGINES = {
    # Best understood first, accents in turn: what one accent garbles the other mostly does not. Of 60 spoken
    # school problems the embedded ear understood 53 in the first voice and 58 in one of the first three.
    "nanotts": SpeechEngine(_nanotts, ("py-nanotts",), voices=("en-US@0.85", "en-GB@0.85", "en-US", "en-GB")),
    "piper": SpeechEngine(_piper, ("piper-tts", "onnxruntime"), extra="piper", needs_model=True),
    "kokoro": SpeechEngine(_kokoro, ("kokoro-onnx", "phonemizer", "onnxruntime"), extra="kokoro", needs_model=True),
    "coqui": SpeechEngine(
        _coqui, ("coqui-tts",), extra="coqui", needs_model=True, draws=True, clones=True, longest=250
    ),
    "openai": SpeechEngine(_openai, ("openai",), needs_model=True, remote=True, concurrency=8),
}
