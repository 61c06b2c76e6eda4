"""`smp3m calibrate DIR`: faults planted into a build's own rows, and how many of them a judge of drift finds.

Rows are drawn by the hash of seed and id, so that equal seeds plant equal faults whichever judge is asked. A row is
laid out by the schedule it was published with. The adaptive schedule is left out: it lays the reasoning around the
claims, so that a planted claim would be thought of in time.
"""

import hashlib
import heapq
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from pipeline.backends.tokenizer import control_ids
from pipeline.backends.tokenizer.protocol import Tokenizer
from pipeline.core import quantities
from pipeline.core.adaptive import Adaptive, schedule_of
from pipeline.core.calibration import DriftJudge, Judged, Planted, laid_out
from pipeline.core.injections import Subject, items
from pipeline.core.interleaving import Layout
from pipeline.core.repair import Limits, measure
from pipeline.core.schedule import Schedule
from pipeline.core.steps import read_steps
from pipeline.errors import UsageError
from pipeline.evaluate.dataset import DataSet, published_rows, require_vocabulary


class Calibration(NamedTuple):
    """What a judge made of the planted faults."""

    judge: str
    n_rows: int
    planted: tuple[Planted, ...]
    judged: tuple[Judged, ...]


class Layouts:
    """One layout for each schedule that the rows of a build name."""

    def __init__(self, tokenizer: Tokenizer, limits: Limits) -> None:
        """Measure the lead-ins once for all of them."""
        self.tokenizer = tokenizer
        self._made: dict[Schedule, Layout] = {}
        self._limits = limits
        self._phrases = measure(tokenizer.encode)
        self._control = control_ids(tokenizer)

    def of(self, schedule: Schedule) -> Layout:
        """The layout of a schedule."""
        if schedule not in self._made:
            self._made[schedule] = Layout(schedule, self._control, self.tokenizer.decode, self._phrases, self._limits)
        return self._made[schedule]


def calibrate(data: DataSet, n_faults: int, seed: int, judge: DriftJudge, layouts: Layouts) -> Calibration:
    """Plant at least `n_faults` faults, if the build has rows enough, and have them judged.

    Raises:
        UsageError: no row of the build has a fixed schedule.
        ContractError: a row was made with another vocabulary.
    """
    planted: list[Planted] = []
    n_rows = left = 0
    for row in drawn(data, n_faults, seed):
        if n_rows and left <= 0:
            break
        left = left if n_rows else n_faults
        made = list(plant(row, seed, layouts))
        planted += made
        left -= sum(entry.item.expected is not None for entry in made)
        n_rows += 1
    if not n_rows:
        raise UsageError(f"{data.folder}: all rows are adaptive; calibrate a build of a fixed --ratio")
    verdicts = judge.verdicts(planted)
    judged = tuple(Judged(entry.item, verdict) for entry, verdict in zip(planted, verdicts, strict=True))
    return Calibration(judge.name, n_rows, tuple(planted), judged)


def drawn(data: DataSet, n: int, seed: int) -> Iterator[dict[str, Any]]:
    """At most `n` published rows of fixed schedules, in the order of their hash; no more are ever held."""
    kept: list[tuple[int, dict[str, Any]]] = []  # by falling rank: the worst one is replaced
    for piece in data.published:
        for row in published_rows(piece):
            if row["ratio"] == Adaptive.ratio:
                continue
            rank = -_rank(row["id"], seed)
            if len(kept) < n:
                heapq.heappush(kept, (rank, row))
            elif rank > kept[0][0]:
                heapq.heapreplace(kept, (rank, row))
    for _, row in sorted(kept, key=lambda entry: -entry[0]):
        yield row


def _rank(row_id: str, seed: int) -> int:
    return int.from_bytes(hashlib.blake2b(f"{seed}\0{row_id}".encode(), digest_size=16).digest(), "big")


def plant(row: Mapping[str, Any], seed: int, layouts: Layouts) -> Iterator[Planted]:
    """Every fault that a published row can take, each as a stream of its own."""
    require_vocabulary(row, layouts.tokenizer)
    schedule = schedule_of(row["ratio"], row["order"])
    if not isinstance(schedule, Schedule):
        raise UsageError(f"row {row['id']}: adaptive, faults are planted into fixed schedules")
    subject = Subject(
        key=f"{seed} {row['id']}",
        question_quantities=quantities.read(row["spoken_question"]),
        reasoning=row["reasoning"],
        response=row["response"],
        steps=read_steps(row["reasoning"]),
        schedule=schedule,
        encode=layouts.tokenizer.encode,
    )
    for item in items(subject):
        stream = laid_out(item, subject, layouts.of(schedule))
        yield Planted(row["id"], row["question"], subject, item, *stream)
