"""Do reviewers agree, and what does a sample say of the whole? Plain figures of plain values.

Krippendorff's alpha for nominal data: K. Krippendorff, "Computing Krippendorff's Alpha-Reliability" (2011), section C:
any number of reviewers, who need not all have judged the same rows. Wilson's interval: E. B. Wilson, "Probable
Inference, the Law of Succession, and Statistical Inference", JASA 22 (1927) 209-212; it holds near 0 and 1, where good
data sets lie. Its variance is that of a sample without replacement: W. G. Cochran, "Sampling Techniques", 3rd ed.
(1977), section 3.2.
"""

from collections import Counter, defaultdict
from collections.abc import Hashable, Iterable, Sequence
from math import sqrt
from statistics import NormalDist
from typing import NamedTuple

CONFIDENCE = 0.95
_Z = NormalDist().inv_cdf((1 + CONFIDENCE) / 2)


class Interval(NamedTuple):
    """A share and how sure it is."""

    share: float
    low: float
    high: float


def krippendorff_alpha(units: Iterable[Sequence[Hashable]]) -> float | None:
    """Agreement beyond chance: 1 is perfect, 0 is chance, below 0 is systematic disagreement.

    Args:
        units: for each row what its reviewers said; a row that one alone has judged says nothing.

    Returns:
        None where no row has two verdicts, or where all verdicts are the same (nothing could have differed).
    """
    coincidences: defaultdict[tuple[Hashable, Hashable], float] = defaultdict(float)
    for said in units:
        if len(said) == 1:
            continue
        counts = Counter(said)
        for first, n_first in counts.items():
            for second, n_second in counts.items():
                coincidences[first, second] += n_first * (n_second - (first == second)) / (len(said) - 1)
    totals: defaultdict[Hashable, float] = defaultdict(float)
    for (first, _), count in coincidences.items():
        totals[first] += count
    n = sum(totals.values())
    by_chance = n * n - sum(count * count for count in totals.values())
    if not by_chance:
        return None
    observed = sum(count for (first, second), count in coincidences.items() if first != second)
    return 1 - (n - 1) * observed / by_chance


def wilson(n_good: int, n: int, population: int) -> Interval:
    """The share of good rows and Wilson's 95% interval around it.

    Args:
        n_good: good ones of the rows judged.
        n: rows judged, at least 1.
        population: rows that they were drawn from, at least `n`; where all are judged the share is certain.
    """
    z2 = _squared_z(n, population)
    share = n_good / n
    middle = (share + z2 / (2 * n)) / (1 + z2 / n)
    half = _half_width(share, n, population)
    # At the ends the interval is closed; rounding must not leave the share outside.
    return Interval(share, 0.0 if n_good == 0 else middle - half, 1.0 if n_good == n else middle + half)


def sample_size(share: float, half_width: float, population: int) -> int:
    """How many rows must be judged until Wilson's 95% interval is no wider than `half_width` on either side.

    Args:
        share: good rows as far as one knows; 0.5 where nothing is known, which needs most.
        half_width: 0.01 for one percent point.
        population: rows there are.
    """
    low, high = 1, max(1, population)
    while low < high:
        middle = (low + high) // 2
        low, high = (low, middle) if _half_width(share, middle, population) <= half_width else (middle + 1, high)
    return low


def _half_width(share: float, n: int, population: int) -> float:
    z2 = _squared_z(n, population)
    return sqrt(z2 * share * (1 - share) / n + z2 * z2 / (4 * n * n)) / (1 + z2 / n)


def _squared_z(n: int, population: int) -> float:
    """The square of the normal quantile, times the finite population correction of the variance."""
    correction = (population - n) / (population - 1) if population > 1 else 0.0
    return _Z * _Z * correction
