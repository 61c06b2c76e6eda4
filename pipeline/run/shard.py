"""The work on one shard, as it happens in a worker: read the inputs, transform, validate, write the part.

It knows stages and the store, but not Ray: any process with the store's folder can call it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pyarrow as pa

from pipeline.stages.collect import STAGE, Chunk, GeneratedChunk, collect
from pipeline.stages.stage import ATTEMPTS, Stage, Transform, checked
from pipeline.store.parts import PartRecord, Store
from schemas.problem import ProblemTable

PROBLEM = "problem"


@dataclass(frozen=True)
class Job:
    """One part to make."""

    key: str
    inputs: Mapping[str, PartRecord]
    attempts: Mapping[str, int] = field(default_factory=dict)
    """Row id -> how often it is tried afresh, for rows that are."""


def make_part(out: Path, stage: Stage, transform: Transform, job: Job) -> PartRecord:
    """Run one stage on one shard and write what it made.

    Raises:
        StoreError: an input part is damaged (its record is dropped, so that the next run makes it again).
        OSError: the part cannot be written.
    """
    store = Store(out)
    inputs = {name: store.read(record) for name, record in job.inputs.items()}
    if job.attempts:
        inputs[ATTEMPTS] = pa.table({"id": list(job.attempts), "attempt": list(job.attempts.values())})
    made = checked(stage.name, stage.output, transform(inputs), inputs[PROBLEM])
    return store.write(stage.table, job.key, made.rows, made.rejected, made.stats, made.pending)


def make_problems(out: Path, chunk: Chunk | GeneratedChunk) -> PartRecord:
    """Run stage collect on one chunk of raw rows and write what it made.

    Raises:
        OSError: the part cannot be written.
    """
    made = checked(STAGE, ProblemTable, collect(chunk))
    return Store(out).write(PROBLEM, chunk.key, made.rows, made.rejected, made.stats)
