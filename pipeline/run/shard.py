"""The work on one shard, as it happens in a worker: read the inputs, transform, validate, write the part.

Stages that follow one another may do theirs in one go: a process remembers what it has read of a shard's texts
(`core.remembered`), so that the later ones need not read them again.

It knows stages and the store, but not Ray: any process with the store's folder can call it.
"""

import socket
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import pyarrow as pa
import pyarrow.compute as pc

from pipeline.core.fingerprint import digest
from pipeline.errors import StoreError
from pipeline.stages.collect import STAGE, Chunk, GeneratedChunk, collect
from pipeline.stages.stage import ATTEMPTS, Stage, Transform, checked
from pipeline.store.parts import PartRecord, Piece, Store
from pipeline.store.pieces import PieceReader
from pipeline.store.place import Place
from schemas.problem import ProblemTable
from schemas.rejected import RejectedTable
from schemas.table import arrow_schema

PROBLEM = "problem"
KIN = 4
"""Earlier parts of a shard that rows are taken over from, the latest."""


@dataclass(frozen=True)
class Job:
    """One part to make."""

    key: str
    inputs: Mapping[str, PartRecord]
    attempts: Mapping[str, int] = field(default_factory=dict)
    """Row id -> how often it is tried afresh, for rows that are."""
    of: str = ""
    """Digest of the shard's problems before any was taken out, "" where none was: parts made of the same share rows."""
    before: PartRecord | None = None
    """The part that was made of all of them, where some were taken out since: it has every row that is asked for."""


class Leg(NamedTuple):
    """A stage and what it does, loaded."""

    stage: Stage
    transform: Transform


def job_of(stage: Stage, parts: Mapping[str, PartRecord], attempts: Mapping[str, int], of: str) -> Job:
    """What has to be made for a stage of these parts; all its inputs must be among them.

    Args:
        stage: what is to be done.
        parts: table -> its part of the shard.
        attempts: row id -> how often it is tried afresh, for rows that are.
        of: see `Job`.
    """
    inputs = {name: parts[name] for name in stage.inputs}
    inputs |= {name: parts[name] for name in stage.inputs_if_any if name in parts}
    key = stage.key([record.digest for record in inputs.values()], attempts)
    return Job(key, inputs, dict(attempts), of)


def make_parts(out: Place, legs: Sequence[Leg], job: Job) -> list[PartRecord]:
    """Run stages on one shard one after another; each part is written before the next is begun.

    Where problems were taken out of the shard only the first is run: of the others an earlier build may have made all.

    Args:
        out: where the build lies.
        legs: the stages; each reads inputs of the job and parts that those before it have made.
        job: the first one's.

    Raises:
        StoreError, OSError: as for `make_part`.
    """
    store = _seen(out)
    parts = dict(job.inputs)
    made: list[PartRecord] = []
    for leg in legs if job.of in ("", job.inputs[PROBLEM].digest) else legs[:1]:
        own = job_of(leg.stage, parts, {}, job.of) if made else job
        # A job whose worker died is given to another from its beginning: what was finished by then is kept.
        there = store.find(leg.stage.table, own.key)
        made.append(make_part(out, *leg, own) if there is None or there.pending else there)
        parts[leg.stage.table] = made[-1]
    return made


def make_part(out: Place, stage: Stage, transform: Transform, job: Job) -> PartRecord:
    """Run one stage on one shard and write what it made.

    Raises:
        StoreError: an input part is damaged (its record is dropped, so that the next run makes it again).
        OSError: the part cannot be written.
    """
    store = _seen(out)
    if job.before is not None:
        return _cut(store, stage, job, job.before)
    if stage.batch_rows is not None:
        return _make_in_batches(store, stage, transform, job, stage.batch_rows)
    inputs = {name: store.read(record, _columns(stage, name)) for name, record in job.inputs.items()}
    inputs |= _attempts(job)
    made = checked(stage.name, stage.output, transform(inputs), inputs[PROBLEM])
    return store.write(stage.table, job.key, made.rows, made.rejected, made.stats, made.pending)


def _seen(out: Place) -> Store:
    """The store of a build, which every machine must see alike.

    Raises:
        StoreError: it is not to be seen from here.
    """
    store = Store(out)
    if not store.exists:
        raise StoreError(
            f"{out}: {socket.gethostname()} does not see it; with --ray-address give an --out that lies on storage "
            "which all machines share under that name, or in an object store"
        )
    return store


def _cut(store: Store, stage: Stage, job: Job, before: PartRecord) -> PartRecord:
    """Take the rows of the problems that are left from a part that was made of all of them, and its sums with them."""
    left = store.read(job.inputs[PROBLEM], ["id"]).column("id").combine_chunks()

    def of_these(table: pa.Table) -> pa.Table:
        return table.filter(pc.is_in(table.column("id"), value_set=left))

    refused = store.read_rejected(before)
    empty = arrow_schema(RejectedTable).empty_table()
    rejected = empty if refused is None else of_these(refused)
    # Parquet calls the items of a list by another name than Arrow: cast, the bytes are those of rows made anew.
    rows = of_these(store.read(before)).cast(arrow_schema(stage.output))
    return store.write(stage.table, job.key, rows, rejected.cast(empty.schema), before.stats)


def _attempts(job: Job) -> dict[str, pa.Table]:
    if not job.attempts:
        return {}
    return {ATTEMPTS: pa.table({"id": list(job.attempts), "attempt": list(job.attempts.values())})}


def _make_in_batches(store: Store, stage: Stage, transform: Transform, job: Job, size: int) -> PartRecord:
    kin = digest(["made of the same problems", stage.table, stage.version, job.of or job.inputs[PROBLEM].digest])
    earlier: list[str] = (store.memo(kin) or []) if stage.takes_over else []

    def pieces() -> Iterator[Piece]:
        for inputs in _batches(store, stage, job, earlier, size):
            made = checked(stage.name, stage.output, transform(inputs), inputs[PROBLEM])
            yield made.rows, made.rejected, made.stats

    empty = arrow_schema(RejectedTable).empty_table()
    record = store.write_pieces(stage.table, job.key, arrow_schema(stage.output), pieces(), empty)
    if stage.takes_over:
        store.keep_memo(kin, [*(key for key in earlier if key != job.key), job.key][-KIN:])
    return record


def _batches(store: Store, stage: Stage, job: Job, earlier: list[str], size: int) -> Iterator[dict[str, pa.Table]]:
    """The inputs of a shard, so many problems at a time, each with the rows made of them before."""
    problems = store.read(job.inputs[PROBLEM])
    readers = {
        name: store.reader(record, _columns(stage, name)) for name, record in job.inputs.items() if name != PROBLEM
    }
    kin = [reader for key in earlier if (reader := _reader_of_kin(store, stage.table, key)) is not None]
    for start in range(0, problems.num_rows, size):
        batch = problems.slice(start, size)
        ids = batch.column("id").to_pylist()
        inputs = {PROBLEM: batch, **{name: reader.rows_of(ids) for name, reader in readers.items()}, **_attempts(job)}
        if kin:
            inputs[stage.table] = pa.concat_tables([reader.rows_of(ids) for reader in kin])
        yield inputs


def _reader_of_kin(store: Store, table: str, key: str) -> PieceReader | None:
    """An earlier part, None where it is gone or damaged: its rows are then made again."""
    record = store.find(table, key)
    if record is None:
        return None
    try:
        return store.reader(record)
    except StoreError:
        return None


def _columns(stage: Stage, table: str) -> list[str] | None:
    wanted = stage.columns.get(table)
    return None if wanted is None else list(wanted)


def make_problems(out: Place, chunk: Chunk | GeneratedChunk) -> PartRecord:
    """Run stage collect on one chunk of raw rows and write what it made.

    Raises:
        OSError: the part cannot be written.
    """
    store = _seen(out)
    made = checked(STAGE, ProblemTable, collect(chunk))
    return store.write(PROBLEM, chunk.key, made.rows, made.rejected, made.stats)
