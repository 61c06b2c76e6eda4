"""Stage collect: a chunk of raw rows to problems; what cannot be parsed is kept as rejected, its bytes as payload.

It does not know where raw rows come from (`sources`) nor how a source was cut into chunks (`run.collecting`).
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import partial

from pipeline.core.fingerprint import digest, digest_bytes
from pipeline.core.outcome import Unreadable
from pipeline.errors import Reason
from pipeline.stages.stage import Outcome, guarded
from schemas.rows import Problem, Rejected
from sources import simpleop
from sources.files import RawRow
from sources.registry import source_named

VERSION = 2
STAGE = "collect"


@dataclass(frozen=True)
class Chunk:
    """Consecutive raw rows of one source."""

    source: str
    rows: tuple[RawRow, ...]
    license: str | None = None
    """Licence of the rows, where it is not the source's."""

    @property
    def key(self) -> str:
        """Address of the part made from this chunk: content and position, never a path."""
        # Raw bytes, not NFC: what two spellings of a letter give is for the parser to say.
        payloads = digest_bytes("\n".join(f"{row.payload}\t{row.error}" for row in self.rows).encode())
        return digest([STAGE, VERSION, self.source, self.license, self.rows[0].index, payloads])

    @property
    def n_rows(self) -> int:
        """Raw rows in the chunk."""
        return len(self.rows)


@dataclass(frozen=True)
class GeneratedChunk:
    """Consecutive indices of a generated source; the rows are made where they are needed."""

    source: str
    version: int
    seed: int
    kind: str
    start: int
    stop: int

    @property
    def key(self) -> str:
        """Address of the part made from this chunk."""
        return digest([STAGE, VERSION, self.source, self.version, self.seed, self.kind, self.start, self.stop])

    @property
    def n_rows(self) -> int:
        """Rows the chunk stands for."""
        return self.stop - self.start


def collect(chunk: Chunk | GeneratedChunk) -> Outcome:
    """Parse every raw row of a chunk."""
    source = source_named(chunk.source)
    license_name = chunk.license if isinstance(chunk, Chunk) else None
    rows: list[Problem] = []
    refused: list[Rejected] = []
    for raw in _raw_rows(chunk):
        source_id = str(raw.index)
        if raw.raw is None:
            parsed: Problem | Unreadable = Unreadable(Reason.MALFORMED, raw.error)
        else:
            parsed = guarded(partial(source.parse, raw.raw, source_id))
        if isinstance(parsed, Problem):
            rows.append(parsed if license_name is None else replace(parsed, license=license_name))
        else:
            refused.append(_refusal(source.name, source_id, raw.payload, parsed))
    return Outcome(rows, refused)


def _raw_rows(chunk: Chunk | GeneratedChunk) -> Iterable[RawRow]:
    if isinstance(chunk, Chunk):
        return chunk.rows
    return simpleop.raw_rows(chunk.seed, chunk.start, chunk.stop, chunk.kind)


def _refusal(source: str, source_id: str, payload: str, why: Unreadable) -> Rejected:
    return Rejected(
        id=digest_bytes(f"{source}\n{source_id}\n{payload}".encode()),
        source=source,
        source_id=source_id,
        stage=STAGE,
        reason=why.reason.value,
        detail=why.detail,
        attempt=0,
        payload_json=json.dumps({"raw": payload}, ensure_ascii=False),
    )
