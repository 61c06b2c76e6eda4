"""A listener's clock: chunks of speech are played behind one another as soon as they are there.

Playback starts with the first chunk. Where the next one is not ready when the one before it ends, playback stalls until
it is: an underrun. It knows times and lengths, no samples.
"""

from collections.abc import Sequence
from typing import NamedTuple


class Ready(NamedTuple):
    """A chunk that can be played."""

    ready_s: float
    """Since the question's end."""
    duration_s: float


class Playback(NamedTuple):
    """How a response was heard."""

    starts_s: tuple[float, ...]
    """When each chunk began to play."""
    underruns: int
    stalled_s: float
    """Silence that the listener was made to hear, all underruns together."""
    end_s: float
    """When the last chunk had been played; 0 without any."""


def play(chunks: Sequence[Ready]) -> Playback:
    """Play chunks in their order.

    Raises:
        ValueError: a chunk has no length.
    """
    starts: list[float] = []
    underruns, stalled, clock = 0, 0.0, 0.0
    for chunk in chunks:
        if chunk.duration_s <= 0:
            raise ValueError(f"a chunk of {chunk.duration_s} s cannot be played")
        if starts and chunk.ready_s > clock:
            underruns += 1
            stalled += chunk.ready_s - clock
        clock = max(clock, chunk.ready_s)
        starts.append(clock)
        clock += chunk.duration_s
    return Playback(tuple(starts), underruns, stalled, clock)
