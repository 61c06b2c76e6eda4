"""The token sequence of a row as people can read it: each token's text and stream, and what each claim rests on.

A claim is linked to the response tokens that say it and to the reasoning token that completes its step's result.
"""

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from itertools import pairwise
from typing import Any

from pipeline.backends.tokenizer.protocol import Tokenizer
from pipeline.core.claims import Basis
from pipeline.core.control import TOKENS
from pipeline.core.drift import PlacedClaim, explain
from pipeline.core.quantity import Kind
from pipeline.core.schedule import Stream
from schemas.rows import ClaimDict


class Role(StrEnum):
    """What a token has to do with a claim."""

    NONE = ""
    SAID = "said"
    """It says the quantity."""
    REASONED = "reasoned"
    """It completes the result that the quantity needs."""


@dataclass(frozen=True)
class TimelineToken:
    """One token of the sequence."""

    text: str
    """What it spells; of a control token its name."""
    stream: Stream
    control: bool = False
    """An end, a pad or a switch."""
    role: Role = Role.NONE
    claims: tuple[int, ...] = ()
    """Numbers of the claims that it says or that it is reasoned by, from 1."""


@dataclass(frozen=True)
class ClaimView:
    """A quantity that the response states."""

    number: int
    """From 1, in the order they are said."""
    said: str
    value: str
    kind: str
    basis: str
    said_at: int
    """Position in the sequence of the first token that says it."""
    reasoned_at: int | None
    """Position of the token that completes its result; None for what no step yields."""
    slack: int | None
    explanation: str
    """One line for a person."""


@dataclass(frozen=True)
class Timeline:
    """The sequence and what is said in it."""

    tokens: tuple[TimelineToken, ...]
    claims: tuple[ClaimView, ...]

    @property
    def runs(self) -> tuple[tuple[TimelineToken, ...], ...]:
        """The tokens cut where the stream changes."""
        starts = [0, *(at for at, (a, b) in enumerate(pairwise(self.tokens), 1) if a.stream != b.stream)]
        return tuple(self.tokens[a:b] for a, b in pairwise((*starts, len(self.tokens)))) if self.tokens else ()


def timeline_of(row: Mapping[str, Any], tokenizer: Tokenizer) -> Timeline:
    """Read the timeline of an accepted row."""
    ids: dict[str, int] = json.loads(row["provenance"])["interleave"]["control_ids"]
    names = {ids[name]: spelled for name, spelled in TOKENS.items()}
    pieces = {
        Stream.RESPONSE: pieces_of(row["response"], row["response_ids"], tokenizer),
        Stream.REASONING: pieces_of(row["reasoning"], row["reasoning_ids"], tokenizer),
    }
    at: dict[Stream, list[int]] = {stream: [] for stream in pieces}
    tokens: list[TimelineToken] = []
    for position, (token, number) in enumerate(zip(row["token_ids"], row["streams"], strict=True)):
        stream = Stream(number)
        if token in names or stream not in pieces:
            tokens.append(TimelineToken(names.get(token, f"<{token}>"), stream, control=True))
        else:
            tokens.append(TimelineToken(pieces[stream][len(at[stream])], stream))
            at[stream].append(position)
    said, reasoned = at[Stream.RESPONSE], at[Stream.REASONING]
    claims = tuple(
        _claim(number, claim, pieces[Stream.RESPONSE], said, reasoned) for number, claim in enumerate(row["claims"], 1)
    )
    return Timeline(_linked(tokens, row["claims"], said, reasoned), claims)


def pieces_of(text: str, ids: Sequence[int], tokenizer: Tokenizer) -> list[str]:
    """What each token spells; where a character is split over tokens, the one that begins it has it."""
    encoded = tokenizer.encode(text)
    if encoded.ids != list(ids):  # not what verify lets pass: shown token by token all the same
        return [tokenizer.decode([token]) for token in ids]
    return [text[start:end] for start, end in pairwise((0, *encoded.ends))]


def _claim(
    number: int, claim: ClaimDict, pieces: Sequence[str], said: Sequence[int], reasoned: Sequence[int]
) -> ClaimView:
    words = "".join(pieces[claim["resp_start"] : claim["resp_end"]]).strip()
    placed = PlacedClaim(
        Fraction(claim["value"]),
        Kind(claim["kind"]),
        Basis(claim["basis"]),
        claim["resp_start"],
        claim["resp_end"],
        claim["reas_end"],
        claim["slack"],
    )
    reas_end = claim["reas_end"]
    return ClaimView(
        number,
        words,
        claim["value"],
        claim["kind"],
        claim["basis"],
        said[claim["resp_start"]],
        None if reas_end is None else reasoned[reas_end - 1],
        claim["slack"],
        explain(placed, words),
    )


def _linked(
    tokens: Sequence[TimelineToken], claims: Sequence[ClaimDict], said: Sequence[int], reasoned: Sequence[int]
) -> tuple[TimelineToken, ...]:
    links: dict[int, list[int]] = defaultdict(list)
    for number, claim in enumerate(claims, 1):
        for offset in range(claim["resp_start"], claim["resp_end"]):
            links[said[offset]].append(number)
        if claim["reas_end"] is not None:
            links[reasoned[claim["reas_end"] - 1]].append(number)
    roles = {Stream.RESPONSE: Role.SAID, Stream.REASONING: Role.REASONED}
    return tuple(
        TimelineToken(token.text, token.stream, token.control, roles[token.stream], tuple(links[position]))
        if position in links
        else token
        for position, token in enumerate(tokens)
    )
