"""Published rows in a training order: read by row group, shuffled in windows, the same for the same seed.

Files are local, on the Hub (`hf://datasets/org/name`) or in an object store: whatever fsspec reads. A place in the
order is (epoch, window, batch); reading goes on from any place exactly, at the price of reading one window again.
"""

import hashlib
import random
from collections.abc import Callable, Iterator, Mapping, Sequence, Sized
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from itertools import chain
from typing import Any, Generic, NamedTuple, TypeVar

import fsspec
import httpx2
import pyarrow as pa
import pyarrow.parquet as pq

from pipeline.errors import ContractError, SourceError, UsageError
from pipeline.store.place import store_errors, told
from pipeline.train.packing import Shape, groups
from pipeline.train.samples import Objective

_OPENED_AT_ONCE = 16
"""Files whose metadata are read at a time: far away each takes a second."""
_S = TypeVar("_S", bound=Sized)


@dataclass(frozen=True, slots=True)
class Piece:
    """One row group of one file."""

    url: str
    row_group: int
    n_rows: int


@dataclass(frozen=True, slots=True)
class Place:
    """Where reading goes on."""

    epoch: int = 0
    window: int = 0
    batch: int = 0
    """Batches of the window that are done."""


@dataclass(frozen=True)
class Corpus:
    """The rows of one split."""

    pieces: tuple[Piece, ...]

    @property
    def n_rows(self) -> int:
        """Rows of an epoch."""
        return sum(piece.n_rows for piece in self.pieces)

    def mark(self) -> str:
        """Tells it from other data, wherever it lies: how many rows, and a digest of the first ones' ids.

        Raises:
            SourceError: the first file is gone or damaged.
        """
        first = min(self.pieces, key=lambda piece: (piece.url, piece.row_group))
        ids = " ".join(row["id"] for row in self.rows(first, ["id"]))
        return f"{self.n_rows} rows, {hashlib.blake2b(ids.encode(), digest_size=8).hexdigest()}"

    def rows(self, piece: Piece, columns: Sequence[str]) -> list[dict[str, Any]]:
        """The rows of a piece.

        Raises:
            SourceError: the file is gone or damaged.
        """
        try:
            with fsspec.open(piece.url) as file, pq.ParquetFile(file) as parquet:
                rows: list[dict[str, Any]] = parquet.read_row_group(piece.row_group, columns=list(columns)).to_pylist()
        except _read_errors() as exc:
            raise SourceError(f"{piece.url}: row group {piece.row_group} cannot be read: {told(exc)}") from exc
        return rows


class Corpora(NamedTuple):
    """What a stage reads."""

    train: Corpus
    validation: Corpus | None = None
    """None where nothing is to be measured."""


def open_corpora(location: str, columns: Sequence[str]) -> Corpora:
    """Find the rows to learn, and those to measure if there are any; see `open_corpus`."""
    validation = find_corpus(location, "validation", columns)
    return Corpora(
        open_corpus(location, "train", columns), validation if validation is not None and validation.pieces else None
    )


def open_corpus(location: str, split: str, columns: Sequence[str]) -> Corpus:
    """Find the rows of a split.

    Args:
        location: folder of a build or of a data set, or a URL of fsspec such as hf://datasets/org/name.
        split: train, validation or test.
        columns: what will be read of it.

    Raises:
        UsageError: no rows are there.
        SourceError: the place cannot be reached.
        ContractError: a column is missing.
    """
    found = find_corpus(location, split, columns)
    if found is None:
        raise UsageError(f"{location}: no file of split {split} here; give the folder of a build or of a data set")
    if not found.pieces:
        raise UsageError(f"{location}: split {split} has no rows; build more, or give the others a smaller share")
    return found


def find_corpus(location: str, split: str, columns: Sequence[str]) -> Corpus | None:
    """As `open_corpus`, None where the split has no file."""
    location = location.rstrip("/")
    for folder in (f"{location}/dataset/data", f"{location}/data"):
        try:
            fs, path = fsspec.core.url_to_fs(folder)
            found = sorted(fs.glob(f"{path}/{split}-*.parquet"))
        except (ValueError, ImportError) as exc:
            raise UsageError(f"{location}: cannot be listed: {exc}") from exc
        except _read_errors() as exc:
            raise SourceError(f"{location}: cannot be listed: {told(exc)}") from exc
        if found:
            with ThreadPoolExecutor(_OPENED_AT_ONCE) as pool:
                pieces = pool.map(partial(_pieces, columns=columns), map(fs.unstrip_protocol, found))
            return Corpus(tuple(chain.from_iterable(pieces)))
    return None


def _pieces(url: str, columns: Sequence[str]) -> list[Piece]:
    try:
        with fsspec.open(url) as file:
            meta = pq.read_metadata(file)
    except _read_errors() as exc:
        raise ContractError(f"{url}: not a readable parquet file: {told(exc)}") from exc
    missing = sorted(set(columns) - set(meta.schema.to_arrow_schema().names))
    if missing:
        raise ContractError(f"{url}: has no column {missing[0]!r}: give a data set of this project")
    groups_of_rows = ((group, meta.row_group(group).num_rows) for group in range(meta.num_row_groups))
    return [Piece(url, group, n_rows) for group, n_rows in groups_of_rows if n_rows]


def _read_errors() -> tuple[type[Exception], ...]:
    """What is raised where rows cannot be reached or read: the Hub's client has errors of its own, too."""
    return (*store_errors(), httpx2.HTTPError, pa.ArrowInvalid)


@dataclass(frozen=True)
class Reader(Generic[_S]):
    """Batches of a corpus under a mix of objectives, planned: neither heard nor made into tensors yet."""

    corpus: Corpus
    objectives: tuple[Objective, ...]
    columns: tuple[str, ...]
    """What is read of each row; its id among them."""
    lay: Callable[[Mapping[str, Any], Objective], _S]
    """Makes a sample of a row; the sample's length is that of its tokens."""
    shape: Shape
    seed: int = 0
    window_rows: int = 2000
    """Rows shuffled and packed together, and held in memory."""

    def windows(self, epoch: int) -> list[list[Piece]]:
        """Row groups of an epoch in their order, cut into windows."""
        pieces = list(self.corpus.pieces)
        random.Random(f"{self.seed} {epoch}").shuffle(pieces)
        made: list[list[Piece]] = [[]]
        for piece in pieces:
            if made[-1] and sum(held.n_rows for held in made[-1]) + piece.n_rows > self.window_rows:
                made.append([])
            made[-1].append(piece)
        return made

    def planned(self, start: Place = Place()) -> Iterator[tuple[list[list[_S]], Place]]:
        """Batches, each a list of rows of samples, without end from a place on, each with the place after it.

        Raises:
            SourceError: a file is gone or damaged.
            UsageError: a sample is longer than a batch's row.
        """
        place = start
        while True:
            yield from self._rest_of_epoch(place)
            place = Place(place.epoch + 1)

    def epoch(self) -> Iterator[list[list[_S]]]:
        """The batches of the first epoch."""
        return (batch for batch, _ in self._rest_of_epoch(Place()))

    def _rest_of_epoch(self, place: Place) -> Iterator[tuple[list[list[_S]], Place]]:
        windows = self.windows(place.epoch)
        for number in range(place.window, len(windows)):
            order = random.Random(f"{self.seed} {place.epoch} {number}")
            made = self._window(windows[number], place.epoch, order)
            skipped = place.batch if number == place.window else 0
            for k, batch in enumerate(made[skipped:], start=skipped + 1):
                after = Place(place.epoch, number, k) if k < len(made) else Place(place.epoch, number + 1)
                yield batch, after

    def _window(self, pieces: Sequence[Piece], epoch: int, order: random.Random) -> list[list[list[_S]]]:
        samples = [
            self.lay(row, self.objective(row["id"], epoch))
            for piece in pieces
            for row in self.corpus.rows(piece, self.columns)
        ]
        order.shuffle(samples)
        batches = groups([len(sample) for sample in samples], self.shape)
        order.shuffle(batches)
        return [[[samples[k] for k in row] for row in batch] for batch in batches]

    def objective(self, row_id: str, epoch: int) -> Objective:
        """A row's objective in an epoch, by hash and share."""
        digest = hashlib.blake2b(f"{self.seed} {epoch} {row_id}".encode(), digest_size=8).digest()
        total = sum(objective.share for objective in self.objectives)
        point = int.from_bytes(digest, "big") / 2**64 * total
        for objective in self.objectives:
            point -= objective.share
            if point < 0:
                return objective
        return self.objectives[-1]
