"""What a schedule does to a set of rows: how many pass, what repair and padding cost, when speech starts and stalls.

One line of the ratio table. It reads texts anew for every schedule only where lead-ins differ; audio plays no part.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import ceil
from statistics import fmean
from typing import NamedTuple

from pipeline.core.interleaving import Interleaved, Layout, interleave_row
from pipeline.core.latency import TOKENS_PER_S, WORDS_PER_MIN, Latency, latency
from pipeline.core.outcome import Unreadable
from pipeline.core.quantity import Quantity
from pipeline.core.schedule import Schedule
from pipeline.core.step import Step

SLACK_PERCENTILES = (1, 25, 50, 75, 99)


class SpokenRow(NamedTuple):
    """A rewritten row with everything that is read only once."""

    key: str
    question_quantities: Sequence[Quantity]
    reasoning: str
    response: str
    """Without lead-ins."""
    steps: Sequence[Step]
    response_quantities: Sequence[Quantity]


@dataclass(frozen=True, slots=True)
class RatioFigures:
    """Means are over accepted rows, shares over all; every mean is 0 where no row is accepted."""

    ratio: str
    order: str | None
    rows: int
    accepted_share: float
    refused: dict[str, int]
    """How many for each reason."""
    repaired_share: float
    """Of the accepted rows."""
    lead_in_tokens: float
    """Mean over the repaired rows."""
    slack: dict[int, int]
    """Percentile -> slack, of accepted rows that have one."""
    tail_share: float
    """Rows whose reasoning would not fit without repair."""
    tail_tokens: float
    """Mean tail of those."""
    pad_share: float
    underruns: float
    stalled_s: float
    first_word_s: float
    last_word_s: float
    least_tokens_per_s: float


class _Accepted(NamedTuple):
    row: Interleaved
    latency: Latency
    n_added: int


def figures(
    rows: Iterable[SpokenRow],
    how: Layout,
    tokens_per_s: int = TOKENS_PER_S,
    words_per_min: int = WORDS_PER_MIN,
) -> RatioFigures:
    """Lay every row out and sum up."""
    n_rows = 0
    refused: dict[str, int] = {}
    accepted: list[_Accepted] = []
    tails: list[int] = []
    for row in rows:
        n_rows += 1
        n_response = len(how.encode(row.response)[0])
        if isinstance(how.schedule, Schedule):
            tails.append(how.schedule.tail(n_response, len(how.encode(row.reasoning)[0])))
        made = interleave_row(
            row.question_quantities,
            row.reasoning,
            row.response,
            how,
            key=row.key,
            steps=row.steps,
            response_quantities=row.response_quantities,
        )
        if isinstance(made, Unreadable):
            refused[made.reason] = refused.get(made.reason, 0) + 1
            continue
        clock = latency(made.streams, len(made.response.split()), tokens_per_s, words_per_min)
        accepted.append(_Accepted(made, clock, len(made.response_ids) - n_response))
    left = [tail for tail in tails if tail]
    clocks = [entry.latency for entry in accepted]
    return RatioFigures(
        ratio=how.schedule.ratio,
        order=how.schedule.order if isinstance(how.schedule, Schedule) else None,
        rows=n_rows,
        accepted_share=_share(len(accepted), n_rows),
        refused=dict(sorted(refused.items())),
        repaired_share=_share(sum(entry.row.repaired for entry in accepted), len(accepted)),
        lead_in_tokens=_mean(entry.n_added for entry in accepted if entry.row.repaired),
        slack=_percentiles([entry.row.slack for entry in accepted if entry.row.slack is not None]),
        tail_share=_share(len(left), n_rows),
        tail_tokens=_mean(left),
        pad_share=_mean(clock.pad_share for clock in clocks),
        underruns=_mean(clock.underruns for clock in clocks),
        stalled_s=_mean(clock.stalled_s for clock in clocks),
        first_word_s=_mean(clock.first_word_s for clock in clocks),
        last_word_s=_mean(clock.last_word_s for clock in clocks),
        least_tokens_per_s=_mean(clock.least_tokens_per_s for clock in clocks),
    )


def _share(part: int, whole: int) -> float:
    return part / whole if whole else 0.0


def _mean(values: Iterable[float]) -> float:
    found = list(values)
    return fmean(found) if found else 0.0


def _percentiles(values: Sequence[int]) -> dict[int, int]:
    """Nearest-rank percentiles: values that occur."""
    ordered = sorted(values)
    if not ordered:
        return {}
    return {p: ordered[max(0, ceil(p * len(ordered) / 100) - 1)] for p in SLACK_PERCENTILES}
