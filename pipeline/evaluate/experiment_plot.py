"""The experiment's table as a picture: one panel a figure, one bar an arm, a dot a seed. It measures nothing."""

from collections.abc import Sequence
from pathlib import Path

from matplotlib.axes import Axes
from matplotlib.figure import Figure as Canvas

from pipeline.evaluate.experiment_run import RunResult
from pipeline.evaluate.experiment_table import FIGURES, Figure, cells, interval
from pipeline.store.atomic import write_atomic

_BAR, _GREY = "#3b6ea5", "#555555"
_DPI = 130


def write_plot(path: Path, results: Sequence[RunResult], title: str) -> None:
    """Draw the runs as a PNG file.

    Raises:
        OSError: the file cannot be written.
    """
    grouped = cells(results)
    canvas = Canvas(figsize=(13, 2.4 + 0.7 * len(grouped)), layout="constrained")
    axes = canvas.subplots(2, 3, sharey=True)
    for figure, axis in zip(FIGURES, axes.flat, strict=True):
        _bars(axis, figure, list(grouped.values()))
    several = len({budget for budget, _ in grouped}) > 1
    names = [f"{arm}, equal {budget}" if several else arm for budget, arm in grouped]
    axes.flat[0].set_yticks(range(len(names)), names)
    axes.flat[0].invert_yaxis()
    canvas.suptitle(title)
    write_atomic(path, lambda temp: canvas.savefig(temp, format="png", dpi=_DPI))


def _bars(axis: Axes, figure: Figure, groups: Sequence[Sequence[RunResult]]) -> None:
    for y, runs in enumerate(groups):
        found = interval(runs, figure)
        if found is None:
            continue
        axis.barh(y, found.mean, color=_BAR, alpha=0.75)
        values = [value for run in runs if (value := figure.value(run)) is not None]
        axis.plot(values, [y] * len(values), "o", color=_GREY, markersize=3)
        axis.annotate(figure.shown.format(found.mean), (found.most, y), (5, 0), textcoords="offset points",
                      va="center", fontsize=8)  # fmt: skip
    axis.margins(x=0.2)
    axis.set_xlim(left=0)
    axis.set_title(figure.title, fontsize=10, loc="left")
    axis.spines[["top", "right"]].set_visible(False)
    axis.tick_params(length=0, labelsize=8, colors=_GREY)
