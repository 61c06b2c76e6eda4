"""A curriculum, stage after stage: each begins with the result of the one before and is kept when it ends.

OUT/config.json   settings of the last run
OUT/1a/state/     checkpoint of a stage under way
OUT/1a/model/     its result, which `train.start` and the decoder load; it appears whole or not at all
OUT/5/model/talker/   from the first stage on that trains one: the talker and its codec
OUT/log.jsonl  OUT/tensorboard/  OUT/curves.png
"""

import hashlib
import json
import shutil
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from itertools import chain
from pathlib import Path
from typing import Any

from rich.console import Console

from pipeline.config import to_dict
from pipeline.errors import ContractError, UsageError
from pipeline.model import talker_voice
from pipeline.model.talker_voice import TalkerVoice
from pipeline.model.thinker import Thinker, load
from pipeline.store.atomic import fsync, write_json
from pipeline.store.made_with import require_same
from pipeline.train.accelerator import accelerator_of
from pipeline.train.config import TrainConfig
from pipeline.train.curriculum import Part, TrainStage, stages_named
from pipeline.train.curves import read_log, write_curves
from pipeline.train.journal import Journal
from pipeline.train.reader import Corpora, open_corpora
from pipeline.train.samples import Source, columns_of
from pipeline.train.start import starting_thinker
from pipeline.train.talker import train_talker
from pipeline.train.talker_data import require_heard, require_spoken, spoken_columns
from pipeline.train.talker_start import require_voice, starting_voice
from pipeline.train.thinker import train_thinker

MODEL = "model"
_NOTE = "stage.json"


@dataclass
class _Model:
    """What goes from stage to stage."""

    thinker: Thinker
    voice: TalkerVoice | None = None

    @classmethod
    def load(cls, folder: Path) -> "_Model":
        """The result of a stage."""
        talker = folder / talker_voice.FOLDER
        return cls(load(str(folder)), talker_voice.load(talker) if talker.exists() else None)

    def save(self, folder: Path) -> None:
        """Write both into a folder."""
        self.thinker.save(folder)
        if self.voice is not None:
            self.voice.save(folder / talker_voice.FOLDER)


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
    stages = config.chosen()
    corpora = open_corpora(location, _columns(stages))
    _refuse_early(corpora, stages)
    accelerator = accelerator_of(config.precision)
    with Journal(out, console, is_main=accelerator.is_main_process) as journal:
        if accelerator.is_main_process:
            write_json(out / "config.json", to_dict(config))
        begun: Path | None
        begun, before = _beginning(out, config, stages[0])
        if begun is not None:
            journal.say(f"stage {stages[0].name} begins with {begun}")
        model: _Model | None = None
        for stage in stages:
            note = _note(stage, config, corpora, before)
            folder = out / stage.name
            if _is_done(folder, note):
                journal.say(f"stage {stage.name} is done")
                begun, model = folder / MODEL, None
            else:
                if model is None:
                    model = _Model.load(begun) if begun is not None else _first(config, location)
                    if model.voice is not None and Part.TALKER in stage.trains:
                        require_voice(model.voice, config.talker, geometry=config.model.preset is not None)
                _train_stage(model, corpora, stage, config, folder, journal)
                _keep(model, folder, note, accelerator)
            before = _digest(note)
    if accelerator.is_main_process:
        write_curves(out / "curves.png", read_log(out))
        console.print(f"{out / stages[-1].name / MODEL}\n{out / 'curves.png'}", highlight=False, soft_wrap=True)


def _columns(stages: Sequence[TrainStage]) -> list[str]:
    """What the stages will read."""
    needed = (
        spoken_columns(stage.objectives) if Part.TALKER in stage.trains else columns_of(stage.objectives)
        for stage in stages
    )
    return list(dict.fromkeys(chain.from_iterable(needed)))


def _refuse_early(corpora: Corpora, stages: Sequence[TrainStage]) -> None:
    """Refuse data that only a later stage could not use, too."""
    hears = any(objective.source is Source.AUDIO for stage in stages for objective in stage.objectives)
    speaks = any(Part.TALKER in stage.trains for stage in stages)
    for corpus in corpora:
        if corpus is not None and hears:
            require_heard(corpus)
        if corpus is not None and speaks:
            require_spoken(corpus)


def _first(config: TrainConfig, location: str) -> _Model:
    """What a first stage begins with; a checkpoint may bring its voice."""
    talker = None if config.model.checkpoint is None else Path(config.model.checkpoint) / talker_voice.FOLDER
    voice = talker_voice.load(talker) if talker is not None and talker.exists() else None
    return _Model(starting_thinker(config.model, location), voice)


def _train_stage(
    model: _Model, corpora: Corpora, stage: TrainStage, config: TrainConfig, folder: Path, journal: Journal
) -> None:
    """Train the parts of the thinker that a stage names, then the talker where it names it."""
    accelerator = accelerator_of(config.precision)
    of_thinker = stage.trains - {Part.TALKER}
    if of_thinker:
        journal.begin(stage)
        train_thinker(
            model.thinker, corpora, replace(stage, trains=of_thinker), config.loop, folder, accelerator, journal
        )
    if Part.TALKER not in stage.trains:
        return
    # A stage that trains both has steps of both: their lines must not be taken for each other.
    journal.begin(replace(stage, name=f"{stage.name}/{Part.TALKER}") if of_thinker else stage)
    if model.voice is None:
        model.voice = starting_voice(config.talker, corpora.train, model.thinker.hidden_size)
    # Nothing of the thinker's stage may be kept with the talker's checkpoints.
    accelerator = accelerator_of(config.precision)
    train_talker(model.thinker, model.voice, corpora, stage, config.loop, folder / "talker", accelerator, journal)


def _note(stage: TrainStage, config: TrainConfig, corpora: Corpora, before: str) -> dict[str, Any]:
    """What a stage's result depends on."""
    note = {
        "stage": stage.plain(),
        "loop": asdict(config.loop),
        "precision": config.precision,
        "rows": corpora.train.mark(),
        "model": to_dict(config.model),
        "before": before,
    }
    return note | ({"talker": asdict(config.talker)} if Part.TALKER in stage.trains else {})


def _beginning(out: Path, config: TrainConfig, first: TrainStage) -> tuple[Path | None, str]:
    """The result that the first stage goes on from, None for the preset or checkpoint itself, and a digest of it."""
    model = to_dict(config.model)
    if config.model.checkpoint is None:
        names = [stage.name for stage in stages_named(config.curriculum, "all")]
        for name in reversed(names[: names.index(first.name)]):
            if (out / name / MODEL / _NOTE).is_file():
                note = _note_of(out / name)
                require_same(out / name / MODEL, {"model": note["model"]}, {"model": model})
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
    require_same(folder / MODEL, _note_of(folder), note)
    return True


def _keep(model: _Model, folder: Path, note: dict[str, Any], accelerator: Any) -> None:  # noqa: ANN401
    """Save a stage's result, then let its checkpoint go."""
    if accelerator.is_main_process:
        new = folder / f"{MODEL}.new"
        shutil.rmtree(new, ignore_errors=True)
        new.mkdir(parents=True)
        model.save(new)
        write_json(new / _NOTE, note)
        for file in new.rglob("*"):
            fsync(file)
        new.rename(folder / MODEL)
        fsync(folder)
        for state in (folder / "state", folder / "talker"):
            shutil.rmtree(state, ignore_errors=True)
    accelerator.wait_for_everyone()


def _digest(value: object) -> str:
    return hashlib.blake2b(json.dumps(value, sort_keys=True).encode(), digest_size=16).hexdigest()
