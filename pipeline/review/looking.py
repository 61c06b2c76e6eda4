"""Look at rows of a build: read them where they lie and make views of them, with what reviewers said."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import pyarrow as pa

from pipeline.backends.tokenizer import load as load_tokenizer
from pipeline.backends.tokenizer.protocol import Tokenizer
from pipeline.review.dataset import Build, Place, index_of, open_build, rows_at
from pipeline.review.verdicts import current, verdicts
from pipeline.review.view import RowView, accepted_view, rejected_view
from schemas.rows import Review


@dataclass(frozen=True)
class Looking:
    """A build that is looked at; index and vocabulary are loaded once, when they are first needed."""

    build: Build

    @classmethod
    def at(cls, out: Path) -> "Looking":
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

    def said(self) -> list[Review]:
        """The last word of each reviewer on each row, as on disk now; see `verdicts.verdicts` for what it raises."""
        return current(verdicts(self.build.out))


def said_of(view: RowView, said: Iterable[Review]) -> list[Review]:
    """What is said of a row as it is: words on what it was before it was made anew are left out."""
    return [review for review in said if (review.id, review.content) == (view.id, view.content)]
