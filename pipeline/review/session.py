"""One reviewer's way through the rows of a build: choose, look, judge, go on. It knows no widget."""

from dataclasses import dataclass, field
from pathlib import Path

import pyarrow as pa

from pipeline.errors import UsageError
from pipeline.review.choose import Filter, Order, choose
from pipeline.review.dataset import places_of
from pipeline.review.looking import Looking, said_of
from pipeline.review.summary import Summary, summarise
from pipeline.review.verdicts import VerdictLog, verdicts
from pipeline.review.view import RowView
from schemas.rows import Review


@dataclass
class Session:
    """Where a reviewer is; starts at random rows of all accepted ones."""

    looking: Looking
    reviewer: str
    log: VerdictLog
    wanted: Filter = field(default_factory=Filter)
    order: Order = Order.RANDOM
    seed: int = 0
    rows: pa.Table = None
    """The chosen rows, in order; columns of `dataset.INDEX`."""
    at: int = 0
    """Which of them is looked at."""

    @classmethod
    def of(cls, out: Path, reviewer: str) -> "Session":
        """Open a build for a reviewer; see `dataset.open_build` for what it raises."""
        session = cls(Looking.at(out), reviewer, VerdictLog(out))
        session.choose(session.wanted, session.order, session.seed)
        return session

    def choose(self, wanted: Filter, order: Order, seed: int) -> None:
        """Choose other rows and go to the first that this reviewer has not judged when it came up in this way.

        Raises:
            UsageError: a source, reason or voice that no row has; the rows stay as they were.
        """
        self.rows = choose(self.looking.index, wanted, order, seed, self.summary().standing)
        self.wanted, self.order, self.seed = wanted, order, seed
        done = self._judged_so()
        ids = self.rows.column("id").to_pylist()
        self.at = next((at for at, row_id in enumerate(ids) if row_id not in done), 0)

    def step(self, by: int) -> None:
        """Go on or back; stays at the ends."""
        self.at = max(0, min(self.rows.num_rows - 1, self.at + by))

    @property
    def view(self) -> RowView | None:
        """The row that is looked at, None where none was chosen."""
        chosen = places_of(self.rows.slice(self.at, 1))
        return self.looking.views(chosen)[0] if chosen else None

    def mine(self, view: RowView) -> Review | None:
        """What this reviewer says of a row."""
        said = said_of(view, self.looking.said())
        return next((review for review in said if review.reviewer == self.reviewer), None)

    def judge(self, verdict: str, reason: str = "", note: str = "") -> Review:
        """Store a verdict on the row that is looked at; when this returns it is on disk.

        Raises:
            UsageError: no row is looked at, it cannot be judged, or the reviewer has no name.
            StoreError: it could not be stored.
        """
        view = self.view
        if view is None or not view.can_be_judged:
            raise UsageError("there is no row here that can be judged")
        if not self.reviewer:
            raise UsageError("who says so? give the reviewer's name first")
        return self.log.add(
            row_id=view.id,
            content=view.content,
            verdict=verdict,
            reviewer=self.reviewer,
            reason=reason,
            note=note.strip(),
            chosen=self.order.value,
            pool=self.wanted.pool,
        )

    def summary(self) -> Summary:
        """What all verdicts come to."""
        return summarise(self.looking, verdicts(self.log.out))

    def _judged_so(self) -> set[str]:
        mine = [said for said in verdicts(self.log.out) if said.reviewer == self.reviewer]
        so = [said for said in mine if (said.chosen, said.pool) == (self.order, self.wanted.pool)]
        contents = self.looking.contents({said.id for said in so})
        return {said.id for said in so if contents.get(said.id) == said.content}
