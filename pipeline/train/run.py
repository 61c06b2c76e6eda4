"""A curriculum, stage after stage: each begins with the result of the one before and is kept when it ends.

OUT/config.json   settings of the last run
OUT/1a/state/     checkpoint of a stage under way
OUT/1a/model/     its result, which `train.start` and the decoder load; it appears whole or not at all
OUT/log.jsonl  OUT/tensorboard/  OUT/curves.png
"""

import hashlib
import json
import shutil
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from rich.console import Console

from pipeline.config import to_dict
from pipeline.errors import ContractError, UsageError
from pipeline.model.thinker import Thinker, load
from pipeline.store.atomic import fsync, write_json
from pipeline.train.accelerator import accelerator_of
from pipeline.train.config import TrainConfig
from pipeline.train.curriculum import Part, TrainStage, stages_named
from pipeline.train.curves import read_log, write_curves
from pipeline.train.journal import Journal
from pipeline.train.loop import plain, train_stage
from pipeline.train.reader import Corpora, find_corpus, open_corpus
from pipeline.train.samples import columns_of
from pipeline.train.start import starting_thinker

MODEL = "model"
_NOTE = "stage.json"


def train(location: str, out: Path, config: TrainConfig, console: Console) -> None:
    """Train the stages that a config chooses.

    Args:
        location: folder or URL of the data set.
        out: gets everything.
        config: what is trained and how.
        console: of the terminal.

    Raises:
        UsageError: no data, or a network without a part that a stage trains.
        ContractError: rows of another vocabulary or without audio, or results of other settings in `out`.
        RunError: the loss is not finite, or memory ran out.
    """
    from transformers.utils import logging

    logging.disable_progress_bar()
    stages = _without_talker(config)
    open_corpus(location, "train", columns_of(stages[0].objectives))  # refuse here what training would refuse
    accelerator = accelerator_of(config.precision)
    with Journal(out, console, is_main=accelerator.is_main_process) as journal:
        if accelerator.is_main_process:
            write_json(out / "config.json", to_dict(config))
        begun: Path | None
        begun, before = _beginning(out, config, stages[0])
        if begun is not None:
            journal.say(f"stage {stages[0].name} begins with {begun}")
        thinker: Thinker | None = None
        for stage in stages:
            corpora = _corpora(location, stage)
            note = {
                "stage": plain(stage),
                "loop": asdict(config.loop),
                "precision": config.precision,
                "rows": corpora.train.mark(),
                "model": to_dict(config.model),
                "before": before,
            }
            folder = out / stage.name
            if _is_done(folder, note):
                journal.say(f"stage {stage.name} is done")
                begun, thinker = folder / MODEL, None
            else:
                if thinker is None:
                    thinker = load(str(begun)) if begun is not None else starting_thinker(config.model, location)
                accelerator = accelerator_of(config.precision)
                thinker.to(accelerator.device)
                journal.begin(stage)
                train_stage(thinker, corpora, stage, config.loop, folder, accelerator, journal)
                _keep(thinker, folder, note, accelerator)
            before = _digest(note)
    if accelerator.is_main_process:
        write_curves(out / "curves.png", read_log(out))
        console.print(f"{out / stages[-1].name / MODEL}\n{out / 'curves.png'}", highlight=False, soft_wrap=True)


def _without_talker(config: TrainConfig) -> tuple[TrainStage, ...]:
    """The chosen stages as far as they train the thinker."""
    chosen = config.chosen()
    stages = tuple(replace(s, trains=s.trains - {Part.TALKER}) for s in chosen if s.trains != {Part.TALKER})
    if not stages:
        raise UsageError(f"--stage {config.stage}: trains the talker alone, on the states of a finished thinker")
    return stages


def _corpora(location: str, stage: TrainStage) -> Corpora:
    columns = columns_of(stage.objectives)
    return Corpora(open_corpus(location, "train", columns), find_corpus(location, "validation", columns))


def _beginning(out: Path, config: TrainConfig, first: TrainStage) -> tuple[Path | None, str]:
    """The result that the first stage goes on from, None for the preset or checkpoint itself, and a digest of it."""
    model = to_dict(config.model)
    if config.model.checkpoint is None:
        names = [stage.name for stage in stages_named(config.curriculum, "all")]
        for name in reversed(names[: names.index(first.name)]):
            if (out / name / MODEL / _NOTE).is_file():
                note = _note_of(out / name)
                if note["model"] != model:
                    raise ContractError(
                        f"{out / name / MODEL}: made from {note['model']}, now {model}: train into another --out"
                    )
                return out / name / MODEL, _digest(note)
    elif not Path(config.model.checkpoint).exists():
        raise UsageError(f"--checkpoint {config.model.checkpoint}: no such folder")
    return None, _digest(model)


def _note_of(folder: Path) -> dict[str, Any]:
    path = folder / MODEL / _NOTE
    try:
        note: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as exc:
        raise ContractError(f"{path}: cannot be read ({exc}): train into another folder") from exc
    return note


def _is_done(folder: Path, note: dict[str, Any]) -> bool:
    """Whether a stage's result is there.

    Raises:
        ContractError: it was made with other settings.
    """
    if not (folder / MODEL / _NOTE).is_file():
        return False
    found = _note_of(folder)
    for key, value in json.loads(json.dumps(note)).items():
        if found.get(key) != value:
            raise ContractError(
                f"{folder / MODEL}: made with another {key} ({found.get(key)}, now {value}): "
                "train into another --out, or take the settings it was made with"
            )
    return True


def _keep(thinker: Thinker, folder: Path, note: dict[str, Any], accelerator: Any) -> None:  # noqa: ANN401
    """Save a stage's result, then let its checkpoint go."""
    if accelerator.is_main_process:
        new = folder / f"{MODEL}.new"
        shutil.rmtree(new, ignore_errors=True)
        new.mkdir(parents=True)
        thinker.save(new)
        write_json(new / _NOTE, note)
        for file in new.rglob("*"):
            fsync(file)
        new.rename(folder / MODEL)
        fsync(folder)
        shutil.rmtree(folder / "state", ignore_errors=True)
    accelerator.wait_for_everyone()


def _digest(value: object) -> str:
    return hashlib.blake2b(json.dumps(value, sort_keys=True).encode(), digest_size=16).hexdigest()
