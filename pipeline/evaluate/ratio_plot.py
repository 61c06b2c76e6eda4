"""The ratio table as a picture: one panel a question, one bar a schedule. It counts nothing."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Patch

from pipeline.core.ratio_figures import RatioFigures
from pipeline.store.atomic import write_atomic
from pipeline.store.place import Place

_COLORS = {"response_first": "#3b6ea5", "reasoning_first": "#d08c3c", None: "#4d8f5b"}
_NAMES = {"response_first": "response first", "reasoning_first": "reasoning first", None: "adaptive"}
_GREY = "#555555"
_DPI = 130


class _Panel(NamedTuple):
    title: str
    value: Callable[[RatioFigures], float]
    shown: str
    """Format of the figure at a bar's end."""


_PANELS = (
    _Panel("accepted rows, %", lambda line: 100 * line.accepted_share, "{:.1f}"),
    _Panel("repaired of accepted, %", lambda line: 100 * line.repaired_share, "{:.1f}"),
    _Panel("lead-in of repaired rows, tokens", lambda line: line.lead_in_tokens, "{:.1f}"),
    _Panel("pads of all tokens, %", lambda line: 100 * line.pad_share, "{:.1f}"),
    _Panel("first spoken token, s", lambda line: line.first_word_s, "{:.2f}"),
    _Panel("last spoken token, s", lambda line: line.last_word_s, "{:.2f}"),
    _Panel("rows with an underrun, %", lambda line: 100 * line.underrun_share, "{:.2f}"),
)


def write_plot(path: Place, lines: Sequence[RatioFigures], title: str) -> None:
    """Draw the lines as a PNG file.

    Raises:
        OSError: the file cannot be written.
    """
    figure = Figure(figsize=(15, 2.6 + 0.46 * len(lines)), layout="constrained")
    axes = figure.subplots(2, 4, sharey=True)
    for panel, axis in zip(_PANELS, axes.flat, strict=False):
        _bars(axis, panel, lines)
    _slacks(axes.flat[len(_PANELS)], lines)
    axes.flat[0].set_yticks(range(len(lines)), [line.ratio for line in lines])
    axes.flat[0].invert_yaxis()
    figure.suptitle(title)
    orders = dict.fromkeys(line.order for line in lines)
    handles = [Patch(color=_COLORS[order], label=_NAMES[order]) for order in orders]
    figure.legend(handles=handles, loc="outside lower center", ncols=len(handles), frameon=False)
    write_atomic(path, lambda temp: figure.savefig(temp, format="png", dpi=_DPI))


def _bars(axis: Axes, panel: _Panel, lines: Sequence[RatioFigures]) -> None:
    values = [panel.value(line) for line in lines]
    bars = axis.barh(range(len(lines)), values, color=[_COLORS[line.order] for line in lines])
    axis.bar_label(bars, labels=[panel.shown.format(value) for value in values], padding=3, fontsize=8)
    axis.set_xlim(0, 1.2 * max(values) or 1)
    _dress(axis, panel.title)


def _slacks(axis: Axes, lines: Sequence[RatioFigures]) -> None:
    """A bar from the first to the third quartile, a line from the 1st to the 99th percentile, a tick at the median."""
    for y, line in enumerate(lines):
        if not line.slack:
            continue
        color = _COLORS[line.order]
        axis.hlines(y, line.slack[1], line.slack[99], color=color, linewidth=1.2)
        axis.barh(y, line.slack[75] - line.slack[25], left=line.slack[25], color=color)
        axis.plot([line.slack[50]] * 2, [y - 0.4, y + 0.4], color="white", linewidth=1.6)
        axis.annotate(str(line.slack[1]), (line.slack[1], y), (-4, 0), textcoords="offset points", ha="right",
                      va="center", fontsize=8)  # fmt: skip
    axis.axvline(0, color=_GREY, linewidth=0.8)
    axis.margins(x=0.12)
    _dress(axis, "slack, tokens: p1, p25-p75, p99")


def _dress(axis: Axes, title: str) -> None:
    axis.set_title(title, fontsize=10, loc="left")
    axis.spines[["top", "right"]].set_visible(False)
    axis.tick_params(length=0, labelsize=8, colors=_GREY)
