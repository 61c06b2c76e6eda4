"""How well a judge of drift finds planted faults: counts, precision and recall, coincident cases apart."""

import math
from collections.abc import Iterable, Sequence
from typing import NamedTuple, Protocol

from pipeline.core.injections import Fault, Item, Subject
from pipeline.core.interleaving import Layout, recheck
from pipeline.core.outcome import Unreadable
from pipeline.core.schedule import Schedule, TokenStream, interleave
from pipeline.errors import Reason, UsageError


class Planted(NamedTuple):
    """An item as a listener would meet it: all that any judge may go by."""

    id: str
    """Of the row it was planted in."""
    question: str
    """As written."""
    subject: Subject
    """The sound row."""
    item: Item
    token_ids: list[int]
    streams: list[int]


class DriftJudge(Protocol):
    """Whoever judges drift: the exact check, or a model that is shown the same items."""

    @property
    def name(self) -> str:
        """How the table calls it."""
        ...

    def verdicts(self, planted: Sequence[Planted]) -> Sequence[Reason | None]:
        """For each item DRIFT or UNGROUNDED, or None to pass it; many at once, as models are asked."""
        ...


class Judged(NamedTuple):
    """An item and what a judge said: the reason to refuse it, None to pass it."""

    item: Item
    verdict: Reason | None


class Score(NamedTuple):
    """One line of the table."""

    fault: Fault
    coincident: bool
    n: int
    n_right: int

    @property
    def share_right(self) -> float:
        """Recall where the fault is real, one minus the false-alarm rate where it is harmless."""
        return self.n_right / self.n


class Quality(NamedTuple):
    """Precision and recall of one reason over items that are not coincident; 1 where there is nothing to find."""

    precision: float
    recall: float
    n_faults: int
    n_flagged: int


def laid_out(item: Item, subject: Subject, how: Layout) -> TokenStream:
    """The item's stream as its row is laid out, without repair.

    Raises:
        UsageError: the layout is not of a fixed schedule with reasoning.
    """
    if not isinstance(how.schedule, Schedule):
        raise UsageError("faults are planted into fixed schedules, the adaptive one would think ahead: name a ratio")
    ids, reasoning_ids = how.encode(item.response)[0], how.encode(subject.reasoning)[0]
    return interleave(ids, reasoning_ids, how.schedule, how.control)


def exact_verdict(stream: TokenStream, subject: Subject, how: Layout) -> Reason | None:
    """What the exact check says of a stream, from its tokens alone."""
    verdict = recheck(stream.token_ids, stream.streams, subject.question_quantities, how)
    return verdict.reason if isinstance(verdict, Unreadable) else None


def scores(judged: Iterable[Judged]) -> tuple[Score, ...]:
    """Counts by fault, coincident items apart, in the order of `Fault`."""
    counts: dict[tuple[Fault, bool], list[int]] = {}
    for item, verdict in judged:
        entry = counts.setdefault((item.fault, item.coincident), [0, 0])
        entry[0] += 1
        entry[1] += verdict == item.expected
    order = list(Fault)
    return tuple(
        Score(fault, coincident, n, n_right)
        for (fault, coincident), (n, n_right) in sorted(
            counts.items(), key=lambda entry: (order.index(entry[0][0]), entry[0][1])
        )
    )


def quality(judged: Iterable[Judged], reason: Reason) -> Quality:
    """Precision and recall of `reason`, coincident items left out."""
    plain = [entry for entry in judged if not entry.item.coincident]
    faults = [entry for entry in plain if entry.item.expected is reason]
    flagged = [entry for entry in plain if entry.verdict is reason]
    hits = sum(entry.verdict is reason for entry in faults)
    return Quality(
        precision=hits / len(flagged) if flagged else 1.0,
        recall=hits / len(faults) if faults else 1.0,
        n_faults=len(faults),
        n_flagged=len(flagged),
    )


def rows_enough(recall: float, bound: float = 0.01, confidence: float = 0.95) -> int | None:
    """How many rows to judge: if none of them is refused, fewer than `bound` of all rows have the fault.

    A judge that finds a share `recall` of the faults misses all in n rows with (1 - bound * recall)^n; None if it finds
    nothing.
    """
    return math.ceil(math.log(1 - confidence) / math.log1p(-bound * recall)) if recall > 0 else None
