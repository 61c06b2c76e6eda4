"""What speaks a response while it is written, and the thread it speaks in.

A `Voice` is handed response tokens one at a time, with their text and the thinker's state, and gives chunks of sound as
soon as it has them: a speech engine waits for a clause, a talker may give frames for every token.
"""

import queue
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Protocol

from torch import Tensor

from pipeline.backends.audio import Clip, trim
from pipeline.backends.tts import ENGINES
from pipeline.backends.tts.protocol import Synthesizer, VoiceModel
from pipeline.backends.tts.protocol import Voice as Speaker
from pipeline.errors import EngineDown, EngineError, UsageError
from pipeline.infer.speech import Boundary, Phrases

_SILENCE_DB = -50.0
_PAUSE_S = {Boundary.WORD: 0.02, Boundary.CLAUSE: 0.12}
"""Silence left at both ends of what an engine says."""


@dataclass(frozen=True, slots=True)
class Spoken:
    """A response token on its way to the voice."""

    token: int
    """Id of the data's vocabulary; the response's end is not handed on."""
    text: str
    """The text that it completes, "" while a character is not whole."""
    state: Tensor | None = None
    """The thinker's last hidden state that it was chosen from, [hidden]."""


class Voice(Protocol):
    """Speaks one response, then the next; not shared between threads."""

    def take(self, spoken: Spoken) -> Iterator[Clip]:
        """Take the next token; gives the chunks, of one sample rate, that it completes.

        Raises:
            EngineError: what was to be said cannot be; the voice can go on with the next token.
            EngineDown: it can say nothing more.
        """
        ...

    def end(self) -> Iterator[Clip]:
        """The response is over: gives what is left, and is ready for the next one.

        Raises:
            EngineError: what was to be said cannot be.
        """
        ...


class EngineVoice:
    """A `Voice` of any engine of `backends.tts`, which is handed phrase by phrase."""

    def __init__(self, engine: Synthesizer, speaker: Speaker, boundary: Boundary, seed: int = 0) -> None:
        self._engine = engine
        self._speaker = speaker
        self._boundary = boundary
        self._seed = seed
        self._phrases = Phrases(boundary)

    def take(self, spoken: Spoken) -> Iterator[Clip]:
        """Say the phrases that a token completes; see `Voice`."""
        for phrase in self._phrases.push(spoken.text):
            yield self._say(phrase)

    def end(self) -> Iterator[Clip]:
        """Say the rest; see `Voice`."""
        for phrase in self._phrases.end():
            yield self._say(phrase)

    def _say(self, phrase: str) -> Clip:
        clip = trim(self._engine.synthesize(phrase, self._speaker, self._seed), _SILENCE_DB, _PAUSE_S[self._boundary])
        if not len(clip.samples):
            raise EngineError(f"no sound for {phrase[:60]!r}")
        return clip


def engine_named(name: str, voice: str | None, model: str | None, besides: str = "") -> tuple[Synthesizer, Speaker]:
    """Load a speech engine by name, and the voice of it that is to speak.

    Args:
        name: of `backends.tts`.
        voice: NAME or NAME@SPEED; None for the engine's first.
        model: name or path, for engines that need one.
        besides: what else the flag takes, for its message.

    Raises:
        UsageError: there is no such engine or voice, or it needs a model.
        EngineError: it does not load.
    """
    if name not in ENGINES:
        raise UsageError(f"--tts {name}: unknown; choose from {besides}{', '.join(ENGINES)}")
    known = ENGINES[name]
    if known.needs_model and model is None:
        raise UsageError(f"--tts {name}: needs a model; give --tts-model NAME-OR-PATH")
    engine = known.make(VoiceModel(model))
    speaker = Speaker.parse(voice or (known.voices or engine.voices)[0])
    if speaker.name not in engine.voices:
        raise UsageError(f"--voice {speaker.name}: {name} has {', '.join(engine.voices[:8])}")
    return engine, speaker


@dataclass(frozen=True)
class Chunk:
    """Sound that can be played."""

    clip: Clip
    ready_s: float
    """By the mouth's clock, since `start_s`."""


class Mouth:
    """A voice in a thread of its own: the model goes on while it speaks. One a response."""

    def __init__(self, voice: Voice, clock: Callable[[], float], start_s: float) -> None:
        self._voice = voice
        self._clock = clock
        self._start_s = start_s
        self._chunks: list[Chunk] = []
        self._failures: list[str] = []
        self._crash: BaseException | None = None
        self._queue: queue.SimpleQueue[Spoken | None] = queue.SimpleQueue()
        self._abandoned = threading.Event()
        self._thread = threading.Thread(target=self._run, name="mouth", daemon=True)
        self._thread.start()

    def say(self, spoken: Spoken) -> None:
        """Hand a token on; returns at once."""
        self._queue.put(spoken)

    def close(self) -> tuple[tuple[Chunk, ...], tuple[str, ...]]:
        """Wait until all is said; returns the chunks, and a line for each phrase that could not be said."""
        self._queue.put(None)
        self._thread.join()
        if self._crash is not None:
            raise self._crash
        return tuple(self._chunks), tuple(self._failures)

    def abandon(self) -> None:
        """Fall silent after the chunk that is being made; the voice is of no more use. Returns at once."""
        self._abandoned.set()
        self._queue.put(None)

    def _run(self) -> None:
        try:
            while (spoken := self._queue.get()) is not None and not self._abandoned.is_set():
                self._keep(self._voice.take(spoken))
            if not self._abandoned.is_set():
                self._keep(self._voice.end())
        except BaseException as exc:  # noqa: BLE001 - it is raised again by `close`, in the thread that asked
            self._crash = exc

    def _keep(self, clips: Iterator[Clip]) -> None:
        try:
            for clip in clips:
                self._chunks.append(Chunk(clip, self._clock() - self._start_s))
                if self._abandoned.is_set():
                    return
        except EngineDown:
            raise
        except EngineError as exc:
            self._failures.append(str(exc))
