"""Anticipation drift, exactly: is every result reasoned before it is spoken?

A claim whose first token is response token `i`, paired with a step whose result ends at reasoning token
`d`, has slack `emitted(i) - (d + 1)`: how many reasoning tokens are out beyond what it needs. Negative
slack is drift. It knows token offsets and counts, no vocabulary: the stream itself says what is out
(`core.schedule.emitted_before`).
"""

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import NamedTuple

from pipeline.core.claims import Basis, Claim
from pipeline.core.outcome import Unreadable
from pipeline.core.quantity import Kind
from pipeline.errors import Reason

Encode = Callable[[str], tuple[list[int], list[int]]]
"""Ids of a text and, for each, the exclusive end in characters (`backends.tokenizer.Encoding`)."""


class PlacedClaim(NamedTuple):
    """A claim in tokens, as the `claims` column stores it; ends are exclusive."""

    value: Fraction
    kind: Kind
    basis: Basis
    resp_start: int
    resp_end: int
    reas_end: int | None
    """Reasoning tokens that its step's result needs; None for a claim that is paired with no step."""
    slack: int | None


def first_token(ends: Sequence[int], start: int) -> int:
    """Index of the token that holds the first byte of character `start`."""
    return bisect_right(ends, start)


def tokens_through(ends: Sequence[int], end: int) -> int:
    """How many tokens it takes until the characters before `end` are whole.

    Exact unless one token both ends a split character and begins another, which no digit is near.
    """
    at = bisect_left(ends, end)
    return bisect_right(ends, end, at) if at < len(ends) and ends[at] == end else at + 1


def place(
    claims: Sequence[Claim],
    response_ends: Sequence[int],
    reasoning_ends: Sequence[int],
    emitted: Callable[[int], int],
) -> tuple[PlacedClaim, ...]:
    """Claims with token offsets and slacks; `emitted(i)` reasoning tokens precede response token `i`."""
    placed: list[PlacedClaim] = []
    for claim in claims:
        i = first_token(response_ends, claim.start)
        reas_end = None if claim.step_end is None else tokens_through(reasoning_ends, claim.step_end)
        placed.append(
            PlacedClaim(
                claim.value,
                claim.kind,
                claim.basis,
                i,
                tokens_through(response_ends, claim.end),
                reas_end,
                None if reas_end is None else emitted(i) - reas_end,
            )
        )
    return tuple(placed)


def row_slack(claims: Sequence[PlacedClaim]) -> int | None:
    """The least slack of a row, None where no claim is paired with a step."""
    return min((claim.slack for claim in claims if claim.slack is not None), default=None)


def explain(claim: PlacedClaim, said: str) -> str:
    """One line for a person; `said` is the claim as the response words it."""
    if claim.slack is None or claim.reas_end is None:
        return f"says {said!r} from response token {claim.resp_start}: {claim.basis}"
    return (
        f"says {said!r} from response token {claim.resp_start}, when {claim.slack + claim.reas_end} reasoning "
        f"tokens are out; derived at token {claim.reas_end - 1}: slack {claim.slack}"
    )


def ungrounded(claims: Sequence[Claim], response: str) -> Unreadable | None:
    """Refuse a claim from nowhere."""
    for claim in claims:
        if claim.basis is Basis.UNGROUNDED:
            said = response[claim.start : claim.end]
            return Unreadable(Reason.UNGROUNDED, f"says {said!r}, which is neither given nor derived")
    return None


def drift(claims: Sequence[PlacedClaim], response: str, response_ends: Sequence[int], margin: int) -> Unreadable | None:
    """Refuse a claim that is said too early; the detail explains the worst one."""
    early = [claim for claim in claims if claim.slack is not None and claim.slack < margin]
    if early:
        worst = min(early, key=lambda claim: claim.slack or 0)
        return Unreadable(Reason.DRIFT, explain(worst, words_of(worst, response, response_ends)))
    return None


def words_of(claim: PlacedClaim, response: str, response_ends: Sequence[int]) -> str:
    """The words of the response that a claim's tokens spell."""
    start = response_ends[claim.resp_start - 1] if claim.resp_start else 0
    return response[start : response_ends[claim.resp_end - 1]].strip()
