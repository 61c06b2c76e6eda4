"""What an ear is to the rest of the project."""

from typing import Protocol

from pipeline.backends.audio import Clip


class Transcriber(Protocol):
    """A speech recogniser: loaded once per process, called per clip."""

    def transcribe(self, clip: Clip) -> str:
        """Return the words heard, "" for none; any sample rate is accepted.

        Raises:
            EngineError: the engine failed on this clip.
        """
        ...
