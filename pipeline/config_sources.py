"""Settings of the sources, and who rewrites and judges the rows of each."""

from dataclasses import field
from enum import StrEnum

from pydantic.dataclasses import dataclass

from pipeline.config_types import CHECKED, Count
from pipeline.errors import UsageError

SOURCE_NAMES = ("sample", "simpleop", "gsm8k", "metamath", "orca_math")


class Rewriter(StrEnum):
    """Who turns a written problem into a spoken one."""

    RULES = "rules"
    OPENAI = "openai"


class Judge(StrEnum):
    """Who verifies a row; the exact checks always run."""

    RULES = "rules"
    """The exact checks alone."""
    OPENAI = "openai"
    """A model too."""
    BOTH = "both"
    """The same as openai: nothing is left to a model alone."""


class OpKind(StrEnum):
    """What the SimpleOP generator makes."""

    MIXED = "mixed"
    """Mostly problems of one operation, and some chains, in a stated mix of kinds, digits and phrasings."""
    CHAIN = "chain"
    """Two to eight operations in an order that matters."""
    SMALL = "small"
    """Seven or eight operations on numbers below one hundred: arithmetic for tiny models."""


@dataclass(frozen=True, config=CHECKED)
class SourceConfig:
    """One source of a build."""

    name: str
    """One of SOURCE_NAMES."""
    path: str | None = None
    """Raw file or folder; None reads the pinned revision on the Hub (or generates)."""
    license: str | None = None
    """Licence of the rows, where `path` holds other data than the source whose format it has."""
    rewriter: Rewriter | None = None
    """Who rewrites the rows of this source; None leaves it to rewrite.engine."""
    judge: Judge | None = None
    """Who judges them; None leaves it to verify.judge."""

    def __post_init__(self) -> None:
        """Refuse names that no reader has."""
        if self.name not in SOURCE_NAMES:
            raise UsageError(f"--source {self.name}: unknown source; choose from {', '.join(SOURCE_NAMES)}")
        if self.path is not None and self.name in ("sample", "simpleop"):
            raise UsageError(f"--source {self.name}={self.path}: {self.name} takes no path")
        if self.path is not None and not self.path.strip():
            raise UsageError(f"--source {self.name}=: the path is empty; give a file or folder, or leave out the =")


@dataclass(frozen=True, config=CHECKED)
class SimpleOpConfig:
    """The generator of arithmetic problems."""

    rows: Count = 1000
    """How many problems, unless --rows says otherwise."""
    kind: OpKind = OpKind.MIXED
    """Which mix of them."""


@dataclass(frozen=True, config=CHECKED)
class SourcesConfig:
    """Settings of sources that have some."""

    simpleop: SimpleOpConfig = field(default_factory=SimpleOpConfig)
