"""Work in processes of its own, in order."""

import signal
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from multiprocessing import get_context
from typing import Protocol, TypeVar

from pipeline.errors import RunError

_In = TypeVar("_In")
_Out = TypeVar("_Out")


class Map(Protocol):
    """What the built-in `map` does."""

    def __call__(self, function: Callable[[_In], _Out], items: Iterable[_In], /) -> Iterator[_Out]:
        """Apply `function` to every item; results in the items' order."""
        ...


@contextmanager
def mapping(workers: int) -> Iterator[Map]:
    """A `map` that keeps the order, here or, with several workers, in processes of their own.

    Raises:
        RunError: a process died.
    """
    if workers <= 1:
        yield map
        return
    # Started afresh: a fork would copy the threads of libraries that are loaded already.
    pool = ProcessPoolExecutor(workers, get_context("spawn"), signal.signal, (signal.SIGINT, signal.SIG_IGN))
    try:
        yield pool.map
    except BrokenProcessPool as exc:
        raise RunError("a worker process died, for lack of memory as a rule; give fewer --workers") from exc
    finally:
        pool.shutdown(cancel_futures=True)
