"""What a schedule does to a set of rows: how many pass, what repair and padding cost, when speech starts and stalls.

One `Tally` is one line of the ratio table. It holds sums and a histogram, never rows, and two tallies of one schedule
add up, so that a set of any size can be counted in pieces. Audio plays no part.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from math import ceil

from pipeline.core.interleaving import Interleaved, Layout, Prepared, lay_out_row
from pipeline.core.latency import TOKENS_PER_S, WORDS_PER_MIN, Latency, latency
from pipeline.core.outcome import Unreadable
from pipeline.core.schedule import Schedule, Turn, deinterleave
from pipeline.errors import Reason

SLACK_PERCENTILES = (1, 25, 50, 75, 99)


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
    underrun_share: float
    """Accepted rows in which playback stalls at all."""
    stalled_s: float
    first_word_s: float
    last_word_s: float
    least_tokens_per_s: float


@dataclass(slots=True)
class Tally:
    """Sums over the rows seen so far, under one schedule."""

    ratio: str
    order: str | None
    rows: int = 0
    accepted: int = 0
    refused: Counter[str] = field(default_factory=Counter)
    repaired: int = 0
    lead_in_tokens: int = 0
    slack: Counter[int] = field(default_factory=Counter)
    tails: int = 0
    tail_tokens: int = 0
    pad_share: float = 0.0
    underruns: int = 0
    stalling_rows: int = 0
    stalled_s: float = 0.0
    first_word_s: float = 0.0
    last_word_s: float = 0.0
    least_tokens_per_s: float = 0.0

    @classmethod
    def of(cls, how: Layout) -> "Tally":
        """An empty tally of a layout's schedule."""
        return cls(how.schedule.ratio, how.schedule.order if isinstance(how.schedule, Schedule) else None)

    def refuse(self, reason: Reason) -> None:
        """Count a row that has no layout."""
        self.rows += 1
        self.refused[reason] += 1

    def leave(self, tail: int) -> None:
        """Count what a row's reasoning has left over when no word is inserted."""
        self.tails += tail > 0
        self.tail_tokens += tail

    def accept(self, row: Interleaved, clock: Latency, n_added: int) -> None:
        """Count a row that is laid out, `n_added` tokens of it lead-ins."""
        self.rows += 1
        self.accepted += 1
        self.repaired += row.repaired
        self.lead_in_tokens += n_added
        if row.slack is not None:
            self.slack[row.slack] += 1
        self.pad_share += clock.pad_share
        self.underruns += clock.underruns
        self.stalling_rows += clock.underruns > 0
        self.stalled_s += clock.stalled_s
        self.first_word_s += clock.first_word_s
        self.last_word_s += clock.last_word_s
        self.least_tokens_per_s += clock.least_tokens_per_s

    def add(self, other: "Tally") -> None:
        """Take in what another tally of this schedule has counted.

        Raises:
            ValueError: the other one is of another schedule.
        """
        if (self.ratio, self.order) != (other.ratio, other.order):
            raise ValueError(f"a tally of {self.ratio} cannot take in one of {other.ratio} {other.order}")
        for name in self.__slots__[2:]:
            mine = getattr(self, name)
            setattr(self, name, mine + getattr(other, name))

    def figures(self) -> RatioFigures:
        """The line of the table."""
        n = self.accepted
        return RatioFigures(
            ratio=self.ratio,
            order=self.order,
            rows=self.rows,
            accepted_share=_per(n, self.rows),
            refused=dict(sorted(self.refused.items())),
            repaired_share=_per(self.repaired, n),
            lead_in_tokens=_per(self.lead_in_tokens, self.repaired),
            slack=_percentiles(self.slack),
            tail_share=_per(self.tails, self.rows),
            tail_tokens=_per(self.tail_tokens, self.tails),
            pad_share=_per(self.pad_share, n),
            underruns=_per(self.underruns, n),
            underrun_share=_per(self.stalling_rows, n),
            stalled_s=_per(self.stalled_s, n),
            first_word_s=_per(self.first_word_s, n),
            last_word_s=_per(self.last_word_s, n),
            least_tokens_per_s=_per(self.least_tokens_per_s, n),
        )


def tally(
    rows: Iterable[Prepared | Unreadable],
    layouts: Sequence[Layout],
    tokens_per_s: int = TOKENS_PER_S,
    words_per_min: int = WORDS_PER_MIN,
) -> list[Tally]:
    """Lay every row out in every way, take each stream apart again, and sum up; one tally for each layout.

    All layouts share one vocabulary. A row that comes unreadable is refused by all.

    Raises:
        AssertionError: a stream does not come apart into what was put in.
    """
    tallies = [Tally.of(how) for how in layouts]
    for row in rows:
        for how, counted in zip(layouts, tallies, strict=True):
            if isinstance(row, Unreadable):
                counted.refuse(row.reason)
            else:
                _count(row, how, counted, tokens_per_s, words_per_min)
    return tallies


def _count(row: Prepared, how: Layout, counted: Tally, tokens_per_s: int, words_per_min: int) -> None:
    made = lay_out_row(row, how)
    n_response = len(how.encode(row.response)[0])
    if isinstance(how.schedule, Schedule):
        counted.leave(how.schedule.tail(n_response, len(row.reasoning_ids)))
    if isinstance(made, Unreadable):
        counted.refuse(made.reason)
        return
    if deinterleave(made.token_ids, made.streams, how.control) != Turn(made.response_ids, row.reasoning_ids):
        raise AssertionError(f"row {row.key}: its {how.schedule.ratio} stream does not come apart again: a bug")
    clock = latency(made.streams, len(made.response.split()), tokens_per_s, words_per_min)
    counted.accept(made, clock, len(made.response_ids) - n_response)


def _per(part: float, whole: int) -> float:
    return part / whole if whole else 0.0


def _percentiles(counts: Counter[int]) -> dict[int, int]:
    """Nearest-rank percentiles: values that occur."""
    total = counts.total()
    out: dict[int, int] = {}
    seen = 0
    ranks = {p: max(1, ceil(p * total / 100)) for p in SLACK_PERCENTILES} if total else {}
    for value in sorted(counts):
        seen += counts[value]
        out.update({p: value for p, rank in ranks.items() if p not in out and rank <= seen})
    return out
