"""Build in this process, shard after shard: for tests that want a finished build and not a cluster."""

import sys
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import pytest

from pipeline import cli


class InlineCluster:
    """What `pipeline.run.cluster.Cluster` does, without Ray: one job after the other."""

    def __init__(self, address: str, workers: int) -> None:
        """Take what a cluster takes; nothing of it is needed."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Hold nothing."""

    def map(self, run: Callable[[Any], Any], jobs: Iterable[Any]) -> Iterator[tuple[Any, Any]]:
        for job in jobs:
            yield job, run(job)

    def map_loaded(
        self, load: Callable[[], Callable[[Any], Any]], jobs: Iterable[Any], n_jobs: int
    ) -> Iterator[tuple[Any, Any]]:
        if n_jobs:
            yield from self.map(load(), jobs)


def build_inline(*flags: object) -> None:
    """Run `smp3m build` with these flags; it must succeed."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("pipeline.run.build.Cluster", InlineCluster)
        patch.setattr(sys, "argv", ["smp3m", "build", *map(str, flags)])
        with pytest.raises(SystemExit) as exit_:
            cli.main()
    assert exit_.value.code == 0


def build_rows(source: Path, out: Path, *flags: object) -> Path:
    """Build a file in GSM8K's format, all of it for training."""
    shares = ("--set", "split.validation=0.0", "--set", "split.test=0.0")
    build_inline("--source", f"gsm8k={source}", "--out", out, *shares, *flags)
    return out
