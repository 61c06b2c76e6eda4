"""A lane is one shard on its way through the tables; this module finds what is there and what is to be made.

It reads records, and ids where rows are tried afresh, but never rows.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from pipeline.run.shard import PROBLEM, Job
from pipeline.stages.stage import Stage
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
    """Table -> its part of this shard; `problem` holds the rows that are no duplicates."""

    def job(self, stage: Stage, attempts: Mapping[str, int]) -> Job:
        """What has to be made for this stage; all its inputs must be there."""
        inputs = {name: self.parts[name] for name in stage.inputs}
        key = stage.key([record.digest for record in inputs.values()], attempts)
        return Job(key, inputs, dict(attempts))


@dataclass(frozen=True)
class Work:
    """What there is of a stage, and what is to be made."""

    found: list[PartRecord]
    missing: list[tuple[Lane, Job]]


def split_found(store: Store, lanes: Iterable[Lane], stage: Stage) -> Work:
    """Put into each lane the part that is there, whole or provisional; return what is whole and what is left."""
    work = Work([], [])
    afresh = Attempts(store.root).of(stage.identity_key)
    jobs = [(lane, lane.job(stage, _attempts_of(store, lane, afresh))) for lane in lanes]
    there = store.find_all(stage.table, [job.key for _, job in jobs])
    for lane, job in jobs:
        record = there.get(job.key)
        if record is not None:
            lane.parts[stage.table] = record
        if record is None or record.pending:
            work.missing.append((lane, job))
        else:
            work.found.append(record)
    return work


def _attempts_of(store: Store, lane: Lane, afresh: Mapping[str, int]) -> dict[str, int]:
    if not afresh:
        return {}
    return {row_id: afresh[row_id] for row_id in store.ids(lane.parts[PROBLEM]) if row_id in afresh}
