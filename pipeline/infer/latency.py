"""What a listener waits for, and what it costs: figures of answered questions, for several paradigms side by side.

`core.latency` reckons what a schedule makes of a stream at a speed that is given; here everything was timed. The
paradigms take turns on every question, so that a machine that slows down slows all of them.
"""

import statistics
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from pipeline.core.paradigm import name_of, paradigm_named
from pipeline.core.schedule import Stream
from pipeline.errors import UsageError
from pipeline.infer.decode import DEFAULT_LIMITS, Limits
from pipeline.infer.question import Question
from pipeline.infer.respond import Response, respond
from pipeline.infer.sampling import GREEDY, Sampling
from pipeline.infer.voice import Voice
from pipeline.model.thinker import Thinker

PARADIGMS = ("2:8", "2:8/reasoning_first", "adaptive", "think_then_speak", "response_only")


class Figures(NamedTuple):
    """Of one response. Times are from the question's end; None where nothing was spoken or played."""

    n_tokens: int
    n_spoken: int
    """Response tokens, the end left out."""
    n_calls: int
    """Calls of the model, the prompt's included."""
    n_before_first: int | None
    """Tokens before the first spoken one."""
    first_token_s: float | None
    first_audio_s: float | None
    """When the first chunk could be played."""
    last_token_s: float
    spoken_per_s: float
    """Response tokens per second of decoding."""
    audio_s: float
    """Length of all that was spoken."""
    real_time_factor: float | None
    """Time until the last chunk was ready, by the length of the audio; below 1 is faster than speech."""
    underruns: int
    stalled_s: float

    @property
    def calls_per_token(self) -> float:
        """1 for a loop that asks for every token; pads and their like cost none."""
        return self.n_calls / self.n_tokens


class Line(NamedTuple):
    """A paradigm's medians over questions and rounds."""

    paradigm: str
    n_responses: int
    n_unended: int
    """Responses that a limit had to end: their figures say little."""
    figures: dict[str, float | None]
    """Median of each field of `Figures`, and of calls_per_token."""


def figures_of(response: Response) -> Figures:
    """Figures of a response."""
    emitted = [step.emitted for step in response.steps]
    # The response's end is no spoken token; it is the last of every turn.
    spoken = [at for at, one in enumerate(emitted[:-1]) if one.stream is Stream.RESPONSE]
    last_s = emitted[-1].time_s
    audio_s = sum(chunk.clip.duration_s for chunk in response.chunks)
    return Figures(
        n_tokens=len(emitted),
        n_spoken=len(spoken),
        n_calls=emitted[-1].call,
        n_before_first=spoken[0] if spoken else None,
        first_token_s=emitted[spoken[0]].time_s if spoken else None,
        first_audio_s=response.chunks[0].ready_s if response.chunks else None,
        last_token_s=last_s,
        spoken_per_s=len(spoken) / last_s if last_s > 0 else 0.0,
        audio_s=audio_s,
        real_time_factor=response.chunks[-1].ready_s / audio_s if response.chunks else None,
        underruns=response.playback.underruns,
        stalled_s=response.playback.stalled_s,
    )


def compare(
    thinker: Thinker,
    questions: Sequence[Question],
    paradigms: Sequence[str] = PARADIGMS,
    sampling: Sampling = GREEDY,
    limits: Limits = DEFAULT_LIMITS,
    voice: Voice | None = None,
    rounds: int = 1,
) -> list[Line]:
    """Answer every question under every paradigm, `rounds` times, after one round that is not counted.

    Raises:
        UsageError: nothing to compare, or an unknown paradigm.
    """
    if not questions or not paradigms or rounds < 1:
        raise UsageError("latency: it takes a question, a paradigm and a round at least")
    known = [paradigm_named(name) for name in paradigms]
    made: dict[str, list[Response]] = {name_of(paradigm): [] for paradigm in known}
    for number in range(rounds + 1):
        for question in questions:
            for paradigm in known:
                response = respond(thinker, question, paradigm, sampling, limits, voice)
                if number:
                    made[name_of(paradigm)].append(response)
    return [_line(name, responses) for name, responses in made.items()]


def _line(name: str, responses: Sequence[Response]) -> Line:
    figures = [figures_of(response) for response in responses]
    medians = {field: _median(getattr(one, field) for one in figures) for field in Figures._fields}
    medians["calls_per_token"] = _median(one.calls_per_token for one in figures)
    return Line(name, len(responses), sum(not response.ended for response in responses), medians)


def _median(values: Iterator[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return statistics.median(known) if known else None


_COLUMNS = (
    ("paradigm", ""),
    ("tokens before", "n_before_first"),
    ("first token, ms", "first_token_s"),
    ("first audio, ms", "first_audio_s"),
    ("spoken tokens/s", "spoken_per_s"),
    ("last token, ms", "last_token_s"),
    ("real-time factor", "real_time_factor"),
    ("underruns", "underruns"),
    ("stalled, ms", "stalled_s"),
    ("calls/token", "calls_per_token"),
)
_MILLISECONDS = ("first_token_s", "first_audio_s", "last_token_s", "stalled_s")


def markdown(lines: Sequence[Line]) -> str:
    """The comparison as a Markdown table."""
    rows = [[title for title, _ in _COLUMNS], ["---"] * len(_COLUMNS)]
    rows += [[line.paradigm, *(_shown(field, line.figures[field]) for _, field in _COLUMNS[1:])] for line in lines]
    return "".join(f"| {' | '.join(row)} |\n" for row in rows)


def _shown(field: str, value: float | None) -> str:
    if value is None:
        return "-"
    if field in _MILLISECONDS:
        return f"{1000 * value:.0f}"
    return f"{value:g}" if field in ("n_before_first", "underruns") else f"{value:.2f}"
