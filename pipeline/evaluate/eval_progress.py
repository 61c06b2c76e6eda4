"""How far an evaluation is: a bar for each contestant and way of asking; lines where there is no terminal."""

import time
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

from pipeline.evaluate.evaluation import Answered

LINE_EVERY_S = 30.0
"""Without a terminal a line is written that often, and when a contestant is through."""


class EvalProgress:
    """Counts answers; a context manager."""

    def __init__(self, console: Console, n_items: int) -> None:
        """Show on `console`; every contestant is asked `n_items` in each way."""
        self._console = console
        self._n_items = n_items
        self._done: dict[str, int] = {}
        self._bars: dict[str, TaskID] = {}
        self._line_at = time.monotonic() + LINE_EVERY_S
        self._live = Progress(
            TextColumn("{task.description}", markup=False),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            console=console,
            transient=True,
        )

    def __enter__(self) -> Self:
        """Begin to show."""
        if self._console.is_terminal:
            self._live.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop showing."""
        if self._console.is_terminal:
            self._live.stop()

    def count(self, one: Answered) -> None:
        """An item was answered, now or by an earlier run."""
        who = f"{one.contestant}, asked by {one.source}"
        n = self._done[who] = self._done.get(who, 0) + 1
        if self._console.is_terminal:
            if who not in self._bars:
                self._bars[who] = self._live.add_task(who, total=self._n_items)
            self._live.update(self._bars[who], completed=n)
        elif n == self._n_items or time.monotonic() >= self._line_at:
            self._line_at = time.monotonic() + LINE_EVERY_S
            self._console.print(f"{who}: {n:,} of {self._n_items:,}", markup=False, highlight=False, soft_wrap=True)
