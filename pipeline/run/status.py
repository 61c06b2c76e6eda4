"""`smp3m status DIR`: how far a build is, read from its files alone, so that it works while another process builds."""

import time
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime

from pydantic import TypeAdapter, ValidationError
from rich.console import Console, Group
from rich.live import Live
from rich.table import Table
from rich.text import Text

from pipeline.errors import StoreError, UsageError
from pipeline.run.progress import STATUS_FILE, Snapshot, TableProgress
from pipeline.store.batches import BatchShelf
from pipeline.store.parts import Store
from pipeline.store.place import Place, read_bytes
from pipeline.store.spending import Spending, count, remembered

RUNNING = "running"
WATCH_EVERY_S = 2.0
SHOWN_REASONS = 6
_MINUTE_S = 60
_READER = TypeAdapter(Snapshot)


def show_status(out: Place, console: Console, *, watch: bool) -> None:
    """Print the state of a build; with `watch` again and again until it is no longer running.

    Raises:
        UsageError: there is no build in this directory.
        StoreError: the file that a build leaves behind of its state is damaged.
    """
    store = Store(out.absolute())
    if not store.exists:
        raise UsageError(f"{out}: no build here; give the directory that --out named")
    paid = remembered(store.journal)
    if not watch:
        console.print(_state(out, paid)[0])
        return
    table, state = _state(out, paid)
    with Live(table, console=console) as live:
        while state == RUNNING:
            time.sleep(WATCH_EVERY_S)
            table, state = _state(out, paid)
            live.update(table)


def _state(out: Place, paid: Spending) -> tuple[Group, str]:
    store = Store(out.absolute())
    snapshot = _snapshot(out, store)
    # A process that was killed leaves "running" behind, but not its lock.
    state = RUNNING if store.busy else {RUNNING: "killed"}.get(snapshot.state, snapshot.state)
    names = ("table", "shards", "kept", "rows", "rejected", "rows/s", "left")
    table = Table(*names)
    for name, row in _in_order(snapshot):
        table.add_row(name, *_cells(row))
    for name in snapshot.to_come:
        table.add_row(name, "to come")
    below = [*_heard(snapshot), *_rejected(snapshot), *_money(store, paid)]
    # Words of their own: a table breaks those of its title to its width.
    return Group(Text(f"{out}: {state}"), table, *map(Text, below)), state


def _snapshot(out: Place, store: Store) -> Snapshot:
    try:
        return _READER.validate_json(read_bytes(store.root / STATUS_FILE))
    except FileNotFoundError:
        raise UsageError(f"{out}: a build was begun here, but nothing is known of it yet; run it again") from None
    except ValidationError as exc:
        raise StoreError(
            f"{store.root / STATUS_FILE}: damaged, or of another version; the next build mends it"
        ) from exc


def _in_order(snapshot: Snapshot) -> list[tuple[str, TableProgress]]:
    return sorted(snapshot.tables.items(), key=lambda item: item[1].order)


def _cells(row: TableProgress) -> Iterator[str]:
    made = row.done - row.reused
    yield f"{row.done}/{row.shards or '?'}"
    yield str(row.reused)
    yield f"{row.rows:,}"
    yield f"{sum(row.rejected.values()):,}"
    # What was there before took no time.
    yield f"{row.rows * made / row.done / row.seconds:,.0f}" if made and row.seconds else ""
    left_s = (row.shards - row.done) * row.seconds / made if made and row.shards else 0.0
    yield _duration(left_s) if left_s else ""


def _heard(snapshot: Snapshot) -> Iterator[str]:
    updated = datetime.fromtimestamp(snapshot.updated, UTC).astimezone()
    ago = _duration(max(0.0, time.time() - snapshot.updated))
    yield f"process {snapshot.process}, last shard or table begun {updated:%Y-%m-%d %H:%M:%S} ({ago} ago)"


def _rejected(snapshot: Snapshot) -> Iterator[str]:
    for name, row in _in_order(snapshot):
        reasons = Counter(row.rejected).most_common(SHOWN_REASONS)
        if reasons:
            yield f"{name} rejected: " + ", ".join(f"{reason} {n:,}" for reason, n in reasons)


def _money(store: Store, paid: Spending) -> Iterator[str]:
    """What was paid so far, and what batches are under way; nothing where no model was asked."""
    count(store.journal, paid)
    total = paid.total
    if total.answers:
        known = f"${total.usd:.4f}" if total.unpriced < total.answers else "an unknown price"
        some = f", {total.unpriced:,} of them of unknown price" if 0 < total.unpriced < total.answers else ""
        tokens = f"{total.prompt_tokens:,} + {total.completion_tokens:,} tokens"
        yield f"paid so far: {known} for {total.answers:,} answers ({tokens}){some}"
    for batch in BatchShelf(store.journal).open():
        name = batch.batch_id or batch.name
        yield f"batch {name}: {batch.status}, {batch.done:,} of {batch.requests:,} requests done"


def _duration(seconds: float) -> str:
    """In words, as exact as such a guess deserves."""
    minutes, left = divmod(round(seconds), _MINUTE_S)
    hours, minutes = divmod(minutes, _MINUTE_S)
    if hours:
        return f"{hours} h {minutes} min"
    return f"{minutes} min {left} s" if minutes else f"{left} s"
