"""Text builds of growing size: time, rows a second, memory of all processes, bytes, and the least that it could take.

    python tests/benchmarks/bench_scale.py [--rows N]... [--source NAME=PATH]... [--shard-rows N] [--folder DIR]

Each build is `smp3m build` of so many generated SimpleOP rows beside the files that are given. Of the time is left out
what a build of one row takes for its first table (Python and Ray start), and the near-duplicate search (`sketch`,
`family`) is told apart; a table that was filled together with one before it takes next to nothing. Memory is the most
that the command and everything it has started held together (proportional set size), seen twice a second. The floor
tokenises question and solution of the same rows with tiktoken and writes texts and ids with pyarrow, on one core; the
ratio is the time of as many cores as built. Each build is then begun once more, with nothing left to do.
"""

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice, pairwise
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from pipeline.backends.tokenizer import load as load_tokenizer

APART = ("sketch", "family")
"""Tables of the near-duplicate search."""
FLOOR_ROWS = 20_000
SEEN_EVERY_S = 0.5
_COMPLETE = re.compile(r"(\w+): [\d,]+ shards?\b")
"""What a build says of a table that is complete."""
_MB = 1_000_000


@dataclass
class Built:
    """What one build took."""

    rows: int
    accepted: int
    seconds: dict[str, float]
    """Table -> time since the one before it was complete, and `publishing`."""
    again_s: float
    peak_mb: float
    driver_mb: float
    """Most memory of the command alone."""
    processes: int
    """Most of them that lived at one time."""
    bytes_of: dict[str, int] = field(default_factory=dict)
    """Folder -> bytes."""
    floor_us: float = 0.0
    """Microseconds a row of one core."""

    @property
    def text_s(self) -> float:
        """The stages and publishing, without the near-duplicate search."""
        return sum(seconds for name, seconds in self.seconds.items() if name not in APART)

    def ratio(self, workers: int) -> float:
        """Time of as many cores as built, over the floor."""
        return self.text_s * workers / self.rows * 1e6 / self.floor_us


class Memory(threading.Thread):
    """Watches what a process and its descendants hold."""

    def __init__(self, pid: int) -> None:
        """Watch `pid` from `start` until `over` is set."""
        super().__init__(daemon=True)
        self.pid = pid
        self.over = threading.Event()
        self.peak = self.driver = self.processes = 0

    def run(self) -> None:
        """Look again and again."""
        while not self.over.wait(SEEN_EVERY_S):
            held = {pid: _pss(pid) for pid in _family(self.pid)}
            self.peak = max(self.peak, sum(held.values()))
            self.driver = max(self.driver, held.get(self.pid, 0))
            self.processes = max(self.processes, len(held))


def _pss(pid: int) -> int:
    """Bytes of a process, what it shares with others divided among them; 0 where it has gone."""
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) * 1024 for line in lines if line.startswith("Pss:")), 0)


def _family(pid: int) -> set[int]:
    """A process and its descendants."""
    children: dict[int, list[int]] = {}
    for path in Path("/proc").iterdir():
        if path.name.isdigit():
            try:
                parent = int((path / "stat").read_text().rpartition(")")[2].split()[1])
            except OSError:
                continue  # it has just ended
            children.setdefault(parent, []).append(int(path.name))
    found, new = {pid}, [pid]
    while new:
        new = [child for one in new for child in children.get(one, [])]
        found.update(new)
    return found


def build(out: Path, n_rows: int, sources: list[str], shard_rows: int) -> Built:
    """Build once, and once more when all is there."""
    flags = [flag for source in ("simpleop", *sources) for flag in ("--source", source)]
    settings = [f"sources.simpleop.rows={n_rows}", f"collect.shard_rows={shard_rows}"]
    command = [str(Path(sys.executable).with_name("smp3m")), "build", "--tts", "none", "--out", str(out), *flags]
    command += [part for setting in settings for part in ("--set", setting)]
    marks = {"": time.monotonic()}
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    memory = Memory(process.pid)
    memory.start()
    said = []
    assert process.stdout is not None
    for line in process.stdout:
        said.append(line)
        complete = _COMPLETE.match(line)
        if complete:
            marks[complete[1]] = time.monotonic()
    code, marks["publishing"] = process.wait(), time.monotonic()
    memory.over.set()
    memory.join()
    if code:
        sys.exit(f"the build ended with code {code}: {''.join(said)[-2000:]}")
    started = time.monotonic()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    report = json.loads((out / "report.json").read_text())
    return Built(
        rows=report["rows"]["in"],
        accepted=report["rows"]["accepted"],
        seconds={name: after - before for (_, before), (name, after) in pairwise(marks.items())},
        again_s=time.monotonic() - started,
        peak_mb=memory.peak / _MB,
        driver_mb=memory.driver / _MB,
        processes=memory.processes,
        bytes_of={name: _bytes(out / name) for name in ("store", "dataset")},
        floor_us=floor_us(out),
    )


def _bytes(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def floor_us(out: Path) -> float:
    """Microseconds a row for the ids of question and solution and one Parquet file of both, over rows of the build."""
    tokenizer = load_tokenizer("qwen2.5")
    parts = sorted((out / "store" / "problem").glob("*.parquet"))
    every = max(1, len(parts) * _rows(parts[:1]) // FLOOR_ROWS)
    some = pa.concat_tables(pq.read_table(part, columns=["question", "solution"]) for part in parts[::every])
    texts = {name: some.column(name).to_pylist() for name in some.column_names}
    tokenizer.encode("loaded")
    with tempfile.TemporaryDirectory() as folder:
        started = time.process_time()
        ids = {f"{name}_ids": [tokenizer.encode(text).ids for text in column] for name, column in texts.items()}
        pq.write_table(pa.table({**texts, **ids}), Path(folder) / "floor.parquet", compression="zstd")
        return float((time.process_time() - started) / some.num_rows * 1e6)


def _rows(parts: Iterable[Path]) -> int:
    return sum(pq.read_metadata(part).num_rows for part in parts)


def table(found: list[Built], workers: int) -> Iterator[str]:
    """Lines of the report."""
    names = (
        "rows",
        "accepted",
        "text s",
        "rows/s",
        "x floor",
        "near dup. s",
        "again s",
        "peak MB",
        "driver MB",
        "B/row",
    )
    yield " | ".join(names)
    for one in found:
        apart = sum(one.seconds.get(name, 0.0) for name in APART)
        cells = (
            f"{one.rows:,}", f"{one.accepted:,}", f"{one.text_s:,.0f}", f"{one.rows / one.text_s:,.0f}",
            f"{one.ratio(workers):.1f}", f"{apart:,.0f}", f"{one.again_s:.1f}", f"{one.peak_mb:,.0f}",
            f"{one.driver_mb:,.0f}", f"{one.bytes_of['dataset'] / max(one.accepted, 1):,.0f}",
        )  # fmt: skip
        yield " | ".join(cells)
    for one in found:
        parts = ", ".join(f"{name} {seconds:,.0f}" for name, seconds in one.seconds.items())
        store = one.bytes_of["store"] / one.rows
        yield f"{one.rows:,} rows, seconds: {parts}; floor {one.floor_us:.1f} us/row; store {store:,.0f} B/row"


def main() -> None:
    """Build each size and print the table."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--rows", type=int, action="append", help="generated rows of a build; may be repeated")
    options.add_argument("--source", action="append", default=[], help="NAME=PATH, built beside them")
    options.add_argument("--shard-rows", type=int, default=500)
    options.add_argument("--folder", type=Path, help="where the builds stay; a temporary folder without")
    given = options.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = given.folder or Path(temporary)
        workers = len(os.sched_getaffinity(0))
        found = []
        start_s = build(folder / "start", 1, [], given.shard_rows).seconds["problem"]
        for n_rows in given.rows or [30_000, 300_000]:
            found.append(build(folder / str(n_rows), n_rows, given.source, given.shard_rows))
            found[-1].seconds["problem"] -= start_s
            print("\n".join(islice(table(found[-1:], workers), 3)), flush=True)
        print("\n".join(table(found, workers)))


if __name__ == "__main__":
    main()
