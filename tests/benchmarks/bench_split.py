"""What the rules make of solutions: how many are accepted, how long reasoning and response are, how varied they sound.

    python tests/benchmarks/bench_split.py [FILE --source gsm8k|metamath|orca_math|math] [--rows N]

Without a file it takes generated SimpleOP rows. `math` is the MATH data set's own format ({"problem", "solution"} with
a boxed answer), which is no source of this project and stands for MetaMath's half of it. Prints the accepted share
with and without the questions that need a figure, the reasons of the others, and percentiles of R:O and of the
response's words, both by the count that needs no tokenizer.
"""

import argparse
import json
import sys
from collections import Counter
from collections.abc import Iterator, Mapping
from itertools import islice
from pathlib import Path

from pipeline.core.answer import Answer, Convention, extract
from pipeline.core.canonical import boxed
from pipeline.core.count import count, words
from pipeline.core.gates import Limits, check
from pipeline.core.outcome import Unreadable
from pipeline.core.speak import speak
from pipeline.core.split import Split, split
from pipeline.core.steps import read_steps
from pipeline.errors import Reason
from sources import simpleop
from sources.reading import open_rows
from sources.registry import resolve
from sources.source import Source

PERCENTILES = (5, 25, 50, 75, 95)
OPENING_WORDS = 3
STEPS_TOLD = 2
"""From so many steps on a response that states the answer alone is thin."""
Row = tuple[str, str, Convention]
"""Question, solution, convention."""


def math_row(raw: Mapping[str, str]) -> Row:
    """A row of the MATH data set with its boxed answer where MetaMath has it."""
    answer = boxed(raw["solution"]) or ""
    return raw["problem"], f"{raw['solution']}\nThe answer is: {answer}", Convention.METAMATH


def rows(file: Path | None, source: str) -> Iterator[Row]:
    """The rows of a file, or generated ones."""
    if file is None:
        for raw in simpleop.generate(seed=0, start=0, stop=simpleop.PERIOD * 10):
            yield str(raw["question"]), str(raw["solution"]), Convention.SIMPLEOP
    elif source == "math":
        yield from map(math_row, map(json.loads, file.read_text(encoding="utf-8").splitlines()))
    else:
        yield from _parsed(file, resolve(source)[0])


def _parsed(file: Path, source: Source) -> Iterator[Row]:
    for raw in open_rows(source, file):
        problem = source.parse(raw.raw, str(raw.index)) if raw.raw is not None else None
        if problem is not None and not isinstance(problem, Unreadable):
            yield problem.question, problem.solution, source.convention


def rewritten(row: Row, key: str) -> Split | Unreadable:
    """A row's two texts, or the first reason against them."""
    question, solution, convention = row
    spoken = speak(question)
    answer = extract(solution, convention, question)
    if isinstance(spoken, Unreadable):
        return spoken
    if not isinstance(answer, Answer):
        return answer
    parts = split(question, solution, answer, convention, key, heard=spoken)
    if isinstance(parts, Unreadable):
        return parts
    return check(question, spoken, parts.reasoning, parts.response, answer, Limits()) or parts


def percentiles(values: list[float]) -> str:
    """Some percentiles on one line."""
    ordered = sorted(values)
    return "".join(f"{ordered[min(len(ordered) - 1, len(ordered) * at // 100)]:8.2f}" for at in PERCENTILES)


def report(results: list[Split | Unreadable]) -> None:
    """Print the table."""
    made = [result for result in results if isinstance(result, Split)]
    reasons = Counter(result.reason for result in results if isinstance(result, Unreadable))
    readable = len(results) - reasons[Reason.NEEDS_FIGURE]
    print(f"accepted {len(made)} of {len(results)}: {100 * len(made) / len(results):.2f}%")
    if readable < len(results):
        print(f"accepted {len(made)} of {readable} that need no figure: {100 * len(made) / readable:.2f}%")
    for reason, n in reasons.most_common():
        print(f"{n:>8}  {reason}")
    print(f"{'percentile':16}" + "".join(f"{at:8d}" for at in PERCENTILES))
    print(f"{'R:O':16}{percentiles([count(parts.reasoning) / count(parts.response) for parts in made])}")
    print(f"{'response words':16}{percentiles([words(parts.response) for parts in made])}")
    openings = Counter(" ".join(parts.response.split()[:OPENING_WORDS]) for parts in made)
    opening, n = openings.most_common(1)[0]
    print(f"most frequent opening: {opening!r}, {100 * n / len(made):.1f}%")
    thin = sum(
        parts.response.count(". ") < STEPS_TOLD and len(read_steps(parts.reasoning)) >= STEPS_TOLD for parts in made
    )
    print(f"several steps and only the answer said: {100 * thin / len(made):.1f}%")


def main() -> int:
    """Run over the rows; exit status 1 where none is accepted."""
    parser = argparse.ArgumentParser(description="Reports what the rules make of solutions.")
    parser.add_argument("file", nargs="?", type=Path, help="raw rows; SimpleOP rows without")
    parser.add_argument("--source", default="gsm8k", help="format of the file, or math")
    parser.add_argument("--rows", type=int, default=5000)
    args = parser.parse_args()
    results = [rewritten(row, str(at)) for at, row in enumerate(islice(rows(args.file, args.source), args.rows))]
    if not any(isinstance(result, Split) for result in results):
        print("no row was accepted")
        return 1
    report(results)
    return 0


if __name__ == "__main__":
    sys.exit(main())
