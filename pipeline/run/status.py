"""`smp3m status DIR`: how far a build is, read from disk alone, so that it works while another process builds."""

import json
import time
from collections.abc import Iterator
from datetime import UTC, datetime

from rich.console import Console
from rich.live import Live
from rich.table import Table

from pipeline.errors import UsageError
from pipeline.run.progress import STATUS_FILE
from pipeline.store.batches import BatchShelf
from pipeline.store.parts import Store
from pipeline.store.place import Place, read_text
from pipeline.store.spending import Spending, count, remembered

RUNNING = "running"
WATCH_EVERY_S = 2.0


def show_status(out: Place, console: Console, *, watch: bool) -> None:
    """Print the state of a build; with `watch` again and again until it is no longer running.

    Raises:
        UsageError: there is no build in this directory.
    """
    store = Store(out.absolute())
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


def _state(out: Place, paid: Spending) -> tuple[Table, str]:
    store = Store(out.absolute())
    if not store.exists:
        raise UsageError(f"{out}: no build here; give the directory that --out named")
    try:
        snapshot = json.loads(read_text(store.root / STATUS_FILE))
    except FileNotFoundError:
        raise UsageError(f"{out}: a build was begun here, but nothing is known of it yet; run it again") from None
    # A process that was killed leaves "running" behind, but not its lock.
    state = RUNNING if store.busy else {RUNNING: "killed"}.get(snapshot["state"], snapshot["state"])
    updated = datetime.fromtimestamp(snapshot["updated"], UTC).astimezone()
    heard = f"process {snapshot['process']}, last heard of {updated:%Y-%m-%d %H:%M:%S}"
    names = ("table", "shards", "kept", "rows", "rejected", "rows/s", "left")
    table = Table(*names, title=f"{out}: {state}", caption="\n".join([heard, *_money(store, paid)]))
    for name, row in sorted(snapshot["tables"].items(), key=lambda item: int(item[1]["order"])):
        made = row["done"] - row["reused"]
        rate = row["rows"] * made / row["done"] / row["seconds"] if row["seconds"] and made else 0.0
        left = (row["shards"] - row["done"]) * row["seconds"] / made if made and row["shards"] else 0.0
        table.add_row(
            name,
            f"{row['done']}/{row['shards'] or '?'}",
            str(row["reused"]),
            f"{row['rows']:,}",
            f"{row['rejected']:,}",
            f"{rate:.0f}" if made else "",
            f"{left:.0f} s" if left else "",
        )
    return table, state


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
