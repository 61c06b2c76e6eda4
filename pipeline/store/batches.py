"""Batches that were handed to a server and their requests, kept so that nothing is handed in twice or forgotten.

    DIR/store/journal/batches/NAME.jsonl     the requests, as they are uploaded; removed when their answers are merged
    DIR/store/journal/batches/NAME.json      what is known of the batch, written before and after every step

NAME is drawn before anything is sent and goes with the file and the batch: should the process die between the server's
answer and our note of it, the next run finds by the name what the server has. It knows no HTTP.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field, replace
from uuid import uuid4

from pipeline.store.atomic import write_json, write_text
from pipeline.store.place import Place, ending, make_folder, read_text, remove


@dataclass(frozen=True)
class Batch:
    """One batch."""

    name: str
    requests: int
    usd: float
    """What its answers are expected to cost; 0 without a price."""
    model: str
    batch_id: str | None = None
    """The server's name of it; None until it is known to be there."""
    status: str = "written"
    """As the server last said."""
    done: int = 0
    """Requests that the server has finished."""
    merged: bool = False
    """Whether all its answers are in the journal."""
    refused: dict[str, str] = field(default_factory=dict)
    """Key -> why the server refuses this request for good."""


class BatchShelf:
    """The batches of a journal."""

    def __init__(self, journal: Place) -> None:
        """Name the folder; nothing is read yet."""
        self._folder = journal / "batches"

    def add(self, lines: Sequence[str], model: str, usd: float) -> Batch:
        """Put requests on the shelf, to be sent; durable when it returns."""
        batch = Batch(uuid4().hex, len(lines), usd, model)
        make_folder(self._folder)
        write_text(self.requests_file(batch), "".join(lines))
        self.note(batch)
        return batch

    def note(self, batch: Batch) -> None:
        """Keep what is known of a batch; durable when it returns."""
        write_json(self.note_file(batch), asdict(batch))

    def close(self, batch: Batch) -> None:
        """Note that all there is of a batch is in the journal."""
        self.note(replace(batch, merged=True))
        remove(self.requests_file(batch))

    def all(self) -> list[Batch]:
        """Every batch there was, by name."""
        return [Batch(**json.loads(read_text(path))) for path in ending(self._folder, ".json")]

    def open(self) -> list[Batch]:
        """Batches whose answers are not all in the journal."""
        return [batch for batch in self.all() if not batch.merged]

    def refusals(self) -> dict[str, str]:
        """Key -> why a request was refused for good."""
        return {key: why for batch in self.all() for key, why in batch.refused.items()}

    def note_file(self, batch: Batch) -> Place:
        """The file that holds what is known of a batch."""
        return self._folder / f"{batch.name}.json"

    def requests_file(self, batch: Batch) -> Place:
        """The file that is uploaded."""
        return self._folder / f"{batch.name}.jsonl"

    def keys(self, batch: Batch) -> Iterator[str]:
        """Keys of a batch's requests."""
        with self.requests_file(batch).open(encoding="utf-8") as file:
            for line in file:
                yield json.loads(line)["custom_id"]
