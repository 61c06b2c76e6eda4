"""What is trained when, as data: the stages of Mini-Omni-Reasoner (arXiv 2508.15827, figure 5) and of Mini-Omni.

A stage names the parts of the network that train, all others being frozen, and the mix of objectives. Learning rates
and lengths are ours: none were published.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from pipeline.errors import UsageError
from pipeline.train.samples import TRANSCRIPT, Objective, Source


class Part(StrEnum):
    """What a stage may train."""

    ADAPTER = "adapter"
    """The audio tower's last projection."""
    ENCODER = "encoder"
    """The audio tower before it."""
    EMBEDDINGS = "embeddings"
    """Input embeddings and the head."""
    DECODER = "decoder"
    """The layers of the language model."""
    TALKER = "talker"
    """The decoder of codec tokens; the thinker is frozen beneath it."""


LLM = frozenset({Part.EMBEDDINGS, Part.DECODER})


@dataclass(frozen=True, slots=True)
class TrainStage:
    """One stage of a curriculum."""

    name: str
    trains: frozenset[Part]
    objectives: tuple[Objective, ...]
    learning_rate: float
    """Highest, after warming up."""
    steps: int
    """Optimiser steps."""

    def __post_init__(self) -> None:
        """Refuse a stage in which nothing happens."""
        if not self.trains or not self.objectives or self.steps < 1 or self.learning_rate <= 0:
            raise UsageError(f"stage {self.name}: it needs parts to train, objectives, steps and a learning rate")

    def plain(self) -> dict[str, Any]:
        """The stage as plain JSON values."""
        return {
            "name": self.name,
            "trains": sorted(self.trains),
            "objectives": [f"{objective} {objective.share:g}" for objective in self.objectives],
            "learning_rate": self.learning_rate,
            "steps": self.steps,
        }


_TRANSCRIBE = Objective(Source.AUDIO, TRANSCRIPT)
_READ_AND_THINK = Objective(Source.TEXT, "think_then_speak")
_HEAR_AND_THINK = Objective(Source.AUDIO, "think_then_speak")
_READ_AND_INTERLEAVE = Objective(Source.TEXT)
_HEAR_AND_INTERLEAVE = Objective(Source.AUDIO)
_SPEAK_BACK = Objective(Source.AUDIO, "response_only")

THINKING_IN_SPEAKING = (
    # 1a aligns the adapter on our own question audio and its transcript.
    TrainStage("1a", frozenset({Part.ADAPTER}), (_TRANSCRIBE,), 1e-3, 2000),
    # 1b opens the model so that the control tokens get a meaning.
    TrainStage("1b", frozenset({Part.ADAPTER, *LLM}), (_TRANSCRIBE, _SPEAK_BACK), 2e-5, 2000),
    TrainStage("2", frozenset({Part.ADAPTER, *LLM}), (_HEAR_AND_THINK, _READ_AND_THINK), 2e-5, 5000),
    TrainStage("3", LLM, (_READ_AND_INTERLEAVE,), 2e-5, 5000),
    TrainStage("4", frozenset({Part.ADAPTER, Part.DECODER}), (_HEAR_AND_INTERLEAVE,), 2e-5, 5000),
    TrainStage("5", frozenset({Part.TALKER}), (_HEAR_AND_INTERLEAVE,), 2e-4, 10_000),
)
"""The paper's five stages, stage 4 as its figure draws it."""

STAGE_4_AS_WRITTEN = TrainStage("4", frozenset({Part.ENCODER}), (_HEAR_AND_INTERLEAVE,), 2e-5, 5000)
"""Stage 4 as the article words it: the encoder alone, with the language model frozen."""

MINI_OMNI = (
    TrainStage("alignment", frozenset({Part.ADAPTER, Part.TALKER}), (_TRANSCRIBE,), 1e-3, 5000),
    TrainStage("adaptation", LLM, (_HEAR_AND_THINK, Objective(Source.TEXT, "response_only")), 2e-5, 5000),
    TrainStage(
        "multimodal", frozenset({Part.ADAPTER, Part.TALKER, *LLM}), (_SPEAK_BACK, _HEAR_AND_INTERLEAVE), 2e-5, 5000
    ),
)
"""Mini-Omni's "any model can talk" (arXiv 2408.16725): modality alignment, adaptation, multimodal fine-tuning."""


@dataclass(frozen=True, slots=True)
class Pace:
    """How a stage is trained where its own learning rate and steps do not suit."""

    learning_rate: float
    steps: int


_TINY_PACES = {
    "1a": Pace(1e-2, 10),
    "1b": Pace(1e-2, 40),
    "2": Pace(1e-2, 60),
    "3": Pace(1e-2, 60),
    "4": Pace(1e-2, 120),
    "5": Pace(3e-3, 250),
}
_TINY_PACE = Pace(1e-2, 100)


def tiny_pace(stage: TrainStage) -> Pace:
    """A stage of random weights of tiny size, which bear, and need, large steps: a handful of rows by heart."""
    return _TINY_PACES.get(stage.name, _TINY_PACE)


CURRICULA = {
    "thinking-in-speaking": THINKING_IN_SPEAKING,
    "thinking-in-speaking-4-encoder": (*THINKING_IN_SPEAKING[:4], STAGE_4_AS_WRITTEN, THINKING_IN_SPEAKING[5]),
    "mini-omni": MINI_OMNI,
}


def stages_named(curriculum: str, wanted: str) -> tuple[TrainStage, ...]:
    """Stages of a curriculum, in its order.

    Args:
        curriculum: which.
        wanted: all, or names of stages, by commas.

    Raises:
        UsageError: there is no such curriculum or stage.
    """
    if curriculum not in CURRICULA:
        raise UsageError(f"curriculum {curriculum}: unknown; choose from {', '.join(CURRICULA)}")
    stages = CURRICULA[curriculum]
    names = wanted.split(",")
    strange = sorted(set(names) - {"all", *(known.name for known in stages)})
    if strange:
        known = ", ".join(known.name for known in stages)
        raise UsageError(f"--stage {strange[0]}: {curriculum} has no such stage; choose from all, {known}")
    return tuple(known for known in stages if "all" in names or known.name in names)
