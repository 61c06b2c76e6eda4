"""A solution without a language model: silent reasoning with exact equations, and what a person would say.

    "Ottilie sold 36/2 = <<36/2=18>>18 badges in May."
    reasoning   Ottilie sold: 36/2 = 18 badges in May.
    response    Okay, let's work out how many badges … Ottilie sold eighteen badges in May. …

The response is composed from rich to plain until the gates let it pass; the reasoning is the same for all of them.
"""

import re
from typing import NamedTuple

from pipeline.core import gates
from pipeline.core.answer import Answer, AnswerKind, Convention
from pipeline.core.equation_windows import RELATION_SIGN
from pipeline.core.outcome import Unreadable
from pipeline.core.plain_math import plain_formula, plain_math
from pipeline.core.quantities import read
from pipeline.core.speak import speak
from pipeline.core.split_beats import Beat, beats
from pipeline.core.split_closing import Draft, equals_answer
from pipeline.core.split_ending import spoken_answer
from pipeline.core.split_givens import not_shorter
from pipeline.core.split_reasoning import Detail, reasoning_of
from pipeline.core.split_response import RICHNESS, compose
from pipeline.errors import Reason


class Split(NamedTuple):
    """The two texts of a row."""

    reasoning: str
    """Silent and written: labelled equations, one a line."""
    response: str
    """Spoken: words and ordinary punctuation only."""


_ANSWER_LINE = re.compile(r"^\s*####.*$", re.MULTILINE)
_ANSWER_IS = re.compile(r"\s*\bThe answer is:.*\Z", re.DOTALL)
_COLLAPSED_LINE = re.compile(r"(?<=\S) {2,}(?=\S)")
"""Copies of this source have lost their line breaks to runs of blanks."""
_SENTENCE_START = re.compile(r"[.!?] [a-z]")
_DEFAULT_LIMITS = gates.Limits()


def body(solution: str, convention: Convention) -> str:
    """A solution without the marks that only repeat its answer."""
    if convention is Convention.ORCA_MATH:
        solution = _COLLAPSED_LINE.sub("\n", solution)
    if convention is Convention.METAMATH:
        solution = _ANSWER_IS.sub("", solution)
    return plain_math(_ANSWER_LINE.sub("", solution)).strip()


def split(
    question: str,
    solution: str,
    answer: Answer,
    convention: Convention,
    key: str,
    limits: gates.Limits = _DEFAULT_LIMITS,
    heard: str = "",
) -> Split | Unreadable:
    """Split a solution.

    Args:
        question: as written; the response may restate its givens.
        solution: as the source has it.
        answer: what the response must end with.
        convention: where the solution states its answer.
        key: chooses phrases; the row's id.
        limits: lengths that the result keeps.
        heard: the question as it is spoken, from which the listener has the givens; the written one if empty.

    Returns:
        The two texts, or why there are none: a false equation, no step, an answer that no step reaches.
    """
    found = beats(body(solution, convention))
    if isinstance(found, Unreadable):
        return found
    if not found:
        return Unreadable(Reason.NO_STEPS, "the solution is empty")
    written = plain_formula(answer.text) if "\\" in answer.text or "^" in answer.text else plain_math(answer.text)
    derived = _derives(found, answer, written)
    if not derived and not _stated(found, written):
        return Unreadable(Reason.WRONG_ANSWER, f"no step and no sentence of the solution gives {answer.text[:60]}")
    shown = written if answer.kind is AnswerKind.NUMBER else spoken_answer(answer) or written
    heard = heard or question
    given = frozenset(quantity.value for quantity in read(heard))
    draft = Draft(plain_math(question), found, shown, answer.number, given, key)
    ending = f"Answer: {written}." if derived else f"Answer = {written}."
    refused = Unreadable(Reason.NO_STEPS, "the solution is empty")
    for detail in Detail:
        whole = _respond(heard, draft, reasoning_of(found, ending, detail), answer, limits)
        if isinstance(whole, Split):
            return whole
        refused = whole
    if refused.reason is Reason.TOO_LONG:
        return _respond(heard, draft, reasoning_of(found, ending, Detail.NEEDED), answer, limits, patient=True)
    return refused


def _derives(found: tuple[Beat, ...], answer: Answer, written: str) -> bool:
    """Whether an equation results in the answer: by value, or letter for letter where it is no number."""
    if answer.number is not None:
        return any(equals_answer(w, answer.number) for beat in found for w in beat.workings)
    bare = written.replace(" ", "")
    return any(w.result.replace(" ", "") == bare for beat in found for w in beat.workings)


LAST_BEATS = 3
"""Where prose may state an answer that no equation reaches."""


def _stated(found: tuple[Beat, ...], written: str) -> bool:
    if not any(beat.workings for beat in found):
        return True
    return any(written in beat.text for beat in found[-LAST_BEATS:])


def _derives_the_same(whole: str, reasoning: str) -> bool:
    """Whether the lines that the whole has more hold no equation: then they derive nothing."""
    if whole is reasoning:
        return True
    return len(RELATION_SIGN.findall(whole)) == len(RELATION_SIGN.findall(reasoning))


def _respond(
    heard: str, draft: Draft, reasoning: str, answer: Answer, limits: gates.Limits, *, patient: bool = False
) -> Split | Unreadable:
    refused: Unreadable | None = None
    for level in range(RICHNESS):
        response = speak(compose(draft, level, patient=patient))
        if isinstance(response, str):
            response = response[:1].upper() + _SENTENCE_START.sub(lambda match: match[0].upper(), response[1:])
        if isinstance(response, Unreadable):
            refused = refused or response
            continue
        whole = reasoning if patient else not_shorter(reasoning, response, draft)
        # The gates look at the whole next, and find its claims judged.
        fault = gates.check_claims(heard, whole if _derives_the_same(whole, reasoning) else reasoning, response, answer)
        fault = fault or gates.check_length(reasoning, response, limits)
        if fault is None:
            return Split(whole, response)
        refused = refused or fault
    return refused or Unreadable(Reason.UNREADABLE, "no response could be composed")
