"""A question as a person asks it, written or recorded, and the prompt that it becomes.

A recording may have any rate and any number of channels; what no thinker could answer (silence, an hour, a file that is
no audio) is refused in one line before the network is asked.
"""

import io
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import soundfile

from pipeline.backends.audio import Clip, decode, level_db
from pipeline.core.outcome import Unreadable
from pipeline.core.speak import speak
from pipeline.errors import EngineError, UsageError
from pipeline.infer.decode import Prompt
from pipeline.model import prompt
from pipeline.model.features import hear
from pipeline.model.thinker import Thinker

STDIN = "-"
SHORTEST_S, LONGEST_S = 0.2, 120.0
"""A word, and twice the longest question of the data."""
SILENT_DB = -60.0
"""Below this there is nothing to hear: the data's own bound."""
_LONGEST_TEXT = 4_000
_MOST_BYTES = 1 << 28
"""More than two minutes of any PCM."""


@dataclass(frozen=True, slots=True)
class Question:
    """One of both is given."""

    text: str | None = None
    clip: Clip | None = None

    def __post_init__(self) -> None:
        """Refuse neither and both."""
        if (self.text is None) == (self.clip is None):
            raise UsageError("a question is given by --text or by --audio: give one of them")

    @property
    def source(self) -> str:
        """How it was given."""
        return "text" if self.clip is None else "audio"


def written(text: str) -> Question:
    """A question as text, put into the words that the data's questions are in: "3 + 4" is said "three plus four".

    Raises:
        UsageError: it holds no word, what cannot be said, or far more than a question.
    """
    if len(text) > _LONGEST_TEXT:
        raise UsageError(f"--text: {len(text)} characters; a question has at most {_LONGEST_TEXT}")
    spoken = speak(text)
    if isinstance(spoken, Unreadable):
        raise UsageError(f"--text: {spoken.detail}; write the question in words")
    if not any(char.isalnum() for char in spoken):
        raise UsageError(f"--text {text[:40]!r}: holds no word; give a question")
    return Question(spoken)


def recorded(path: str) -> Question:
    """A question as a recording, from a file or from stdin (`-`).

    Raises:
        UsageError: it is not there, no audio, silent, or too short or long.
    """
    name = "--audio -" if path == STDIN else f"--audio {path}"
    try:
        if path == STDIN:
            data = _bounded(sys.stdin.buffer, name)
        else:
            with Path(path).open("rb") as stream:
                data = _bounded(stream, name)
    except OSError as exc:
        raise UsageError(f"{name}: cannot be read: {exc.strerror}") from exc
    return Question(clip=clip_of(data, name))


def clip_of(data: bytes, name: str) -> Clip:
    """Decode a recording that can be answered: channels are averaged, the rate is kept.

    Raises:
        UsageError: no audio, silent, or too short or long; `name` says which.
    """
    _require_length(_duration_s(data, name), name)
    try:
        clip = decode(data)
    except EngineError as exc:
        raise UsageError(f"{name}: cannot be decoded: {exc}") from exc
    # Headers can be wrong: a stream that was cut off says what it should have held.
    _require_length(clip.duration_s, name)
    level = level_db(clip)
    if not level >= SILENT_DB:
        raise UsageError(f"{name}: silent ({level:.0f} dB, at least {SILENT_DB:g} dB is needed): check the microphone")
    return clip


def prompt_of(question: Question, thinker: Thinker) -> Prompt:
    """What stands before the turn.

    Raises:
        UsageError: a recording for a network that hears nothing.
        EngineError: its features cannot be made.
    """
    if question.clip is None:
        assert question.text is not None
        return Prompt(prompt.written(thinker.vocabulary, question.text))
    if not thinker.hears:
        raise UsageError("--audio: this checkpoint is a network of text alone; ask it with --text")
    heard = hear(question.clip, thinker.extractor)
    return Prompt(prompt.heard(thinker.vocabulary, heard.n_embeddings[0]), heard)


def _bounded(stream: BinaryIO, name: str) -> bytes:
    data = stream.read(_MOST_BYTES + 1)
    if not data:
        raise UsageError(f"{name}: holds nothing; give a recording")
    if len(data) > _MOST_BYTES:
        raise UsageError(f"{name}: more than {_MOST_BYTES >> 20} MB; give a recording of at most {LONGEST_S:g} s")
    return data


def _duration_s(data: bytes, name: str) -> float:
    try:
        header = soundfile.info(io.BytesIO(data))
    except soundfile.LibsndfileError as exc:
        raise UsageError(
            f"{name}: no audio that can be read ({exc.error_string.rstrip('.')}); give WAV, FLAC, OGG or MP3"
        ) from exc
    return float(header.frames / header.samplerate)


def _require_length(duration_s: float, name: str) -> None:
    if not SHORTEST_S <= duration_s <= LONGEST_S:
        raise UsageError(f"{name}: {duration_s:.1f} s long; a question takes {SHORTEST_S:g} to {LONGEST_S:g} s")
