"""Transcriptions by any server that speaks OpenAI's /v1/audio/transcriptions.

Address and key come from OPENAI_BASE_URL and OPENAI_API_KEY. It cannot score a text, so that a disputed quantity is a
misheard one.
"""

from pipeline.backends.audio import Clip, encode, resample
from pipeline.backends.openai_audio import AudioServer, Impatience
from pipeline.errors import EngineError

SAMPLE_RATE_HZ = 16_000
"""Of what is sent: speech recognisers use no more."""


class OpenAIEar:
    """A `Transcriber`; threads may share it."""

    def __init__(self, model: str | None, *, language: str = "en", how: Impatience | None = None) -> None:
        """Reach the server.

        Args:
            model: the name of a model there.
            language: that is spoken.
            how: how long to wait and how often to try.

        Raises:
            EngineError: no model is named, nobody listens, or the key is refused.
        """
        if not model:
            raise EngineError("openai: no model that hears is named; give the name that the server has for one")
        self._server = AudioServer(model, how)
        self._server.reach()
        self._language = language

    def transcribe(self, clip: Clip) -> str:
        """Return the words heard, "" for none.

        Raises:
            EngineError: the server refused or did not answer.
        """
        if not clip.samples.any():
            return ""
        return self._server.transcription(encode(resample(clip, SAMPLE_RATE_HZ), "wav"), self._language).strip()

    def close(self) -> None:
        """Close the connections."""
        self._server.close()
