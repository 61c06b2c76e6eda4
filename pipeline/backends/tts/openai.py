"""Speech from any server that speaks OpenAI's /v1/audio/speech.

Address and key come from OPENAI_BASE_URL and OPENAI_API_KEY. What a text sounds like is the server's to decide: nothing
is reproducible. It stores nothing.
"""

from pipeline.backends.audio import Clip, decode
from pipeline.backends.openai_audio import AudioServer, Impatience
from pipeline.backends.tts.protocol import Voice, VoiceModel
from pipeline.errors import EngineError

SPEEDS = (0.25, 4.0)


class OpenAISpeech:
    """A `Synthesizer`; threads may share it."""

    voices = ("alloy", "ash", "ballad", "coral", "echo", "fable", "nova", "onyx", "sage", "shimmer", "verse")
    """OpenAI's own; other servers have others, so that any name is passed on."""
    deterministic = False

    def __init__(self, model: VoiceModel, how: Impatience | None = None) -> None:
        """Reach the server.

        Args:
            model: the name of a model there.
            how: how long to wait and how often to try.

        Raises:
            EngineError: no model is named, nobody listens, or the key is refused.
        """
        if not model.name_or_path:
            raise EngineError("openai: no speech model is named; give the name that the server has for one")
        self._server = AudioServer(model.name_or_path, how)
        self._server.reach()

    def synthesize(self, text: str, voice: Voice, seed: int) -> Clip:
        """Speak `text`.

        Raises:
            EngineError: the server refused or did not answer, or what it sent is no audio.
        """
        del seed  # the protocol has none
        if not SPEEDS[0] <= voice.speed <= SPEEDS[1]:
            raise EngineError(f"openai: voice {voice}: the pace goes from {SPEEDS[0]:g} to {SPEEDS[1]:g}")
        clip = decode(self._server.speech(text, voice.name, voice.speed))
        if not len(clip.samples):
            raise EngineError(f"openai: no sound for {text[:60]!r}")
        return clip

    def close(self) -> None:
        """Close the connections."""
        self._server.close()
