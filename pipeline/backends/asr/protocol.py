"""What an ear is to the rest of the project."""

from collections.abc import Sequence
from typing import Protocol, runtime_checkable

from pipeline.backends.audio import Clip
from pipeline.backends.tts.protocol import WordTime


class Transcriber(Protocol):
    """A speech recogniser: loaded once per process, called per clip."""

    def transcribe(self, clip: Clip) -> str:
        """Return the words heard, "" for none; any sample rate is accepted.

        Raises:
            EngineError: the engine failed on this clip.
        """
        ...


@runtime_checkable
class ScoringTranscriber(Transcriber, Protocol):
    """An ear that can also say how likely a text is."""

    def score(self, clip: Clip, texts: Sequence[str]) -> list[float]:
        """Return the log-probability of each text given the audio.

        Raises:
            EngineError: the engine failed on this clip.
        """
        ...


@runtime_checkable
class AligningTranscriber(Transcriber, Protocol):
    """An ear that can also say when each word of a known text is spoken."""

    def align(self, clip: Clip, words: Sequence[str]) -> tuple[WordTime, ...]:
        """Return the times of the words, seconds from the clip's start, one per word and in order.

        Raises:
            EngineError: the engine failed on this clip, or the words cannot be found in it.
        """
        ...
