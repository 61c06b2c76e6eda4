"""kill -9 of the driver, a worker and the raylet in turn, at random moments over a text build; is the result the same?

    python tests/benchmarks/bench_kills.py [--rows N] [--kills N] [--seed N]

A killed driver, and a raylet that takes the build with it, are followed by the same command again; after a worker's
death the build goes on by itself. In the end every byte is compared with a build that nobody disturbed, and every part
that had its record at a kill must still be the file that it was then: only what was in flight may be made twice.
"""

import argparse
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

TABLES = ("problem", "spoken", "interleaved", "verified")
VICTIMS = ("driver", "worker", "raylet")
ANY_TIME = 0.2
"""Share of the kills that come after a random time, not at a random part: while Ray starts, or during publishing."""
SOON_S = 12.0
TORN_S = 0.05
"""After the part that a kill waits for, at most so long: somewhere in the next one."""
ENDS_S = 180.0
"""A build whose raylet is gone must end within this."""


@dataclass
class Outcome:
    """What came of it."""

    kills: dict[str, int] = field(default_factory=lambda: dict.fromkeys(VICTIMS, 0))
    survived: int = 0
    """Raylets whose death the build outlived."""
    hung: int = 0
    """Builds that had to be killed because they did not end without their raylet."""
    said: list[str] = field(default_factory=list)
    """Last lines of builds that ended with their raylet."""
    parts: int = 0
    repeated: list[str] = field(default_factory=list)
    """Finished parts that were written again."""
    different: list[str] = field(default_factory=list)
    """Files that are not those of the undisturbed build."""
    undisturbed_s: float = 0.0
    last_run_s: float = 0.0


class Build:
    """One run of the command."""

    def __init__(self, out: Path, plan: "Plan") -> None:
        flags = ["--source", "simpleop", "--rows", str(plan.n_rows), "--tts", "none", "--asr", "none", "--workers", "2"]
        command = [str(Path(sys.executable).with_name("smp3m")), "build", *flags, "--out", str(out)]
        self._log = tempfile.TemporaryFile("w+")  # noqa: SIM115 - closed with the build
        self.process = subprocess.Popen(
            [*command, "--set", f"collect.shard_rows={plan.shard_rows}"],
            stdout=self._log,
            stderr=subprocess.STDOUT,
        )
        self._family: set[int] = set()

    @property
    def over(self) -> bool:
        return self.process.poll() is not None

    def pid_of(self, victim: str) -> int | None:
        """The process to kill; None if it is not there now."""
        family = list(_family(self.process.pid))
        self._family.update(family)
        if victim == "driver":
            return self.process.pid
        raylets = [pid for pid in family if _name(pid) == "raylet"]
        if victim == "raylet":
            return raylets[0] if raylets else None
        workers = [pid for pid in family if _works(_name(pid))]
        return random.choice(workers) if workers else None

    def end(self) -> str:
        """Wait until it and what it started are gone; its last line."""
        self.process.wait()
        until = time.monotonic() + ENDS_S
        while (left := [pid for pid in self._family if _is_ray(pid)]) and time.monotonic() < until:
            time.sleep(0.1)
        for pid in left:
            _kill(pid)
        with self._log as log:
            log.seek(0)
            lines = log.read().strip().splitlines()
        return lines[-1] if lines else ""


@dataclass(frozen=True)
class Plan:
    """What is built, and how often it is disturbed."""

    n_rows: int
    n_kills: int
    seed: int
    shard_rows: int


def torment(folder: Path, plan: Plan, tell: Callable[[str], None]) -> Outcome:
    """Build once undisturbed and once with kills, and compare."""
    dice = random.Random(plan.seed)
    outcome, whole, killed = Outcome(), folder / "whole", folder / "killed"
    started = time.monotonic()
    _finished(whole, plan)
    outcome.undisturbed_s = time.monotonic() - started
    outcome.parts = len(_parts(whole))
    tell(f"undisturbed: {outcome.parts} parts, {outcome.undisturbed_s:.0f} s")
    moments = sorted(dice.randrange(outcome.parts) for _ in range(plan.n_kills))
    there: dict[str, int] = {}
    build: Build | None = None
    for number, moment in enumerate(moments):
        after_s = dice.uniform(0, SOON_S) if dice.random() < ANY_TIME else None
        build, victim, pid = _at_the_moment(killed, plan, build, VICTIMS[number % len(VICTIMS)], moment, after_s)
        time.sleep(dice.uniform(0, TORN_S))
        there |= _parts(killed)
        _kill(pid)
        outcome.kills[victim] += 1
        when = "" if after_s is None else f", {after_s:.1f} s after it began"
        tell(f"kill {number + 1}: {victim}, {len(_parts(killed))} parts there{when}")
        if victim == "driver":
            build.end()
            build = None
        elif victim == "raylet":
            build = _without_raylet(build, outcome)
    started = time.monotonic()
    if build is None or build.process.wait():
        _finished(killed, plan)
    outcome.last_run_s = time.monotonic() - started
    left = _parts(killed)
    outcome.repeated = sorted(name for name, when in there.items() if left.get(name) != when)
    outcome.different = sorted(_different(whole, killed))
    return outcome


def _at_the_moment(
    out: Path, plan: Plan, build: Build | None, victim: str, moment: int, after_s: float | None
) -> tuple[Build, str, int]:
    """Let the build run up to a part, or for a time, until the victim is there."""
    started = time.monotonic()
    while True:
        if build is None or build.over:
            if build is not None:
                build.end()
                if build.process.returncode == 0:
                    victim = "driver"  # all is there: no Ray is started any more
            build = Build(out, plan)
            started = time.monotonic()
        ripe = time.monotonic() - started >= after_s if after_s is not None else len(_parts(out)) >= moment
        pid = build.pid_of(victim) if ripe else None
        if pid is not None and not build.over:
            return build, victim, pid
        time.sleep(0.01)


def _without_raylet(build: Build, outcome: Outcome) -> Build | None:
    """See what a build does whose raylet is gone; itself where it goes on with another, as while Ray starts."""
    until = time.monotonic() + ENDS_S
    while not build.over and time.monotonic() < until:
        time.sleep(0.1)
        if build.pid_of("raylet") is not None:
            outcome.survived += 1
            return build
    if not build.over:
        outcome.hung += 1
        _kill(build.process.pid)
    said = build.end()
    if build.process.returncode == 0:
        outcome.survived += 1
    else:
        outcome.said.append(f"exit code {build.process.returncode}: {said}")
    return None


def _finished(out: Path, plan: Plan) -> None:
    build = Build(out, plan)
    code = build.process.wait()
    said = build.end()
    if code:
        sys.exit(f"the build ended with code {code}: {said}")


def _parts(out: Path) -> dict[str, int]:
    """Table and key -> when its file was written, of parts that have their record."""
    found: dict[str, int] = {}
    for table in TABLES:
        for record in (out / "store" / table).glob("*.json"):
            part = record.with_suffix(".parquet")
            if part.exists():
                found[f"{table}/{part.name}"] = part.stat().st_mtime_ns
    return found


def _different(one: Path, other: Path) -> Iterator[str]:
    wanted = [one / "dataset", one / "rejected", *(one / "store" / table for table in TABLES)]
    files = [path for folder in wanted for path in folder.rglob("*") if path.is_file()]
    for path in files:
        twin = other / path.relative_to(one)
        if not twin.exists() or twin.read_bytes() != path.read_bytes():
            yield str(path.relative_to(one))
    for folder in ("dataset", "rejected"):
        for path in (other / folder).rglob("*"):
            if not (one / path.relative_to(other)).exists():
                yield str(path.relative_to(other))


def _kill(pid: int) -> None:
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        return  # it has just ended


def _stat(pid: int) -> list[str]:
    """State and parent of a process; nothing where it has gone."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[:2]
    except OSError:
        return []


def _name(pid: int) -> str:
    """What a process calls itself."""
    try:
        first = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")[0].decode()
    except OSError:
        return ""
    return first if first.startswith("ray::") else Path(first).name


def _works(name: str) -> bool:
    """Whether a process of this name is at a job: no idle one, and no agent, with which a raylet dies."""
    return name.startswith("ray::") and not name.startswith("ray::IDLE") and not name.endswith("Agent")


def _all() -> list[int]:
    return [int(path.name) for path in Path("/proc").iterdir() if path.name.isdigit()]


def _family(pid: int) -> Iterator[int]:
    """What a process has started, and what that has started."""
    parents = {one: int(stat[1]) for one in _all() if (stat := _stat(one)) and stat[0] != "Z"}
    old = {pid}
    while old:
        old = {one for one, parent in parents.items() if parent in old}
        yield from old


def _is_ray(pid: int) -> bool:
    """Whether a process is one of Ray's, and not another that was given its number."""
    name = _name(pid)
    return name.startswith("ray::") or name in ("raylet", "gcs_server")


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--rows", type=int, default=20_000)
    options.add_argument("--kills", type=int, default=50)
    options.add_argument("--seed", type=int, default=0)
    options.add_argument("--shard-rows", type=int, default=500)
    given = options.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        plan = Plan(given.rows, given.kills, given.seed, given.shard_rows)
        outcome = torment(Path(folder), plan, lambda line: print(line, flush=True))
    print(f"{sum(outcome.kills.values())} kills {outcome.kills} over a build of {outcome.parts} parts")
    print(f"raylets that a build outlived: {outcome.survived}; builds that hung without theirs: {outcome.hung}")
    for line in sorted(set(outcome.said)):
        print(f"  said: {line}")
    print(f"finished parts written again: {len(outcome.repeated)}; files that differ: {len(outcome.different)}")
    print(f"undisturbed {outcome.undisturbed_s:.0f} s, last run {outcome.last_run_s:.0f} s")
    if outcome.repeated or outcome.different or outcome.hung:
        sys.exit("\n".join([*outcome.repeated, *outcome.different, "failed"]))


if __name__ == "__main__":
    main()
