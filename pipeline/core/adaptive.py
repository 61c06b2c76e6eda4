"""The adaptive schedule: think just before it is needed, in as few blocks as playback bears.

Every block opens with its switch token, there are no pads, and after the reasoning's end only speech
follows. Of all layouts with the slack asked for, the one is taken with fewest playback underruns, then the
earliest first word, then the earliest end. That it is the best is proved in the tests by trying all
layouts.

Why few candidates do. The place of response token `i` in the stream is `i` + reasoning out by then +
switches so far, so thinking as late as a need allows is never worse than earlier, and fewer blocks are
never worse than more. What is left to choose is which needs share a block, and how much is thought before
the first word. Where speech is slower than decoding, some such layout never stalls; where it is faster,
every token stalls in every layout.

It knows ids and counts, never text.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import NamedTuple

from pipeline.core.control import ControlIds
from pipeline.core.latency import TOKENS_PER_S, WORDS_PER_MIN, token_ticks
from pipeline.core.schedule import Order, Schedule, Stream, TokenStream, check_ids
from pipeline.errors import UsageError


@dataclass(frozen=True, slots=True)
class Adaptive:
    """The adaptive schedule, for a decoder and a speaker of given pace."""

    tokens_per_s: int = TOKENS_PER_S
    words_per_min: int = WORDS_PER_MIN

    ratio = "adaptive"
    """What the `ratio` column says; there is no order."""

    def ticks(self, n_words: int, n_response: int) -> Fraction:
        """Decoding ticks that one spoken token lasts."""
        return token_ticks(n_words, n_response, self.tokens_per_s, self.words_per_min)


def schedule_of(ratio: str, order: str | None) -> Schedule | Adaptive:
    """The schedule that a row's `ratio` and `order` columns name; rows of one data set may differ.

    Raises:
        UsageError: the two name no schedule.
    """
    if ratio != Adaptive.ratio:
        return Schedule.parse(ratio, Order.RESPONSE_FIRST if order is None else order)
    if order is not None:
        raise UsageError(f"the adaptive schedule has no order, {order!r} was given: leave it out")
    return Adaptive()


class Need(NamedTuple):
    """Response token `at` may only follow `n_silent` tokens of R'; both count the end tokens."""

    at: int
    n_silent: int


class Block(NamedTuple):
    """Think until `n_silent` tokens of R' are out, right before response token `at`."""

    at: int
    n_silent: int


def plan(n_response: int, n_reasoning: int, needs: Sequence[Need], ticks: Fraction) -> tuple[Block, ...]:
    """The thinking blocks of the best layout.

    Args:
        n_response: tokens of O.
        n_reasoning: tokens of R.
        needs: what claims require; none may exceed `n_reasoning`.
        ticks: decoding ticks that one spoken token lasts.
    """
    points = _frontier([*needs, Need(n_response, n_reasoning + 1)])
    least_first = points[0].n_silent if points[0].at == 0 else 0
    for n_first in range(least_first, n_reasoning + 2):
        blocks = _fewest_blocks(points, n_first, ticks)
        if blocks is not None:
            return blocks
    raise AssertionError("thinking everything first never stalls: a bug")


def _frontier(needs: Sequence[Need]) -> list[Need]:
    """The needs that no earlier one covers: both fields rise."""
    points: list[Need] = []
    for need in sorted(needs, key=lambda n: (n.at, -n.n_silent)):
        if not points or need.n_silent > points[-1].n_silent:
            points.append(need)
    return points


def _fewest_blocks(points: list[Need], n_first: int, ticks: Fraction) -> tuple[Block, ...] | None:
    """Fewest blocks that never stall with `n_first` tokens thought before the first word, if any do."""
    first_at = n_first + 2 if n_first else 1
    best: dict[int, tuple[Block, ...]] = {}  # by how many points are served
    served = sum(point.n_silent <= n_first for point in points)
    best[served] = (Block(0, n_first),) if n_first else ()
    for a in range(served, len(points)):
        if a not in best:
            continue
        blocks = (*best[a], None)
        switches = 2 * len(blocks) + (0 if n_first else 1)
        for b in range(a, len(points)):
            at, n_silent = points[a].at, points[b].n_silent
            audible = at < points[-1].at  # the response's end is not heard, so it cannot stall
            if ticks >= 1 and audible and at + n_silent + switches > first_at + at * ticks:
                break
            if b + 1 not in best or len(blocks) < len(best[b + 1]):
                best[b + 1] = (*best[a], Block(at, n_silent))
    return best.get(len(points))


def lay_out(
    response_ids: Sequence[int], reasoning_ids: Sequence[int], blocks: Sequence[Block], control: ControlIds
) -> TokenStream:
    """The stream of a plan.

    Raises:
        ValueError: an id that is no text token, or an empty response or reasoning.
    """
    check_ids(response_ids, reasoning_ids, control)
    if not reasoning_ids:
        raise ValueError("the reasoning is empty: the adaptive schedule has nothing to think")
    spoken, silent = [*response_ids, control.response_end], [*reasoning_ids, control.reasoning_end]
    token_ids: list[int] = []
    streams: list[int] = []

    def add(switch: int, ids: list[int], stream: Stream) -> None:
        token_ids.extend((switch, *ids))
        streams.extend((int(Stream.SWITCH), *[int(stream)] * len(ids)))

    o = r = 0
    for block in blocks:
        if block.at > o:
            add(control.speak, spoken[o : block.at], Stream.RESPONSE)
        add(control.think, silent[r : block.n_silent], Stream.REASONING)
        o, r = block.at, block.n_silent
    add(control.speak, spoken[o:], Stream.RESPONSE)
    return TokenStream(token_ids, streams)
