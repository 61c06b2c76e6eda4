"""Ray: starts one or joins one when there is work, and maps jobs over it; with `run.pool` the only one to import it.

It knows neither what the jobs do nor in which order stages come.
"""

import contextlib
import logging
import os
import shutil
import socket
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import chain
from pathlib import Path
from types import TracebackType
from typing import Any, TypeVar

import ray
from ray.exceptions import RayError
from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

import pipeline
from pipeline.config import PlacementConfig
from pipeline.errors import RunError
from pipeline.run.pool import TRIES, Held, Holder, Holders, Shared, drain, first_line

LOCAL = "local"
_STARTS = 3
"""How often a Ray of our own is started before a build is given up."""
_J = TypeVar("_J")
_R = TypeVar("_R")
CODE_ROOT = Path(pipeline.__file__).resolve().parents[1]
PACKAGES = ("pipeline", "prompts", "schemas", "sources")
CONNECT_TIMEOUT_S = 10
_ROUNDING = 1e-6  # 1 / 0.1 is a little less than 10


def available_workers() -> int:
    """Cores this process may run on; a CPU quota is not seen, --workers says otherwise."""
    return len(os.sched_getaffinity(0))


class Cluster:
    """A pool of worker processes, started at the first job and stopped on leaving the context.

    A Ray that the process has started before (a notebook, a test) is used as it is and left running.
    """

    def __init__(self, address: str, workers: int) -> None:
        """Say where to run; nothing is started yet.

        Args:
            address: of a Ray cluster, or "local" to start one.
            workers: most worker processes; 0 for one per core, of this machine or of the cluster.
        """
        self._address = address
        self._workers = workers
        self._started = False

    def __enter__(self) -> "Cluster":
        """Return self; Ray starts with the first job."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop the Ray that this context started, or leave the one that it joined."""
        if self._started:
            ray.shutdown()
            self._started = False

    def map(
        self, run: Callable[[_J], _R], jobs: Iterable[_J], placement: PlacementConfig | None = None
    ) -> Iterator[tuple[_J, _R]]:
        """Run a function on every job, in any free worker; results come as they finish.

        Raises:
            Smp3mError: a job raised one.
            RunError: a worker died too often, the disk is full, or no machine has what a worker takes.
        """
        waiting = self._started_if_any(jobs)
        if waiting is None:
            return
        takes = placement or PlacementConfig()
        remote: Any = ray.remote(**_options(takes), max_retries=TRIES - 1)(lambda job: run(job))
        yield from drain(waiting, remote.remote, self._room(takes))

    def map_sharing(
        self,
        share: Callable[[], object],
        run: Callable[[Shared, _J], _R],
        jobs: Iterable[_J],
        placement: PlacementConfig | None = None,
    ) -> Iterator[tuple[_J, _R]]:
        """Like `map`, for functions that share one object, which lives in a process of its own while they run.

        Raises:
            Smp3mError, RunError: as for `map`.
        """
        waiting = self._started_if_any(jobs)
        if waiting is None:
            return
        takes = placement or PlacementConfig()
        # Beside the driver, without which nothing goes on anyway: no other machine's death can end the build.
        here = NodeAffinitySchedulingStrategy(ray.get_runtime_context().get_node_id(), soft=True)
        beside: dict[str, Any] = {"num_cpus": 0, "scheduling_strategy": here}
        held: Any = ray.remote(**beside)(Held).remote(share)
        remote: Any = ray.remote(**_options(takes), max_retries=TRIES - 1)(lambda job, shared: run(shared, job))
        shared = Shared(held)
        try:
            yield from drain(waiting, lambda job: remote.remote(job, shared), self._room(takes))
        finally:
            ray.kill(held)

    def map_loaded(
        self, load: Callable[[], Callable[[_J], _R]], jobs: Iterable[_J], n_jobs: int, placement: PlacementConfig
    ) -> Iterator[tuple[_J, _R]]:
        """Like `map`, for functions that must be loaded first: once per worker process, then kept.

        Raises:
            Smp3mError, RunError: as for `map`.
        """
        waiting = self._started_if_any(jobs)
        if waiting is None:
            return
        actor: Any = ray.remote(**_options(placement))(Holder)
        size = min(n_jobs, self._room(placement))
        with Holders(lambda: actor.remote(load), size, lambda: places(placement, _resources())) as holders:
            yield from holders.drain(waiting)

    def _started_if_any(self, jobs: Iterable[_J]) -> Iterator[_J] | None:
        """Start Ray once the first job has been seen: bad input is told at once, and no work needs no cluster."""
        iterator = iter(jobs)
        first = next(iterator, None)
        if first is None:
            return None
        if not ray.is_initialized():
            self._start()
        return chain([first], iterator)

    def _start(self) -> None:
        _require_reachable(self._address)
        # Ray puts the driver's current directory first on its workers' path, where a folder that is called
        # `pipeline` or `schemas` would shadow ours: start it from where our code is.
        with contextlib.chdir(CODE_ROOT):
            if self._address == LOCAL:
                self._start_own()
            else:
                self._join()
        self._started = True

    def _join(self) -> None:
        with _code() as folder:
            try:
                ray.init(
                    address=self._address,
                    runtime_env={"working_dir": str(folder)},
                    log_to_driver=False,
                    logging_level=logging.ERROR,
                )
            # RuntimeError: its Ray or Python is another version than ours.
            except (RayError, ConnectionError, ValueError, RuntimeError) as exc:
                raise RunError(f"--ray-address {self._address}: cannot be joined: {first_line(exc)}") from exc

    def _start_own(self) -> None:
        for left in reversed(range(_STARTS)):
            try:
                ray.init(
                    address=LOCAL,
                    num_cpus=self._workers or available_workers(),
                    include_dashboard=False,
                    log_to_driver=False,
                    logging_level=logging.ERROR,
                )
            # Ray raises a bare Exception when its node is not up within 30 s, as on a machine that others load.
            except Exception as exc:
                ray.shutdown()
                if not left:
                    raise RunError(
                        f"Ray did not start on this machine: {first_line(exc)}; finished shards are kept, run again"
                    ) from exc
            else:
                return

    def _room(self, placement: PlacementConfig) -> int:
        """How many workers to keep busy; one that is never placed would hold its jobs."""
        room = places(placement, _resources())
        return min(self._workers, room) if self._workers else room


@contextlib.contextmanager
def _code() -> Iterator[Path]:
    """A folder with our packages and nothing else, for a cluster's machines to run.

    As working directory of the job it comes first on its workers' path, before any smp3m that is installed there, and
    Ray then adds no folder of the driver's, whose names might mean other things on other machines.
    """
    with tempfile.TemporaryDirectory(prefix="smp3m-code-") as name:
        folder = Path(name)
        for package in PACKAGES:
            shutil.copytree(CODE_ROOT / package, folder / package, ignore=shutil.ignore_patterns("__pycache__"))
        yield folder


def _options(placement: PlacementConfig) -> dict[str, Any]:
    options = {"num_cpus": placement.cpus, "num_gpus": placement.gpus}
    return {**options, "resources": dict(placement.resources)} if placement.resources else options


def places(placement: PlacementConfig, resources: Mapping[str, float]) -> int:
    """How many workers the cluster has room for: one that is never placed would hold its jobs for ever.

    Raises:
        RunError: for none.
    """
    wanted = {"CPU": placement.cpus, "GPU": placement.gpus, **placement.resources}
    room: list[int] = []
    for resource, share in wanted.items():
        there = resources.get(resource, 0.0)
        if share > there:
            raise RunError(
                f"run: a worker is to take {share:g} {resource}, and the cluster has {there:g}; "
                "ask for less in run.text, run.asking or run.speech, or add a machine"
            )
        if share > 0:
            room.append(int(there / share + _ROUNDING))
    return min(room)


def _resources() -> dict[str, float]:
    resources: Any = ray.cluster_resources  # untyped in Ray
    found: dict[str, float] = resources()
    if not found.get("CPU"):
        raise RunError("no machine of the Ray cluster is left (did a raylet die?); finished shards are kept, run again")
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
