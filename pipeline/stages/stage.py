"""What a stage is: frozen data plus one transform over the parts of one shard.

A stage knows neither where its inputs lie nor what runs it. Its `key` is the address of what it makes: name, version,
settings, and the digests of its inputs; never a path, a worker count or a machine.
"""

import asyncio
import json
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple, TypeVar

import pyarrow as pa

from pipeline.core.fingerprint import digest
from pipeline.core.outcome import Unreadable
from pipeline.errors import Reason, Smp3mError
from pipeline.stages.desk import Desk
from schemas.rejected import RejectedTable
from schemas.rows import Rejected
from schemas.table import Table, to_table, violations

Inputs = Mapping[str, pa.Table]
"""Table name -> that table's part of this shard."""


ATTEMPTS = "attempts"
"""Among the inputs, the rows that were tried afresh: columns id and attempt; missing where there are none."""
FAMILY = "family"
"""Name of the table, among the inputs of what depends on them, with the families of a shard of which near duplicates
have joined some; its problems' own families hold where there is no such part."""


class Outcome(NamedTuple):
    """What a transform makes of a shard: every row that went in comes out in one of the three."""

    rows: Sequence[Any]
    refused: Sequence[Rejected]
    stats: Mapping[str, float] = {}
    pending: Mapping[str, int] = {}
    """Why -> how many rows have to wait for another run: a server that did not answer, money that was spent."""


Transform = Callable[[Inputs], Outcome]


@dataclass(frozen=True)
class Plain:
    """A pure function over a shard."""

    run: Transform


@dataclass(frozen=True)
class Async:
    """A coroutine over a shard, for work that waits on a network."""

    run: Callable[[Desk, Inputs], Awaitable[Outcome]]


@dataclass(frozen=True)
class Engine:
    """A transform that needs something loaded first, once per process."""

    load: Callable[[], Transform]


@dataclass(frozen=True)
class Stage:
    """One table and how it is made."""

    table: str
    """Name of the table it fills."""
    name: str
    """What `stage` says in the rows it refuses."""
    version: int
    """Raised when the transform changes what it makes of equal input."""
    output: type[Table]
    inputs: tuple[str, ...]
    """Names of the tables it reads; all hold the same shard."""
    transform: Plain | Async | Engine
    identity: Mapping[str, object]
    """Settings, prompt digests and engine versions that change what comes out."""
    columns: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Columns that it reads of its inputs; a table that is not named is read whole."""
    batch_rows: int | None = None
    """Problems handed over at a time, for rows too large to hold a shard of; None for the whole shard."""
    takes_over: bool = False
    """Whether the transform is handed, under its own table's name, the rows that it made of these problems before
    under other settings, so that it can take over those that are not concerned."""
    inputs_if_any: tuple[str, ...] = ()
    """Names of tables that it reads too, of the shards that have a part of them."""
    sources: frozenset[str] | None = None
    """Sources whose rows it makes, where others are made by another stage; None for all."""

    def makes(self, source: str) -> bool:
        """Whether it makes the rows of a source."""
        return self.sources is None or source in self.sources

    def key(self, input_digests: Sequence[str], attempts: Mapping[str, int] | None = None) -> str:
        """Address of the part made from inputs of these digests, in the order of `inputs`.

        Args:
            input_digests: one for each of `inputs`, and of `inputs_if_any` that there are.
            attempts: row id -> how often it is tried afresh, for rows of this shard that are.
        """
        made_of = [self.table, self.version, dict(self.identity), list(input_digests)]
        return digest([*made_of, dict(attempts)] if attempts else made_of)

    @property
    def identity_key(self) -> str:
        """Address of what it does, whatever it is done to."""
        return digest([self.table, self.version, dict(self.identity)])


class Made(NamedTuple):
    """A shard after a stage, as tables that satisfy their schemas."""

    rows: pa.Table
    rejected: pa.Table
    stats: dict[str, float]
    pending: dict[str, int]


def load(stage: Stage, desk: Desk) -> Transform:
    """Make the stage's transform callable; loads an engine if it has one.

    Args:
        stage: what is to be done.
        desk: where models are asked from.

    Raises:
        EngineError: the engine cannot be loaded.
    """
    transform = stage.transform
    match transform:
        case Plain():
            return transform.run
        case Engine():
            return transform.load()
        case Async():
            return lambda inputs: asyncio.run(_awaited(transform.run(desk, inputs)))


async def _awaited(outcome: Awaitable[Outcome]) -> Outcome:
    return await outcome


def checked(stage: str, output: type[Table], outcome: Outcome, problems: pa.Table | None = None) -> Made:
    """Make tables of an outcome, all rows of which satisfy their schema; see `keep_valid`."""
    rows, broken = keep_valid(stage, output, to_table(output, outcome.rows), problems)
    rejected = to_table(RejectedTable, [*outcome.refused, *broken])
    if violations(RejectedTable, rejected):
        raise ValueError(f"stage {stage}: makes rejected rows that break their schema")
    stats = {name: float(value) for name, value in outcome.stats.items()}
    return Made(rows, rejected, stats, dict(outcome.pending))


def keep_valid(
    stage: str, model: type[Table], rows: pa.Table, problems: pa.Table | None = None
) -> tuple[pa.Table, list[Rejected]]:
    """Take out the rows that break their schema, as refusals that name column and value.

    Args:
        stage: who says so.
        model: the schema.
        rows: columns and types of the schema.
        problems: where rows came from; None where `rows` say so themselves.
    """
    broken = violations(model, rows)
    if not broken:
        return rows, []
    known = (rows if problems is None else problems).select(["id", "source", "source_id"])
    origin = {row["id"]: row for row in known.to_pylist()}
    refused = []
    for violation in broken:
        row = rows.slice(violation.row, 1).to_pylist()[0]
        refused.append(_schema_refusal(stage, {**row, **origin[row["id"]]}, violation.detail))
    bad = {violation.row for violation in broken}
    return rows.take([index for index in range(rows.num_rows) if index not in bad]), refused


def _schema_refusal(stage: str, row: Mapping[str, Any], detail: str) -> Rejected:
    return Rejected(
        id=str(row["id"]),
        source=str(row["source"]),
        source_id=str(row["source_id"]),
        stage=stage,
        reason=Reason.SCHEMA,
        detail=detail,
        attempt=0,
        payload_json=json.dumps(row, ensure_ascii=False, default=str, sort_keys=True),
    )


def refuse(
    stage: str, problem: Mapping[str, Any], why: Unreadable, payload: Mapping[str, object], attempt: int = 0
) -> Rejected:
    """Make the rejected row of a problem that a stage refuses; `payload` is what the stage had made of it by then."""
    return Rejected(
        id=problem["id"],
        source=problem["source"],
        source_id=problem["source_id"],
        stage=stage,
        reason=why.reason.value,
        detail=why.detail,
        attempt=attempt,
        payload_json=json.dumps(
            {"question": problem["question"], **payload}, ensure_ascii=False, sort_keys=True, default=str
        ),
    )


_Result = TypeVar("_Result")


def guarded(work: Callable[[], _Result]) -> _Result | Unreadable:
    """Do one row's work; whatever it raises refuses that row, by name, and no other."""
    try:
        return work()
    except Smp3mError:
        raise
    # One row of three million must not stop the rest: a bug in a reader costs the row that meets it, and is told in
    # its detail.
    except Exception as exc:  # noqa: BLE001
        first = (str(exc).splitlines() or [""])[0]
        return Unreadable(Reason.FAILED, f"{type(exc).__name__}: {first[:200]}")


def attempts_in(inputs: Inputs) -> dict[str, int]:
    """Row id -> how often it had been tried afresh, for rows that were."""
    if ATTEMPTS not in inputs:
        return {}
    ids, attempts = (inputs[ATTEMPTS].column(name).to_pylist() for name in ("id", "attempt"))
    return dict(zip(ids, attempts, strict=True))


def joined(inputs: Inputs, *tables: str) -> Iterable[tuple[dict[str, Any], ...]]:
    """Rows of several tables of one shard, joined on id, in the order of the first; ids not in all are left out."""
    columns = [{row["id"]: row for row in inputs[table].to_pylist()} for table in tables]
    for row_id in columns[0]:
        if all(row_id in column for column in columns):
            yield tuple(column[row_id] for column in columns)
