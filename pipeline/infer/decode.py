"""Decode turns within the slots of a paradigm: the voice gets its tokens at once, the reasoning stays silent.

The slot machine that laid the data out says what may come next. What it forces (pads after the reasoning's end, the
switch that follows it) costs no call of the model: it is fed together with the next token that the model does choose.
Turns of a batch may stand at different places; a turn that feeds fewer tokens than another is padded on the left.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor

from pipeline.core.paradigm import Machine, Paradigm, machine_of
from pipeline.core.schedule import Stream, Turn, deinterleave
from pipeline.core.slot_machine import Slot
from pipeline.errors import UsageError
from pipeline.infer.sampling import GREEDY, Sampling, allowed_scores, draw
from pipeline.model.features import Heard, joined
from pipeline.model.thinker import Thinker


@dataclass(frozen=True)
class Prompt:
    """What comes before the turn."""

    rows: list[int]
    """Rows of the thinker's embedding, as `model.prompt` lays them out."""
    heard: Heard | None = None
    """The question's sound, where the rows hold audio placeholders."""


@dataclass(frozen=True, slots=True)
class Limits:
    """Most tokens of a stream; where one is reached its end is taken as soon as the slot allows it."""

    response: int = 256
    reasoning: int = 1024

    def __post_init__(self) -> None:
        """Refuse what leaves no room."""
        if self.response < 1 or self.reasoning < 1:
            raise UsageError(f"limits: {self.response} response and {self.reasoning} reasoning tokens: at least 1 each")


DEFAULT_LIMITS = Limits()


@dataclass(frozen=True, slots=True)
class Emitted:
    """One token of one turn."""

    turn: int
    """Which prompt it answers."""
    token: int
    """Id of the data's vocabulary."""
    stream: Stream
    forced: bool
    """Whether the slot left no choice, so that the model was not asked."""
    call: int
    """Calls of the model up to it, the prompt's included."""
    time_s: float
    """By the clock that was given, since `start_s`."""
    hurried: bool
    """Whether a limit, not the model, has begun to close the turn."""
    state: Tensor | None = field(default=None, compare=False, repr=False)
    """The thinker's last hidden state that it was chosen from, [hidden]; None where the slot left no choice."""


@dataclass
class Decoded:
    """A finished turn."""

    token_ids: list[int] = field(default_factory=list)
    streams: list[int] = field(default_factory=list)
    n_calls: int = 0
    """Calls of the model that this turn needed, the prompt's included."""
    n_forced: int = 0
    """Tokens for which it was not asked."""
    ended: bool = False
    """Whether the model closed its response itself, unhurried by a limit."""

    def turn(self, thinker: Thinker) -> Turn:
        """The two streams, without end tokens."""
        return deinterleave(self.token_ids, self.streams, thinker.vocabulary.control)


@dataclass
class _Turn:
    """A turn under way."""

    machine: Machine
    generator: torch.Generator
    pending: list[int]  # rows not yet fed
    position: int  # of the next row to be fed
    done: Decoded = field(default_factory=Decoded)
    n_response: int = 0
    n_reasoning: int = 0
    hurried: bool = False


def decode(
    thinker: Thinker,
    prompts: Sequence[Prompt],
    paradigm: Paradigm,
    sampling: Sampling = GREEDY,
    limits: Limits = DEFAULT_LIMITS,
    clock: Callable[[], float] = time.monotonic,
    start_s: float | None = None,
) -> Iterator[Emitted]:
    """Decode one turn per prompt, all at once, and give out tokens as they are made.

    Args:
        thinker: whose turns they are.
        prompts: one a turn.
        paradigm: how a turn is laid out.
        sampling: how tokens are drawn; every turn has a generator of its own with this seed.
        limits: most tokens of a turn.
        clock: monotonic, seconds.
        start_s: the clock's time that tokens are timed from; None for now.

    Raises:
        UsageError: no prompt.
        EngineError, ContractError: a prompt holds audio that this thinker cannot hear.
    """
    turns = _turns(thinker, prompts, paradigm, sampling)
    yield from _run(thinker, prompts, turns, sampling, limits, clock, clock() if start_s is None else start_s)


def decode_all(
    thinker: Thinker,
    prompts: Sequence[Prompt],
    paradigm: Paradigm,
    sampling: Sampling = GREEDY,
    limits: Limits = DEFAULT_LIMITS,
) -> list[Decoded]:
    """Decode one turn per prompt and return them, [n_prompts]."""
    turns = _turns(thinker, prompts, paradigm, sampling)
    for _ in _run(thinker, prompts, turns, sampling, limits, time.monotonic, 0.0):
        pass
    return [turn.done for turn in turns]


def _turns(thinker: Thinker, prompts: Sequence[Prompt], paradigm: Paradigm, sampling: Sampling) -> list[_Turn]:
    if not prompts:
        raise UsageError("decode: no prompt was given")
    control = thinker.vocabulary.control_rows
    return [
        _Turn(machine_of(paradigm, control), torch.Generator().manual_seed(sampling.seed), list(prompt.rows), 0)
        for prompt in prompts
    ]


def _run(
    thinker: Thinker,
    prompts: Sequence[Prompt],
    turns: list[_Turn],
    sampling: Sampling,
    limits: Limits,
    clock: Callable[[], float],
    start_s: float,
) -> Iterator[Emitted]:
    from transformers import DynamicCache

    cache = DynamicCache()
    mask = torch.zeros(len(turns), 0, dtype=torch.long)
    n_calls = 0
    active = list(range(len(turns)))
    heard = [prompt.heard for prompt in prompts if prompt.heard is not None]
    sounds = joined(heard) if heard else None
    while active:
        scores, states, mask = _feed(thinker, [turns[k] for k in active], cache, mask, sounds)
        sounds = None
        n_calls += 1
        for place, k in enumerate(active):
            turns[k].done.n_calls += 1
            for token, stream, forced in _advance(thinker, turns[k], scores[place], sampling, limits):
                state = None if forced else states[place]
                yield Emitted(k, token, stream, forced, n_calls, clock() - start_s, turns[k].hurried, state)
        going = [place for place, k in enumerate(active) if not turns[k].machine.ended]
        if len(going) < len(active) and going:
            kept = torch.tensor(going)
            cache.batch_select_indices(kept.to(scores.device))
            mask = mask[kept]
        active = [active[place] for place in going]


@torch.inference_mode()
def _feed(
    thinker: Thinker,
    turns: list[_Turn],
    cache: Any,  # noqa: ANN401
    mask: Tensor,
    sounds: Heard | None,
) -> tuple[Tensor, Tensor, Tensor]:
    """Feed what is pending; returns scores after it [n_turns, n_rows], states [n_turns, hidden], the longer mask."""
    device = thinker.embeddings.weight.device
    width = max(len(turn.pending) for turn in turns)
    rows = torch.zeros(len(turns), width, dtype=torch.long)
    positions = torch.zeros(len(turns), width, dtype=torch.long)
    fed = torch.zeros(len(turns), width, dtype=torch.long)
    for place, turn in enumerate(turns):
        n = len(turn.pending)
        rows[place, width - n :] = torch.tensor(turn.pending)
        positions[place, width - n :] = torch.arange(turn.position, turn.position + n)
        fed[place, width - n :] = 1
        turn.position += n
        turn.pending = []
    mask = torch.cat([mask, fed], dim=1)
    embedded = thinker.embed(rows.to(device), None if sounds is None else sounds.to(device))
    states = thinker.states(embedded, positions.to(device), cache, mask.to(device))
    return thinker.logits(states[:, -1]), states[:, -1], mask


def _advance(
    thinker: Thinker, turn: _Turn, scores: Tensor, sampling: Sampling, limits: Limits
) -> Iterator[tuple[int, Stream, bool]]:
    """Choose the next token and go on through the slots that leave no choice."""
    control = thinker.vocabulary.control_rows
    slot = turn.machine.next_slot()  # leaves a choice: no turn begins with one that does not, and none is left standing
    only = _hurry(slot, turn, thinker, limits)
    chosen = draw(allowed_scores(scores, slot, control, only), sampling, turn.generator)
    yield _take(thinker, turn, chosen, forced=False)
    while not turn.machine.ended and (forced := turn.machine.next_slot().forced) is not None:
        yield _take(thinker, turn, forced, forced=True)


def _hurry(slot: Slot, turn: _Turn, thinker: Thinker, limits: Limits) -> int | None:
    """The control token that a limit asks for: the nearest way to the end that the slot allows."""
    control = thinker.vocabulary.control_rows
    speech_over = turn.n_response >= limits.response
    ways = [control.response_end, control.reasoning_end, control.think] if speech_over else []
    if turn.n_reasoning >= limits.reasoning:
        ways.append(control.reasoning_end)
    for way in ways:
        if way in slot.controls:
            turn.hurried = True
            return way
    return None


def _take(thinker: Thinker, turn: _Turn, row: int, *, forced: bool) -> tuple[int, Stream, bool]:
    stream = turn.machine.push(row)
    (token,) = thinker.vocabulary.ids([row])
    turn.pending.append(row)
    turn.n_response += stream is Stream.RESPONSE
    turn.n_reasoning += stream is Stream.REASONING
    done = turn.done
    done.token_ids.append(token)
    done.streams.append(int(stream))
    done.n_forced += forced
    done.ended = turn.machine.ended and not turn.hurried
    return token, stream, forced
