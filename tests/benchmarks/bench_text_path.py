"""What the text path costs a row, stage by stage, beside the least it could cost: tokenising and writing the same text.

    python tests/benchmarks/bench_text_path.py [FILE --source gsm8k] [--rows N] [--passes N]

Without a file it takes generated SimpleOP rows. Each stage runs as in a worker (read its parts, transform, validate,
write) on one core, its own parts shown below it. The floor tokenises question and solution with tiktoken and writes
the texts and their ids with pyarrow. Passes go round all of it by turns and the median counts. Times are CPU times
after a first pass that loads engines: absolutes depend on the machine, compare the ratios.
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
from pipeline.run.shard import PROBLEM, Job, make_part, make_problems
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

    @contextmanager
    def timed(self, name: str) -> Iterator[None]:
        """Keep what the body took."""
        start = time.process_time()
        yield
        self.samples_s[name].append(time.process_time() - start)

    def us(self, name: str, rows: int) -> float:
        """Median microseconds a row."""
        return statistics.median(self.samples_s[name]) / rows * 1e6


def chunk_of(file: Path | None, source: str, n_rows: int) -> Chunk | GeneratedChunk:
    """The first rows of a file, or so many generated ones."""
    if file is None:
        return GeneratedChunk(simpleop.NAME, simpleop.VERSION, 0, "mixed", 0, n_rows)
    return Chunk(source, tuple(islice(open_rows(resolve(source)[0], file), n_rows)))


def write_floor(problems: pa.Table, tokenizer: Tokenizer, path: Path) -> None:
    """The least that a text data set costs: ids of the texts, both in one Parquet file."""
    columns: dict[str, list[object]] = {}
    for name in ("question", "solution"):
        texts = problems.column(name).to_pylist()
        columns[name] = texts
        columns[f"{name}_ids"] = [tokenizer.encode(text).ids for text in texts]
    pq.write_table(pa.table(columns), path, compression="zstd")


def run_pass(
    out: Path, chunk: Chunk | GeneratedChunk, stages: list[tuple[Stage, Transform]], tokenizer: Tokenizer, clock: Clock
) -> None:
    """Make every part once, then each stage's pieces of work once more, one by one."""
    store = Store(out)
    store.open()
    with clock.timed("collect"):
        parts: dict[str, PartRecord] = {PROBLEM: make_problems(out, chunk)}
    with clock.timed(FLOOR):
        write_floor(store.read(parts[PROBLEM]), tokenizer, out / "floor.parquet")
    for stage, transform in stages:
        records = {name: parts[name] for name in stage.inputs}
        job = Job(stage.key([record.digest for record in records.values()]), records)
        with clock.timed(stage.name):
            parts[stage.table] = make_part(out, stage, transform, job)
        with clock.timed(f"{stage.name}/read"):
            inputs = {name: store.read(record) for name, record in records.items()}
        with clock.timed(f"{stage.name}/transform"):
            outcome = transform(inputs)
        with clock.timed(f"{stage.name}/validate"):
            made = checked(stage.name, stage.output, outcome, inputs[PROBLEM])
        with clock.timed(f"{stage.name}/write"):
            store.write(stage.table, job.key, made.rows, made.rejected)


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
    chunk = chunk_of(args.file, args.source, args.rows)
    config = Config()
    config = replace(config, speak=replace(config.speak, tts="none"))
    tokenizer = load_tokenizer(config.interleave.tokenizer)
    with tempfile.TemporaryDirectory() as folder:
        stages = [(stage, load(stage, Desk(Path(folder)))) for stage in stages_of(config, UserStage.VERIFY)]
        clock = Clock()
        for number in range(args.passes + 1):
            if number == 1:
                clock = Clock()
            run_pass(Path(folder) / str(number), chunk, stages, tokenizer, clock)
    report(clock, chunk.n_rows, [stage.name for stage, _ in stages])


if __name__ == "__main__":
    main()
