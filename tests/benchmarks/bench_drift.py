"""Times claims, repair, interleaving and recheck beside tokenising alone, on one core.

    python tests/benchmarks/bench_drift.py [--rows N]

Rows are made up but shaped like grade-school ones: three steps, some fifty spoken words. Absolute times depend
on the machine; compare the ratios.
"""

import argparse
import sys
import time
from collections.abc import Callable
from typing import NamedTuple

from pipeline.backends.tokenizer import control_ids, load
from pipeline.core.claims import claims
from pipeline.core.interleaving import Interleaved, interleave_row, layout, recheck
from pipeline.core.numwords import cardinal
from pipeline.core.quantities import read
from pipeline.core.schedule import Schedule, deinterleave
from pipeline.core.steps import read_steps


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


def timed(name: str, n_rows: int, work: Callable[[int], object], base_us: float | None = None) -> float:
    """Microseconds a row of `work`, printed beside the base."""
    start = time.perf_counter()
    for k in range(n_rows):
        work(k)
    each_us = (time.perf_counter() - start) / n_rows * 1e6
    ratio = "" if base_us is None else f"{each_us / base_us:8.1f} x tokenising"
    sys.stdout.write(f"{name:44}{each_us:8.1f} us{ratio}\n")
    return each_us


def main() -> None:
    """Run all of it once."""
    parser = argparse.ArgumentParser(description="Times the drift check beside tokenising alone.")
    parser.add_argument("--rows", type=int, default=2000)
    rows = [make(n) for n in range(parser.parse_args().rows)]
    n = len(rows)
    qwen = load("qwen2.5")
    how = layout(Schedule(2, 8), control_ids(qwen), qwen.encode, qwen.decode)

    base = timed("tokenise both texts", n, lambda k: [qwen.encode(text) for text in rows[k][2:]])
    timed("read question", n, lambda k: read(rows[k].question), base)
    timed("read response", n, lambda k: read(rows[k].response), base)
    timed("read steps", n, lambda k: read_steps(rows[k].reasoning), base)
    asked = [read(row.question) for row in rows]
    said = [read(row.response) for row in rows]
    steps = [read_steps(row.reasoning) for row in rows]

    def claim(k: int) -> object:
        return claims(asked[k], rows[k].reasoning, rows[k].response, steps[k], said[k])

    def lay_out(k: int) -> object:
        _, _, reasoning, response = rows[k]
        return interleave_row(
            asked[k], reasoning, response, how, key=str(k), steps=steps[k], response_quantities=said[k]
        )

    timed("claims, texts read", n, claim, base)
    timed("tokenise, claims, repair, interleave", n, lay_out, base)
    made = [row for k in range(n) if isinstance(row := lay_out(k), Interleaved)]
    n = len(made)
    timed("deinterleave", n, lambda k: deinterleave(made[k].token_ids, made[k].streams, how.control), base)
    timed("recheck, reading both texts anew", n, lambda k: recheck(
        made[k].token_ids, made[k].streams, asked[k], how), base)  # fmt: skip


if __name__ == "__main__":
    main()
