"""What a rewritten row must satisfy before any schedule or tokenizer is known, whoever wrote it.

Spoken form, quantities kept, arithmetic exact, every claim grounded and in the order of the derivation, the right
answer last, and both texts short enough. A refusal is a value with its reason; the first one found counts.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from pipeline.core import quantities
from pipeline.core.answer import Answer, AnswerKind, stated
from pipeline.core.claims import Basis, Claim, claims
from pipeline.core.conversions import scale_of
from pipeline.core.count import count, words
from pipeline.core.outcome import Unreadable
from pipeline.core.quantities import read
from pipeline.core.quantity import Kind, Quantity
from pipeline.core.remembered import ROWS_OF_A_SHARD
from pipeline.core.speak import residue
from pipeline.core.split_asking import wants_yes_or_no
from pipeline.core.split_ending import answer_start
from pipeline.core.step import Step
from pipeline.core.steps import false_equation, read_steps
from pipeline.errors import Reason


@dataclass(frozen=True, slots=True)
class Limits:
    """How long the two texts may be."""

    response_words: int = 80
    """Most words of the spoken response."""
    reasoning_ratio: float = 4.0
    """Most times the response's length that the reasoning may have, by `core.count`: 2:8 fits four to one."""


@lru_cache(maxsize=ROWS_OF_A_SHARD)
def check(
    question: str, spoken_question: str, reasoning: str, response: str, answer: Answer, limits: Limits
) -> Unreadable | None:
    """The first gate that a rewritten row fails, None when it passes all.

    What the response may take as given is read from the spoken question, as every later check reads it. Remembered:
    texts that come out of a row's stream as they went in have been found sound or not.
    """
    return check_question(question, spoken_question) or check_answer(
        spoken_question, reasoning, response, answer, limits
    )


def check_question(question: str, spoken_question: str) -> Unreadable | None:
    """The question is words only and states the quantities of the written one."""
    left = residue(spoken_question)
    if left is not None:
        return Unreadable(Reason.RESIDUE, f"spoken question: {left}")
    changed = quantities.differ(read(question), read(spoken_question))
    if changed is not None:
        return Unreadable(Reason.QUANTITIES_CHANGED, changed)
    return None


def check_answer(question: str, reasoning: str, response: str, answer: Answer, limits: Limits) -> Unreadable | None:
    """Reasoning and response: spoken, exact, grounded, in order, right and short."""
    left = residue(response)
    if left is not None:
        return Unreadable(Reason.RESIDUE, f"response: {left}")
    false = false_equation(reasoning)
    if false is not None:
        return Unreadable(Reason.WRONG_ARITHMETIC, false[:160])
    if not read_steps(reasoning):
        return Unreadable(Reason.NO_STEPS, "the reasoning holds no equation")
    return check_claims(question, reasoning, response, answer) or check_length(reasoning, response, limits)


@lru_cache(maxsize=8)
def check_claims(question: str, reasoning: str, response: str, answer: Answer) -> Unreadable | None:
    """Every claim is given or derived, in the order of the steps, and the last one is the answer."""
    if answer.kind is AnswerKind.NUMBER and wants_yes_or_no(question):
        return Unreadable(Reason.WRONG_ANSWER, "a yes/no question with a number for an answer")
    ending = answer_start(response, answer)
    if ending is not None:
        # the numbers of an expression are not results of their own: sqrt(5) claims no five
        response = response[:ending]
    said = read(response)
    steps = read_steps(reasoning)
    found = claims(read(question), reasoning, response)
    for claim in found:
        if claim.basis is Basis.UNGROUNDED:
            return Unreadable(Reason.UNGROUNDED, _quote(response, claim))
    early = _out_of_order(found)
    if early is not None:
        return Unreadable(Reason.STATEMENT_ORDER, _quote(response, early))
    if ending is None and not _answers(said, answer) and not _in_full(said, answer, steps):
        return Unreadable(Reason.WRONG_ANSWER, f"the response does not end with {answer.text[:60]}")
    return None


def _out_of_order(found: Sequence[Claim]) -> Claim | None:
    """The first claim whose step lies before one already stated; to repeat a result is no fault."""
    reached: set[int] = set()
    for claim in found:
        if claim.step_end is None:
            continue
        if claim.step_end not in reached and any(claim.step_end < end for end in reached):
            return claim
        reached.add(claim.step_end)
    return None


def _answers(said: Sequence[Quantity], answer: Answer) -> bool:
    return stated(tuple(quantity for quantity in said if quantity.kind is not Kind.VARIABLE), answer)


def _in_full(said: Sequence[Quantity], answer: Answer, steps: Sequence[Step]) -> bool:
    """Whether "four million" answers the 4 of a last step that counts in millions."""
    if not said or answer.number is None:
        return False
    last = said[-1].value.as_integer_ratio()
    return any(step.value == answer.number and scale_of(step.unit, step.value) == last for step in steps)


def _quote(response: str, claim: Claim) -> str:
    return f"{response[claim.start : claim.end]!r} in {response[max(0, claim.start - 40) : claim.end + 20]!r}"


def check_length(reasoning: str, response: str, limits: Limits) -> Unreadable | None:
    """Neither text is longer than a listener or the schedule bears."""
    spoken = words(response)
    if spoken > limits.response_words:
        return Unreadable(Reason.TOO_LONG, f"response: {spoken} words, at most {limits.response_words}")
    silent, said = count(reasoning), count(response)
    if silent > limits.reasoning_ratio * said:
        return Unreadable(Reason.TOO_LONG, f"reasoning: {silent} for {said}, at most {limits.reasoning_ratio:g} times")
    return None
