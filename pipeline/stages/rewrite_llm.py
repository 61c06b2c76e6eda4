"""Let a model rewrite one problem: spoken question, reasoning and response, held to the rules' own gates.

What the model leaves undone and core can do exactly (a digit that has a spoken form) is done, not asked for again.
Everything else that a gate finds goes back to the model with the finding. It knows no schedule and no tokenizer.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import NamedTuple

from pipeline.core.answer import Answer
from pipeline.core.count import count
from pipeline.core.faithful import copied, foreign, foreign_question, lost
from pipeline.core.gates import Limits, check_answer, check_length, check_question
from pipeline.core.outcome import Unreadable
from pipeline.core.results_only import results_only
from pipeline.core.speak import speak
from pipeline.core.text import clean
from pipeline.errors import Reason
from pipeline.stages.ask import Failed, Interviewer, Passed, Usage, ask, story
from pipeline.stages.stored_answer import answer_of
from prompts import Prompt, load
from prompts.answers import JointRewriting, SplitSolution, SpokenQuestion
from schemas.rows import Problem, SpokenProblem

VERSION = 5
"""Raised when equal answers of the model come to mean other rows."""

_RUNS_ON = 4
"""A text of so many times the length that it should have at most is not read: reading takes minutes, for nothing."""
_SHORT = 100
"""Words and signs that the shortest question may have."""


class Calls(StrEnum):
    """How many calls a row takes."""

    JOINT = "joint"
    """One for the question and the solution together."""
    SPLIT = "split"
    """One each, twice the price: a finding in one text leaves the other as it is."""

    @property
    def prompts(self) -> tuple[str, ...]:
        """Names of the prompts, in the order in which they are asked."""
        return ("rewrite_joint",) if self is Calls.JOINT else ("rewrite_question", "split_solution")

    @property
    def digests(self) -> dict[str, str]:
        """Prompt name -> digest."""
        return {name: load(name).digest for name in self.prompts}


@dataclass(frozen=True, slots=True)
class Refusal:
    """A row that no answer of the model could serve."""

    finding: Unreadable
    payload: Mapping[str, object]
    """Every turn of the conversation."""


@dataclass(frozen=True, slots=True)
class Rewriting:
    """What became of one row, and what it cost."""

    row: SpokenProblem | Refusal
    usage: Usage


async def rewrite_row(
    interviewer: Interviewer, problem: Problem, limits: Limits, calls: Calls = Calls.JOINT
) -> Rewriting:
    """Rewrite one problem, or say why no answer of the model will do.

    Raises:
        Postponed: there is no answer for now.
        EngineError: no request can be answered.
        StoreError: an answer could not be stored.
    """
    strange = foreign_question(problem.question)
    answer = answer_of(asdict(problem)) if strange is None else Unreadable(Reason.NOT_ENGLISH, strange)
    if isinstance(answer, Unreadable):
        return Rewriting(Refusal(answer, {"turns": []}), Usage())
    in_calls = _in_one if calls is Calls.JOINT else _in_two
    outcome = await in_calls(interviewer, _Task(problem, answer, limits))
    usage = Usage.of(outcome.turns)
    if isinstance(outcome, Failed):
        return Rewriting(Refusal(outcome.finding, {"turns": story(outcome.turns)}), usage)
    draft = outcome.value
    provenance = {
        "engine": "openai",
        "model": interviewer.model,
        "provider": interviewer.provider,
        "attempt": interviewer.attempt,
        "prompt": calls.digests,
        "repair_turns": len(outcome.turns) - len(calls.prompts),
    }
    row = SpokenProblem(
        id=problem.id,
        spoken_question=draft.spoken_question,
        reasoning=draft.reasoning,
        response=draft.response,
        rewrite=json.dumps(provenance, sort_keys=True),
    )
    return Rewriting(row, usage)


class _Task(NamedTuple):
    """One row and what its texts are held to."""

    problem: Problem
    answer: Answer
    limits: Limits

    def solution_message(self, prompt: Prompt) -> str:
        """The user message of a prompt that is shown the solution."""
        problem = self.problem
        return prompt.fill(question=problem.question, solution=problem.solution, answer=self.answer.text)

    def question(self, draft: SpokenQuestion) -> SpokenQuestion | Unreadable:
        """The spoken question forced into words, if it passes its gates; else the first finding."""
        written = self.problem.question
        endless = _runs_on(draft.spoken_question, max(count(written), _SHORT))
        if endless is not None:
            return Unreadable(endless.reason, f"spoken_question: {endless.detail}")
        gone = lost(written, draft.spoken_question)
        if gone is not None:
            return Unreadable(Reason.WORDS_CHANGED, f"spoken_question: {gone}")
        spoken = speak(clean(draft.spoken_question))
        if isinstance(spoken, Unreadable):
            return Unreadable(spoken.reason, f"spoken_question: {spoken.detail}")
        return check_question(written, spoken) or SpokenQuestion(spoken_question=spoken)

    def parts(self, draft: SplitSolution, instructions: str) -> SplitSolution | Unreadable:
        """Reasoning and response, the latter forced into words, if they pass their gates; else the first finding."""
        response = self.response(draft.response, instructions)
        if isinstance(response, Unreadable):
            return Unreadable(response.reason, f"response: {response.detail}")
        reasoning = clean(draft.reasoning).strip()
        # Lengths first: what a model that runs on has written takes minutes to be read as equations.
        finding = check_length(reasoning, response, self.limits) or check_answer(
            self.problem.question, reasoning, response, self.answer, self.limits
        )
        return finding or SplitSolution(reasoning=reasoning, response=response)

    def response(self, text: str, instructions: str) -> str | Unreadable:
        """The response forced into words, without the calculations in it, as far as it can be judged by itself."""
        endless = _runs_on(text, self.limits.response_words)
        if endless is not None:
            return endless
        strange = foreign(text)
        if strange is not None:
            return Unreadable(Reason.NOT_ENGLISH, strange)
        taken = copied(text, instructions, f"{self.problem.question} {self.problem.solution}")
        if taken is not None:
            return Unreadable(Reason.COPIED, taken)
        told = results_only(clean(text))
        if isinstance(told, Unreadable):
            return told
        sign = told.find("=")
        if sign >= 0:
            # It has a spoken form, "... plus ... equals ...", that nobody says in a sentence.
            around = told[max(0, sign - 30) : sign + 12]
            return Unreadable(Reason.RESIDUE, f"an equation is no speech, say only what comes out: {around!r}")
        return speak(told)


async def _in_one(interviewer: Interviewer, task: _Task) -> Passed[JointRewriting] | Failed:
    prompt = load("rewrite_joint")

    def accept(draft: JointRewriting) -> JointRewriting | Unreadable:
        question = task.question(SpokenQuestion(spoken_question=draft.spoken_question))
        if isinstance(question, Unreadable):
            return question
        parts = task.parts(SplitSolution(reasoning=draft.reasoning, response=draft.response), prompt.text)
        return parts if isinstance(parts, Unreadable) else _joined(question, parts)

    return await ask(interviewer, prompt, task.solution_message(prompt), JointRewriting, accept)


async def _in_two(interviewer: Interviewer, task: _Task) -> Passed[JointRewriting] | Failed:
    first, second = load("rewrite_question"), load("split_solution")
    question = await ask(interviewer, first, first.fill(question=task.problem.question), SpokenQuestion, task.question)
    if isinstance(question, Failed):
        return question
    parts = await ask(
        interviewer,
        second,
        task.solution_message(second),
        SplitSolution,
        lambda draft: task.parts(draft, second.text),
    )
    turns = (*question.turns, *parts.turns)
    if isinstance(parts, Failed):
        return Failed(parts.finding, turns)
    return Passed(_joined(question.value, parts.value), turns)


def _joined(question: SpokenQuestion, parts: SplitSolution) -> JointRewriting:
    return JointRewriting(spoken_question=question.spoken_question, reasoning=parts.reasoning, response=parts.response)


def _runs_on(text: str, most: int) -> Unreadable | None:
    found = count(text)
    if found <= _RUNS_ON * most:
        return None
    return Unreadable(Reason.TOO_LONG, f"it runs on for {found} words and signs")
