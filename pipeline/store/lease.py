"""One build at a time in an object store, which has no locks: leases, numbered, each made once and kept alive.

    PREFIX/store/lease/0000000007.json      {"owner": …, "beat": 12, "released": false}

A store that knows conditional puts (`If-None-Match: *`, as Amazon's does) makes an object of a name
once, whoever asks: the maker of the highest number holds the lease. He counts up its beat every few seconds, and says
"released" when he is done. Whoever finds it neither released nor beating makes the next number; the old owner, should
he only have been slow, finds that out at his next beat and stops. Whether it beats is seen by watching it for a while,
so that no two clocks need agree; that its process died on this very machine is seen at once.

What this cannot do: a build that stands still longer than a lease lives and goes on may still finish the write that it
was in. Parts are the same whoever writes them; of what is published, the report comes last and names what belongs to
it. A store that knows no conditional puts does not keep two builds apart: `held` says so in a warning.
"""

import json
import logging
import os
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from uuid import uuid4

from upath import UPath

from pipeline.errors import StoreError
from pipeline.store.atomic import write_json
from pipeline.store.lock import Hold
from pipeline.store.place import read_bytes, remove, sizes, store_errors

BEAT_S = 5.0
LIFE_S = 30.0
"""A lease whose beat has not changed for so long has no owner any more."""
_LOG = logging.getLogger(__name__)


@dataclass(frozen=True)
class State:
    """What a lease's object says."""

    owner: str
    """Who made it: drawn anew for each build."""
    host: str
    process: int
    machine: str
    """Machine, its boot and the processes' name space: where `process` can be looked for."""
    started: str
    """When the process began, as the system counts, so that another of its number is not taken for it."""
    beat: int = 0
    released: bool = False

    @property
    def who(self) -> str:
        """The owner, for people."""
        return f"process {self.process} on {self.host}"

    @property
    def dead(self) -> bool:
        """Whether the owner was a process of this machine that is no more."""
        return self.machine == _machine() and self.started != _started(self.process)


class Lease:
    """The lock of an object store's prefix; unlike a folder's it is not shared: each reader holds it alone."""

    def __init__(self, folder: UPath, out: str, beat_s: float = BEAT_S, life_s: float = LIFE_S) -> None:
        """Name the objects' folder, and the output directory that is told of."""
        self._folder = folder
        self._out = out
        self._beat_s = beat_s
        self._life_s = life_s

    @contextmanager
    def held(self) -> Iterator[Hold]:
        """See `Lock`."""
        number = _highest(self._folder)
        if number:
            self._wait_until_free(_place(self._folder, number))
        mine = _place(self._folder, number + 1)
        me = State(uuid4().hex, socket.gethostname(), os.getpid(), _machine(), _started(os.getpid()))
        # A put whose answer was lost is sent again by the client, and then refused for what it has made itself.
        if not _created(mine, me) and not _is(me, _read(mine)):
            raise self._in_use(_read(mine))
        highest = _highest(self._folder)
        if highest > number + 1:  # while we looked, somebody came and went, and left our number free for his heir
            raise self._in_use(_read(_place(self._folder, highest)))
        if _created(mine, me):
            _LOG.warning("%s: this store knows no conditional puts; see that no two builds run here at once", self._out)
        for earlier in _numbers(self._folder):
            if earlier <= number:
                remove(_place(self._folder, earlier))
        heart = _Heart(self._folder, number + 1, me, self._out, self._beat_s, self._life_s)
        heart.start()
        try:
            yield heart
        finally:
            heart.stop()

    @contextmanager
    def shared(self) -> Iterator[None]:
        """See `Lock`."""
        with self.held():
            yield

    @property
    def busy(self) -> bool:
        """See `Lock`; goes by the clocks of this machine and of the store, which must agree to within LIFE_S."""
        number = _highest(self._folder)
        state = _read(_place(self._folder, number)) if number else None
        if state is None or state.released or state.dead:
            return False
        written: float = self._folder.fs.modified(_place(self._folder, number).path).timestamp()
        return time.time() - written < self._life_s

    def _wait_until_free(self, place: UPath) -> None:
        """Watch a lease until it is seen to have no owner.

        Raises:
            StoreError: it beats.
        """
        first = _read(place)
        if first is None or first.released or first.dead:
            return
        _LOG.warning("%s: %s builds here, or died; watching for %.0f s", self._out, first.who, self._life_s)
        until = time.monotonic() + self._life_s
        while time.monotonic() < until:
            time.sleep(min(self._beat_s, self._life_s) / 2)
            state = _read(place)
            if state is None or state.released:
                return
            if state.beat != first.beat:
                raise self._in_use(state)

    def _in_use(self, state: State | None) -> StoreError:
        who = "process ?" if state is None else state.who
        return StoreError(f"{self._out}: in use by another build ({who}); wait for it, or give another --out")


class _Heart:
    """Keeps a lease alive, and knows when it is lost."""

    def __init__(self, folder: UPath, number: int, state: State, out: str, beat_s: float, life_s: float) -> None:
        self._folder = folder
        self._number = number
        self._state = state
        self._out = out
        self._beat_s = beat_s
        self._life_s = life_s
        self._beaten = _now_s()
        self._lost = ""
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, name="lease", daemon=True)

    def start(self) -> None:
        """Begin to beat."""
        self._thread.start()

    def stop(self) -> None:
        """Release the lease, unless it is somebody else's by now."""
        self._over.set()
        self._thread.join()
        if not self._lost:
            self._write(replace(self._state, released=True))

    def require(self) -> None:
        """See `Hold`."""
        silent = _now_s() - self._beaten
        if not self._lost and silent >= self._life_s:
            self._lost = f"the store took no sign of life for {silent:.0f} s"
        if self._lost:
            raise StoreError(f"{self._out}: another build may be at work here by now: {self._lost}; run again")

    def _run(self) -> None:
        while not self._over.wait(self._beat_s) and not self._lost:
            self._write(replace(self._state, beat=self._state.beat + 1))

    def _write(self, state: State) -> None:
        """Say how it is, unless there is a higher number; what the network refuses is tried at the next beat."""
        try:
            if _highest(self._folder) > self._number:
                self._lost = "it has taken over the lease"
                return
            write_json(_place(self._folder, self._number), asdict(state))
        except store_errors() as exc:
            _LOG.warning("%s: no sign of life could be given (%s)", self._out, exc)
        else:
            self._state, self._beaten = state, _now_s()


def _now_s() -> float:
    """Seconds of this machine, those that it was suspended for too: its monotonic clock stands still then."""
    return time.clock_gettime(time.CLOCK_BOOTTIME)


def _is(owner: State, found: State | None) -> bool:
    return found is not None and found.owner == owner.owner


def _numbers(folder: UPath) -> list[int]:
    return [int(stem) for name in sizes(folder) if (stem := name.removesuffix(".json")).isdigit()]


def _highest(folder: UPath) -> int:
    return max(_numbers(folder), default=0)


def _place(folder: UPath, number: int) -> UPath:
    return folder / f"{number:010}.json"


def _read(place: UPath) -> State | None:
    """What a lease says; None where it is gone or says nothing, and so is nobody's."""
    try:
        return State(**json.loads(read_bytes(place)))
    except (FileNotFoundError, ValueError, TypeError):
        return None


def _created(place: UPath, state: State) -> bool:
    """Make an object unless there is one of the name; the store sees to it that one of two makers fails."""
    try:
        place.fs.pipe_file(place.path, json.dumps(asdict(state)).encode(), mode="create")
    except OSError:
        # Stores word the refusal in different ways; what counts is whether there is another's.
        if place.fs.exists(place.path):
            return False
        raise
    return True


def _machine() -> str:
    boot = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
    return f"{boot} {Path('/proc/self/ns/pid').readlink()}"


def _started(process: int) -> str:
    """When a process began, in ticks since boot (proc(5): field 22 of its stat); "" for one that is no more."""
    try:
        stat = Path(f"/proc/{process}/stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
    state, *fields = stat.rpartition(")")[2].split()
    return "" if state == "Z" else fields[18]
