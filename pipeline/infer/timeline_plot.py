"""A response as a picture: when each token of each stream came, and when its sound was ready and played."""

from collections.abc import Sequence
from pathlib import Path

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from pipeline.core.schedule import Stream
from pipeline.infer.respond import Response
from pipeline.infer.voice import Chunk
from pipeline.store.atomic import write_atomic

_LANES = {Stream.RESPONSE: "spoken", Stream.REASONING: "silent", Stream.PAD: "pad", Stream.SWITCH: "switch"}
_COLORS = {
    Stream.RESPONSE: "#3b6ea5",
    Stream.REASONING: "#d08c3c",
    Stream.PAD: "#b8b8b8",
    Stream.SWITCH: "#4d8f5b",
}
_STALL = "#b5483f"
_DPI = 130
_MOST_CHARACTERS = 60


def write_timeline(path: Path, response: Response, title: str) -> None:
    """Draw a response as a PNG file.

    Raises:
        OSError: the file cannot be written.
    """
    lanes = [stream for stream in Stream if any(step.emitted.stream is stream for step in response.steps)]
    figure = Figure(figsize=(12, 1.8 + 0.45 * (len(lanes) + 2)), layout="constrained")
    axis = figure.subplots()
    names = [*(_LANES[stream] for stream in lanes), "ready", "played"]
    for y, stream in enumerate(lanes):
        times = [step.emitted.time_s for step in response.steps if step.emitted.stream is stream]
        axis.plot(times, [y] * len(times), "|", color=_COLORS[stream], markersize=13)
    ready, played = len(lanes), len(lanes) + 1
    axis.plot([chunk.ready_s for chunk in response.chunks], [ready] * len(response.chunks), "o", color="black", ms=4)
    _play(axis, played, response.chunks, response.playback.starts_s)
    axis.set_yticks(range(len(names)), names)
    axis.set_ylim(len(names) - 0.4, -0.6)
    axis.set_xlim(left=0)
    axis.set_xlabel("s since the question's end")
    axis.set_title(title, fontsize=10, loc="left")
    axis.spines[["top", "right"]].set_visible(False)
    write_atomic(path, lambda temp: figure.savefig(temp, format="png", dpi=_DPI))


def titled(question: str, response: Response) -> str:
    """A line for above the picture."""
    said = response.text if len(response.text) <= _MOST_CHARACTERS else f"{response.text[:_MOST_CHARACTERS]}…"
    return f"{question}: {said!r}"


def _play(axis: Axes, y: int, chunks: Sequence[Chunk], starts_s: Sequence[float]) -> None:
    """A bar for each chunk, and one in red where playback had to wait for it."""
    end = None
    for chunk, start in zip(chunks, starts_s, strict=True):
        if end is not None and start > end:
            axis.barh(y, start - end, left=end, height=0.25, color=_STALL)
        axis.barh(y, chunk.clip.duration_s, left=start, height=0.55, color=_COLORS[Stream.RESPONSE], edgecolor="white")
        end = start + chunk.clip.duration_s
