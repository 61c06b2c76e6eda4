"""Ears by name. An ear's module, and what it needs, is imported when the ear is made."""

from collections.abc import Callable
from dataclasses import dataclass

from pipeline.backends.asr.protocol import Transcriber


@dataclass(frozen=True)
class Ear:
    """What is known of an ear before it is loaded."""

    make: Callable[[str | None, str | None], Transcriber]
    """Loads it, with a model's name or path, None for its own, and a server's address, None for that of the
    environment. Raises EngineError."""
    packages: tuple[str, ...]
    """Distributions whose versions decide what is heard."""
    extra: str = ""
    """Extra of this project that installs them; "" for the base."""
    needs_model: bool = False
    """Whether a model must be named; the others load their own."""
    remote: bool = False
    """Whether a server hears."""
    concurrency: int = 1
    """Clips at a time that it gains from: above 1 for a server."""


def _moonshine(_model: str | None, _url: str | None) -> Transcriber:  # its weights lie in its package
    from pipeline.backends.asr.moonshine import Moonshine

    return Moonshine()


def _whisper(model: str | None, _url: str | None) -> Transcriber:
    from pipeline.backends.asr.whisper import Whisper

    return Whisper(model)


def _openai(model: str | None, url: str | None) -> Transcriber:
    from pipeline.backends.asr.openai import OpenAIEar

    return OpenAIEar(model, url)


ENGINES = {
    "moonshine": Ear(_moonshine, ("moonshine-voice", "onnxruntime")),
    "whisper": Ear(_whisper, ("faster-whisper", "ctranslate2"), extra="whisper", needs_model=True),
    "openai": Ear(_openai, ("openai",), needs_model=True, remote=True, concurrency=8),
}
