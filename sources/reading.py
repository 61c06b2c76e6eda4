"""The raw rows of a source, from wherever they come: a local path, the Hub, or the package itself.

It does not parse rows into problems, and it does not read generated sources (`sources.simpleop.raw_rows`).
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import chain, islice
from pathlib import Path

from pipeline.core.fingerprint import digest
from pipeline.errors import UsageError
from sources import files
from sources.files import RawRow
from sources.source import Generated, Hub, Packaged, Source

SAMPLE_FOLDER = Path(__file__).parent / "sample_rows"
PROBE_ROWS = 1000
"""When none of so many first rows has the source's fields, the file is of another format."""


def open_rows(source: Source, path: Path | None = None, *, streaming: bool = False) -> Iterator[RawRow]:
    """Every raw row of a source in order; rows that cannot be decoded are yielded with their error.

    Args:
        source: what to read; its Hub revision or package file where `path` is None.
        path: a file or folder in the source's raw format.
        streaming: read the Hub without keeping a copy, for a few rows of a large data set.

    Raises:
        UsageError: the path is missing, empty, unsupported, or its rows have other fields.
        SourceError: the Hub does not deliver.
    """
    if path is not None:
        return _file_by_file(path, source)
    match source.origin:
        case Packaged(filename):
            return _checked(files.read_path(SAMPLE_FOLDER / filename), source, source.name)
        case Hub() as hub:
            # Only here: importing `datasets` takes 1.3 s, which builds from files need not pay.
            from sources.hub import read_hub

            rows = read_hub(hub, f"--source {source.name}", streaming=streaming)
            return _checked(rows, source, hub.path)
        case Generated():
            raise UsageError(f"source {source.name} is generated: it takes no path and has no rows to read")


def _file_by_file(path: Path, source: Source) -> Iterator[RawRow]:
    """Rows of all files; each file must have the source's format, the first of them at once."""
    first, *others = files.data_files(path)
    return _numbered_through(_checked(files.read_path(first), source, str(first)), others, source)


def _numbered_through(rows: Iterator[RawRow], others: Sequence[Path], source: Source) -> Iterator[RawRow]:
    n_rows = 0
    for row in rows:
        n_rows = row.index + 1
        yield row
    for file in others:
        start = n_rows
        for row in _checked(files.read_path(file), source, str(file)):
            n_rows = start + row.index + 1
            yield replace(row, index=start + row.index)


def content_digest(source: Source, path: Path | None = None) -> str:
    """What the rows depend on: file bytes (never the path), or the Hub revision, or the generator's version."""
    if path is not None:
        return files.content_digest(path)
    match source.origin:
        case Packaged(filename):
            return files.content_digest(SAMPLE_FOLDER / filename)
        case Hub() as hub:
            return digest([hub.path, hub.config, hub.split, hub.revision])
        case Generated(version):
            return digest([source.name, version])


def _checked(rows: Iterator[RawRow], source: Source, place: str) -> Iterator[RawRow]:
    """The same rows; UsageError when not one of the first PROBE_ROWS has the fields the source expects."""
    probe = list(islice(rows, PROBE_ROWS))
    wanted = set(source.fields)
    if any(row.raw is not None and wanted <= row.raw.keys() for row in probe):
        return chain(probe, rows)
    readable = [row for row in probe if row.raw is not None]
    if not readable:
        raise UsageError(f"{place}: no row of the first {len(probe)} is a JSON object ({probe[0].error})")
    names = ", ".join(sorted({str(name) for row in readable[:20] for name in row.raw or ()})) or "none"
    raise UsageError(f"{place}: {source.name} rows have the fields {', '.join(source.fields)}; found here: {names}")
