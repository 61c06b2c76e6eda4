"""nanotts (SVOX Pico): the embedded voice. Small, fast, English, no model to fetch; sounds like 2009.

The engine is not thread-safe, may crash or loop on odd text, and needs its process's malloc set up
(`nanotts_worker`): it therefore lives in a child process with a watchdog. It knows no audio post-processing.
"""

import json
import sys

import numpy as np

from pipeline.backends.audio import Clip
from pipeline.backends.tts import nanotts_worker
from pipeline.backends.tts.child import Child
from pipeline.backends.tts.protocol import Voice
from pipeline.errors import EngineError

SAMPLE_RATE_HZ = 16_000
_FAINTEST = 0.01
"""Peak of a word is 0.3 and more; a text without any leaves a hum of 0.003."""


class NanoTTS:
    """A `Synthesizer`. Bytes depend on text and voice alone, not on seed, order of calls or process."""

    voices = ("en-US", "en-GB")
    deterministic = True

    def __init__(self, timeout_s: float = 30.0) -> None:
        """Prepare; the child process starts with the first utterance.

        Args:
            timeout_s: after this long without an answer the child is killed; a minute of speech takes 0.3 s.
        """
        # -P: the worker's own folder must not come first in sys.path.
        command = (sys.executable, "-P", nanotts_worker.__file__, str(timeout_s))
        self._child = Child("nanotts", command, timeout_s=timeout_s, load_timeout_s=timeout_s)

    def synthesize(self, text: str, voice: Voice, seed: int) -> Clip:  # noqa: ARG002 - the engine draws nothing
        """Speak `text`.

        Raises:
            EngineError: unknown voice, nothing to say, text the engine cannot take, or no answer.
        """
        if voice.name not in self.voices:
            raise EngineError(f"nanotts: unknown voice {voice.name!r}: use {' or '.join(self.voices)}")
        if "<" in text:
            raise EngineError(f"nanotts: the text holds a '<', which the engine takes for a command: {text[:60]!r}")
        request = json.dumps([text, voice.name, None if voice.speed == 1.0 else voice.speed]).encode()
        pcm = self._child.ask(request)
        samples = np.frombuffer(pcm, "<i2").astype(np.float32) / np.float32(32768)
        if np.abs(samples).max(initial=0.0) < _FAINTEST:
            raise EngineError(f"nanotts: no sound for {text[:60]!r}")
        return Clip(samples, SAMPLE_RATE_HZ)

    def close(self) -> None:
        """End the child process; a later utterance starts a new one."""
        self._child.close()
