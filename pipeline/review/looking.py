"""Look at rows of a build: read them where they lie and make views of them, with what reviewers said."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import pyarrow as pa
import pyarrow.compute as pc

from pipeline.backends.tokenizer import load as load_tokenizer
from pipeline.backends.tokenizer.protocol import Tokenizer
from pipeline.errors import Reason
from pipeline.review.dataset import Build, Place, index_of, open_build, places_of, rows_at
from pipeline.review.verdicts import current, verdicts
from pipeline.review.view import RowView, accepted_view, rejected_view
from pipeline.store.place import Place as Where
from pipeline.store.quarantine import content_of
from schemas.rows import Review

_CONTENT = ("id", "question", "spoken_question", "reasoning", "response", "question_audio", "response_audio")


@dataclass(frozen=True)
class Looking:
    """A build that is looked at; index, vocabulary and digests are read once, when they are first needed."""

    build: Build
    _contents: dict[str, str | None] = field(default_factory=dict, repr=False)

    @classmethod
    def at(cls, out: Where) -> "Looking":
        """Open a build; see `dataset.open_build` for what it raises."""
        return cls(open_build(out))

    @cached_property
    def index(self) -> pa.Table:
        """One line for each row."""
        return index_of(self.build)

    @cached_property
    def tokenizer(self) -> Tokenizer:
        """The vocabulary that the build was made with."""
        return load_tokenizer(self.build.config.interleave.tokenizer)

    def views(self, places: Sequence[Place]) -> list[RowView]:
        """The rows at these places.

        Raises:
            UsageError: the vocabulary's file is not there any more.
        """
        return [
            accepted_view(row, self.tokenizer) if self.build.holds_accepted(place) else rejected_view(row)
            for place, row in zip(places, rows_at(self.build, places), strict=True)
        ]

    def contents(self, ids: set[str]) -> dict[str, str]:
        """Id -> digest of what is heard and read, for the rows that can be judged.

        Each row is read once: it lies among others in a row group full of audio.
        """
        unread = ids - self._contents.keys()
        if unread:
            self._contents.update(dict.fromkeys(unread))
            rows = self.index.filter(pc.is_in(self.index.column("id"), value_set=pa.array(sorted(unread), pa.string())))
            accepted = places_of(rows.filter(rows.column("accepted")))
            self._contents.update((row["id"], content_of(row)) for row in rows_at(self.build, accepted, _CONTENT))
            for row in rows_at(self.build, places_of(rows.filter(held_back(rows)))):
                self._contents[row["id"]] = str(json.loads(row["payload_json"])["content"])
        return {row_id: content for row_id in ids if (content := self._contents[row_id]) is not None}

    def said(self) -> list[Review]:
        """The last word of each reviewer on each row, as on disk now; see `verdicts.verdicts` for what it raises."""
        return current(verdicts(self.build.out))


def held_back(index: pa.Table) -> pa.ChunkedArray:
    """Which rows reviewers have put out of the data set."""
    return pc.fill_null(pc.equal(index.column("reason"), Reason.REVIEW.value), False)


def said_of(view: RowView, said: Iterable[Review]) -> list[Review]:
    """What is said of a row as it is: words on what it was before it was made anew are left out."""
    return [review for review in said if (review.id, review.content) == (view.id, view.content)]
