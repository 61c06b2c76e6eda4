"""Rows that reviewers found bad: the list that `smp3m review --apply` writes and the next publishing obeys.

A verdict is on what was heard and read, so a row is told by its id and the digest of that content: a row that was made
anew is another row, which nobody has judged. The whole list is replaced each time; nothing in it is for ever.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from pipeline.core.fingerprint import digest, digest_bytes
from pipeline.errors import StoreError
from pipeline.store.atomic import write_json
from pipeline.store.place import Place, make_folder, read_text


@dataclass(frozen=True, order=True)
class Quarantined:
    """One row to leave out."""

    id: str
    content: str
    """`content_of` the row that was judged."""
    detail: str
    """One line: who said what."""


def place_of(out: Place) -> Place:
    """Where the list lies in an output directory."""
    return out / "store" / "review" / "quarantine.json"


def content_of(row: Mapping[str, Any]) -> str:
    """Digest of what a reviewer hears and reads of a published row; schedule and figures do not count."""
    question, response = ((row[name] or {}).get("bytes") or b"" for name in ("question_audio", "response_audio"))
    texts = [row[name] for name in ("question", "spoken_question", "reasoning", "response")]
    heard = [digest_bytes(question), *([digest_bytes(response)] if response else [])]
    return digest(["reviewed", *texts, *heard])


def write_quarantine(out: Place, rows: Iterable[Quarantined]) -> None:
    """Replace the list; equal rows give equal bytes.

    Raises:
        OSError: the directory cannot be written.
    """
    path = place_of(out)
    make_folder(path.parent)
    write_json(path, [asdict(row) for row in sorted(rows)])


def read_quarantine(out: Place) -> tuple[Quarantined, ...]:
    """The list as it lies there, empty where none does.

    Raises:
        StoreError: the file is damaged.
    """
    path = place_of(out)
    try:
        return tuple(Quarantined(**row) for row in json.loads(read_text(path)))
    except FileNotFoundError:
        return ()
    except (ValueError, TypeError) as exc:
        raise StoreError(f"{path}: damaged; run smp3m review {out} --apply to write it anew") from exc
