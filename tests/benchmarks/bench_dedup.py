"""Near-duplicate search and decontamination on generated problems with planted copies, and what they cost.

    python -m tests.benchmarks.bench_dedup [--rows N]... [--items FILE --problems FILE]

* Search: for every N a store of N problems is made, each sketched as a worker does it; then a process of its own
  joins families as a build's driver does. Its peak memory is shown beside the number of rows: what grows with them is
  the driver's share a row. The last columns say which planted copies were found and what else was joined.
* Libraries: signatures by rensa and, where it is installed, datasketch: time, error, and what an index of all
  signatures in memory would hold.
* Decontamination: every original is an item; which planted edits of it are found, and whether other problems are.
* Sums: generated arithmetic against short sums, of which it cannot but hold some.
* With --items and --problems, the same on files: rows found and rows only worded alike.

Times are CPU times of one core; the machine may be shared: compare within one run.
"""

import argparse
import json
import random
import resource
import subprocess
import sys
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from rensa import RMinHash, RMinHashLSH

from pipeline.config_screen import DecontaminateConfig, Dedup, DedupConfig
from pipeline.core import fingerprint
from pipeline.core.contamination import Items, Kind, Match
from pipeline.core.fingerprint import digest
from pipeline.core.wording import wording
from pipeline.run.lanes import Lane
from pipeline.run.screening import take_out
from pipeline.run.shard import PROBLEM
from pipeline.stages import sketch
from pipeline.stages.stage import FAMILY, checked
from pipeline.store.parts import PartRecord, Store
from schemas.problem import ProblemTable
from schemas.rejected import RejectedTable
from schemas.rows import Problem
from schemas.table import arrow_schema, to_table
from sources import simpleop
from sources.evaluation import read_set
from tests.benchmarks.planted import EDITS, EVERY, OTHER_PROBLEMS, original, problem

SHARD_ROWS = 2_000
SEED = 0
SIGNATURES = 20_000
ORIGINALS = 1_000
SHORT_SUMS, LONG_SUMS, GENERATED = 100, 173, 20_000
KEPT, STRANGE, ANOTHER = "kept", "taken for another item", "another problem"
_PERMUTATIONS = sketch.BANDS * sketch.BAND_ROWS
_MB = 1_000_000


def main() -> None:
    """Run what the flags ask for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, nargs="*", default=[10_000, 100_000], help="Problems to search.")
    parser.add_argument("--items", type=Path, help="An evaluation set.")
    parser.add_argument("--problems", type=Path, help="Problems to compare with it.")
    parser.add_argument("--join", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.join:
        print(json.dumps(joined(given.join)))
        return
    search(given.rows)
    libraries()
    decontamination()
    sums()
    if given.items and given.problems:
        files(given.items, given.problems)


def search(sizes: list[int]) -> None:
    """Sketch and join stores of these sizes."""
    print("| rows | sketch rows/s | join rows/s | driver's peak MB | bytes for each row more | disk bytes a row |")
    print("|---|---|---|---|---|---|")
    peak, before = 0.0, 0
    for n_rows in [0, *sizes]:
        with tempfile.TemporaryDirectory() as folder:
            took_s, size = sketched(Path(folder), n_rows)
            command = [sys.executable, "-m", "tests.benchmarks.bench_dedup", "--join", folder]
            found = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
        if n_rows:
            rates = f"{n_rows / took_s:,.0f} | {n_rows / found['seconds']:,.0f}"
            more = f"{(found['peak'] - peak) / (n_rows - before):,.0f}"
            print(f"| {n_rows:,} | {rates} | {found['peak'] / _MB:.0f} | {more} | {size / n_rows:.0f} |", flush=True)
        else:
            print(f"| 0 | | | {found['peak'] / _MB:.0f} | | |")
        peak, before = found["peak"], n_rows
    print("\nPlanted copies that were joined to their original, in the last of these:\n")
    print("| edit | planted | joined |\n|---|---|---|")
    for edit in EDITS:
        print(f"| {edit} | {found['planted'].get(edit, 0):,} | {found['joined'].get(edit, 0):,} |")
    print(f"\nfamilies joined that were not planted: {found['strange']} of {found['families']:,}\n")


def sketched(folder: Path, n_rows: int) -> tuple[float, int]:
    """Fill a store with problems and their sketches; CPU seconds of the sketches and their bytes."""
    store = Store(folder)
    store.open()
    stage = sketch.stage(frozenset({"orca_math"}))
    took_s, size = 0.0, 0
    records: list[tuple[str, str]] = []
    for start in range(0, n_rows, SHARD_ROWS):
        numbers = range(start, min(start + SHARD_ROWS, n_rows))
        problems = store.write(PROBLEM, digest(["bench", start]), table_of(numbers), _no_rejected())
        rows = store.read(problems)
        started = time.process_time()
        made = checked(stage.name, stage.output, sketch.sketch_all({PROBLEM: rows}))
        took_s += time.process_time() - started
        record = store.write(stage.table, stage.key([problems.digest]), made.rows, made.rejected)
        size += record.size
        records.append((problems.key, record.key))
    (folder / "shards.json").write_text(json.dumps(records))
    return took_s, size


def _no_rejected() -> pa.Table:
    return arrow_schema(RejectedTable).empty_table()


def table_of(numbers: range) -> pa.Table:
    """Generated problems as stage collect makes them."""
    return to_table(ProblemTable, [_problem(number, problem(SEED, number).question) for number in numbers])


def _problem(number: int, question: str) -> Problem:
    return Problem(
        id=digest(number),
        source="orca_math",
        subset="",
        source_id=str(number),
        family=fingerprint.family(question),
        license="CC0-1.0",
        original_question=None,
        question=question,
        solution="?",
        answer="",
        answer_value="0",
        answer_kind="number",
        duplicate_key=digest(["key", number]),
    )


def joined(folder: Path) -> dict[str, Any]:
    """What a driver does with the sketches of a store, in a process that does nothing else."""
    store = Store(folder)
    lanes = list(_lanes(store, json.loads((folder / "shards.json").read_text())))
    started = time.process_time()
    figures = take_out(store, lanes, DedupConfig(Dedup.NEAR))
    seconds = time.process_time() - started
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    planted, found, strange = _told(store, lanes)
    return {
        "seconds": seconds,
        "peak": peak,
        "families": figures["joined"],
        "planted": planted,
        "joined": found,
        "strange": strange,
    }


def _lanes(store: Store, keys: list[tuple[str, str]]) -> Iterator[Lane]:
    for problem_key, sketch_key in keys:
        problems, sketches = _found(store, PROBLEM, problem_key), _found(store, sketch.TABLE, sketch_key)
        yield Lane("orca_math", problems.rows, problems, parts={PROBLEM: problems, sketch.TABLE: sketches})


def _found(store: Store, table: str, key: str) -> PartRecord:
    record = store.find(table, key)
    if record is None:
        raise ValueError(f"{table} {key}: not in the store")
    return record


def _told(store: Store, lanes: list[Lane]) -> tuple[Counter[str], Counter[str], int]:
    """Planted copies by edit, those that have their original's family, and joined rows that nobody planted."""
    planted: Counter[str] = Counter()
    found: Counter[str] = Counter()
    strange = 0
    for lane in lanes:
        refused = store.read_rejected(lane.parts[FAMILY]) if FAMILY in lane.parts else None
        gone = {} if refused is None else {row["source_id"]: row["detail"] for row in refused.to_pylist()}
        whole = lane.whole.get(PROBLEM, lane.parts[PROBLEM])
        for number in map(int, store.read(whole, ["source_id"]).column("source_id").to_pylist()):
            edit = problem(SEED, number).edit
            planted[edit] += 1
            survivor = gone.get(str(number))
            found[edit] += survivor == digest(number - 1)
            strange += survivor is not None and (not edit or survivor != digest(number - 1))
    return planted, found, strange


def libraries() -> None:
    """Signatures of the same word pairs by each library."""
    shingles = [sorted(wording(original(SEED, number)).shingles) for number in range(SIGNATURES)]
    started = time.process_time()
    matrix = RMinHash.digest_matrix_from_token_sets(shingles, num_perm=_PERMUTATIONS, seed=1)
    rensa_us = 1e6 * (time.process_time() - started) / SIGNATURES
    signatures = np.array(matrix.to_rows(), np.uint32)
    before = _resident()
    index = RMinHashLSH(threshold=0.7, num_perm=_PERMUTATIONS, num_bands=sketch.BANDS)
    index.insert_matrix(matrix)
    held = (_resident() - before) / SIGNATURES
    print("| library | us a row | error of the similarity | index in memory, bytes a row |\n|---|---|---|---|")
    print(f"| rensa | {rensa_us:.1f} | {_error(shingles, signatures):.3f} | {held:.0f} |")
    try:
        from datasketch import MinHash, MinHashLSH
    except ImportError:
        print("| datasketch | not installed | | |\n")
        return
    encoded = [[shingle.encode() for shingle in one] for one in shingles]
    started = time.process_time()
    hashes = MinHash.bulk(encoded, num_perm=_PERMUTATIONS, seed=1)
    us = 1e6 * (time.process_time() - started) / SIGNATURES
    before = _resident()
    other = MinHashLSH(num_perm=_PERMUTATIONS, params=(sketch.BANDS, _PERMUTATIONS // sketch.BANDS))
    for number, one in enumerate(hashes):
        other.insert(number, one)
    held = (_resident() - before) / SIGNATURES
    values = np.array([one.hashvalues for one in hashes])
    print(f"| datasketch | {us:.1f} | {_error(shingles, values):.3f} | {held:.0f} |\n")


def _resident() -> int:
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * resource.getpagesize()


def _error(shingles: list[list[str]], signatures: Any) -> float:  # noqa: ANN401 - any array
    """Root mean square error of the similarity over pairs of a text and one that shares some of its word pairs."""
    errors = []
    for one in range(0, SIGNATURES - 1, 2):
        a, b = set(shingles[one]), set(shingles[one + 1])
        errors.append(float((signatures[one] == signatures[one + 1]).mean()) - len(a & b) / len(a | b))
    return float(np.sqrt(np.mean(np.square(errors))))


def decontamination() -> None:
    """Originals as items, and every edit of each as a problem."""
    how = DecontaminateConfig()
    texts = [original(SEED, number) for number in range(0, ORIGINALS * EVERY, EVERY)]
    started = time.process_time()
    items = Items([wording(text) for text in texts], how.ngram, how.share)
    indexed_us = 1e6 * (time.process_time() - started) / ORIGINALS
    outcomes: dict[str, Counter[str]] = defaultdict(Counter)
    rows = 0
    started = time.process_time()
    for number, text in enumerate(texts):
        edits = {name: edit(text, random.Random(f"{name} {number}")) for name, edit in EDITS.items()}
        for name, changed in {"unchanged": text, **edits, ANOTHER: original(SEED + 1, number)}.items():
            match = items.match(wording(changed))
            outcomes[name][_outcome(match, number)] += 1
            rows += 1
    us = 1e6 * (time.process_time() - started) / rows
    print(f"{ORIGINALS} items, {how.ngram} words in a row, {how.share:.0%} of the words: {us:.0f} us a problem, ")
    print(f"{indexed_us:.0f} us an item to read\n")
    print("| problem | removed: same | removed: ngram | kept: worded alike | kept | taken for another item |")
    print("|---|---|---|---|---|---|")
    for name, found in outcomes.items():
        cells = [found[kind] for kind in (Kind.SAME, Kind.NGRAM, Kind.TEMPLATE, KEPT, STRANGE)]
        print(f"| {name} | {' | '.join(map(str, cells))} |")
    copies = [name for name in outcomes if name not in (*OTHER_PROBLEMS, ANOTHER)]
    hits = {name: found[Kind.SAME] + found[Kind.NGRAM] for name, found in outcomes.items()}
    right = sum(hits[name] for name in copies)
    wrong = hits["one number changed"] + hits[ANOTHER] + sum(found[STRANGE] for found in outcomes.values())
    print(f"\nprecision {right / (right + wrong):.4f}, recall {right / (ORIGINALS * len(copies)):.4f}; neither counts")
    print("another question about an item's story with all of its numbers, which is removed on purpose\n")


def _outcome(match: Match | None, number: int) -> str:
    if match is None:
        return KEPT
    return match.kind if match.kind is Kind.TEMPLATE or match.item == number else STRANGE


def sums() -> None:
    """Generated arithmetic against short and long sums in the manner of spoken arithmetic sets."""
    how = DecontaminateConfig()
    dice = random.Random(SEED)
    forms = ("What is {} plus {}?", "What is {} minus {}?", "What is {} times {}?", "What is {} divided by {}?")
    digits = [10] * SHORT_SUMS + [100_000] * LONG_SUMS
    texts = [dice.choice(forms).format(dice.randrange(1, most), dice.randrange(1, most)) for most in digits]
    items = Items([wording(text) for text in texts], how.ngram, how.share)
    matches = (items.match(wording(str(row["question"]))) for row in simpleop.generate(SEED, 0, GENERATED))
    found = Counter("none" if match is None else match.kind.value for match in matches)
    print(f"{GENERATED:,} SimpleOP rows against {SHORT_SUMS} short and {LONG_SUMS} long sums: {dict(found)}\n")


def files(items_file: Path, problems_file: Path) -> None:
    """An evaluation set against a file of problems."""
    how = DecontaminateConfig()
    against, problems = read_set("items", items_file), read_set("problems", problems_file)
    items = Items([wording(text) for text in against.questions], how.ngram, how.share)
    started = time.process_time()
    found = Counter(
        "none" if match is None else match.kind.value
        for match in (items.match(wording(text)) for text in problems.questions)
    )
    us = 1e6 * (time.process_time() - started) / len(problems.questions)
    told = f"{len(problems.questions):,} problems against {len(against.questions):,} items"
    print(f"{told}, {us:.0f} us a problem: {dict(found)}")


if __name__ == "__main__":
    main()
