"""The shapes of the answers that prompts ask for.

Fields stand in the order in which a model should think: evidence before verdict, reasoning before what is spoken.
Every field is required and no other is allowed, as strict structured output demands.
"""

from typing import Literal

from pydantic import BaseModel, ConfigDict


class _Answer(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class SpokenQuestion(_Answer):
    """Answer of rewrite_question."""

    spoken_question: str


class SplitSolution(_Answer):
    """Answer of split_solution."""

    reasoning: str
    response: str


class JointRewriting(_Answer):
    """Answer of rewrite_joint: both rewritings in one call."""

    spoken_question: str
    reasoning: str
    response: str


class DriftVerdict(_Answer):
    """Answer of judge_drift: does the voice state a result before the silent reasoning has reached it, or without?"""

    quote: str
    """The spoken words at fault, copied from the text; "" when nothing is."""
    explanation: str
    verdict: Literal["ok", "drift", "unfounded"]


class ColloquialVerdict(_Answer):
    """Answer of judge_colloquial: does the response sound like a person who explains aloud?"""

    quote: str
    explanation: str
    verdict: Literal["ok", "not_colloquial"]


class TranscriptVerdict(_Answer):
    """Answer of judge_transcript: is what was heard still the same problem?"""

    quote: str
    explanation: str
    verdict: Literal["ok", "other_problem"]


Verdict = DriftVerdict | ColloquialVerdict | TranscriptVerdict

ANSWERS: dict[str, type[BaseModel]] = {
    model.__name__: model
    for model in (
        SpokenQuestion,
        SplitSolution,
        JointRewriting,
        DriftVerdict,
        ColloquialVerdict,
        TranscriptVerdict,
    )
}
