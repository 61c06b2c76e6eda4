"""Cut sources into chunks, in row order and by content alone, so that growing --rows rebuilds only the last.

It reads raw rows but does not parse them.
"""

from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path

from pipeline.config import CollectConfig, Config
from pipeline.config_sources import SourceConfig
from pipeline.core.fingerprint import digest
from pipeline.errors import UsageError
from pipeline.stages.collect import VERSION, Chunk, GeneratedChunk
from sources import reading, simpleop
from sources.files import RawRow
from sources.registry import resolve
from sources.source import Generated, Source


def index_key(source: Source, spec: SourceConfig, config: Config) -> str:
    """Address of the list of a source's chunks: what is read, how much of it, and how it is cut."""
    cut = config.collect
    literals: list[object] = ["chunks", VERSION, source.name, config.rows, cut.shard_rows, cut.shard_bytes]
    if isinstance(source.origin, Generated):
        settings = config.sources.simpleop
        return digest([*literals, source.origin.version, config.seed, settings.kind, settings.rows])
    return digest([*literals, spec.license, reading.content_digest(source, _path(spec))])


def chunks(source: Source, spec: SourceConfig, config: Config) -> Iterator[Chunk | GeneratedChunk]:
    """Yield the chunks of a source in row order.

    Raises:
        UsageError: the file is missing, empty, or of another format.
        SourceError: the Hub cannot be reached.
    """
    if isinstance(source.origin, Generated):
        size = config.collect.shard_rows
        n_rows = config.rows or config.sources.simpleop.rows
        kind = config.sources.simpleop.kind
        if n_rows > simpleop.capacity(kind):
            most = f"one seed gives {simpleop.capacity(kind):,} different {kind} questions"
            raise UsageError(f"--rows {n_rows}: {most}; ask for fewer")
        for start in range(0, n_rows, size):
            stop = min(start + size, n_rows)
            yield GeneratedChunk(source.name, source.origin.version, config.seed, kind, start, stop)
        return
    # With --rows a large data set on the Hub is streamed: its first rows alone are fetched.
    rows = islice(reading.open_rows(source, _path(spec), streaming=config.rows is not None), config.rows)
    for batch in _cut(rows, config.collect):
        yield Chunk(source.name, batch, spec.license)


def _cut(rows: Iterable[RawRow], most: CollectConfig) -> Iterator[tuple[RawRow, ...]]:
    """Consecutive rows, as many as fit; where the cuts lie follows from the rows before them alone."""
    batch: list[RawRow] = []
    n_bytes = 0
    for row in rows:
        size = len(row.payload.encode())
        if batch and (len(batch) == most.shard_rows or n_bytes + size > most.shard_bytes):
            yield tuple(batch)
            batch, n_bytes = [], 0
        batch.append(row)
        n_bytes += size
    if batch:
        yield tuple(batch)


def sources_of(spec: SourceConfig) -> tuple[Source, ...]:
    """Return the sources a name stands for; `sample` stands for one per format."""
    return resolve(spec.name)


def _path(spec: SourceConfig) -> Path | None:
    return None if spec.path is None else Path(spec.path).absolute()
