"""A lane is one shard on its way through the tables; this module finds what is there and what is to be made.

It reads records, and ids where rows are tried afresh, but never rows.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from pipeline.run.shard import PROBLEM, Job, job_of
from pipeline.stages.stage import Async, Stage
from pipeline.store.attempts import Attempts
from pipeline.store.parts import PartRecord, Store


@dataclass
class Lane:
    """The parts of one shard so far."""

    source: str
    raw_rows: int
    """Rows of the source that went in."""
    collected: PartRecord
    """Problems before duplicates were dropped."""
    duplicates: int = 0
    parts: dict[str, PartRecord] = field(default_factory=dict)
    """Table -> its part of this shard; `problem` holds the rows that go on: no duplicates, and none taken out."""
    ahead: set[str] = field(default_factory=set)
    """Tables whose part was made in this run before their turn."""
    whole: dict[str, PartRecord] = field(default_factory=dict)
    """Where problems were taken out: what an earlier build has made of all of them, as far as that goes."""

    def job(self, stage: Stage, attempts: Mapping[str, int]) -> Job:
        """What has to be made for this stage; all its inputs must be there."""
        return job_of(stage, self.parts, attempts, self.whole.get(PROBLEM, self.parts[PROBLEM]).digest)

    def before(self, stage: Stage, attempts: Mapping[str, int]) -> Job | None:
        """What would have to be made had no problem been taken out; None where not all inputs of it are there."""
        if not all(name in self.whole for name in stage.inputs):
            return None
        return job_of(stage, self.whole, attempts, self.whole[PROBLEM].digest)


@dataclass(frozen=True)
class Work:
    """What there is of a stage, and what is to be made."""

    found: list[PartRecord]
    missing: list[tuple[Lane, Job]]


def split_found(store: Store, lanes: Iterable[Lane], stage: Stage) -> Work:
    """Put into each lane the part that is there, whole or provisional; return what is whole and what is left."""
    work = Work([], [])
    afresh = Attempts(store.root).of(stage.identity_key)
    jobs = [(lane, lane.job(stage, _attempts_of(store, lane.parts[PROBLEM], afresh))) for lane in lanes]
    there = store.find_all(stage.table, [job.key for _, job in jobs])
    _find_made_before(store, [lane for lane, _ in jobs], stage, afresh)
    for lane, job in jobs:
        record = there.get(job.key)
        if record is not None:
            lane.parts[stage.table] = record
        if record is None or record.pending:
            work.missing.append((lane, replace(job, before=lane.whole.get(stage.table))))
        else:
            work.found.append(record)
    return work


def _find_made_before(store: Store, lanes: Iterable[Lane], stage: Stage, afresh: Mapping[str, int]) -> None:
    """Put into each lane what an earlier build has made of all its problems, where some were taken out since."""
    if stage.takes_over:
        return
    jobs = [
        (lane, job)
        for lane in lanes
        if PROBLEM in lane.whole
        and (job := lane.before(stage, _attempts_of(store, lane.whole[PROBLEM], afresh))) is not None
    ]
    there = store.find_all(stage.table, [job.key for _, job in jobs])
    for lane, job in jobs:
        record = there.get(job.key)
        if record is not None and not record.pending:
            lane.whole[stage.table] = record


def _attempts_of(store: Store, problems: PartRecord, afresh: Mapping[str, int]) -> dict[str, int]:
    if not afresh:
        return {}
    return {row_id: afresh[row_id] for row_id in store.ids(problems) if row_id in afresh}


def in_one_go(stage: Stage, later: Sequence[Sequence[Stage]], store: Store) -> tuple[Stage, ...]:
    """A stage and those after it that the process which did it may go on with, on the same shard.

    Args:
        stage: the first.
        later: the stages of each table that comes after its own, in order.
        store: where it is noted which rows are tried afresh: the driver alone knows.
    """
    run = [stage]
    known = {*stage.inputs, stage.table}
    for group in later if _is_simple(stage) else ():
        after = next((one for one in group if _makes_as_much(one, stage)), None)
        if after is None or not _is_simple(after) or not known.issuperset(after.inputs):
            break
        if Attempts(store.root).of(after.identity_key):
            break
        run.append(after)
        known.add(after.table)
    return tuple(run)


def _is_simple(stage: Stage) -> bool:
    """Whether it takes a shard as a whole and waits for nobody."""
    return not (isinstance(stage.transform, Async) or stage.batch_rows or stage.takes_over or stage.inputs_if_any)


def _makes_as_much(one: Stage, other: Stage) -> bool:
    """Whether it makes the rows of every source that another makes rows of."""
    return one.sources is None or (other.sources is not None and other.sources <= one.sources)
