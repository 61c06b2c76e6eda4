"""A build in six pictures: slack, pads, lengths, word errors, durations, and why rows were refused."""

import io

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from matplotlib.axes import Axes
from matplotlib.figure import Figure

_COLORS = ("#3b6ea5", "#d08c3c")
_GREY = "#555555"
_DPI = 110
_BINS = 30


def overview(index: pa.Table) -> Figure:
    """Draw the six panels of `dataset.index_of` a build."""
    accepted = index.filter(index.column("accepted"))
    refused = index.filter(pc.invert(index.column("accepted")))
    figure = Figure(figsize=(13, 7), layout="constrained")
    axes = figure.subplots(2, 3).flat
    _histogram(axes[0], "least slack of a row, reasoning tokens", {"": accepted.column("slack")})
    _histogram(axes[1], "pads of all tokens, %", {"": pc.multiply(accepted.column("pad_share"), 100.0)})
    lengths = {"response": accepted.column("n_response"), "reasoning": accepted.column("n_reasoning")}
    _histogram(axes[2], "length, tokens", lengths)
    _histogram(axes[3], "word error rate", {"": accepted.column("wer")})
    _histogram(axes[4], "question audio, s", {"": accepted.column("duration_s")})
    _reasons(axes[5], refused)
    figure.suptitle(f"{accepted.num_rows:,} accepted rows, {refused.num_rows:,} refused")
    return figure


def to_png(figure: Figure) -> bytes:
    """The figure as the bytes of a PNG file."""
    stream = io.BytesIO()
    figure.savefig(stream, format="png", dpi=_DPI)
    return stream.getvalue()


def in_words(index: pa.Table) -> str:
    """What the pictures show, for who does not see them."""
    accepted = index.filter(index.column("accepted"))
    named = {
        "slack": "least slack", "pad_share": "pad share", "n_response": "response tokens",
        "n_reasoning": "reasoning tokens", "wer": "word error rate", "duration_s": "seconds of audio",
    }  # fmt: skip
    parts = []
    for column, name in named.items():
        median = pc.approximate_median(accepted.column(column)).as_py()
        parts += [] if median is None else [f"{name} {median:.3g}"]
    reasons = ", ".join(f"{reason} {n}" for reason, n in _counts(index)) or "none"
    return f"Medians over {accepted.num_rows:,} accepted rows: {', '.join(parts)}. Refused: {reasons}."


def _histogram(axis: Axes, title: str, series: dict[str, pa.ChunkedArray]) -> None:
    known = {name: pc.drop_null(values).to_numpy() for name, values in series.items()}
    filled = [values for values in known.values() if len(values)]
    if filled:
        edges = np.histogram_bin_edges(np.concatenate(filled), bins=_BINS)
        for (name, values), color in zip(known.items(), _COLORS, strict=False):
            axis.hist(values, bins=list(edges), color=color, alpha=0.75, label=name)
        if len(known) > 1:
            axis.legend(frameon=False)
    else:
        axis.text(0.5, 0.5, "no row has one", ha="center", va="center", transform=axis.transAxes, color=_GREY)
    _dress(axis, title)


def _reasons(axis: Axes, refused: pa.Table) -> None:
    counts = _counts(refused)
    bars = axis.barh([reason for reason, _ in counts], [n for _, n in counts], color=_COLORS[0])
    axis.bar_label(bars, padding=3, fontsize=8)
    axis.invert_yaxis()
    _dress(axis, "refused rows by reason")


def _counts(rows: pa.Table) -> list[tuple[str, int]]:
    """Reason -> rows, the most frequent first."""
    found = pc.value_counts(pc.drop_null(rows.column("reason"))).to_pylist()
    return sorted(((entry["values"], entry["counts"]) for entry in found), key=lambda entry: (-entry[1], entry[0]))


def _dress(axis: Axes, title: str) -> None:
    axis.set_title(title, fontsize=10, loc="left")
    axis.spines[["top", "right"]].set_visible(False)
    axis.tick_params(length=0, labelsize=8, colors=_GREY)
