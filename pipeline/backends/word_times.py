"""When is each word spoken? An estimate from the text and the clip's loudness alone, for engines that do not say.

The clip is cut at the pauses that fit the text's punctuation best; within each piece the time in which something
sounds is shared out by the words' lengths in letters. It knows neither engines nor ears.
"""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from pipeline.backends.audio import Clip, frame_peaks
from pipeline.backends.tts.protocol import WordTime

_FRAME_S = 0.01
_QUIET_DB = -35.0
_LEAST_PAUSE_S = 0.08
"""Shorter quiet belongs to a word: the closure of a p, t or k lasts up to 80 ms."""
_MARKS = ".,;:?!…—"
_BASE_LETTERS = 1.5
"""What a word takes besides its letters: "a" is not five times as short as "three"."""
_MISS = 0.12
"""Cost of a mark without a pause, as a share of the clip's sounding time: a pause further off is another's."""


def proportional(clip: Clip, words: Sequence[str]) -> tuple[WordTime, ...]:
    """Estimate the times of the words of a clip, in order and without overlap."""
    if not words:
        return ()
    sounding = _sounding(clip)  # [n_frames]
    ends_s = np.concatenate([[0.0], np.cumsum(sounding) * _FRAME_S])  # sounding time up to each frame
    weights = np.array([_weight(word) for word in words])
    total_s = float(ends_s[-1])
    pauses = [float(ends_s[start]) for start, _ in _quiet_inside(sounding)]  # sounding time before each
    marks = [number + 1 for number, word in enumerate(words[:-1]) if word[-1] in _MARKS]
    expected_s = np.cumsum(weights) / weights.sum() * total_s
    cuts = [(0, 0.0), *_matched(marks, expected_s, pauses, total_s), (len(words), total_s)]
    times: list[WordTime] = []
    for (first, from_s), (after, to_s) in pairwise(cuts):
        piece = weights[first:after]
        edges = from_s + np.concatenate([[0.0], np.cumsum(piece)]) / piece.sum() * (to_s - from_s)
        for word, start, end in zip(words[first:after], edges, edges[1:], strict=False):
            start_s = _clock(start, ends_s, after=True)
            times.append(WordTime(word, start_s, max(start_s, _clock(end, ends_s, after=False))))
    return tuple(times)


def _sounding(clip: Clip) -> NDArray[np.bool_]:
    """Whether something sounds, for each 10 ms; short quiet inside speech counts as sound."""
    peaks = frame_peaks(clip)
    loud: NDArray[np.bool_] = peaks > peaks.max(initial=0.0) * 10 ** (_QUIET_DB / 20)
    for start, end in _quiet_inside(loud):
        if (end - start) * _FRAME_S < _LEAST_PAUSE_S:
            loud[start:end] = True
    return loud


def _quiet_inside(loud: NDArray[np.bool_]) -> list[tuple[int, int]]:
    """Runs of quiet frames with sound before and after: (first, one after the last)."""
    edges = np.flatnonzero(np.diff(np.concatenate([[True], loud, [True]]).astype(np.int8)))
    runs = zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True)
    return [(start, end) for start, end in runs if start > 0 and end < len(loud)]


def _matched(
    marks: Sequence[int], expected_s: NDArray[np.float64], pauses: Sequence[float], total_s: float
) -> list[tuple[int, float]]:
    """Marks with the pauses they are heard as, in order: (words before, sounding time before).

    The assignment of least total distance, where a mark may stay without a pause and a pause without a mark.
    """
    miss_s = _MISS * total_s
    n, m = len(marks), len(pauses)
    cost = np.zeros((n + 1, m + 1))
    cost[:, 0] = np.arange(n + 1) * miss_s
    for i in range(1, n + 1):
        for j in range(1, m + 1):
            off_s = abs(float(expected_s[marks[i - 1] - 1]) - pauses[j - 1])
            cost[i, j] = min(cost[i - 1, j] + miss_s, cost[i, j - 1], cost[i - 1, j - 1] + off_s)
    found: list[tuple[int, float]] = []
    i, j = n, m
    while i and j:
        if cost[i, j] == cost[i, j - 1]:
            j -= 1
        elif cost[i, j] == cost[i - 1, j] + miss_s:
            i -= 1
        else:
            found.append((marks[i - 1], pauses[j - 1]))
            i, j = i - 1, j - 1
    return found[::-1]


def _clock(sounding_s: float, ends_s: NDArray[np.float64], *, after: bool) -> float:
    """The time in the clip at which so much has sounded; at a pause, its end or its start."""
    place = float(np.searchsorted(ends_s, sounding_s + 1e-9 if after else sounding_s - 1e-9, side="left"))
    frame = max(0, int(place) - 1)
    within = min(max(sounding_s - float(ends_s[frame]), 0.0), _FRAME_S)
    return round(frame * _FRAME_S + within, 3)


def _weight(word: str) -> float:
    return _BASE_LETTERS + sum(character.isalpha() for character in word)
