"""What a listener waits for: figures of one stream under a decoder's speed and a speaker's pace.

The playback clock: every spoken token lasts alike, playback starts when the first one is out, and where a
token is not out when its turn comes, playback stalls until it is (an underrun). It knows stream marks, not
tokens.
"""

from collections.abc import Sequence
from fractions import Fraction
from typing import NamedTuple

from pipeline.core.schedule import Stream

TOKENS_PER_S = 50
"""Decoding speed of the paper's example."""
WORDS_PER_MIN = 150

_RESPONSE, _PAD = int(Stream.RESPONSE), int(Stream.PAD)


class Latency(NamedTuple):
    """Figures of one stream. `tail` is the schedule's own (`Schedule.tail`)."""

    n_tokens: int
    n_before_first: int
    """Tokens before the first spoken one."""
    first_word_s: float
    last_word_s: float
    """When the last spoken token is out; playback ends later."""
    response_tokens_per_s: float
    """Spoken tokens per second of decoding, on average."""
    least_tokens_per_s: float
    """Slowest decoding that never stalls playback."""
    underruns: int
    stalled_s: float
    pad_share: float


def token_ticks(n_words: int, n_response: int, tokens_per_s: int, words_per_min: int) -> Fraction:
    """How many decoding ticks one spoken token lasts."""
    return Fraction(60 * tokens_per_s * n_words, words_per_min * n_response)


def stalls(positions: Sequence[int], ticks: Fraction) -> list[Fraction]:
    """For each underrun, in order: the decoding ticks that playback waits.

    `positions` are those of the spoken tokens in the stream.
    """
    # In whole parts of a tick: sums of Fractions took seven times as long.
    part, parts = ticks.denominator, ticks.numerator
    waits: list[Fraction] = []
    due = positions[0] * part
    for position in positions:
        if position * part > due:
            waits.append(Fraction(position * part - due, part))
            due = position * part
        due += parts
    return waits


def latency(
    streams: Sequence[int],
    n_words: int,
    tokens_per_s: int = TOKENS_PER_S,
    words_per_min: int = WORDS_PER_MIN,
) -> Latency:
    """Figures of a whole stream, whose last token is the response's end.

    Raises:
        ValueError: nothing is spoken.
    """
    positions = [at for at, stream in enumerate(streams) if stream == _RESPONSE][:-1]
    if not positions or n_words < 1:
        raise ValueError("nothing is spoken: a stream needs a response token and a word")
    ticks = token_ticks(n_words, len(positions), tokens_per_s, words_per_min)
    waits = stalls(positions, ticks)
    first = positions[0]
    token_s = 60 * n_words / (words_per_min * len(positions))
    least = max(((at - first) / k for k, at in enumerate(positions) if k), default=0.0) / token_s
    return Latency(
        n_tokens=len(streams),
        n_before_first=first,
        first_word_s=(first + 1) / tokens_per_s,
        last_word_s=(positions[-1] + 1) / tokens_per_s,
        response_tokens_per_s=len(positions) * tokens_per_s / len(streams),
        least_tokens_per_s=least,
        underruns=len(waits),
        stalled_s=float(sum(waits, Fraction(0)) / tokens_per_s),
        pad_share=streams.count(_PAD) / len(streams),
    )
