"""Let a model rewrite one problem: spoken question, reasoning and response in one call, held to the rules' own gates.

What the model leaves undone and core can do exactly (a digit that has a spoken form) is done, not asked for again.
Everything else that a gate finds goes back to the model with the finding. It knows no schedule and no tokenizer.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass

from pipeline.core.answer import Answer
from pipeline.core.faithful import copied, foreign, lost
from pipeline.core.gates import Limits, check
from pipeline.core.outcome import Unreadable
from pipeline.core.speak import speak
from pipeline.core.text import clean
from pipeline.errors import Reason
from pipeline.stages.ask import Failed, Interviewer, Usage, ask, story
from pipeline.stages.stored_answer import answer_of
from prompts import load
from prompts.answers import JointRewriting
from schemas.rows import Problem, SpokenProblem

PROMPT = "rewrite_joint"
VERSION = 2
"""Raised when equal answers of the model come to mean other rows."""


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


async def rewrite_row(interviewer: Interviewer, problem: Problem, limits: Limits) -> Rewriting:
    """Rewrite one problem, or say why no answer of the model will do.

    Raises:
        EngineError: no request can be answered.
        StoreError: an answer could not be stored.
    """
    answer = answer_of(asdict(problem))
    if isinstance(answer, Unreadable):
        return Rewriting(Refusal(answer, {"turns": []}), Usage())
    prompt = load(PROMPT)
    user = prompt.fill(question=problem.question, solution=problem.solution, answer=answer.text)

    def accept(draft: JointRewriting) -> JointRewriting | Unreadable:
        return _original(problem, draft, prompt.text) or examine(problem.question, draft, answer, limits)

    outcome = await ask(interviewer, prompt, user, JointRewriting, accept)
    usage = Usage.of(outcome.turns)
    if isinstance(outcome, Failed):
        return Rewriting(Refusal(outcome.finding, {"turns": story(outcome.turns)}), usage)
    draft = outcome.value
    provenance = {
        "engine": "openai",
        "model": interviewer.model,
        "prompt": {PROMPT: prompt.digest},
        "repair_turns": len(outcome.turns) - 1,
    }
    row = SpokenProblem(
        id=problem.id,
        spoken_question=draft.spoken_question,
        reasoning=draft.reasoning,
        response=draft.response,
        rewrite=json.dumps(provenance, sort_keys=True),
    )
    return Rewriting(row, usage)


def _original(problem: Problem, draft: JointRewriting, instructions: str) -> Unreadable | None:
    """What is wrong with the words of a draft, whatever its numbers are."""
    gone = lost(problem.question, draft.spoken_question)
    if gone is not None:
        return Unreadable(Reason.WORDS_CHANGED, f"spoken_question: {gone}")
    strange = foreign(draft.response)
    if strange is not None:
        return Unreadable(Reason.NOT_ENGLISH, f"response: {strange}")
    taken = copied(draft.response, instructions, f"{problem.question} {problem.solution}")
    if taken is not None:
        return Unreadable(Reason.COPIED, f"response: {taken}")
    return None


def examine(question: str, draft: JointRewriting, answer: Answer, limits: Limits) -> JointRewriting | Unreadable:
    """The draft with its spoken texts forced into words, if it passes every gate; else the first finding."""
    spoken_question = speak(clean(draft.spoken_question))
    response = speak(clean(draft.response))
    for name, spoken in (("spoken_question", spoken_question), ("response", response)):
        if isinstance(spoken, Unreadable):
            return Unreadable(spoken.reason, f"{name}: {spoken.detail}")
    mended = JointRewriting(
        spoken_question=str(spoken_question), reasoning=clean(draft.reasoning).strip(), response=str(response)
    )
    finding = check(question, mended.spoken_question, mended.reasoning, mended.response, answer, limits)
    return finding or mended
