"""Any speech engine in a child process with a watchdog.

Engines are big libraries over C code: they crash on odd texts, loop, or hold the interpreter. In a process of its own
(`watched_worker`) such an engine costs the text at hand, and the next text gets a fresh one. It knows no engine.
"""

import json
import os
import sys
from collections.abc import Mapping
from typing import Any

import numpy as np

from pipeline.backends.audio import Clip
from pipeline.backends.tts import watched_worker
from pipeline.backends.tts.child import Child
from pipeline.backends.tts.protocol import Synthesizer, Voice, VoiceModel, WordTime

TIMEOUT_S = 300.0
"""For one text. A minute of speech takes the slowest engine 15 s of one idle core."""
LOAD_TIMEOUT_S = 1800.0
"""For loading, a model's download included."""


def watched(
    engine: str, model: VoiceModel, *, timeout_s: float = TIMEOUT_S, load_timeout_s: float = LOAD_TIMEOUT_S
) -> Synthesizer:
    """Load an engine in a process of its own.

    Args:
        engine: "module:Class"; the class takes a `VoiceModel` and is a `Synthesizer`.
        model: what it loads.
        timeout_s: longest wait for one text; then the process is killed, and the text is refused.
        load_timeout_s: longest wait for the engine to load.

    Returns:
        A `TimedSynthesizer` where the engine is one.

    Raises:
        EngineError: the engine did not load.
    """
    given = {"model": model.name_or_path, "references": {name: str(path) for name, path in model.references.items()}}
    # -P: the worker's own folder must not come first in sys.path; what this process can import, the child can.
    command = (sys.executable, "-P", watched_worker.__file__, engine, json.dumps(given), str(timeout_s))
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
    name = engine.partition(":")[0].rpartition(".")[2]
    child = Child(name, command, timeout_s=timeout_s, load_timeout_s=load_timeout_s, environment=environment)
    described = json.loads(child.start())
    return (_WatchedTimed if described["timed"] else _Watched)(child, described)


class _Watched:
    """A `Synthesizer`; threads may share it."""

    def __init__(self, child: Child, described: Mapping[str, Any]) -> None:
        self.child = child
        self.voices: tuple[str, ...] = tuple(described["voices"])
        self.deterministic: bool = described["deterministic"]

    def synthesize(self, text: str, voice: Voice, seed: int) -> Clip:
        """Speak `text`; see `Synthesizer`."""
        return self._ask(text, voice, seed, timed=False)[0]

    def close(self) -> None:
        """End the process; a later utterance starts a new one."""
        self.child.close()

    def _ask(self, text: str, voice: Voice, seed: int, *, timed: bool) -> tuple[Clip, tuple[WordTime, ...]]:
        answer = self.child.ask(json.dumps([text, voice.name, voice.speed, seed, timed]).encode())
        head, _, pcm = answer.partition(b"\n")
        about = json.loads(head)
        clip = Clip(np.frombuffer(pcm, "<f4").astype(np.float32), about["sample_rate_hz"])
        return clip, tuple(WordTime(*time) for time in about["times"])


class _WatchedTimed(_Watched):
    """A `TimedSynthesizer`."""

    def synthesize_timed(self, text: str, voice: Voice, seed: int) -> tuple[Clip, tuple[WordTime, ...]]:
        """Speak `text` and say when each word is spoken; see `TimedSynthesizer`."""
        return self._ask(text, voice, seed, timed=True)
