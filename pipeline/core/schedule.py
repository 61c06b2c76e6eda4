"""How two streams share one sequence: `p` spoken tokens, `q` silent ones, in turn, until the response ends.

It knows ids and counts, never text. O is the response (spoken), R the reasoning (silent), both without
their end tokens:

    2:3 response_first   o o r r r o o r r r o E r      O' = O + [response_end]
                                                        R' = R + [reasoning_end], then pads
The sequence stops right after the response's end token. `tail` counts what of R' had no slot before it.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum, StrEnum
from itertools import compress
from typing import NamedTuple

from pipeline.core.control import ControlIds
from pipeline.errors import UsageError


class Stream(IntEnum):
    """What the `streams` column says of a token. End tokens belong to their stream."""

    RESPONSE = 0
    REASONING = 1
    PAD = 2
    SWITCH = 3


# Plain ints for the loops over tokens: looking a member up costs more than comparing it.
_RESPONSE, _REASONING, _PAD, _SWITCH = map(int, Stream)


class Order(StrEnum):
    """Which stream has the first block."""

    RESPONSE_FIRST = "response_first"
    REASONING_FIRST = "reasoning_first"


class TokenStream(NamedTuple):
    """One turn as a model is trained on it."""

    token_ids: list[int]  # [n]
    streams: list[int]  # [n] Stream


class Turn(NamedTuple):
    """The two streams of a turn, without end tokens."""

    response_ids: list[int]
    reasoning_ids: list[int]


_RATIO = re.compile(r"([0-9]{1,4}):([0-9]{1,4})")


@dataclass(frozen=True, slots=True)
class Schedule:
    """A fixed schedule `p:q`. `q` = 0 is the response-only baseline."""

    p: int = 2
    """Response tokens a block, at least 1."""
    q: int = 8
    """Reasoning tokens a block."""
    order: Order = Order.RESPONSE_FIRST

    def __post_init__(self) -> None:
        """Refuse blocks that cannot be."""
        if self.p < 1:
            raise UsageError(f"ratio {self.p}:{self.q}: a block needs at least one response token (p >= 1)")
        if self.q < 0:
            raise UsageError(f"ratio {self.p}:{self.q}: the reasoning share cannot be negative")

    @classmethod
    def parse(cls, ratio: str, order: str = Order.RESPONSE_FIRST) -> "Schedule":
        """Read "2:8" and an order's name.

        Raises:
            UsageError: not `p:q` with p >= 1 and q >= 0, or an unknown order.
        """
        found = _RATIO.fullmatch(ratio.strip())
        if found is None:
            raise UsageError(f"ratio {ratio!r} is not p:q, as in 2:8")
        try:
            first = Order(order)
        except ValueError:
            raise UsageError(f"order {order!r} is not one of {', '.join(Order)}") from None
        return cls(int(found[1]), int(found[2]), first)

    @property
    def ratio(self) -> str:
        """The form that `parse` reads."""
        return f"{self.p}:{self.q}"

    def blocks_before(self, i: int) -> int:
        """Reasoning blocks placed before response token `i` (of O', 0-based)."""
        return i // self.p + (self.order is Order.REASONING_FIRST)

    def emitted(self, i: int, n_reasoning: int) -> int:
        """Tokens of R (no ends, no pads) placed before response token `i`, when R has `n_reasoning`."""
        return min(n_reasoning, self.q * self.blocks_before(i))

    def first_index(self, n_emitted: int) -> int:
        """Least `i` with `emitted(i, n) >= n_emitted` for every R that is long enough.

        Raises:
            ValueError: the schedule has no reasoning.
        """
        if n_emitted <= 0:
            return 0
        if self.q == 0:
            raise ValueError(f"ratio {self.ratio} never emits reasoning")
        blocks = -(-n_emitted // self.q) - (self.order is Order.REASONING_FIRST)
        return blocks * self.p

    def tail(self, n_response: int, n_reasoning: int) -> int:
        """Tokens of R' not emitted when the response ends."""
        if self.q == 0:
            return 0
        return max(0, n_reasoning + 1 - self.q * self.blocks_before(n_response))


def check_ids(response_ids: Sequence[int], reasoning_ids: Sequence[int], control: ControlIds) -> None:
    """Refuse what no schedule can place.

    Raises:
        ValueError: an empty response, or an id that is no text token.
    """
    if not response_ids:
        raise ValueError("the response is empty: nothing to speak")
    for name, ids in (("response", response_ids), ("reasoning", reasoning_ids)):
        if ids and (max(ids) >= control.n_text_ids or min(ids) < 0):
            at, bad = next((k, t) for k, t in enumerate(ids) if not 0 <= t < control.n_text_ids)
            raise ValueError(f"{name} id {bad} at {at} is no text token (0 to {control.n_text_ids - 1})")


def interleave(
    response_ids: Sequence[int], reasoning_ids: Sequence[int], schedule: Schedule, control: ControlIds
) -> TokenStream:
    """Lay both streams out. What of R' finds no slot is left out: see `Schedule.tail`.

    Raises:
        ValueError: an id that is no text token, an empty response, reasoning without slots or the reverse.
    """
    check_ids(response_ids, reasoning_ids, control)
    p, q = schedule.p, schedule.q
    if q == 0:
        if reasoning_ids:
            raise ValueError(f"ratio {schedule.ratio} has no slot for {len(reasoning_ids)} reasoning tokens")
        return TokenStream([*response_ids, control.response_end], [Stream.RESPONSE] * (len(response_ids) + 1))
    if not reasoning_ids:
        raise ValueError(f"the reasoning is empty, but ratio {schedule.ratio} has slots for it")

    spoken = [*response_ids, control.response_end]
    silent = [*reasoning_ids, control.reasoning_end]
    n_blocks = schedule.blocks_before(len(response_ids))
    n_silent = len(silent)
    n_slots = q * n_blocks
    silent_streams = [int(Stream.REASONING)] * n_silent
    if n_slots > n_silent:
        silent += [control.reasoning_pad] * (n_slots - n_silent)
        silent_streams += [int(Stream.PAD)] * (n_slots - n_silent)
    token_ids: list[int] = []
    streams: list[int] = []
    spoken_block = [int(Stream.RESPONSE)] * p
    r = 0
    if schedule.order is Order.REASONING_FIRST:
        token_ids += silent[:q]
        streams += silent_streams[:q]
        r = q
    for o in range(0, len(spoken), p):
        token_ids += spoken[o : o + p]
        if o + p >= len(spoken):
            streams += spoken_block[: len(spoken) - o]
            break
        streams += spoken_block
        token_ids += silent[r : r + q]
        streams += silent_streams[r : r + q]
        r += q
    return TokenStream(token_ids, streams)


def deinterleave(token_ids: Sequence[int], streams: Sequence[int], control: ControlIds) -> Turn:
    """Take a stream apart; ends, pads and switches are dropped by id.

    Exact inverse of any layout with tail 0, else the reasoning is the prefix that was emitted.

    Raises:
        ValueError: the columns differ in length, or a token contradicts its stream.
    """
    if len(token_ids) != len(streams):
        raise ValueError(f"{len(token_ids)} token ids but {len(streams)} stream marks")
    if not _STREAMS.issuperset(streams):
        raise ValueError(_contradiction(token_ids, streams, control))
    marks = bytes(streams)
    response, reasoning, pads, switches = (list(compress(token_ids, marks.translate(only))) for only in _ONLY)
    response, reasoning = _without(response, control.response_end), _without(reasoning, control.reasoning_end)
    others = {control.reasoning_pad}.issuperset(pads) and {control.speak, control.think}.issuperset(switches)
    if others and all(not t or 0 <= min(t) <= max(t) < control.n_text_ids for t in (response, reasoning)):
        return Turn(response, reasoning)
    raise ValueError(_contradiction(token_ids, streams, control))


_STREAMS = frozenset(map(int, Stream))
_ONLY = tuple(bytes(mark == stream for mark in range(256)) for stream in (_RESPONSE, _REASONING, _PAD, _SWITCH))
"""Tables that leave of all marks one stream's."""


def _without(tokens: list[int], end: int) -> list[int]:
    return [token for token in tokens if token != end] if end in tokens else tokens


def _contradiction(token_ids: Sequence[int], streams: Sequence[int], control: ControlIds) -> str:
    """Names the first token that its stream cannot have."""
    for at, (token, stream) in enumerate(zip(token_ids, streams, strict=True)):
        is_text = 0 <= token < control.n_text_ids
        if is_text and stream not in (_RESPONSE, _REASONING):
            return f"text token {token} at {at} is marked as stream {stream}"
        if not is_text and stream != _stream_of_control(token, control):
            return f"token {token} at {at} cannot be of stream {stream}"
    raise AssertionError("no token contradicts its stream: a bug")


def _stream_of_control(token: int, control: ControlIds) -> int | None:
    return {
        control.response_end: Stream.RESPONSE,
        control.reasoning_end: Stream.REASONING,
        control.reasoning_pad: Stream.PAD,
        control.speak: Stream.SWITCH,
        control.think: Stream.SWITCH,
    }.get(token)


def emitted_before(streams: Sequence[int], token_ids: Sequence[int], control: ControlIds) -> list[int]:
    """For each response token, end excluded: reasoning tokens before it, counted in the stream itself.

    It knows no schedule, so it holds for any layout and proves `Schedule.emitted`.
    """
    out: list[int] = []
    n = 0
    response_end, reasoning_end = control.response_end, control.reasoning_end
    for token, stream in zip(token_ids, streams, strict=True):
        if stream == _REASONING:
            n += token != reasoning_end
        elif stream == _RESPONSE and token != response_end:
            out.append(n)
    return out
