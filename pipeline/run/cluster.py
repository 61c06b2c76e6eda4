"""Ray: the only module that imports it. Starts or joins a cluster when there is work, and maps jobs over it.

It knows neither what the jobs do nor in which order stages come.
"""

import contextlib
import logging
import os
import socket
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import chain
from pathlib import Path
from types import TracebackType
from typing import Any, TypeVar

import ray
from ray.exceptions import RayError, RayTaskError

import pipeline
from pipeline.config import PlacementConfig
from pipeline.errors import RunError, Smp3mError

_STARTS = 3
"""How often a Ray of our own is started before a build is given up."""
_J = TypeVar("_J")
_R = TypeVar("_R")
CODE_ROOT = Path(pipeline.__file__).resolve().parents[1]
JOBS_PER_WORKER = 2
"""In flight at a time: one at work and one waiting, so that no worker idles and memory stays bounded."""
CONNECT_TIMEOUT_S = 10
_ROUNDING = 1e-6  # 1 / 0.1 is a little less than 10
TASK_RETRIES = 3
"""How often a shard is tried again when its worker process dies."""


def available_workers() -> int:
    """Cores this process may run on; a CPU quota is not seen, --workers says otherwise."""
    return len(os.sched_getaffinity(0))


class Cluster:
    """A pool of worker processes, started at the first job and stopped on leaving the context.

    A Ray that the process has started before (a notebook, a test) is used as it is and left running.
    """

    def __init__(self, address: str, workers: int) -> None:
        """Say where to run; nothing is started yet."""
        self._address = address
        self._workers = workers
        self._started = False

    def __enter__(self) -> "Cluster":
        """Return self; Ray starts with the first job."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop the Ray that this context started."""
        if self._started:
            ray.shutdown()
            self._started = False

    def map(self, run: Callable[[_J], _R], jobs: Iterable[_J]) -> Iterator[tuple[_J, _R]]:
        """Run a function on every job, in any free worker; results come as they finish.

        Raises:
            Smp3mError: a job raised one.
            RunError: a worker died too often, or the disk is full.
        """
        waiting = self._started_if_any(jobs)
        if waiting is None:
            return
        remote: Any = ray.remote(num_cpus=1, max_retries=TASK_RETRIES)(lambda job: run(job))
        yield from _drain(waiting, lambda job, _slot: remote.remote(job), self._workers)

    def map_sharing(
        self, share: Callable[[], object], run: Callable[["Shared", _J], _R], jobs: Iterable[_J]
    ) -> Iterator[tuple[_J, _R]]:
        """Like `map`, for functions that share one object, which lives in a process of its own while they run.

        Raises:
            Smp3mError, RunError: as for `map`.
        """
        waiting = self._started_if_any(jobs)
        if waiting is None:
            return
        held: Any = ray.remote(num_cpus=0)(_Held).remote(share)
        remote: Any = ray.remote(num_cpus=1, max_retries=TASK_RETRIES)(lambda job, shared: run(shared, job))
        shared = Shared(held)
        try:
            yield from _drain(waiting, lambda job, _slot: remote.remote(job, shared), self._workers)
        finally:
            ray.kill(held)

    def map_loaded(
        self, load: Callable[[], Callable[[_J], _R]], jobs: Iterable[_J], n_jobs: int, placement: PlacementConfig
    ) -> Iterator[tuple[_J, _R]]:
        """Like `map`, for functions that must be loaded first: once per worker process, then kept.

        Raises:
            Smp3mError: as for `map`.
            RunError: as for `map`, or no machine has what a worker takes.
        """
        waiting = self._started_if_any(jobs)
        if waiting is None:
            return
        size = min(self._workers, n_jobs, places(placement, _resources()))
        actor: Any = ray.remote(
            num_cpus=placement.cpus,
            num_gpus=placement.gpus,
            max_restarts=TASK_RETRIES,
            max_task_retries=TASK_RETRIES,
        )(_Loaded)
        actors: list[Any] = [actor.remote(load) for _ in range(size)]
        try:
            yield from _drain(waiting, lambda job, slot: actors[slot].run.remote(job), size)
        finally:
            for handle in actors:
                ray.kill(handle)

    def _started_if_any(self, jobs: Iterable[_J]) -> Iterator[_J] | None:
        """Start Ray once the first job has been seen: bad input is told at once, and no work needs no cluster."""
        iterator = iter(jobs)
        first = next(iterator, None)
        if first is None:
            return None
        if not ray.is_initialized():
            self._start()
        self._fit()
        return chain([first], iterator)

    def _start(self) -> None:
        # Ray puts the driver's current directory first on its workers' path, where a folder that is called
        # `pipeline` or `schemas` would shadow ours: start it from where our code is.
        _require_reachable(self._address)
        with contextlib.chdir(CODE_ROOT):
            if self._address == "local":
                self._start_own()
            else:
                self._join()
        self._started = True

    def _join(self) -> None:
        try:
            ray.init(address=self._address, log_to_driver=False, logging_level=logging.ERROR)
        except (RayError, ConnectionError, ValueError) as exc:
            raise RunError(f"--ray-address {self._address}: no Ray cluster there: {_first_line(exc)}") from exc

    def _start_own(self) -> None:
        for left in reversed(range(_STARTS)):
            try:
                ray.init(
                    address="local",
                    num_cpus=self._workers,
                    include_dashboard=False,
                    log_to_driver=False,
                    logging_level=logging.ERROR,
                )
            # Ray raises a bare Exception when its node is not up within 30 s, as on a machine that others load.
            except Exception as exc:
                ray.shutdown()
                if not left:
                    raise RunError(
                        f"Ray did not start on this machine: {_first_line(exc)}; finished shards are kept, run again"
                    ) from exc
            else:
                return

    def _fit(self) -> None:
        """Ask for no more workers than the cluster has cores: an actor that is never placed would hold its jobs."""
        self._workers = max(1, min(self._workers, int(_cores())))


def _drain(jobs: Iterator[_J], submit: Callable[[_J, int], Any], n_slots: int) -> Iterator[tuple[_J, Any]]:
    """Keep every slot busy; a slot that finishes a job gets the next one."""
    free = deque(list(range(n_slots)) * JOBS_PER_WORKER)
    pending: dict[Any, tuple[_J, int]] = {}
    while True:
        while free and (job := next(jobs, None)) is not None:
            slot = free.popleft()
            pending[submit(job, slot)] = (job, slot)
        if not pending:
            return
        done, _ = ray.wait(list(pending), num_returns=1)
        finished, slot = pending.pop(done[0])
        free.append(slot)
        yield finished, _result(done[0])


class Shared:
    """A handle to an object that the workers share; can be sent to them."""

    def __init__(self, actor: Any) -> None:  # noqa: ANN401 - Ray's handle is untyped
        self._actor = actor

    async def call(self, method: str, *arguments: object) -> Any:  # noqa: ANN401 - whatever the method returns
        """Call a method of the object.

        Raises:
            RunError: its process has died.
        """
        try:
            return await self._actor.call.remote(method, *arguments)
        except RayError as exc:
            raise RunError(f"a worker died: {_first_line(exc)}; finished shards are kept, run again") from exc


class _Held:
    """The actor that holds a shared object."""

    def __init__(self, make: Callable[[], object]) -> None:
        self._held = make()

    def call(self, method: str, *arguments: object) -> object:
        return getattr(self._held, method)(*arguments)


class _Loaded:
    """The actor that holds an engine."""

    def __init__(self, load: Callable[[], Callable[[Any], Any]]) -> None:
        self._load = load
        self._run: Callable[[Any], Any] | None = None

    def run(self, job: Any) -> Any:  # noqa: ANN401 - any job
        if self._run is None:
            self._run = self._load()
        return self._run(job)


def _result(reference: Any) -> Any:  # noqa: ANN401 - an object reference
    try:
        return ray.get(reference)
    except RayTaskError as exc:
        cause = exc.cause
        if isinstance(cause, Smp3mError):
            raise cause from exc
        if isinstance(cause, OSError):
            raise RunError(f"a worker failed: {_first_line(cause)}; finished shards are kept, run again") from exc
        raise
    except RayError as exc:
        raise RunError(f"a worker died: {_first_line(exc)}; finished shards are kept, run again") from exc


def _cores() -> float:
    return _resources().get("CPU", 1.0)


def places(placement: PlacementConfig, resources: Mapping[str, float]) -> int:
    """How many workers the cluster has room for: one that is never placed would hold its jobs for ever.

    Raises:
        RunError: for none.
    """
    wanted = {"cpus": ("CPU", placement.cpus), "gpus": ("GPU", placement.gpus)}
    room: list[int] = []
    for setting, (resource, share) in wanted.items():
        there = resources.get(resource, 0.0)
        if share > there:
            raise RunError(f"run.speech.{setting}: {share:g} a worker, and the cluster has {there:g}; ask for less")
        if share > 0:
            room.append(int(there / share + _ROUNDING))
    return min(room)


def _resources() -> dict[str, float]:
    resources: Any = ray.cluster_resources  # untyped in Ray
    found: dict[str, float] = resources()
    return found


def _require_reachable(address: str) -> None:
    """Say within seconds that nothing listens at HOST:PORT; Ray itself would try for minutes.

    Raises:
        RunError: nothing does.
    """
    host, colon, port = address.removeprefix("ray://").rpartition(":")
    if not colon or not port.isdigit():
        return
    try:
        socket.create_connection((host, int(port)), timeout=CONNECT_TIMEOUT_S).close()
    except OSError as exc:
        raise RunError(f"--ray-address {address}: no Ray cluster there: {exc}") from exc


def _first_line(exc: BaseException) -> str:
    return (str(exc).strip() or type(exc).__name__).splitlines()[0]
