"""Stage 5: teach a talker to speak what a frozen thinker writes.

The thinker reads or hears each question and writes along its response; the talker learns to turn the states of the
response's rows into the codec's frames. The thinker changes by nothing, and so does the codec.
"""

import math
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from dataclasses import asdict, dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from pipeline.errors import ContractError, EngineError, RunError
from pipeline.model.talker import Talker, TalkerBatch
from pipeline.model.talker_voice import TalkerVoice
from pipeline.model.thinker import Thinker
from pipeline.store.atomic import write_json
from pipeline.train.checkpoint import resume, save
from pipeline.train.curriculum import Part, TrainStage
from pipeline.train.freezing import freeze_all_but
from pipeline.train.loop import LoopConfig, plain
from pipeline.train.reader import Corpus, Reader
from pipeline.train.talker_data import SpokenReader, SpokenSample, Utterances
from pipeline.train.warmup import cosine_with_warmup


@dataclass(frozen=True, slots=True)
class TalkerLog:
    """What a step did."""

    step: int
    loss: float
    """Mean of the codec layers' losses, and the clock's."""
    layers: tuple[float, ...]
    """Mean cross-entropy of each codec layer."""
    clock: float
    """Mean cross-entropy of whether the next state is to be read."""
    gradient_norm: float
    learning_rate: float
    n_frames: int
    """Frames of the step's responses, over all processes."""


class _Taught(nn.Module):
    """What is wrapped for several processes: a batch in, summed losses out."""

    def __init__(self, talker: Talker) -> None:
        super().__init__()
        self.talker = talker

    def forward(self, batch: TalkerBatch | None) -> Tensor:
        """Summed losses of each codec layer and the clock; of no batch, zeros that give gradients of zero."""
        if batch is not None:
            losses: Tensor = self.talker(batch)
            return losses
        zero = sum((p.sum() * 0 for p in self.talker.parameters()), start=torch.zeros(()))
        return zero.expand(self.talker.facts.n_layers + 1)


def train_talker(
    thinker: Thinker,
    voice: TalkerVoice,
    corpus: Corpus,
    stage: TrainStage,
    config: LoopConfig,
    folder: Path,
    accelerator: Any,  # noqa: ANN401 - accelerate ships no types
    log: Callable[[TalkerLog], None],
) -> None:
    """Train a talker; goes on from its last checkpoint where there is one.

    Args:
        thinker: frozen.
        voice: its talker is trained in place, its codec stays as it is.
        corpus: rows of the training split, with their speech.
        stage: objectives, steps and learning rate; of the parts it names, only the talker trains here.
        config: how.
        folder: checkpoints of this stage.
        accelerator: Accelerate's, which knows processes, devices and precision.
        log: called after every step, on every process.

    Raises:
        ContractError: the talker was made for another thinker, a row was not spoken, or a checkpoint of another run
            lies in `folder`.
        RunError: the loss is not finite; the batch lies beside the checkpoints.
        EngineError: memory ran out.
    """
    talker = voice.talker
    _require_thinker(thinker, talker)
    freeze_all_but(thinker, frozenset({Part.TALKER}))
    thinker.to(accelerator.device).eval()
    talker.train()
    torch.manual_seed(config.seed)
    optimizer = torch.optim.AdamW(
        talker.parameters(), stage.learning_rate, betas=(0.9, 0.95), weight_decay=config.weight_decay
    )
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimizer, lambda step: cosine_with_warmup(step, stage.steps, config.warmup)
    )
    model, optimizer = accelerator.prepare(_Taught(talker), optimizer)
    # The schedule is ours alone: Accelerate's would take as many steps at once as there are processes.
    accelerator.register_for_checkpointing(schedule)
    made = {"stage": plain(stage), "config": asdict(config), "rows": corpus.mark(), "talker": asdict(talker.geometry)}
    fingerprint = {**made, "codec": voice.codec.digest}
    step, place = resume(folder, fingerprint, accelerator)
    reader = Reader(corpus, stage.objectives, config.shape, config.seed, config.window_rows)
    planned = SpokenReader(reader, thinker.vocabulary).planned(place)
    utterances = Utterances(thinker, voice.codec, talker.geometry.lead_s)
    while step < stage.steps:
        taken = list(islice(planned, config.batches_per_step))
        place = taken[-1][1]
        batches = [batch for batch, _ in taken]
        loss, layers, clock, norm, n_frames = _step(model, utterances, batches, optimizer, config, accelerator, folder)
        learning_rate = float(schedule.get_last_lr()[0])
        schedule.step()
        step += 1
        log(TalkerLog(step, loss, layers, clock, norm, learning_rate, n_frames))
        if step % config.save_every == 0 or step == stage.steps:
            save(folder, {"step": step, "place": asdict(place), **fingerprint}, accelerator)
    accelerator.free_memory()
    talker.eval()


def _require_thinker(thinker: Thinker, talker: Talker) -> None:
    if talker.state_size != thinker.hidden_size:
        raise ContractError(
            f"the talker reads states of {talker.state_size}, this thinker's have {thinker.hidden_size}: "
            "give the thinker it was made for, or make another talker"
        )


def _step(
    model: nn.Module,
    utterances: Utterances,
    batches: Sequence[Sequence[SpokenSample]],
    optimizer: Any,  # noqa: ANN401
    config: LoopConfig,
    accelerator: Any,  # noqa: ANN401
    folder: Path,
) -> tuple[float, tuple[float, ...], float, float, int]:
    """One optimiser step: loss, that of each layer and of the clock, norm of the gradient, frames."""
    talker = accelerator.unwrap_model(model).talker
    own = batches[accelerator.process_index :: accelerator.num_processes]
    try:
        made = [talker.batch(utterances.of(samples)).to(accelerator.device) for samples in own]
        zeros = torch.zeros(talker.facts.n_layers + 1, dtype=torch.long, device=accelerator.device)
        learned = accelerator.reduce(sum((batch.n_learned for batch in made), start=zeros), "sum")
        # Every codec layer counts alike, all of them together as much as the clock.
        weights = 1.0 / learned.clamp(min=1)
        weights[:-1] /= talker.facts.n_layers
        sums = torch.zeros(talker.facts.n_layers + 1, device=accelerator.device)
        for k, batch in enumerate(made or [None]):
            # Only the last batch of a step exchanges gradients.
            with accelerator.no_sync(model) if k + 1 < len(made) else nullcontext():
                losses = model(batch)
                # Processes average their gradients: the product makes it a sum.
                accelerator.backward((losses * weights).sum() * accelerator.num_processes)
            sums += losses.detach()
        sums = accelerator.reduce(sums, "sum")
        loss = float((sums * weights).sum())
        if not math.isfinite(loss):
            _not_finite(folder, batches, loss, is_main=accelerator.is_main_process)
        norm = float(accelerator.clip_grad_norm_(model.parameters(), config.clip_norm))
        optimizer.step()
        optimizer.zero_grad()
    except torch.OutOfMemoryError as exc:
        raise EngineError(
            f"the device's memory ran out on batches of {config.shape.rows} responses: "
            "lower the batch's rows and raise batches_per_step"
        ) from exc
    *layers, clock = (sums / learned.clamp(min=1)).tolist()
    # Besides its frames, the first layer learns the end of each response.
    n_frames = int(learned[0]) - sum(map(len, batches))
    return loss, tuple(layers), clock, norm, n_frames


def _not_finite(folder: Path, batches: Sequence[Sequence[SpokenSample]], loss: float, *, is_main: bool) -> None:
    path = folder / "not-finite.json"
    if is_main:
        folder.mkdir(parents=True, exist_ok=True)
        write_json(path, [one.sample.id for batch in batches for one in batch])
    raise RunError(
        f"the loss is {loss}: stopped before the step; {path} names its rows; "
        "lower the learning rate, or leave the rows out that are not what they should be"
    )
