"""The closing plot of a training run, from its log: losses by stream, and speed. It counts nothing."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from pipeline.store.atomic import write_atomic
from pipeline.train.journal import LOG, logged

_COLORS = {
    "loss_response": "#3b6ea5",
    "loss_reasoning": "#d08c3c",
    "loss_switch": "#4d8f5b",
    "loss_codes": "#8c5a9e",
    "loss_clock": "#b5483f",
}
_GREY = "#555555"
_DPI = 130


def read_log(folder: Path) -> list[dict[str, Any]]:
    """The lines of a log in their order; of a step that was made again after a kill, the last."""
    lines: dict[tuple[str, int, bool], dict[str, Any]] = {}
    for line in logged(folder / LOG):
        key = (line["stage"], line["step"], "validation_loss" in line)
        lines.pop(key, None)
        lines[key] = line
    return list(lines.values())


def write_curves(path: Path, lines: Sequence[dict[str, Any]]) -> None:
    """Draw a log as a PNG file.

    Raises:
        OSError: the file cannot be written.
    """
    figure = Figure(figsize=(11, 6), layout="constrained")
    losses, speed = figure.subplots(2, 1, sharex=True, height_ratios=[3, 1])
    starts = _starts(lines)
    for name, color in _COLORS.items():
        _points(losses, lines, starts, name, "-", color)
        _points(losses, lines, starts, name.replace("loss_", "validation_"), "o", color)
    for name in ("tokens_per_s", "frames_per_s"):
        _points(speed, lines, starts, name, "-", _GREY)
    losses.set_ylabel("loss; dots: validation")
    losses.legend(frameon=False)
    speed.set_ylabel("tokens/s, or frames/s")
    speed.set_xlabel("step")
    for axis in (losses, speed):
        axis.spines[["top", "right"]].set_visible(False)
        for stage, start in starts.items():
            axis.axvline(start, color=_GREY, linewidth=0.6)
            if axis is losses:
                axis.annotate(stage, (start, 1), (3, -10), xycoords=("data", "axes fraction"),
                              textcoords="offset points", fontsize=9)  # fmt: skip
    write_atomic(path, lambda temp: figure.savefig(temp, format="png", dpi=_DPI))


def _starts(lines: Sequence[dict[str, Any]]) -> dict[str, int]:
    """Where each stage begins on the common axis."""
    longest: dict[str, int] = {}
    for line in lines:
        longest[line["stage"]] = max(longest.get(line["stage"], 0), line["step"])
    starts, total = {}, 0
    for stage, steps in longest.items():
        starts[stage] = total
        total += steps
    return starts


def _points(
    axis: Axes, lines: Sequence[dict[str, Any]], starts: dict[str, int], name: str, style: str, color: str
) -> None:
    for stage, start in starts.items():
        found = sorted((start + line["step"], line[name]) for line in lines if line["stage"] == stage and name in line)
        if found:
            known = {text.get_label() for text in axis.lines}
            label = name.removeprefix("loss_") if name.startswith("loss_") else None
            axis.plot(*zip(*found, strict=True), style, color=color, markersize=4, linewidth=1.2,
                      label=label if label not in known else None)  # fmt: skip
