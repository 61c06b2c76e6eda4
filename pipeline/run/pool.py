"""Keep workers of a Ray busy, and say in our own words what went wrong with them.

A worker process may die, and the machine that it runs on with it: what it was at is then given to another, and nothing
else. Ray does so for functions. For workers that hold an engine it is done here: Ray would bind their jobs to a worker
that waits for its place, for ever if the machine it had does not come back.
"""

from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import ray
from ray.exceptions import RayActorError, RayError, RayTaskError

from pipeline.errors import RunError, Smp3mError
from pipeline.store.place import store_errors, told

_J = TypeVar("_J")
JOBS_PER_WORKER = 2
"""In flight at a time: one at work and one waiting, so that no worker idles and memory stays bounded."""
TRIES = 4
"""How often a shard is tried where the worker's process dies at it."""
LOOK_EVERY_S = 10.0
"""How long to wait for a worker to be placed before looking whether there is still room for one."""


def drain(jobs: Iterator[_J], submit: Callable[[_J], Any], n_workers: int) -> Iterator[tuple[_J, Any]]:
    """Keep so many workers busy with a function; results come as they finish.

    Raises:
        Smp3mError: a job raised one, or see `meant`.
    """
    running: dict[Any, _J] = {}
    while True:
        while len(running) < n_workers * JOBS_PER_WORKER and (job := next(jobs, None)) is not None:
            running[submit(job)] = job
        if not running:
            return
        done, _ = ray.wait(list(running), num_returns=1)
        yield running.pop(done[0]), result(done[0])


class Holder:
    """The actor that holds an engine, loaded with the first job."""

    def __init__(self, load: Callable[[], Callable[[Any], Any]]) -> None:
        self._load = load
        self._run: Callable[[Any], Any] | None = None

    def ready(self) -> None:
        """Answer, which tells that there is a place and a process."""

    def run(self, job: Any) -> Any:  # noqa: ANN401 - any job
        """Do a job."""
        if self._run is None:
            self._run = self._load()
        return self._run(job)


@dataclass
class _Worker:
    handle: Any
    gone: bool = False


@dataclass(frozen=True)
class _Try(Generic[_J]):
    job: _J
    times: int = 0
    """How often a worker has died at it, or while it waited behind another."""


class Holders:
    """Workers that hold an engine each; one that dies is replaced, and what it was at goes to any other."""

    def __init__(self, start: Callable[[], Any], n_workers: int, room: Callable[[], object]) -> None:
        """Start the workers.

        Args:
            start: starts one; a handle of a `Holder`.
            n_workers: how many.
            room: raises RunError if no machine that is left has room for one.
        """
        self._start = start
        self._room = room
        self._workers: list[_Worker] = []
        self._starting: dict[Any, _Worker] = {}
        self._idle: deque[_Worker] = deque()
        self._failed_starts = 0
        for _ in range(n_workers):
            self._add()

    def __enter__(self) -> "Holders":
        """Return self."""
        return self

    def __exit__(self, *_error: object) -> None:
        """Stop the workers."""
        for worker in self._workers:
            ray.kill(worker.handle)

    def drain(self, jobs: Iterator[_J]) -> Iterator[tuple[_J, Any]]:
        """Have each job done by some worker; results come as they finish.

        Raises:
            Smp3mError: a job raised one.
            RunError: a job's worker died each time, or no machine has room for a worker any more.
        """
        todo = _Todo(jobs)
        running: dict[Any, tuple[_Worker, _Try[_J]]] = {}
        while True:
            for worker, one in self._assigned(todo):
                running[worker.handle.run.remote(one.job)] = (worker, one)
            if not running and todo.done:
                return
            done, _ = ray.wait([*running, *self._starting], num_returns=1, timeout=LOOK_EVERY_S)
            if not done:
                if not running:
                    self._room()
            elif done[0] in self._starting:
                self._started(done[0])
            else:
                worker, one = running.pop(done[0])
                try:
                    made = result(done[0])
                except WorkerDied as exc:
                    self._replace(worker)
                    todo.again(one, exc)
                else:
                    self._idle.append(worker)
                    yield one.job, made

    def _assigned(self, todo: "_Todo[_J]") -> Iterator[tuple[_Worker, _Try[_J]]]:
        while self._idle:
            worker = self._idle.popleft()
            if worker.gone:
                continue
            one = todo.next()
            if one is None:
                self._idle.appendleft(worker)
                return
            yield worker, one

    def _add(self) -> None:
        worker = _Worker(self._start())
        self._workers.append(worker)
        self._starting[worker.handle.ready.remote()] = worker

    def _started(self, reference: Any) -> None:  # noqa: ANN401 - an object reference
        worker = self._starting.pop(reference)
        try:
            result(reference)
        except WorkerDied:
            self._failed_starts += 1
            if self._failed_starts >= TRIES:
                raise
            self._replace(worker)
        else:
            self._failed_starts = 0
            self._idle.extend([worker] * JOBS_PER_WORKER)

    def _replace(self, worker: _Worker) -> None:
        """Start another for a worker that is gone; each of its jobs comes here."""
        if not worker.gone:
            worker.gone = True
            self._workers.remove(worker)
            ray.kill(worker.handle)  # it may only be out of reach
            self._add()


class _Todo(Generic[_J]):
    """Jobs that are to be handed out, those that have to be done again first."""

    def __init__(self, jobs: Iterator[_J]) -> None:
        self._jobs = jobs
        self._again: deque[_Try[_J]] = deque()
        self._ended = False

    @property
    def done(self) -> bool:
        """Whether there are no more, as far as has been asked."""
        return self._ended and not self._again

    def next(self) -> _Try[_J] | None:
        if self._again:
            return self._again.popleft()
        job = None if self._ended else next(self._jobs, None)
        self._ended = job is None
        return None if job is None else _Try(job)

    def again(self, one: _Try[_J], why: "WorkerDied") -> None:
        if one.times + 1 >= TRIES:
            raise why
        self._again.append(_Try(one.job, one.times + 1))


class WorkerDied(RunError):
    """The process of a worker that holds an engine is gone, or out of reach."""


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
            raise RunError(f"a worker died: {first_line(exc)}; finished shards are kept, run again") from exc


class Held:
    """The actor that holds a shared object."""

    def __init__(self, make: Callable[[], object]) -> None:
        self._held = make()

    def call(self, method: str, *arguments: object) -> object:
        """Call a method of it."""
        return getattr(self._held, method)(*arguments)


def result(reference: Any) -> Any:  # noqa: ANN401 - an object reference
    """What a job has come to.

    Raises:
        Smp3mError: the job raised one.
        WorkerDied: its worker was an actor that is gone.
        RunError: the disk is full, the store or a package is missing where it ran, or its workers died too often.
    """
    try:
        return ray.get(reference)
    except RayTaskError as exc:
        cause = exc.cause
        if isinstance(cause, Smp3mError):
            raise cause from exc
        if isinstance(cause, store_errors()):
            raise RunError(f"a worker failed: {told(cause)}; finished shards are kept, run again") from exc
        if isinstance(cause, ImportError):
            raise RunError(
                f"a worker failed: {first_line(cause)}; every machine needs what smp3m needs, with the same extras"
            ) from exc
        raise
    except RayActorError as exc:
        raise WorkerDied(f"a worker died: {first_line(exc)}; finished shards are kept, run again") from exc
    except RayError as exc:
        raise RunError(f"a worker died: {first_line(exc)}; finished shards are kept, run again") from exc


def first_line(exc: BaseException) -> str:
    """The beginning of what an exception says."""
    return (str(exc).strip() or type(exc).__name__).splitlines()[0]
