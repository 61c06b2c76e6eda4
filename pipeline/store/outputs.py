"""Where the contract puts what a build publishes."""

from pathlib import Path
from typing import NamedTuple


class Outputs(NamedTuple):
    """Paths in an output directory."""

    dataset: Path
    rejected: Path
    report: Path

    @classmethod
    def under(cls, out: Path) -> "Outputs":
        """The names of the contract."""
        return cls(out / "dataset", out / "rejected", out / "report.json")
