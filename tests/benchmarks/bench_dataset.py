"""Rows a second of `load_dataset`, streamed and mapped, beside reading the same Parquet columns with pyarrow alone.

    python tests/benchmarks/bench_dataset.py [DIR] [--rows N] [--passes N]

DIR is a finished build; without one a text-only data set is built from SimpleOP. Audio is not read. Medians over the
passes are shown; on a shared machine only their ratios mean anything.
"""

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from statistics import median

LEAST_ROWS_PER_S = 1000


def arrow_rows(folder: Path, columns: list[str]) -> int:
    """The floor: the same files and columns to Python rows, through pyarrow alone."""
    import pyarrow.parquet as pq

    n_rows = 0
    for path in sorted((folder / "data").glob("train-*.parquet")):
        with pq.ParquetFile(path) as file:
            for batch in file.iter_batches(columns=columns, batch_size=1000):
                n_rows += len(batch.to_pylist())
    return n_rows


def readers(folder: Path) -> Iterator[tuple[str, Callable[[], int]]]:
    """What is timed, by name; the data set is loaded once before, so that the copy that `datasets` makes is not."""
    import datasets

    datasets.disable_progress_bars()
    mapped = datasets.load_dataset(str(folder), "text", split="train")
    columns = mapped.column_names
    yield "pyarrow", lambda: arrow_rows(folder, columns)
    yield "load_dataset", lambda: sum(1 for _ in mapped)
    streamed = datasets.load_dataset(str(folder), "text", split="train", streaming=True)
    yield "streaming=True", lambda: sum(1 for _ in streamed)


def main() -> int:
    """Print the table; exit 1 when a reader is slower than the data set promises."""
    parser = argparse.ArgumentParser(description="Times readers of a published data set.")
    parser.add_argument("directory", nargs="?", type=Path, help="a finished build; SimpleOP without")
    parser.add_argument("--rows", type=int, default=2000)
    parser.add_argument("--passes", type=int, default=3)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        os.environ["HF_HOME"] = scratch
        directory = args.directory or _simpleop(Path(scratch) / "build", args.rows)
        return report(dict(readers(directory / "dataset")), args.passes)


def report(timed: dict[str, Callable[[], int]], passes: int) -> int:
    """Time the readers in turn, pass by pass, and print medians."""
    seconds: dict[str, list[float]] = {name: [] for name in timed}
    n_rows = 0
    for _ in range(passes):
        for name, read in timed.items():
            started = time.perf_counter()
            n_rows = read()
            seconds[name].append(time.perf_counter() - started)
    floor = median(seconds["pyarrow"])
    slowest = 0.0
    for name, taken in seconds.items():
        s = median(taken)
        slowest = max(slowest, s)
        sys.stdout.write(f"{name:16}{n_rows / s:12,.0f} rows/s{s / floor:8.2f} x pyarrow\n")
    return int(n_rows / slowest < LEAST_ROWS_PER_S)


def _simpleop(out: Path, n_rows: int) -> Path:
    from tests.serial import built

    return built(out, "--source", "simpleop", "--rows", n_rows, "--tts", "none", "--asr", "none")


if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parents[2]))
    sys.exit(main())
