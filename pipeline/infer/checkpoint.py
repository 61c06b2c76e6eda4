"""A trained thinker, ready to answer: loaded, on its device, its vocabulary checked; and the talker beside it."""

from pathlib import Path

import torch

from pipeline.errors import EngineError, UsageError
from pipeline.model import talker_voice
from pipeline.model.talker_voice import TalkerVoice
from pipeline.model.thinker import NOTE, Thinker, load


def open_checkpoint(path: str, device: str | None = None) -> Thinker:
    """Load what training has written.

    Args:
        path: folder of a checkpoint.
        device: torch's name of it; None for the GPU where there is one.

    Raises:
        UsageError: no checkpoint of this project is there, or there is no such device.
        ContractError: it was made with a vocabulary that its tokenizer's name no longer leads to.
        EngineError: it does not load.
    """
    _require_checkpoint(Path(path))
    thinker = load(path)
    # Read now: a vocabulary of other content must stop the run before anything is decoded with it.
    thinker.vocabulary.loaded  # noqa: B018 - a property that raises
    name = device_of(device)
    try:
        return thinker.to(name).eval()
    except (RuntimeError, AssertionError) as exc:
        reason = (str(exc).strip().splitlines() or [""])[0][:120]
        raise (UsageError if device else EngineError)(f"device {name}: cannot be used: {reason}") from exc


def open_talker(path: str, device: str | None = None) -> TalkerVoice:
    """Load the talker of a checkpoint.

    Args:
        path: folder of a checkpoint.
        device: torch's name of the thinker's; None for the GPU where there is one.

    Raises:
        UsageError: this checkpoint has none, or no checkpoint of this project is there.
        EngineError: its codec does not load.
        ContractError: its files are damaged.
    """
    _require_checkpoint(Path(path))
    folder = Path(path) / talker_voice.FOLDER
    if not folder.is_dir():
        raise UsageError(f"--checkpoint {path}: has no talker: give the result of stage 5, or name a speech engine")
    voice = talker_voice.load(folder)
    voice.talker.to(device_of(device))
    return voice


def _require_checkpoint(folder: Path) -> None:
    if (folder / NOTE).is_file():
        return
    inside = sorted(str(note.parent) for note in folder.glob(f"**/{NOTE}"))
    hint = f"give one of {', '.join(inside[-4:])}" if inside else "give a folder that `smp3m train` has written"
    raise UsageError(f"--checkpoint {folder}: no checkpoint of this project here ({NOTE} is missing): {hint}")


def device_of(name: str | None) -> str:
    """The device of that name; without one the GPU where there is one."""
    return name or ("cuda" if torch.cuda.is_available() else "cpu")
