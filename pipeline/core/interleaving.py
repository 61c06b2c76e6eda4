"""A row as a token stream and back: made by `interleave_row`, judged anew by `recheck`.

`recheck` trusts nothing that `interleave_row` stored: it takes ids, marks and the question, and derives the
rest. It counts what is out in the stream itself, where `interleave_row` reckons by the schedule: two ways to
one slack.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import NamedTuple

from pipeline.core.adaptive import Adaptive, Need, lay_out, plan
from pipeline.core.claims import Claim
from pipeline.core.claims import claims as read_claims
from pipeline.core.control import ControlIds
from pipeline.core.drift import (
    Encode,
    PlacedClaim,
    drift,
    first_token,
    place,
    row_slack,
    tokens_through,
    ungrounded,
)
from pipeline.core.outcome import Unreadable
from pipeline.core.quantity import Quantity
from pipeline.core.repair import LeadIn, LeadIns, Limits, Repair, measure, repair
from pipeline.core.schedule import Schedule, TokenStream, Turn, deinterleave, emitted_before, interleave
from pipeline.core.slot_machine import AdaptiveSlotMachine
from pipeline.errors import Reason

Decode = Callable[[list[int]], str]


@dataclass(frozen=True, slots=True)
class Layout:
    """How rows become streams: one for a whole table."""

    schedule: Schedule | Adaptive
    control: ControlIds
    decode: Decode
    lead_ins: LeadIns
    """The phrases and the vocabulary that measured them."""
    limits: Limits

    @property
    def encode(self) -> Encode:
        """The vocabulary."""
        return self.lead_ins.encode


_DEFAULTS = Limits()


def layout(
    schedule: Schedule | Adaptive, control: ControlIds, encode: Encode, decode: Decode, limits: Limits = _DEFAULTS
) -> Layout:
    """Make a layout, measuring the lead-ins with the vocabulary (about 20 ms)."""
    return Layout(schedule, control, decode, measure(encode), limits)


@dataclass(frozen=True, slots=True)
class Interleaved:
    """An accepted row's stream and what is known of it."""

    response: str
    """What `response_ids` detokenise to, lead-ins included."""
    response_ids: list[int]
    reasoning_ids: list[int]
    token_ids: list[int]
    streams: list[int]
    lead_in: tuple[LeadIn, ...]
    claims: tuple[PlacedClaim, ...]
    slack: int | None
    repaired: bool


@dataclass(frozen=True, slots=True)
class Rechecked:
    """What a stream alone says of its row."""

    response: str
    reasoning: str
    claims: tuple[PlacedClaim, ...]
    slack: int | None


class Prepared(NamedTuple):
    """A row with all that no schedule changes."""

    response: str
    claims: tuple[Claim, ...]
    reasoning_ids: list[int]
    reasoning_ends: list[int]
    key: str
    """The row's id: it varies the words of a repair."""


def prepare(
    question_quantities: Sequence[Quantity],
    reasoning: str,
    response: str,
    encode: Encode,
    *,
    key: str,
) -> Prepared | Unreadable:
    """Read a row once for any number of schedules.

    Returns:
        EMPTY or UNGROUNDED for a row that no schedule makes sound.
    """
    reasoning_ids, reasoning_ends = encode(reasoning)
    if not reasoning_ids or not response.strip():
        return Unreadable(Reason.EMPTY, "the reasoning or the response is empty")
    claims = read_claims(question_quantities, reasoning, response)
    return ungrounded(claims, response) or Prepared(response, claims, reasoning_ids, reasoning_ends, key)


def interleave_row(
    question_quantities: Sequence[Quantity],
    reasoning: str,
    response: str,
    how: Layout,
    *,
    key: str,
) -> Interleaved | Unreadable:
    """Lay a row out, with the lead-ins it needs.

    Returns:
        EMPTY, UNGROUNDED, DRIFT or TAIL for a row that no lead-in makes sound.
    """
    row = prepare(question_quantities, reasoning, response, how.encode, key=key)
    return row if isinstance(row, Unreadable) else lay_out_row(row, how)


def lay_out_row(row: Prepared, how: Layout) -> Interleaved | Unreadable:
    """Lay a prepared row out; DRIFT or TAIL where no lead-in makes it sound."""
    reasoning_ids, reasoning_ends = row.reasoning_ids, row.reasoning_ends
    emitted: Callable[[int], int]
    if isinstance(how.schedule, Adaptive):
        mended = Repair(row.response, *how.encode(row.response), row.claims, ())
        stream = _adapted(mended, reasoning_ids, reasoning_ends, how.schedule, how)
        emitted = emitted_before(stream.streams, stream.token_ids, how.control).__getitem__
    else:
        repaired = repair(row.response, row.claims, reasoning_ends, how.schedule, how.lead_ins, how.limits, row.key)
        if isinstance(repaired, Unreadable):
            return repaired
        mended = repaired
        stream = interleave(mended.response_ids, reasoning_ids, how.schedule, how.control)
        emitted = partial(how.schedule.emitted, n_reasoning=len(reasoning_ids))
    placed = place(mended.claims, mended.response_ends, reasoning_ends, emitted)
    if early := drift(placed, mended.response, mended.response_ends, how.limits.slack_margin):
        return early
    return Interleaved(
        mended.response,
        mended.response_ids,
        reasoning_ids,
        stream.token_ids,
        stream.streams,
        mended.lead_in,
        placed,
        row_slack(placed),
        repaired=bool(mended.lead_in),
    )


def _adapted(
    row: Repair, reasoning_ids: list[int], reasoning_ends: list[int], schedule: Adaptive, how: Layout
) -> TokenStream:
    """The best adaptive stream; a need that no layout meets is left for the drift check to find."""
    n_response, n_reasoning = len(row.response_ids), len(reasoning_ids)
    needs = [
        Need(first_token(row.response_ends, claim.start), min(n_reasoning, need + how.limits.slack_margin))
        for claim in row.claims
        if claim.step_end is not None and (need := tokens_through(reasoning_ends, claim.step_end))
    ]
    ticks = schedule.ticks(max(1, len(row.response.split())), n_response)
    blocks = plan(n_response, n_reasoning, needs, ticks)
    return lay_out(row.response_ids, reasoning_ids, blocks, how.control)


def recheck(
    token_ids: Sequence[int], streams: Sequence[int], question_quantities: Sequence[Quantity], how: Layout
) -> Rechecked | Unreadable:
    """Judge a stream by itself: its layout, its round trip to text, its claims.

    Returns:
        ROUND_TRIP or TAIL for a stream that the schedule and vocabulary do not give, else UNGROUNDED or DRIFT
        as found.
    """
    try:
        turn = deinterleave(token_ids, streams, how.control)
        if how.control.reasoning_end not in token_ids:
            return Unreadable(Reason.TAIL, "the stream ends before its reasoning does")
        again = laid_out_again(turn, token_ids, how.schedule, how.control)
    except ValueError as exc:
        return Unreadable(Reason.ROUND_TRIP, str(exc))
    if again.token_ids != list(token_ids) or again.streams != list(streams):
        return Unreadable(Reason.ROUND_TRIP, f"the stream is not the {how.schedule.ratio} layout of its parts")
    response, reasoning = how.decode(turn.response_ids), how.decode(turn.reasoning_ids)
    response_ids, response_ends = how.encode(response)
    reasoning_ids, reasoning_ends = how.encode(reasoning)
    if response_ids != turn.response_ids or reasoning_ids != turn.reasoning_ids:
        return Unreadable(Reason.ROUND_TRIP, "the text that the ids spell has other ids")
    emitted = emitted_before(streams, token_ids, how.control).__getitem__
    claims = read_claims(question_quantities, reasoning, response)
    placed = place(claims, response_ends, reasoning_ends, emitted)
    refused = ungrounded(claims, response) or drift(placed, response, response_ends, how.limits.slack_margin)
    return refused or Rechecked(response, reasoning, placed, row_slack(placed))


def laid_out_again(
    turn: Turn, token_ids: Sequence[int], schedule: Schedule | Adaptive, control: ControlIds
) -> TokenStream:
    """What the schedule makes of a stream's parts; equal to the stream if it is of this schedule.

    Raises:
        ValueError: no stream of this schedule has such tokens.
    """
    if isinstance(schedule, Schedule):
        return interleave(turn.response_ids, turn.reasoning_ids, schedule, control)
    machine = AdaptiveSlotMachine(control)
    again = TokenStream(list(token_ids), [machine.push(token) for token in token_ids])
    if not machine.ended:
        raise ValueError("the stream stops before the response's end")
    return again
