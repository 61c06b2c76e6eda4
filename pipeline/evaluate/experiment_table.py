"""The experiment's table, as Markdown and CSV, with intervals over seeds. It measures nothing."""

import csv
import io
from collections.abc import Callable, Sequence
from dataclasses import asdict, fields
from typing import NamedTuple

from pipeline.evaluate.arms import Arms
from pipeline.evaluate.experiment_run import RunResult


class Interval(NamedTuple):
    """A figure over the seeds of an arm."""

    mean: float
    least: float
    most: float


class Figure(NamedTuple):
    """One column."""

    title: str
    value: Callable[[RunResult], float | None]
    shown: str
    """Format of a value."""


FIGURES = (
    Figure("accuracy", lambda run: run.accuracy, "{:.1%}"),
    Figure("words", lambda run: run.words, "{:.1f}"),
    Figure("tokens before first", lambda run: run.first, "{:.1f}"),
    Figure("tokens before last", lambda run: run.last, "{:.1f}"),
    Figure("drift", lambda run: run.drift, "{:.1%}"),
    Figure("not ended", lambda run: run.unended, "{:.1%}"),
)


def cells(results: Sequence[RunResult]) -> dict[tuple[str, str], list[RunResult]]:
    """Runs by budget and arm, in the order of the grid."""
    made: dict[tuple[str, str], list[RunResult]] = {}
    for result in results:
        made.setdefault((result.budget, result.arm), []).append(result)
    return made


def interval(runs: Sequence[RunResult], figure: Figure) -> Interval | None:
    """Mean and range over seeds; None where a figure has no meaning for the arm."""
    values = [value for run in runs if (value := figure.value(run)) is not None]
    return Interval(sum(values) / len(values), min(values), max(values)) if values else None


def said(found: Interval | None, figure: Figure) -> str:
    """An interval as the table has it: mean, and the least and most of the seeds."""
    if found is None:
        return ""
    mean, least, most = (figure.shown.format(value) for value in found)
    return mean if least == most else f"{mean} ({least} to {most})"


def to_markdown(results: Sequence[RunResult], arms: Arms) -> str:
    """A line per budget and arm: mean over seeds, least and most behind it."""
    titles = ["arm", "equal", "steps", "drift in training", *(figure.title for figure in FIGURES)]
    lines = [titles, ["---", "---", *("---:" for _ in titles[2:])]]
    for (budget, arm), runs in cells(results).items():
        trained = f"{arms.facts[arm].drift_share:.1%}" if runs[0].drift is not None else ""
        shown = [said(interval(runs, figure), figure) for figure in FIGURES]
        lines.append([arm, budget, str(runs[0].steps), trained, *shown])
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def to_csv(results: Sequence[RunResult]) -> str:
    """One line a run."""
    out = io.StringIO()
    writer = csv.DictWriter(out, [field.name for field in fields(RunResult)], lineterminator="\n")
    writer.writeheader()
    for result in results:
        writer.writerow({name: "" if value is None else value for name, value in asdict(result).items()})
    return out.getvalue()
