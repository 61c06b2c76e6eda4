"""What a speech engine is to the rest of the project."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol, runtime_checkable

from pipeline.backends.audio import Clip
from pipeline.errors import EngineError

SPEEDS = (0.2, 5.0)
"""Slowest and fastest pace, as a factor of a voice's own."""


@dataclass(frozen=True, slots=True)
class Voice:
    """A voice as a config spells it: NAME, or NAME@SPEED, such as en-GB@0.85."""

    name: str
    speed: float = 1.0
    """Pace as a factor of the voice's own."""

    @classmethod
    def parse(cls, text: str) -> "Voice":
        """Read a voice's spelling.

        Raises:
            EngineError: the speed is no number from 0.2 to 5.
        """
        name, at, speed = text.partition("@")
        try:
            factor = float(speed) if at else 1.0
        except ValueError:
            factor = 0.0
        if not name or not SPEEDS[0] <= factor <= SPEEDS[1]:
            raise EngineError(f"unknown voice {text!r}: write NAME, or NAME@SPEED with a speed from 0.2 to 5")
        return cls(name, factor)

    def __str__(self) -> str:
        return self.name if self.speed == 1.0 else f"{self.name}@{self.speed:g}"


@dataclass(frozen=True, slots=True)
class WordTime:
    """When a word of the text is spoken."""

    word: str
    start_s: float
    end_s: float


@dataclass(frozen=True, slots=True)
class VoiceModel:
    """What an engine loads."""

    name_or_path: str | None = None
    """Hub name, or path of a file or folder; None for an engine's own."""
    references: Mapping[str, Path] = field(default_factory=dict)
    """Voices to clone, name -> recording, for engines that clone."""
    server: str | None = None
    """Address, for engines that ask a server; None takes that of the environment."""


class Synthesizer(Protocol):
    """A speech engine: loaded once per process, called per utterance."""

    @property
    def voices(self) -> tuple[str, ...]:
        """Names of its voices."""
        ...

    @property
    def deterministic(self) -> bool:
        """Whether text, voice and seed decide the samples, on any machine of one kind."""
        ...

    def synthesize(self, text: str, voice: Voice, seed: int) -> Clip:
        """Speak `text` (words and punctuation only).

        Raises:
            EngineError: the engine failed on this text; the caller refuses the row.
        """
        ...


@runtime_checkable
class TimedSynthesizer(Synthesizer, Protocol):
    """An engine that also says when each word is spoken."""

    def synthesize_timed(self, text: str, voice: Voice, seed: int) -> tuple[Clip, tuple[WordTime, ...]]:
        """Speak `text`; the times are seconds from the clip's start, one per word of `text.split()`.

        Raises:
            EngineError: the engine failed on this text.
        """
        ...
