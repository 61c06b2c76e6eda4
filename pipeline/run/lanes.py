"""A lane is one shard on its way through the tables; this module finds what is there and what is to be made.

It reads records only, never rows.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

from pipeline.run.shard import Job
from pipeline.stages.stage import Stage
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

    def job(self, stage: Stage) -> Job:
        """What has to be made for this stage; all its inputs must be there."""
        inputs = {name: self.parts[name] for name in stage.inputs}
        return Job(stage.key([record.digest for record in inputs.values()]), inputs)


def split_found(store: Store, lanes: Iterable[Lane], stage: Stage) -> tuple[list[PartRecord], list[tuple[Lane, Job]]]:
    """Put into each lane the part that is there already; return those, and the jobs that are left."""
    found, missing = [], []
    for lane in lanes:
        job = lane.job(stage)
        record = store.find(stage.table, job.key)
        if record is None:
            missing.append((lane, job))
        else:
            lane.parts[stage.table] = record
            found.append(record)
    return found, missing
