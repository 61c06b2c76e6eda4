"""Faults put into sound rows on purpose, labelled by how they are made, to measure whoever judges drift.

The label never comes from the check that is measured: a planted result is drift because of where its words
and its step lie in tokens, a planted number is ungrounded because no text before has it. Only the mark
`coincident` is `core.claims`' own: that numbers alone cannot tell. The same items serve the exact check and a
language model as judge. Choices follow from the row's key alone.
"""

import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from itertools import pairwise

from pipeline.core.claims import Basis, Claim, claims, sentence_ends
from pipeline.core.conversions import CONSTANTS, UNIT_RATIOS
from pipeline.core.drift import Encode, first_token, tokens_through
from pipeline.core.numwords import cardinal
from pipeline.core.quantity import Kind, Quantity
from pipeline.core.schedule import Schedule
from pipeline.core.step import Step
from pipeline.errors import Reason


class Fault(StrEnum):
    """What is done to a row; the last three are harmless and measure false alarms."""

    ANSWER_FIRST = "answer_first"
    """The answer is said in the first sentence."""
    RESULT_EARLY = "result_early"
    """A result is said in a sentence before its own, when its step is not out yet."""
    STEPS_SWAPPED = "steps_swapped"
    """Two sentences change places, and one result comes too early by it."""
    WRONG_NUMBER = "wrong_number"
    """A stated number becomes another that occurs nowhere."""
    NUMBER_FROM_NOWHERE = "number_from_nowhere"
    """A sentence states a number that occurs nowhere."""
    UNCHANGED = "unchanged"
    RESULT_REPEATED = "result_repeated"
    """The answer is said once more at the end."""
    GIVEN_FIRST = "given_first"
    """A given of the question is said in the first sentence."""


@dataclass(frozen=True, slots=True)
class Item:
    """One response to judge, and the right judgement."""

    fault: Fault
    response: str
    expected: Reason | None
    """DRIFT, UNGROUNDED, or None for a harmless change."""
    coincident: bool
    """Whether the numbers alone cannot show the fault: its value also occurs in the question or before."""
    words: str
    """What was planted."""


@dataclass(frozen=True, slots=True)
class Subject:
    """A sound row and what is known of it."""

    key: str
    question_quantities: Sequence[Quantity]
    reasoning: str
    response: str
    steps: Sequence[Step]
    schedule: Schedule
    encode: Encode

    def claims(self) -> tuple[Claim, ...]:
        """The claims of the unchanged response."""
        return claims(self.question_quantities, self.reasoning, self.response)


_RESULT_SENTENCES = ("It comes to {}.", "The answer is {}.", "That gives {}.", "So we end up with {}.", "We get {}.")
_NUMBER_SENTENCES = ("There were {} before.", "We also count {} more.", "Somebody added {}.", "Leave out the other {}.")
_GIVEN_SENTENCES = ("We know about {}.", "We are told of {}.", "The question mentions {}.")


def items(subject: Subject) -> Iterator[Item]:
    """Every fault that can be planted in a row without a tail, at most one of each kind."""
    found = subject.claims()
    n_reasoning = len(subject.encode(subject.reasoning)[0])
    for plant in _PLANTS:
        item = plant(subject, found)
        if item and subject.schedule.tail(len(subject.encode(item.response)[0]), n_reasoning) == 0:
            yield item


def _pick(subject: Subject, salt: str, n: int) -> int:
    digest = hashlib.blake2b(f"{subject.key}\0{salt}".encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big") % n


def _sentence(subject: Subject, forms: Sequence[str], words: str) -> str:
    return forms[_pick(subject, "form", len(forms))].format(words[:1].lower() + words[1:])


def _too_early(subject: Subject, text: str, start: int, step_end: int) -> bool:
    """Whether words at `start` of `text` are spoken before the step's result is out."""
    at = first_token(subject.encode(text)[1], start)
    reasoning_ends = subject.encode(subject.reasoning)[1]
    return subject.schedule.emitted(at, len(reasoning_ends)) < tokens_through(reasoning_ends, step_end)


def _planted_result(subject: Subject, fault: Fault, claim: Claim, site: int) -> Item | None:
    """The result of `claim` said in a sentence of its own at `site`, if that is too early."""
    words = subject.response[claim.start : claim.end]
    if claim.kind is Kind.FRACTION:
        words += " of it"  # "one quarter." could be a coin
    sentence = _sentence(subject, _RESULT_SENTENCES, words)
    text = f"{subject.response[:site]}{sentence} {subject.response[site:]}"
    start = site + sentence.lower().index(words.lower())
    if claim.step_end is None or not _too_early(subject, text, start, claim.step_end):
        return None
    return Item(fault, text, Reason.DRIFT, claim.basis is Basis.COINCIDENT, words)


def _answer_first(subject: Subject, found: Sequence[Claim]) -> Item | None:
    paired = [claim for claim in found if claim.step_end is not None]
    if not paired:
        return None
    answer = max(paired, key=lambda claim: (claim.step_end or 0, claim.start))
    return _planted_result(subject, Fault.ANSWER_FIRST, answer, 0)


def _starts(text: str) -> list[int]:
    return [0, *(end + 1 for end in sentence_ends(text) if end + 1 < len(text))]


def _result_early(subject: Subject, found: Sequence[Claim]) -> Item | None:
    options = [
        (claim, site)
        for claim in found
        if claim.step_end is not None
        for site in _starts(subject.response)[:-1]
        if site < claim.start
    ]
    for turn in range(len(options)):
        claim, site = options[(turn + _pick(subject, "early", len(options))) % len(options)]
        if (item := _planted_result(subject, Fault.RESULT_EARLY, claim, site)) is not None:
            return item
    return None


def _steps_swapped(subject: Subject, found: Sequence[Claim]) -> Item | None:
    response = subject.response
    bounds = [*_starts(response), len(response) + 1]
    spans = list(pairwise(bounds))
    pairs = [(a, b) for a in range(len(spans)) for b in range(a + 1, len(spans))]
    for turn in range(len(pairs)):
        a, b = pairs[(turn + _pick(subject, "swap", len(pairs))) % len(pairs)]
        order = [*range(a), b, *range(a + 1, b), a, *range(b + 1, len(spans))]
        text = " ".join(response[spans[k][0] : spans[k][1] - 1] for k in order)
        moved = spans[a][0] - spans[b][0]
        early = [
            claim
            for claim in found
            if claim.step_end is not None
            and spans[b][0] <= claim.start < spans[b][1]
            and _too_early(subject, text, claim.start + moved, claim.step_end)
        ]
        if early:
            worst = min(early, key=lambda claim: claim.basis is Basis.COINCIDENT)
            words = response[worst.start : worst.end]
            coincident = worst.basis is Basis.COINCIDENT
            return Item(Fault.STEPS_SWAPPED, text, Reason.DRIFT, coincident, words)
    return None


def _unknown(subject: Subject, near: int) -> int:
    """A number of the size of `near` that no text of the row has, be it in another unit: not 18 where 9 pairs are."""
    known = {q.value for q in subject.question_quantities} | {
        q.second for q in subject.question_quantities if q.second is not None
    }
    for step in subject.steps:
        known.update(step.operands)
        known.add(step.value if step.value is not None else Fraction(0))
    known.update(claim.value for claim in subject.claims())
    known = {value * ratio for value in known for ratio in UNIT_RATIOS} | CONSTANTS
    size = max(20, 2 * near)
    number = 2 + _pick(subject, "number", size)
    while Fraction(number) in known:
        number += 1
    return number


def _wrong_number(subject: Subject, found: Sequence[Claim]) -> Item | None:
    options = [c for c in found if c.kind is Kind.CARDINAL and c.value.denominator == 1 and c.value > 1]
    if not options:
        return None
    claim = options[_pick(subject, "claim", len(options))]
    words = subject.response[claim.start : claim.end].split()
    unit = words[-1] if words[-1].lower() not in cardinal(int(claim.value)).split() else ""
    wrong = f"{cardinal(_unknown(subject, int(claim.value)))} {unit}".strip()
    text = subject.response[: claim.start] + wrong + subject.response[claim.end :]
    return Item(Fault.WRONG_NUMBER, text, Reason.UNGROUNDED, coincident=False, words=wrong)


def _number_from_nowhere(subject: Subject, found: Sequence[Claim]) -> Item | None:
    near = max((int(abs(claim.value)) for claim in found), default=50)
    words = cardinal(_unknown(subject, min(near, 10**6)))
    starts = _starts(subject.response)
    site = starts[_pick(subject, "site", len(starts))]
    sentence = _sentence(subject, _NUMBER_SENTENCES, words)
    text = f"{subject.response[:site]}{sentence} {subject.response[site:]}"
    return Item(Fault.NUMBER_FROM_NOWHERE, text, Reason.UNGROUNDED, coincident=False, words=words)


def _unchanged(subject: Subject, _: Sequence[Claim]) -> Item | None:
    return Item(Fault.UNCHANGED, subject.response, None, coincident=False, words="")


def _result_repeated(subject: Subject, found: Sequence[Claim]) -> Item | None:
    paired = [claim for claim in found if claim.step_end is not None]
    if not paired:
        return None
    words = subject.response[paired[-1].start : paired[-1].end]
    text = f"{subject.response} {_sentence(subject, _RESULT_SENTENCES, words)}"
    return Item(Fault.RESULT_REPEATED, text, None, paired[-1].basis is Basis.COINCIDENT, words)


def _given_first(subject: Subject, found: Sequence[Claim]) -> Item | None:
    results = {step.value for step in subject.steps}
    options = [
        q
        for q in subject.question_quantities
        if q.kind is Kind.CARDINAL and q.value.denominator == 1 and q.value > 1 and not q.unit
    ]
    if not options:
        return None
    given = options[_pick(subject, "given", len(options))]
    words = cardinal(int(given.value))
    text = f"{_sentence(subject, _GIVEN_SENTENCES, words)} {subject.response}"
    coincident = given.value in results or any(
        claim.basis is Basis.COINCIDENT and claim.value == given.value for claim in found
    )
    return Item(Fault.GIVEN_FIRST, text, None, coincident, words)


_PLANTS: tuple[Callable[[Subject, Sequence[Claim]], Item | None], ...] = (
    _answer_first,
    _result_early,
    _steps_swapped,
    _wrong_number,
    _number_from_nowhere,
    _unchanged,
    _result_repeated,
    _given_first,
)
