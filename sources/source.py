"""What a source is: where its raw rows come from, under which licence, and how one row becomes a Problem.

It knows neither how files and the Hub are read (`sources.reading`) nor which sources exist (`sources.registry`).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from pipeline.core.answer import Convention
from pipeline.core.outcome import Unreadable
from schemas.rows import Problem

RawFields: TypeAlias = Mapping[str, object]
Parse: TypeAlias = Callable[[RawFields, str], Problem | Unreadable]


@dataclass(frozen=True, slots=True)
class Hub:
    """A data set on the Hugging Face Hub, pinned to one commit."""

    path: str
    config: str
    split: str
    revision: str
    """Full commit hash, so that a build reads the same rows for ever."""
    n_rows: int
    """Rows of that revision, for plans made without a network."""


@dataclass(frozen=True, slots=True)
class Packaged:
    """Rows that ship inside the package, in `sources/sample_rows`."""

    filename: str


@dataclass(frozen=True, slots=True)
class Generated:
    """Rows that are computed from a seed and their index."""

    version: int
    """Raised whenever the same seed and index give another row."""


@dataclass(frozen=True, slots=True)
class Source:
    """One data set that problems are collected from."""

    name: str
    """Value of the `source` column."""
    origin: Hub | Packaged | Generated
    """Where rows come from when no path is given."""
    license: str
    """SPDX name of the licence that each row carries."""
    convention: Convention
    """How the source marks a final answer."""
    fields: tuple[str, ...]
    """Raw fields that a row must have."""
    parse: Parse
    """Pure: a raw row and its source_id to a Problem, or why it is refused."""
