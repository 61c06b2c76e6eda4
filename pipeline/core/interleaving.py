"""A row as a token stream and back: made by `interleave_row`, judged anew by `recheck`.

`recheck` trusts nothing that `interleave_row` stored: it takes ids, marks and the question, and derives the
rest. Both place claims by `core.drift.place` on what the stream itself has emitted, so that they cannot
disagree.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from pipeline.core.claims import claims as read_claims
from pipeline.core.control import ControlIds
from pipeline.core.drift import Encode, PlacedClaim, drift, place, row_slack, ungrounded
from pipeline.core.outcome import Unreadable
from pipeline.core.quantity import Quantity
from pipeline.core.repair import LeadIn, LeadIns, Limits, measure, repair
from pipeline.core.schedule import Schedule, deinterleave, emitted_before, interleave
from pipeline.core.step import Step
from pipeline.errors import Reason

Decode = Callable[[list[int]], str]


@dataclass(frozen=True, slots=True)
class Layout:
    """How rows become streams: one for a whole table."""

    schedule: Schedule
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
    schedule: Schedule, control: ControlIds, encode: Encode, decode: Decode, limits: Limits = _DEFAULTS
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


def interleave_row(
    question_quantities: Sequence[Quantity],
    reasoning: str,
    response: str,
    how: Layout,
    *,
    key: str,
    steps: Sequence[Step] | None = None,
    response_quantities: Sequence[Quantity] | None = None,
) -> Interleaved | Unreadable:
    """Lay a row out, with the lead-ins it needs.

    Returns:
        UNGROUNDED, DRIFT or TAIL for a row that no lead-in makes sound.
    """
    reasoning_ids, reasoning_ends = how.encode(reasoning)
    claims = read_claims(question_quantities, reasoning, response, steps, response_quantities)
    if nowhere := ungrounded(claims, response):
        return nowhere
    mended = repair(response, claims, reasoning_ends, how.schedule, how.lead_ins, how.limits, key)
    if isinstance(mended, Unreadable):
        return mended
    token_ids, streams = interleave(mended.response_ids, reasoning_ids, how.schedule, how.control)
    placed = place(
        mended.claims,
        mended.response_ends,
        reasoning_ends,
        lambda i: how.schedule.emitted(i, len(reasoning_ids)),
    )
    if early := drift(placed, mended.response, mended.response_ends, how.limits.slack_margin):
        return early
    return Interleaved(
        mended.response,
        mended.response_ids,
        reasoning_ids,
        token_ids,
        streams,
        mended.lead_in,
        placed,
        row_slack(placed),
        repaired=bool(mended.lead_in),
    )


def recheck(
    token_ids: Sequence[int], streams: Sequence[int], question_quantities: Sequence[Quantity], how: Layout
) -> Rechecked | Unreadable:
    """Judge a stream by itself: its layout, its round trip to text, its claims.

    Returns:
        ROUND_TRIP for a stream that the schedule and vocabulary do not give, else UNGROUNDED or DRIFT as
        found.
    """
    try:
        turn = deinterleave(token_ids, streams, how.control)
        again = interleave(turn.response_ids, turn.reasoning_ids, how.schedule, how.control)
    except ValueError as exc:
        return Unreadable(Reason.ROUND_TRIP, str(exc))
    if again.token_ids != list(token_ids) or again.streams != list(streams):
        return Unreadable(Reason.ROUND_TRIP, f"the stream is not the {how.schedule.ratio} layout of its two parts")
    if tail := how.schedule.tail(len(turn.response_ids), len(turn.reasoning_ids)):
        return Unreadable(Reason.TAIL, f"{tail} reasoning tokens or ends are missing from the stream")
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
