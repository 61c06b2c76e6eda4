"""Time and check reading and speaking on a file of questions, beside cutting it into tokens alone.

    python tests/benchmarks/bench_spoken.py [QUESTIONS.jsonl [FIELD]]

One JSON object a line (or one JSON array); FIELD, "question" by default, may be several joined by "+". Without a file
2,000 SimpleOP questions are taken. Prints
microseconds a row (the best of three passes), and how many rows are refused, keep a sign, or state other
quantities when spoken. Exits 1 if any row keeps a sign, or more than 0.5% of the rows state other quantities.
"""

import json
import sys
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from pipeline.core.outcome import Unreadable
from pipeline.core.quantities import differ, read
from pipeline.core.speak import residue, speak
from pipeline.core.tokens import Tokens
from sources.simpleop import generate

PASSES = 3
MOST_CHANGED = 0.005


def rows(path: Path, field: str) -> list[str]:
    """The texts of a file; joined fields are divided by a blank."""
    raw = path.read_text(encoding="utf-8")
    records = json.loads(raw) if raw.lstrip().startswith("[") else map(json.loads, raw.splitlines())
    return [" ".join(str(record[name]) for name in field.split("+")) for record in records]


def microseconds(work: Callable[[str], object], texts: list[str]) -> float:
    """CPU time a text, the best of some passes."""
    best = float("inf")
    for _ in range(PASSES):
        start = time.process_time()
        for text in texts:
            work(text)
        best = min(best, time.process_time() - start)
    return best / len(texts) * 1e6


def outcome(text: str) -> str:
    """What becomes of a text: "same quantities", or what went wrong."""
    spoken = speak(text)
    if isinstance(spoken, Unreadable):
        return f"refused: {spoken.reason}"
    if residue(spoken) is not None:
        return "a sign is left"
    return "same quantities" if differ(read(text), read(spoken)) is None else "other quantities"


def main(arguments: list[str]) -> int:
    """Print the report; the exit status says whether the text may be built upon."""
    if arguments:
        texts = rows(Path(arguments[0]), arguments[1] if len(arguments) > 1 else "question")
    else:
        texts = [str(row["question"]) for row in generate(seed=0, start=0, stop=2000)]
    work: Callable[[str], object]
    for name, work in (("tokens", Tokens), ("read", read), ("speak", speak)):
        print(f"{name:>8} {microseconds(work, texts):8.1f} us a row")
    outcomes = Counter(map(outcome, texts))
    for name, count in outcomes.most_common():
        print(f"{count:>8} {100 * count / len(texts):7.2f}%  {name}")
    return int(outcomes["a sign is left"] > 0 or outcomes["other quantities"] > MOST_CHANGED * len(texts))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
