"""The fewest spoken words that give the reasoning time: lead-ins at the start or before the first drift.

Inserting `n` tokens before a claim moves it `n` response tokens back, so the largest deficit of a row is a
lower bound for any repair, and one insertion before the first offending sentence of just that length reaches
it. `core.lead_ins` is dense enough that the bound is met for deficits of 2 and more. It does not know how a
text is tokenised: it asks.
"""

import hashlib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import product
from typing import NamedTuple

from pipeline.core import lead_ins
from pipeline.core.claims import Claim, sentence_ends
from pipeline.core.drift import Encode, first_token, tokens_through
from pipeline.core.outcome import Unreadable
from pipeline.core.schedule import Schedule
from pipeline.errors import Reason, UsageError


class LeadIn(NamedTuple):
    """One inserted phrase, as the `lead_in` column stores it."""

    text: str
    resp_start: int


class Repair(NamedTuple):
    """A response that gives its reasoning time."""

    response: str
    response_ids: list[int]
    response_ends: list[int]
    claims: tuple[Claim, ...]
    """Moved to where they are in `response`."""
    lead_in: tuple[LeadIn, ...]


@dataclass(frozen=True, slots=True)
class Limits:
    """What an accepted row must keep."""

    slack_margin: int = 0
    """Least slack, at least 0."""
    max_deferral: int = 24
    """Most tokens that lead-ins may add: about six seconds of speech."""

    def __post_init__(self) -> None:
        """Refuse limits that would let drift through."""
        if self.slack_margin < 0 or self.max_deferral < 0:
            raise UsageError(f"slack margin {self.slack_margin} and deferral {self.max_deferral} cannot be negative")


@dataclass(frozen=True, slots=True)
class LeadIns:
    """The phrases by their length in the tokens of a vocabulary."""

    encode: Encode
    openings: dict[int, tuple[str, ...]]
    connectives: dict[int, tuple[str, ...]]


def measure(encode: Encode) -> LeadIns:
    """Sort the phrases of `core.lead_ins` by length; once for each vocabulary."""
    followed = ("", *(" " + filler for filler in lead_ins.FILLERS))
    return LeadIns(
        encode,
        _by_length(encode, "", map("".join, product(lead_ins.OPENINGS, followed))),
        _by_length(encode, " ", map("".join, product(lead_ins.CONNECTIVES, followed))),
    )


def _by_length(encode: Encode, before: str, phrases: Iterable[str]) -> dict[int, tuple[str, ...]]:
    lengths: dict[int, tuple[str, ...]] = {}
    for phrase in phrases:
        n = len(encode(before + phrase)[0])
        lengths[n] = (*lengths.get(n, ()), phrase)
    return lengths


class _Insertion(NamedTuple):
    opening: str
    connective: str
    site: int
    """Where the connective goes, in characters of the response."""


class _Site(NamedTuple):
    """The start of an offending sentence that is not the first."""

    at: int
    n_before: int
    """Tokens that must be inserted before it, for the sake of earlier claims."""


class _Need(NamedTuple):
    """What a response lacks."""

    response: str
    n_tokens: int
    """Tokens to insert, at most 0 where nothing is lacking."""
    sites: tuple[_Site, ...]
    reason: Reason
    detail: str


def repair(
    response: str,
    claims: Sequence[Claim],
    reasoning_ends: Sequence[int],
    schedule: Schedule,
    phrases: LeadIns,
    limits: Limits,
    key: str,
) -> Repair | Unreadable:
    """Give `response` as few words as make every slack large enough and the tail 0; mostly none.

    Args:
        response: text that has no lead-in yet.
        claims: its claims, each paired one with `step_end`.
        reasoning_ends: token ends of the reasoning.
        schedule: the layout, with q > 0.
        phrases: what may be said, with the vocabulary.
        limits: the least slack, and the most tokens that may be inserted, all together.
        key: the row's id; it varies the words.

    Returns:
        DRIFT or TAIL where no lead-in is long enough.
    """
    encode, max_deferral = phrases.encode, limits.max_deferral
    ids, ends = encode(response)
    n_reasoning = len(reasoning_ends)
    needs = [
        0 if claim.step_end is None else tokens_through(reasoning_ends, claim.step_end) + limits.slack_margin
        for claim in claims
    ]
    need = _need(response, ends, claims, needs, n_reasoning, schedule)
    if need.n_tokens <= 0:
        return Repair(response, ids, ends, tuple(claims), ())
    if need.n_tokens > max_deferral:
        return _refused(need, max_deferral)
    # A word at the start of a text and after a blank may differ in length ("Ottilie", " Ottilie").
    seam = len(encode(" " + response)[0]) - len(ids)
    for insertion in _insertions(phrases, need, seam, max_deferral, key):
        repaired = _inserted(response, claims, insertion, encode)
        text, text_ends = repaired.response, repaired.response_ends
        left = _need(text, text_ends, repaired.claims, needs, n_reasoning, schedule)
        if left.n_tokens <= 0 and len(text_ends) - len(ends) <= max_deferral:
            return repaired
    return _refused(need, max_deferral)


def _refused(need: _Need, max_deferral: int) -> Unreadable:
    if need.n_tokens >= _NEVER:
        return Unreadable(need.reason, f"{need.detail}: no lead-in can give it that many")
    return Unreadable(
        need.reason,
        f"{need.detail}: needs {need.n_tokens} tokens of lead-in, at most {max_deferral} are allowed",
    )


_NEVER = 1 << 30


def _need(
    response: str,
    ends: Sequence[int],
    claims: Sequence[Claim],
    needs: Sequence[int],
    n_reasoning: int,
    schedule: Schedule,
) -> _Need:
    """The largest deficit of a response, and the sentences that have one."""
    most, reason, detail = 0, Reason.TAIL, ""
    deficits: list[tuple[int, int]] = []
    for claim, need in zip(claims, needs, strict=True):
        if claim.step_end is None:
            continue
        at = first_token(ends, claim.start)
        if schedule.emitted(at, n_reasoning) >= need:
            continue
        lacking = schedule.first_index(need) - at if need <= n_reasoning else _NEVER
        deficits.append((claim.start, lacking))
        if lacking > most:
            most, reason = lacking, Reason.DRIFT
            said = response[claim.start : claim.end]
            detail = f"says {said!r} from response token {at}, its step needs {need} of {n_reasoning} tokens"
    lacking = schedule.first_index(n_reasoning + 1) - len(ends)
    if lacking > 0:
        deficits.append((len(response), lacking))
    if lacking > most:
        most, reason = lacking, Reason.TAIL
        left = schedule.tail(len(ends), n_reasoning)
        detail = f"{left} of {n_reasoning} reasoning tokens have no slot before the response ends"
    return _Need(response, most, _sites(response, deficits), reason, detail)


def _sites(response: str, deficits: Sequence[tuple[int, int]]) -> tuple[_Site, ...]:
    """Where a connective may go; a tail's deficit lies at the text's end, in the last sentence."""
    if not deficits:
        return ()
    starts = [end + 1 for end in sentence_ends(response) if end + 1 < len(response)]
    offending = {max((s for s in starts if s <= at), default=0) for at, _ in deficits} - {0}
    return tuple(
        _Site(site, max((lacking for at, lacking in deficits if at < site), default=0)) for site in sorted(offending)
    )


def _insertions(phrases: LeadIns, need: _Need, seam: int, max_deferral: int, key: str) -> Iterable[_Insertion]:
    """What may be inserted: fewest tokens first, then single phrases, then in the row's own order."""
    openings, connectives = phrases.openings, phrases.connectives
    for total in range(need.n_tokens, max_deferral + 1):
        singles = [_Insertion(phrase, "", 0) for phrase in openings.get(total - seam, ())]
        singles += [
            _Insertion("", phrase, site.at)
            for site in need.sites
            if site.n_before == 0
            for phrase in connectives.get(total, ())
        ]
        yield from _shuffled(singles, need.response, key)
        pairs = [
            _Insertion(opening, connective, site.at)
            for site in need.sites
            for n, texts in connectives.items()
            if total - n >= site.n_before
            for opening, connective in product(openings.get(total - seam - n, ()), texts)
        ]
        yield from _shuffled(pairs, need.response, key)


def _shuffled(insertions: list[_Insertion], response: str, key: str) -> list[_Insertion]:
    """Those that sound well first, then in the row's own order."""

    def rank(insertion: _Insertion) -> tuple[bool, bytes]:
        name = "\0".join((key, insertion.opening, insertion.connective, str(insertion.site)))
        return _jars(insertion, response), hashlib.blake2b(name.encode(), digest_size=8).digest()

    return sorted(insertions, key=rank)


_INTERJECTIONS = frozenset(("okay", "ok", "alright", "all", "sure", "hmm", "well", "right", "let", "let's", "so"))
_WORD = re.compile(r"[A-Za-z']+")


def _jars(insertion: _Insertion, response: str) -> bool:
    """Whether words double: "Okay. Okay, …", or any opening before a response that has its own."""
    if insertion.opening and _first_word(response) in _INTERJECTIONS:
        return True
    after = _first_word(response[insertion.site :])
    return bool(insertion.connective) and _first_word(insertion.connective) == after


def _first_word(text: str) -> str:
    found = _WORD.search(text)
    return found[0].lower() if found else ""


def _inserted(response: str, claims: Sequence[Claim], insertion: _Insertion, encode: Encode) -> Repair:
    site = insertion.site
    opening = insertion.opening and insertion.opening + " "
    connective = insertion.connective and insertion.connective + " "
    text = opening + response[:site] + connective + response[site:]
    ids, ends = encode(text)
    lead_in: list[LeadIn] = []
    if opening:
        lead_in.append(LeadIn(insertion.opening, 0))
    if connective:
        lead_in.append(LeadIn(insertion.connective, first_token(ends, len(opening) + site)))
    moved = [_moved(c, len(opening) + (len(connective) if c.start >= site else 0)) for c in claims]
    return Repair(text, ids, ends, tuple(moved), tuple(lead_in))


def _moved(claim: Claim, by: int) -> Claim:
    return Claim(claim.value, claim.kind, claim.basis, claim.start + by, claim.end + by, claim.step_end)
