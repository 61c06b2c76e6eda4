"""One live display for all stages of a build: bars on a terminal, plain lines elsewhere, and a file for `status`.

It is told what happens and shows it; it decides nothing.
"""

import os
import time
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from types import TracebackType

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)

from pipeline.store.atomic import write_json
from pipeline.store.parts import PartRecord
from pipeline.store.place import Place

STATUS_FILE = "progress.json"
STATUS_EVERY_S = 1.0


@dataclass
class TableProgress:
    """How far one table is."""

    order: int
    """0 for the table that was begun first."""
    shards: int
    """Shards to be had in the end."""
    done: int = 0
    reused: int = 0
    """Of those done, how many were there before."""
    rows: int = 0
    rejected: dict[str, int] = field(default_factory=dict)
    """Reason -> rows."""
    seconds: float = 0.0
    """Time spent on it in this run; tables that are filled together share theirs."""


@dataclass
class Snapshot:
    """What `smp3m status` reads while another process builds."""

    process: int
    started: float
    updated: float
    state: str = "running"
    to_come: list[str] = field(default_factory=list)
    """Tables that are not begun yet."""
    tables: dict[str, TableProgress] = field(default_factory=dict)


class BuildProgress:
    """Collects progress, shows it on `console`, and keeps DIR/store/progress.json current."""

    def __init__(self, store_root: Place, console: Console) -> None:
        """Show on `console`; write the snapshot under `store_root`."""
        now = time.time()
        self.snapshot = Snapshot(process=os.getpid(), started=now, updated=now)
        self._file = store_root / STATUS_FILE
        self._console = console
        self._written = 0.0
        self._started_s: dict[str, float] = {}
        self._bars: dict[str, TaskID] = {}
        self._live = Progress(
            TextColumn("{task.description:<12}"),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("shards {task.fields[rows]} rows"),
            TimeElapsedColumn(),
            TimeRemainingColumn(),
            console=console,
        )

    def __enter__(self) -> "BuildProgress":
        """Begin to show."""
        if self._console.is_terminal:
            self._live.start()
        self._write()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop showing and leave the last state on disk."""
        if self._console.is_terminal:
            self._live.stop()
        self.snapshot.state = "finished" if kind is None else "stopped"
        try:
            self._write()
        except OSError:
            if kind is None:
                raise
            # The disk is full: the error that stopped the build is the one to be told.

    def expect(self, tables: Iterable[str]) -> None:
        """These tables will be begun, in this order."""
        self.snapshot.to_come = list(dict.fromkeys(tables))

    def begin(self, table: str, shards: int) -> None:
        """A table is worked on from now, or still; `shards` may be 0 when it is not known yet."""
        if table in self.snapshot.tables:
            return
        self.snapshot.to_come = [name for name in self.snapshot.to_come if name != table]
        self.snapshot.tables[table] = TableProgress(len(self.snapshot.tables), shards)
        if self._console.is_terminal:
            self._bars[table] = self._live.add_task(table, total=shards or None, rows=0)
        self._started_s[table] = time.monotonic()
        self._write()

    def shard(self, record: PartRecord, *, reused: bool) -> None:
        """A shard of a table is there."""
        state = self.snapshot.tables[record.table]
        state.done += 1
        state.reused += reused
        state.rows += record.rows
        for reason, n_rows in record.rejected.items():
            state.rejected[reason] = state.rejected.get(reason, 0) + n_rows
        state.seconds = time.monotonic() - self._started_s[record.table]
        if self._console.is_terminal:
            self._live.update(self._bars[record.table], completed=state.done, rows=state.rows)
        if time.monotonic() - self._written > STATUS_EVERY_S:
            self._write()

    def end(self, table: str) -> None:
        """A table is complete."""
        state = self.snapshot.tables[table]
        state.shards = state.done
        state.seconds = time.monotonic() - self._started_s[table]
        if self._console.is_terminal:
            self._live.update(self._bars[table], total=state.done, completed=state.done)
        else:
            kept = f" ({state.reused} kept from before)" if state.reused else ""
            self._console.print(
                f"{table}: {_count(state.done, 'shard')}{kept}, {state.rows} rows, "
                f"{sum(state.rejected.values())} rejected, "
                f"{state.seconds:.1f} s",
                highlight=False,
            )
        self._write()

    def note(self, text: str) -> None:
        """Say what goes on besides tables."""
        self._console.print(text, highlight=False)

    def _write(self) -> None:
        self.snapshot.updated = time.time()
        self._written = time.monotonic()
        write_json(self._file, asdict(self.snapshot))


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"
