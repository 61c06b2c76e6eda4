"""Whether a response that a model decoded says results before they are reasoned: the data's check, on any stream."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

from pipeline.core.claims import Basis
from pipeline.core.claims import claims as read_claims
from pipeline.core.control import ControlIds
from pipeline.core.drift import place
from pipeline.core.quantities import read
from pipeline.core.schedule import deinterleave, emitted_before


class Drifting(NamedTuple):
    """Claims of a response."""

    n_derived: int
    """Those that a step of the reasoning yields."""
    n_early: int
    """Those of them that were spoken before the step's result was out: negative slack."""
    n_ungrounded: int


def drifting(
    question: str,
    token_ids: Sequence[int],
    streams: Sequence[int],
    control: ControlIds,
    decode: Callable[[list[int]], str],
) -> Drifting:
    """Judge a decoded turn.

    Args:
        question: what was asked.
        token_ids: of the turn, ids of the data's vocabulary.
        streams: of each token.
        control: the control tokens.
        decode: ids to text.
    """
    turn = deinterleave(token_ids, streams, control)
    response, response_ends = _read(turn.response_ids, decode)
    reasoning, reasoning_ends = _read(turn.reasoning_ids, decode)
    found = read_claims(read(question), reasoning, response)
    emitted = emitted_before(streams, token_ids, control)
    placed = place(found, response_ends, reasoning_ends, emitted.__getitem__)
    slacks = [claim.slack for claim in placed if claim.slack is not None]
    return Drifting(
        len(slacks),
        sum(slack < 0 for slack in slacks),
        sum(claim.basis is Basis.UNGROUNDED for claim in placed),
    )


def _read(ids: list[int], decode: Callable[[list[int]], str]) -> tuple[str, list[int]]:
    """Text of ids and where each ends in it: a model may spell a text by other ids than the vocabulary would."""
    text = decode(ids)
    return text, [min(len(text), len(decode(ids[: k + 1]))) for k in range(len(ids))]
