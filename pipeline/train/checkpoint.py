"""Checkpoints of a stage: all that Accelerate keeps, and the place in the data; the last one or none, never half."""

import json
import shutil
from pathlib import Path
from typing import Any

from pipeline.store.atomic import fsync
from pipeline.store.made_with import require_same
from pipeline.train.reader import Place

_STATE = "state"
_PLACE = "place.json"


def save(folder: Path, note: dict[str, Any], accelerator: Any) -> None:  # noqa: ANN401
    """Write a checkpoint beside the last one, then put it in its place."""
    new, current, old = folder / "new", folder / _STATE, folder / "old"
    if accelerator.is_main_process:
        shutil.rmtree(new, ignore_errors=True)
        new.mkdir(parents=True)
    accelerator.wait_for_everyone()
    accelerator.save_state(str(new))
    accelerator.wait_for_everyone()
    if accelerator.is_main_process:
        (new / _PLACE).write_text(json.dumps(note), encoding="utf-8")
        for path in (*new.rglob("*"), new):
            fsync(path)
        shutil.rmtree(old, ignore_errors=True)
        if current.exists():
            current.rename(old)
        new.rename(current)
        shutil.rmtree(old, ignore_errors=True)
        fsync(folder)
    accelerator.wait_for_everyone()


def resume(folder: Path, fingerprint: dict[str, Any], accelerator: Any) -> tuple[int, Place]:  # noqa: ANN401
    """Load the last checkpoint, if there is one; returns its step and place.

    Raises:
        ContractError: it was made under another fingerprint.
    """
    current = next((made for made in (folder / _STATE, folder / "old") if (made / _PLACE).is_file()), None)
    if current is None:
        return 0, Place()
    note = json.loads((current / _PLACE).read_text(encoding="utf-8"))
    require_same(current, note, fingerprint)
    accelerator.load_state(str(current))
    return int(note["step"]), Place(**note["place"])
