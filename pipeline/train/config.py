"""All settings of training with their defaults; a TOML file and `--set KEY=VALUE` override them by dotted name.

What is trained when is the curriculum's (`train.curriculum`), how a step is made the loop's (`train.loop`).
"""

from collections.abc import Mapping, Sequence
from dataclasses import field, replace
from pathlib import Path
from typing import Any, Literal

from pydantic.dataclasses import dataclass

from pipeline.config import settings_of, with_flags, with_setting, with_settings
from pipeline.config_types import CHECKED, Count, Positive
from pipeline.errors import UsageError
from pipeline.model.thinker import NETWORKS, TINY, Geometry
from pipeline.train.accelerator import Precision
from pipeline.train.curriculum import Pace, TrainStage, stages_named, tiny_pace
from pipeline.train.loop import LoopConfig
from pipeline.train.talker_start import TalkerConfig

TINY_NAME = "tiny"


@dataclass(frozen=True, config=CHECKED)
class ModelConfig:
    """What training begins with."""

    preset: str | None = None
    """tiny, a short name of a network, a name on the Hub or a folder; None with a checkpoint alone."""
    checkpoint: str | None = None
    """Result of an earlier stage to go on from; it must have the preset's geometry, where one is named."""
    tokenizer: str = "qwen2.5"
    """Vocabulary of the data, by name or path."""
    geometry: Geometry = TINY
    """Sizes of preset tiny."""
    seed: int = 0
    """Of tiny's random weights."""

    @property
    def is_tiny(self) -> bool:
        """Whether random weights are made."""
        return self.preset == TINY_NAME and self.checkpoint is None


@dataclass(frozen=True, config=CHECKED)
class StageConfig:
    """What is changed in a stage of the curriculum."""

    steps: Count | None = None
    learning_rate: Positive | None = None


@dataclass(frozen=True, config=CHECKED)
class TrainConfig:
    """Everything that training depends on, beside its data."""

    curriculum: str = "thinking-in-speaking"
    stage: str = "all"
    """Which stages of it, by commas, or all."""
    model: ModelConfig = field(default_factory=ModelConfig)
    talker: TalkerConfig = field(default_factory=TalkerConfig)
    """Of the stages that train one."""
    precision: Precision = "no"
    """bf16 computes in half precision on whole weights."""
    pace: Literal["own", "tiny"] = "own"
    """Whether steps and learning rates are the curriculum's own, or those of a tiny network; both give way to these:"""
    steps: Count | None = None
    """Steps of every stage."""
    learning_rate: Positive | None = None
    """Of every stage."""
    stages: dict[str, StageConfig] = field(default_factory=dict)
    """Changes of single stages by name, over those of every stage."""
    loop: LoopConfig = field(default_factory=LoopConfig)

    def chosen(self) -> tuple[TrainStage, ...]:
        """The stages that are to be trained, in order.

        Raises:
            UsageError: the curriculum, or a stage named here, does not exist.
        """
        known = stages_named(self.curriculum, "all")
        names = [stage.name for stage in known]
        strange = sorted(set(self.stages) - set(names))
        if strange:
            raise UsageError(f"stages.{strange[0]}: {self.curriculum} has only {', '.join(names)}")
        return tuple(self._changed(stage) for stage in stages_named(self.curriculum, self.stage))

    def _changed(self, stage: TrainStage) -> TrainStage:
        pace = tiny_pace(stage) if self.pace == TINY_NAME else Pace(stage.learning_rate, stage.steps)
        own = self.stages.get(stage.name, StageConfig())
        return replace(
            stage,
            steps=own.steps or self.steps or pace.steps,
            learning_rate=own.learning_rate or self.learning_rate or pace.learning_rate,
        )


_FOR_TINY: dict[str, Any] = {
    "pace": TINY_NAME,
    "loop": {"shape": {"rows": 8, "row_tokens": 2048, "packed": False}, "save_every": 50},
    "talker": {
        "geometry": {"hidden": 128, "layers": 2, "heads": 4, "feed_forward": 384},
        "melrvq": {"codebook_size": 256, "n_layers": 6},
    },
}
"""A handful of rows is learned by heart in minutes on one core."""
_FOR_NETWORKS: dict[str, Any] = {"precision": "bf16", "loop": {"gradient_checkpointing": True}}


def config_of(
    flags: Mapping[str, tuple[str, object]], file: Path | None = None, assignments: Sequence[str] = ()
) -> TrainConfig:
    """Settings from flags, a file and `--set`, over what suits the preset.

    Args:
        flags: key to flag and value; None where a flag was not given.
        file: of --config.
        assignments: of --set.

    Raises:
        UsageError: an unknown key, or a value that does not fit.
    """
    written = {} if file is None else settings_of(file)
    given = with_flags(with_settings(TrainConfig(), written, f"--config {file}"), flags)
    for assignment in assignments:
        given = with_setting(given, assignment)
    preset = given.model.preset
    if preset is None and given.model.checkpoint is None:
        preset = TINY_NAME
        flags = {**flags, "model.preset": ("--preset", preset)}
    suited = _FOR_TINY if preset == TINY_NAME else _FOR_NETWORKS if preset in NETWORKS else {}
    config = with_settings(with_settings(TrainConfig(), suited, "preset"), written, f"--config {file}")
    config = with_flags(config, flags)
    for assignment in assignments:
        config = with_setting(config, assignment)
    config.chosen()
    return config
