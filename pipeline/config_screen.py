"""Which problems go, which belong together, and into which split. Part of `pipeline.config`."""

from enum import StrEnum
from typing import Annotated

from pydantic import Field
from pydantic.dataclasses import dataclass

from pipeline.config_types import CHECKED
from pipeline.errors import UsageError

Share = Annotated[float, Field(ge=0, lt=1)]


class Dedup(StrEnum):
    """Which duplicates are removed; near ones share a family in any case."""

    EXACT = "exact"
    """Rows of the same question and solution."""
    NEAR = "near"
    """Rows of nearly the same question too, outside the families that a source names itself."""


@dataclass(frozen=True, config=CHECKED)
class DedupConfig:
    """Near-duplicate questions."""

    mode: Dedup = Dedup.EXACT
    """What is removed."""
    similarity: Annotated[float, Field(ge=0.6, le=1)] = 0.7
    """Least Jaccard similarity of near duplicates' word pairs, numbers masked; the numbers themselves are equal."""


@dataclass(frozen=True, config=CHECKED)
class EvaluationConfig:
    """An evaluation set that problems are compared with."""

    name: str
    """What reports and rejected rows call it."""
    path: str
    """File or folder; only its content bears identity."""

    def __post_init__(self) -> None:
        """Refuse what names nothing."""
        if not self.name.strip() or not self.path.strip():
            raise UsageError(f"--decontaminate {self.name}={self.path}: expected NAME=PATH, such as svamp=SVAMP.json")


@dataclass(frozen=True, config=CHECKED)
class DecontaminateConfig:
    """Evaluation sets whose items must not be in the data."""

    sets: tuple[EvaluationConfig, ...] = ()
    """None: no row is compared with anything."""
    ngram: Annotated[int, Field(ge=4, le=50)] = 8
    """Words in a row, a number being one, that a problem must share with an item that it is not the same as."""
    share: Annotated[float, Field(gt=0, le=1)] = 0.6
    """Least share of the item's words that it must have in the item's order."""

    def __post_init__(self) -> None:
        """Refuse two sets of one name."""
        names = [one.name for one in self.sets]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise UsageError(f"--decontaminate {twice[0]}: named twice; give one folder that holds all its files")


@dataclass(frozen=True, config=CHECKED)
class SplitConfig:
    """Shares of the held-out splits, by family."""

    validation: Share = 0.01
    test: Share = 0.01

    def __post_init__(self) -> None:
        """Leave something to train on."""
        if self.validation + self.test >= 1:
            raise UsageError(f"split: validation {self.validation} + test {self.test} leave nothing to train on")
