"""What the text path costs a row, stage by stage, beside the least it could cost: tokenising and writing the same text.

    python tests/benchmarks/bench_text_path.py [FILE --source gsm8k] [--rows N] [--passes N]

Without a file it takes generated SimpleOP rows. Shards go through the stages one after another, each stage as in a
worker (read its parts, transform, validate, write) on one core, its pieces shown below it: what a stage remembers of
a shard, those after it find. The floor tokenises question and solution with tiktoken and writes the texts and their
ids with pyarrow. Each pass takes other rows, so that no pass finds what one before it remembers, and the median
counts. Times are CPU times after a first pass that loads engines: absolutes depend on the machine, compare the ratios.
"""

import argparse
import statistics
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from itertools import islice
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from pipeline.backends.tokenizer import load as load_tokenizer
from pipeline.backends.tokenizer.protocol import Tokenizer
from pipeline.config import Config
from pipeline.run.shard import PROBLEM, make_problems
from pipeline.stages.collect import Chunk, GeneratedChunk
from pipeline.stages.desk import Desk
from pipeline.stages.plan import UserStage, stages_of
from pipeline.stages.stage import Stage, Transform, checked, load
from pipeline.store.parts import PartRecord, Store
from sources import simpleop
from sources.reading import open_rows
from sources.registry import resolve

FLOOR = "floor: tokenise and write"


@dataclass
class Clock:
    """CPU time of named pieces of work, a sample for each pass."""

    samples_s: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))

    def begin(self) -> None:
        """A pass begins."""
        for name in self.samples_s:
            self.samples_s[name].append(0.0)

    @contextmanager
    def timed(self, *names: str) -> Iterator[None]:
        """Add what the body took to each of these, in this pass."""
        start = time.process_time()
        yield
        for name in names:
            self.samples_s[name] = self.samples_s[name] or [0.0]
            self.samples_s[name][-1] += time.process_time() - start

    def us(self, name: str, rows: int) -> float:
        """Median microseconds a row, over all passes but the first."""
        return statistics.median(self.samples_s[name][1:]) / rows * 1e6


def chunks_of(file: Path | None, source: str, n_rows: int, number: int, size: int) -> Iterator[Chunk | GeneratedChunk]:
    """The `number`-th so many rows of a file, or generated ones, in chunks of this size."""
    first, last = number * n_rows, (number + 1) * n_rows
    if file is None:
        for start in range(first, last, size):
            yield GeneratedChunk(simpleop.NAME, simpleop.VERSION, 0, "mixed", start, min(start + size, last))
        return
    rows = islice(open_rows(resolve(source)[0], file), first, last)
    while batch := tuple(islice(rows, size)):
        yield Chunk(source, batch)


def write_floor(problems: pa.Table, tokenizer: Tokenizer, path: Path) -> None:
    """The least that a text data set costs: ids of the texts, both in one Parquet file."""
    columns: dict[str, list[object]] = {}
    for name in ("question", "solution"):
        texts = problems.column(name).to_pylist()
        columns[name] = texts
        columns[f"{name}_ids"] = [tokenizer.encode(text).ids for text in texts]
    pq.write_table(pa.table(columns), path, compression="zstd")


def run_shard(
    out: Path, chunk: Chunk | GeneratedChunk, stages: list[tuple[Stage, Transform]], tokenizer: Tokenizer, clock: Clock
) -> None:
    """Make every part of one shard, as `run.shard` does, piece by piece."""
    store = Store(out)
    store.open()
    with clock.timed("collect"):
        parts: dict[str, PartRecord] = {PROBLEM: make_problems(out, chunk)}
    with clock.timed(FLOOR):
        write_floor(store.read(parts[PROBLEM]), tokenizer, out / "floor.parquet")
    for stage, transform in stages:
        records = {name: parts[name] for name in stage.inputs}
        with clock.timed(stage.name, f"{stage.name}/read"):
            wanted = {name: list(columns) for name, columns in stage.columns.items()}
            inputs = {name: store.read(record, wanted.get(name)) for name, record in records.items()}
        with clock.timed(stage.name, f"{stage.name}/transform"):
            outcome = transform(inputs)
        with clock.timed(stage.name, f"{stage.name}/validate"):
            made = checked(stage.name, stage.output, outcome, inputs[PROBLEM])
        with clock.timed(stage.name, f"{stage.name}/write"):
            key = stage.key([record.digest for record in records.values()])
            parts[stage.table] = store.write(stage.table, key, made.rows, made.rejected)


def report(clock: Clock, n_rows: int, stages: list[str]) -> None:
    """Print the table."""
    floor = clock.us(FLOOR, n_rows)
    total = sum(clock.us(name, n_rows) for name in ("collect", *stages))
    rows = [FLOOR, "collect"]
    for name in stages:
        rows += [name, *(f"{name}/{piece}" for piece in ("read", "transform", "validate", "write"))]
    for name in rows:
        us = clock.us(name, n_rows)
        label = f"    {name.split('/')[1]}" if "/" in name else name
        sys.stdout.write(f"{label:30}{us:10.1f} us/row{us / floor:8.2f} x floor\n")
    sys.stdout.write(f"{'all stages':30}{total:10.1f} us/row{total / floor:8.2f} x floor\n")


def main() -> None:
    """Run the passes and print their medians."""
    parser = argparse.ArgumentParser(description="Times the text path beside tokenising and writing alone.")
    parser.add_argument("file", nargs="?", type=Path, help="raw rows; SimpleOP rows without")
    parser.add_argument("--source", default="gsm8k", help="format of the file")
    parser.add_argument("--rows", type=int, default=1000)
    parser.add_argument("--passes", type=int, default=3)
    args = parser.parse_args()
    config = Config()
    config = replace(config, speak=replace(config.speak, tts="none"))
    tokenizer = load_tokenizer(config.interleave.tokenizer)
    with tempfile.TemporaryDirectory() as folder:
        stages = [(stage, load(stage, Desk(Path(folder)))) for stage in stages_of(config, UserStage.VERIFY)]
        clock = Clock()
        for number in range(args.passes + 1):
            chunks = list(chunks_of(args.file, args.source, args.rows, number, config.collect.shard_rows))
            if sum(chunk.n_rows for chunk in chunks) < args.rows:
                parser.error(f"{args.file} has too few rows for {args.passes} passes of {args.rows} after the first")
            clock.begin()
            for chunk in chunks:
                run_shard(Path(folder) / str(number), chunk, stages, tokenizer, clock)
    report(clock, args.rows, [stage.name for stage, _ in stages])


if __name__ == "__main__":
    main()
