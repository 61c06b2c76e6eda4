"""Times claims, repair, interleaving and recheck beside tokenising alone, on one core.

    python tests/benchmarks/bench_drift.py [--rows N] [--build DIR]

Rows are made up but shaped like grade-school ones: three steps, some fifty spoken words; with --build they are a
build's own. It is processor time, so that a busy machine matters less; compare the ratios all the same. The line to
watch is "the whole step": half a millisecond a row is the aim, reading included.
"""

import argparse
import sys
import time
from collections.abc import Callable
from itertools import islice
from pathlib import Path
from typing import NamedTuple

from pipeline.backends.tokenizer import control_ids, load
from pipeline.backends.tokenizer.protocol import Tokenizer
from pipeline.core.claims import claims
from pipeline.core.equations import equations
from pipeline.core.interleaving import Interleaved, interleave_row, layout, recheck
from pipeline.core.numwords import cardinal
from pipeline.core.quantities import read
from pipeline.core.schedule import Schedule, deinterleave
from pipeline.core.steps import read_steps
from pipeline.evaluate.dataset import draft_of, open_dataset, published_rows


class Row(NamedTuple):
    """One made-up problem."""

    key: str
    question: str
    reasoning: str
    response: str


def make(n: int) -> Row:
    """The `n`-th row: every row has other numbers, so that no cache helps."""
    boxes, pens, lost, price = 3 + n % 17, 12 + n % 41, 5 + n % 23, 2 + n % 7
    total, left = boxes * pens, boxes * pens - lost
    money = left * price
    return Row(
        str(n),
        f"A shop buys {cardinal(boxes)} boxes with {cardinal(pens)} pens in each box. While they are unpacked, "
        f"{cardinal(lost)} of the pens turn out to be broken and are thrown away. Each of the others is sold "
        f"for {cardinal(price)} dollars. How much money does the shop take for all of them?",
        f"Pens in all boxes: {boxes} * {pens} = {total} pens\n"
        f"Pens that can be sold: {total} - {lost} = {left} pens\n"
        f"Money for them: {left} * {price} = ${money}\nAnswer: {money}.",
        f"Okay, let us work out how much money the shop takes. In all boxes there are {cardinal(total)} pens. "
        f"Without the broken ones, {cardinal(left)} pens can be sold. "
        f"So for all of them the shop takes {cardinal(money)} dollars.",
    )


def built(folder: Path, n: int, tokenizer: Tokenizer) -> list[Row]:
    """The first rows of a build, as they were before any schedule."""
    published = (row for piece in open_dataset(folder).published for row in published_rows(piece))
    drafts = (draft_of(row, tokenizer) for row in islice(published, n))
    return [Row(draft.id, draft.spoken_question, draft.reasoning, draft.response) for draft in drafts]


def timed(
    name: str,
    n_rows: int,
    work: Callable[[int], object],
    base_us: float | None = None,
    before: Callable[[int], object] = lambda k: k,
) -> float:
    """Microseconds a row of `work`, printed beside the base; what is done before it does not count.

    What was read earlier is forgotten first.
    """
    for remembered in (read, read_steps, equations, claims):
        remembered.cache_clear()
    spent_s = 0.0
    for k in range(n_rows):
        before(k)
        start = time.process_time()
        work(k)
        spent_s += time.process_time() - start
    each_us = spent_s / n_rows * 1e6
    ratio = "" if base_us is None else f"{each_us / base_us:8.1f} x tokenising"
    sys.stdout.write(f"{name:46}{each_us:8.1f} us{ratio}\n")
    return each_us


def main() -> None:
    """Run all of it once."""
    parser = argparse.ArgumentParser(description="Times the drift check beside tokenising alone.")
    parser.add_argument("--rows", type=int, default=2000)
    parser.add_argument("--build", type=Path)
    given = parser.parse_args()
    qwen = load("qwen2.5")
    rows = [make(n) for n in range(given.rows)] if given.build is None else built(given.build, given.rows, qwen)
    n = len(rows)
    how = layout(Schedule(2, 8), control_ids(qwen), qwen.encode, qwen.decode)

    base = timed("tokenise both texts", n, lambda k: [qwen.encode(text) for text in rows[k][2:]])

    def whole(k: int) -> object:
        key, question, reasoning, response = rows[k]
        return interleave_row(read(question), reasoning, response, how, key=key)

    timed("the whole step: read, claims, lay out, drift", n, whole, base)
    timed("read question", n, lambda k: read(rows[k].question), base)
    timed("read response", n, lambda k: read(rows[k].response), base)
    timed("read steps", n, lambda k: read_steps(rows[k].reasoning), base)
    asked = [read(row.question) for row in rows]

    def texts_read(k: int) -> object:
        return read(rows[k].response), read_steps(rows[k].reasoning)

    def claim(k: int) -> object:
        return claims(asked[k], rows[k].reasoning, rows[k].response)

    def lay_out(k: int) -> object:
        _, _, reasoning, response = rows[k]
        return interleave_row(asked[k], reasoning, response, how, key=str(k))

    timed("claims, texts read", n, claim, base, texts_read)
    timed("tokenise, claims, repair, interleave", n, lay_out, base, texts_read)
    made = [row for k in range(n) if isinstance(row := lay_out(k), Interleaved)]
    n = len(made)
    timed("deinterleave", n, lambda k: deinterleave(made[k].token_ids, made[k].streams, how.control), base)
    timed("recheck, reading both texts anew", n, lambda k: recheck(
        made[k].token_ids, made[k].streams, asked[k], how), base)  # fmt: skip


if __name__ == "__main__":
    main()
