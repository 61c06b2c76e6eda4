"""One question answered aloud: the thinker writes, the voice speaks what is to be heard as soon as it is whole.

All times count from the moment the question was at hand: making its features, the prompt's own forward pass and the
voice's work are waited for, as a listener would.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass

from pipeline.core.paradigm import Paradigm
from pipeline.core.schedule import Stream
from pipeline.infer.decode import DEFAULT_LIMITS, Emitted, Limits, decode
from pipeline.infer.playback import Playback, Ready, play
from pipeline.infer.question import Question, prompt_of
from pipeline.infer.sampling import GREEDY, Sampling
from pipeline.infer.speech import TextStream
from pipeline.infer.voice import Chunk, Mouth, Spoken, Voice
from pipeline.model.thinker import Thinker


@dataclass(frozen=True, slots=True)
class Step:
    """A token as it comes, with what it lets be read."""

    emitted: Emitted
    text: str
    """What it completes of its stream's text; "" for control tokens and while a character is not whole."""


@dataclass(frozen=True, slots=True)
class Response:
    """A turn, heard to its end."""

    steps: tuple[Step, ...]
    text: str
    """What was spoken."""
    thinking: str
    """What was not."""
    ended: bool
    """Whether the model closed its response itself, unhurried by a limit."""
    chunks: tuple[Chunk, ...]
    """Sound in the order of playback; none without a voice."""
    playback: Playback
    unsaid: tuple[str, ...]
    """A line for each phrase that the voice failed on."""


def respond(
    thinker: Thinker,
    question: Question,
    paradigm: Paradigm,
    sampling: Sampling = GREEDY,
    limits: Limits = DEFAULT_LIMITS,
    voice: Voice | None = None,
    watch: Callable[[Step], None] | None = None,
    clock: Callable[[], float] = time.monotonic,
) -> Response:
    """Answer a question.

    Args:
        thinker: a trained one; not in training mode.
        question: what is asked.
        paradigm: how the turn is laid out.
        sampling: how tokens are drawn.
        limits: most tokens of a turn.
        voice: what speaks; None for text alone.
        watch: called with every token as it comes.
        clock: monotonic, seconds.

    Raises:
        UsageError: a recording for a network that hears nothing.
        EngineError: the recording cannot be heard.
    """
    start_s = clock()
    prompt = prompt_of(question, thinker)
    mouth = None if voice is None else Mouth(voice, clock, start_s)
    texts = {stream: TextStream(thinker.vocabulary.loaded.decode) for stream in (Stream.RESPONSE, Stream.REASONING)}
    control = thinker.vocabulary.control
    steps: list[Step] = []
    try:
        for emitted in decode(thinker, [prompt], paradigm, sampling, limits, clock, start_s):
            text = texts[emitted.stream].push(emitted.token) if emitted.token < control.n_text_ids else ""
            steps.append(Step(emitted, text))
            if mouth is not None and emitted.stream is Stream.RESPONSE and emitted.token < control.n_text_ids:
                mouth.say(Spoken(emitted.token, text, emitted.state))
            if watch is not None:
                watch(steps[-1])
    except BaseException:
        if mouth is not None:
            mouth.abandon()
        raise
    chunks, unsaid = ((), ()) if mouth is None else mouth.close()
    playback = play([Ready(chunk.ready_s, chunk.clip.duration_s) for chunk in chunks])
    return Response(
        tuple(steps),
        _text(steps, Stream.RESPONSE),
        _text(steps, Stream.REASONING),
        not steps[-1].emitted.hurried,
        chunks,
        playback,
        unsaid,
    )


def _text(steps: list[Step], stream: Stream) -> str:
    return "".join(step.text for step in steps if step.emitted.stream is stream).strip()
