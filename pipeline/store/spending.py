"""What a journal's answers have cost so far: each counted once, when it was paid, whatever became of its row.

Reading a journal takes time where it is large, so how far each file was read is kept beside them in `spending.json`.
That file is a memory and no more: without it everything is counted anew.
"""

import json
from dataclasses import asdict, dataclass, field

from pipeline.store.atomic import write_json
from pipeline.store.journal import SUFFIX, records_from
from pipeline.store.place import Place, read_text, sizes
from pipeline.store.segments import files

MEMORY = "spending.json"
NANO_USD = 1_000_000_000


@dataclass
class Spent:
    """Sums over answers."""

    answers: int = 0
    batch_answers: int = 0
    prompt_tokens: int = 0
    cached_tokens: int = 0
    completion_tokens: int = 0
    nano_usd: int = 0
    unpriced: int = 0
    """Answers whose cost is not known."""

    @property
    def usd(self) -> float:
        """What is known to have been paid."""
        return self.nano_usd / NANO_USD


@dataclass
class Spending:
    """What was paid in a journal."""

    total: Spent = field(default_factory=Spent)
    offsets: dict[str, int] = field(default_factory=dict)
    """File -> bytes counted."""


def spending(journal: Place, *, remember: bool = False) -> Spent:
    """Count what a journal's answers have cost.

    Args:
        journal: its folder; need not exist.
        remember: keep how far was counted; only for the process that holds the store.
    """
    known = remembered(journal)
    count(journal, known)
    if remember and known.offsets:
        write_json(journal / MEMORY, asdict(known))
    return known.total


def count(journal: Place, known: Spending) -> None:
    """Add what was paid since."""
    for path in files(journal, SUFFIX):
        start = known.offsets.get(path.name, 0)
        for record, end in records_from(path, start):
            known.offsets[path.name] = end
            _add(known.total, record)


def remembered(journal: Place) -> Spending:
    """What was counted when it was last kept."""
    try:
        plain = json.loads(read_text(journal / MEMORY))
        known = Spending(Spent(**plain["total"]), dict(plain["offsets"]))
    except (FileNotFoundError, ValueError, KeyError, TypeError):
        return Spending()
    # Where a file has gone the journal is another one: what was counted does not hold.
    return known if known.offsets.keys() <= sizes(journal).keys() else Spending()


def _add(total: Spent, record: dict[str, str | int]) -> None:
    total.answers += 1
    total.batch_answers += int(record.get("batch", 0))
    for name in ("prompt_tokens", "cached_tokens", "completion_tokens", "nano_usd"):
        setattr(total, name, getattr(total, name) + int(record.get(name, 0)))
    total.unpriced += "nano_usd" not in record
