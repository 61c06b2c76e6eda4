"""Settings of the controlled experiment: which ways of talking are compared, on what, for how long."""

from dataclasses import field
from pathlib import Path
from typing import Literal

from pydantic.dataclasses import dataclass

from pipeline.config import settings_of, with_setting, with_settings
from pipeline.config_types import CHECKED, Count, Positive
from pipeline.errors import UsageError
from pipeline.evaluate.arms import arm_named
from pipeline.model.thinker import TINY, Geometry
from pipeline.train.accelerator import Precision
from pipeline.train.loop import LoopConfig

GRIDS = Path(__file__).with_name("grids")
Budget = Literal["steps", "tokens"]


@dataclass(frozen=True, config=CHECKED)
class ExperimentConfig:
    """One grid: every arm under every budget with every seed."""

    arms: tuple[str, ...] = ("response_only", "think_then_speak", "2:8", "1:3", "1:3+drift")
    """Paradigms; P:Q+drift lays responses out as they are, without repair, whatever drifts."""
    seeds: tuple[int, ...] = (0, 1, 2)
    """Of weights and of the order of the rows."""
    budgets: tuple[Budget, ...] = ("steps",)
    """Equal steps, which see equal rows; or equal tokens, so that short streams get more steps."""
    steps: Count = 3000
    """Optimiser steps; by the budget of tokens those of the arm with the longest streams."""
    learning_rate: Positive = 2e-3
    max_equations: Count | None = None
    """Leave problems out whose reasoning has more."""
    max_number: Positive | None = None
    """Leave problems out in which a larger number occurs: a tiny model learns little arithmetic."""
    held_out: Count = 200
    """Most problems of the test split that are answered."""
    decode_rows: Count = 50
    """Problems that are answered together."""
    geometry: Geometry = TINY
    """Of the model: Qwen2.5-Omni's thinker with random weights."""
    precision: Precision = "no"
    loop: LoopConfig = field(default_factory=LoopConfig)
    """How a step is made; its seed is the run's."""

    def __post_init__(self) -> None:
        """Refuse a grid without runs, and arms that do not exist."""
        for name, values in (("arms", self.arms), ("seeds", self.seeds), ("budgets", self.budgets)):
            if not values or len(set(values)) < len(values):
                raise UsageError(f"experiment: {name} {values}: at least one, none twice")
        for arm in self.arms:
            arm_named(arm)


def load_grid(name: str, assignments: tuple[str, ...] = ()) -> ExperimentConfig:
    """Read a shipped grid by name, or a TOML file by path.

    Raises:
        UsageError: there is none, or a setting does not fit.
    """
    shipped = GRIDS / f"{name}.toml"
    path = shipped if shipped.exists() else Path(name)
    if not path.exists():
        known = ", ".join(sorted(found.stem for found in GRIDS.glob("*.toml")))
        raise UsageError(f"--config {name}: no such file or shipped grid; shipped are {known}")
    config = with_settings(ExperimentConfig(), settings_of(path), f"--config {name}")
    for assignment in assignments:
        config = with_setting(config, assignment)
    return config
