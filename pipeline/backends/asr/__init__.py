"""Ears by name. An ear's module, and what it needs, is imported when the ear is made."""

from collections.abc import Callable
from dataclasses import dataclass

from pipeline.backends.asr.protocol import Transcriber


@dataclass(frozen=True)
class Ear:
    """What is known of an ear before it is loaded."""

    make: Callable[[str | None], Transcriber]
    """Loads it, with a model's name or path, None for its own. Raises EngineError."""
    packages: tuple[str, ...]
    """Distributions whose versions decide what is heard."""
    extra: str = ""
    """Extra of this project that installs them; "" for the base."""
    needs_model: bool = False
    """Whether a model must be named."""


def _moonshine(model: str | None) -> Transcriber:  # noqa: ARG001 - its weights lie in its package
    from pipeline.backends.asr.moonshine import Moonshine

    return Moonshine()


def _whisper(model: str | None) -> Transcriber:
    from pipeline.backends.asr.whisper import Whisper

    return Whisper(model)


def _openai(model: str | None) -> Transcriber:
    from pipeline.backends.asr.openai import OpenAIEar

    return OpenAIEar(model)


ENGINES = {
    "moonshine": Ear(_moonshine, ("moonshine-voice", "onnxruntime")),
    "whisper": Ear(_whisper, ("faster-whisper", "ctranslate2"), extra="whisper", needs_model=True),
    "openai": Ear(_openai, ("openai",), needs_model=True),
}
