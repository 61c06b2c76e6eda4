"""`smp3m status DIR`: how far a build is, read from disk alone, so that it works while another process builds."""

import json
from datetime import UTC, datetime
from pathlib import Path

from rich.console import Console
from rich.table import Table

from pipeline.errors import UsageError
from pipeline.run.progress import STATUS_FILE
from pipeline.store.parts import Store


def show_status(out: Path, console: Console) -> None:
    """Print the state of a build.

    Raises:
        UsageError: there is no build in this directory.
    """
    store = Store(out.absolute())
    if not store.exists:
        raise UsageError(f"{out}: no build here; give the directory that --out named")
    try:
        snapshot = json.loads((store.root / STATUS_FILE).read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise UsageError(f"{out}: a build was begun here, but nothing is known of it yet; run it again") from None
    # A process that was killed leaves "running" behind, but not its lock.
    state = "running" if store.busy else {"running": "killed"}.get(snapshot["state"], snapshot["state"])
    updated = datetime.fromtimestamp(snapshot["updated"], UTC).astimezone()
    table = Table("table", "shards", "kept", "rows", "rejected", "rows/s", "left", title=f"{out}: {state}")
    for name, row in snapshot["tables"].items():
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
    console.print(table)
    console.print(f"process {snapshot['process']}, last heard of {updated:%Y-%m-%d %H:%M:%S}", highlight=False)
