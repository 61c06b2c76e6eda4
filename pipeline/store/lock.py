"""One build at a time in a folder: a lock on a file, which the system frees when the process dies, however it dies.

On NFS the server keeps it (version 4, or 3 with lockd), unless the mount says `nolock` or `local_lock`.
"""

import contextlib
import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

from pipeline.errors import StoreError

TRIES, WAIT_S = 4, 0.1


class Hold(Protocol):
    """The right to build, as long as the context lasts that gave it."""

    def require(self) -> None:
        """Go on only while it is ours.

        Raises:
            StoreError: somebody else may be building by now.
        """
        ...


class Lock(Protocol):
    """Who may build in an output directory."""

    def held(self) -> contextlib.AbstractContextManager[Hold]:
        """Hold it for one build.

        Raises:
            StoreError: another build holds it.
        """
        ...

    def shared(self) -> contextlib.AbstractContextManager[None]:
        """Keep builds out while what they have made is read.

        Raises:
            StoreError: a build holds it.
        """
        ...

    @property
    def busy(self) -> bool:
        """Whether a build is at work, as far as can be told at once."""
        ...


class FileLock:
    """The lock of a folder; any number may share it."""

    def __init__(self, path: Path, out: str) -> None:
        """Name the file, and the directory that is told of."""
        self._path = path
        self._out = out

    @contextmanager
    def held(self) -> Iterator[Hold]:
        """See `Lock`."""
        descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o644)
        try:
            try:
                _take(descriptor)
            except BlockingIOError:
                holder = os.pread(descriptor, 32, 0).decode(errors="replace").strip()
                raise StoreError(
                    f"{self._out}: in use by another build or a push (last build: process {holder or '?'}); "
                    "wait for it, or give another --out"
                ) from None
            os.truncate(descriptor, 0)
            os.pwrite(descriptor, str(os.getpid()).encode(), 0)
            yield _Locked(descriptor, self._path, self._out)
        finally:
            os.close(descriptor)

    @contextmanager
    def shared(self) -> Iterator[None]:
        """See `Lock`."""
        try:
            descriptor = os.open(self._path, os.O_RDONLY)
        except FileNotFoundError:  # no build has begun here
            yield
            return
        try:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
            except BlockingIOError:
                raise StoreError(f"{self._out}: a build is at work here; wait for it") from None
            yield
        finally:
            os.close(descriptor)

    @property
    def busy(self) -> bool:
        """See `Lock`."""
        try:
            with self.shared():
                return False
        except StoreError:
            return True


class _Locked:
    """A hold on a file, which others see as long as the file is in its place."""

    def __init__(self, descriptor: int, path: Path, out: str) -> None:
        self._descriptor = descriptor
        self._path = path
        self._out = out

    def require(self) -> None:
        """See `Hold`."""
        try:
            os.pread(self._descriptor, 1, 0)  # of a lock that an NFS server has lost, Linux says so here
            there = os.path.samestat(os.fstat(self._descriptor), self._path.stat())
        except OSError as exc:
            raise self._lost(exc.strerror or str(exc)) from exc
        if not there:
            raise self._lost("it is another file")

    def _lost(self, why: str) -> StoreError:
        return StoreError(
            f"{self._out}: another build may be at work here by now: {self._path} was lost ({why}); run again"
        )


def _take(descriptor: int) -> None:
    """Take the lock; a `status` that looks at it holds it for a moment."""
    for _ in range(TRIES - 1):
        with contextlib.suppress(BlockingIOError):
            return fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        time.sleep(WAIT_S)
    return fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
