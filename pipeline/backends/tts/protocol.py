"""What a speech engine is to the rest of the project."""

from typing import Protocol

from pipeline.backends.audio import Clip


class Synthesizer(Protocol):
    """A speech engine: loaded once per process, called per utterance."""

    @property
    def voices(self) -> tuple[str, ...]:
        """Names accepted by `synthesize`, best first."""
        ...

    def synthesize(self, text: str, voice: str, seed: int) -> Clip:
        """Speak `text` (words and punctuation only).

        Raises:
            EngineError: the engine failed on this text; the caller refuses the row.
        """
        ...
