"""How far an evaluation is: a bar for each contestant and what is done with it; lines where there is no terminal."""

import time
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

LINE_EVERY_S = 30.0
"""Without a terminal a line is written that often, and when a contestant is through."""


class EvalProgress:
    """Counts items; a context manager."""

    def __init__(self, console: Console, n_items: int) -> None:
        """Show on `console`; everything is done with `n_items`."""
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

    def count(self, contestant: str, what: str) -> None:
        """That much is done of one item more, now or by an earlier run."""
        task = f"{contestant}, {what}"
        n = self._done[task] = self._done.get(task, 0) + 1
        if self._console.is_terminal:
            if task not in self._bars:
                self._bars[task] = self._live.add_task(task, total=self._n_items)
            self._live.update(self._bars[task], completed=n)
        elif n == self._n_items or time.monotonic() >= self._line_at:
            self._line_at = time.monotonic() + LINE_EVERY_S
            self._console.print(f"{task}: {n:,} of {self._n_items:,}", markup=False, highlight=False, soft_wrap=True)
