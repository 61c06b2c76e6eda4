"""Builds for tests of what comes after one: the real command in this process, job by job, without Ray."""

import sys
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from types import TracebackType
from typing import Self, TypeVar

import pytest

from pipeline import cli
from pipeline.config import PlacementConfig

_J = TypeVar("_J")
_R = TypeVar("_R")


class SerialCluster:
    """In place of `pipeline.run.cluster.Cluster`."""

    def __init__(self, _address: str, _workers: int) -> None:
        """There is nothing to start."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        """There is nothing to stop."""

    def map(
        self, run: Callable[[_J], _R], jobs: Iterable[_J], _placement: PlacementConfig | None = None
    ) -> Iterator[tuple[_J, _R]]:
        for job in jobs:
            yield job, run(job)

    def map_sharing(
        self,
        share: Callable[[], object],
        run: Callable[["SerialShared", _J], _R],
        jobs: Iterable[_J],
        _placement: PlacementConfig | None = None,
    ) -> Iterator[tuple[_J, _R]]:
        shared = SerialShared(share())
        for job in jobs:
            yield job, run(shared, job)

    def map_loaded(
        self, load: Callable[[], Callable[[_J], _R]], jobs: Iterable[_J], _n_jobs: int, _placement: PlacementConfig
    ) -> Iterator[tuple[_J, _R]]:
        run: Callable[[_J], _R] | None = None
        for job in jobs:
            run = run or load()
            yield job, run(job)


class SerialShared:
    """In place of `pipeline.run.cluster.Shared`."""

    def __init__(self, held: object) -> None:
        self._held = held

    async def call(self, method: str, *arguments: object) -> object:
        return getattr(self._held, method)(*arguments)


def build(*flags: object) -> int:
    """`smp3m build` with these flags; its exit code."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("pipeline.run.build.Cluster", SerialCluster)
        patch.setattr(sys, "argv", ["smp3m", "build", *map(str, flags)])
        with pytest.raises(SystemExit) as exit_:
            cli.main()
    code = exit_.value.code
    assert isinstance(code, int)
    return code


def built(out: Path, *flags: object) -> Path:
    """A finished build under `out`."""
    assert build(*flags, "--out", out) == 0
    return out


def built_rows(source: Path, out: Path, *flags: object) -> Path:
    """A finished build of a file in GSM8K's format, all of it for training."""
    shares = ("--set", "split.validation=0.0", "--set", "split.test=0.0")
    return built(out, "--source", f"gsm8k={source}", *shares, *flags)
