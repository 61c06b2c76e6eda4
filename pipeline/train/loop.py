"""The training loop of one stage, explicit, on Accelerate.

An optimiser step sums the losses of its batches over all processes and divides by the weight of all the tokens that
they teach, so that one process over two batches and two processes over one each take the same step. A checkpoint
holds weights, optimiser, schedule, random states and the place in the data, and resuming is exact.
"""

import math
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from dataclasses import asdict, dataclass, field
from itertools import islice, takewhile
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from pipeline.errors import EngineError, RunError, UsageError
from pipeline.model.thinker import Thinker
from pipeline.store.atomic import write_json
from pipeline.train.checkpoint import resume, save
from pipeline.train.curriculum import Part, TrainStage
from pipeline.train.freezing import freeze_all_but
from pipeline.train.lora import LoraConfig, inject, merge
from pipeline.train.loss import N_STREAMS, StreamWeights, counts, stream_losses
from pipeline.train.packing import Batch, Shape, collate
from pipeline.train.reader import Corpora, Corpus, Place, Reader
from pipeline.train.samples import Sample
from pipeline.train.warmup import cosine_with_warmup

_STATE = "state"
_PLACE = "place.json"


@dataclass(frozen=True, slots=True)
class LoopConfig:
    """How a stage is trained; what is trained is the stage's."""

    shape: Shape = field(default_factory=Shape)
    batches_per_step: int = 1
    """Batches of an optimiser step, over all processes together."""
    weights: StreamWeights = field(default_factory=StreamWeights)
    warmup: float = 0.05
    """Share of the steps in which the learning rate climbs; a cosine takes it down to a tenth after that."""
    weight_decay: float = 0.01
    clip_norm: float = 1.0
    seed: int = 0
    window_rows: int = 2000
    save_every: int = 500
    """Steps between checkpoints."""
    gradient_checkpointing: bool = False
    lora: LoraConfig = field(default_factory=LoraConfig)
    validation_batches: int = 20
    """Most batches of the validation split that are measured beside each checkpoint."""

    def __post_init__(self) -> None:
        """Refuse settings that no step could follow."""
        sizes = (self.batches_per_step, self.save_every, self.window_rows, self.validation_batches)
        if min(sizes) < 1:
            raise UsageError(
                "train: batches_per_step, save_every, window_rows and validation_batches must be at least 1"
            )
        if not 0 <= self.warmup < 1 or self.clip_norm <= 0:
            raise UsageError("train: warmup must be from 0 to below 1, clip_norm above 0")


ByStream = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class StepLog:
    """What a step did."""

    step: int
    loss: float
    """Weighted mean over all that was taught."""
    streams: ByStream
    """Mean cross-entropy of each `Stream`; nan where it taught nothing."""
    gradient_norm: float
    learning_rate: float
    n_tokens: int
    """Tokens of the step's batches, padding left out, over all processes."""
    padding: float
    """Share of padding in the tensors."""


@dataclass(frozen=True, slots=True)
class Validated:
    """How the validation split is predicted after a step."""

    step: int
    loss: float
    streams: ByStream


class Taught(nn.Module):
    """What is wrapped for several processes: a batch in, summed losses out."""

    def __init__(self, thinker: Thinker) -> None:
        super().__init__()
        self.thinker = thinker

    def forward(self, batch: Batch | None) -> Tensor:
        """Summed losses by stream, [4]. Parameters that a batch does not touch get a gradient of zero.

        Processes of one step must agree on which parameters have gradients, even where only one heard audio.
        """
        thinker = self.thinker
        if batch is not None and batch.heard is not None:
            return stream_losses(thinker, batch)
        taught = [] if batch is None else [stream_losses(thinker, batch)]
        untouched = thinker if batch is None else thinker.encoder if thinker.hears else None
        parameters = () if untouched is None else untouched.parameters()
        zero = torch.zeros(N_STREAMS, device=thinker.embeddings.weight.device)
        return sum((*taught, *(p.sum() * 0 for p in parameters if p.requires_grad)), start=zero)


def train_stage(
    thinker: Thinker,
    corpora: Corpora,
    stage: TrainStage,
    config: LoopConfig,
    folder: Path,
    accelerator: Any,  # noqa: ANN401 - accelerate ships no types
    log: Callable[[StepLog | Validated], None],
) -> None:
    """Train one stage; goes on from its last checkpoint where there is one.

    Args:
        thinker: trained in place; low-rank adapters are merged into it at the end.
        corpora: rows to learn and rows to measure.
        stage: what is trained on what.
        config: how.
        folder: checkpoints of this stage.
        accelerator: Accelerate's, which knows processes, devices and precision.
        log: called after every step, on every process, and whenever the validation split was measured.

    Raises:
        UsageError: the network lacks a part that the stage trains.
        ContractError: a checkpoint of another run lies in `folder`.
        RunError: the loss is not finite; the batch lies beside the checkpoints.
        EngineError: memory ran out.
    """
    torch.manual_seed(config.seed)
    if config.lora.rank and Part.DECODER in stage.trains:
        inject(thinker, config.lora)
    freeze_all_but(thinker, stage.trains)
    if config.gradient_checkpointing:
        thinker.net.activation_checkpointing_enable()
    thinker.train()
    trained = [p for p in thinker.parameters() if p.requires_grad]
    optimizer = torch.optim.AdamW(trained, stage.learning_rate, betas=(0.9, 0.95), weight_decay=config.weight_decay)
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimizer, lambda step: cosine_with_warmup(step, stage.steps, config.warmup)
    )
    model, optimizer = accelerator.prepare(Taught(thinker), optimizer)
    # The schedule is ours alone: Accelerate's would take as many steps at once as there are processes.
    accelerator.register_for_checkpointing(schedule)
    fingerprint = {"stage": plain(stage), "config": asdict(config), "rows": corpora.train.mark()}
    step, place = resume(folder, fingerprint, accelerator)
    reader = Reader(corpora.train, stage.objectives, config.shape, config.seed, config.window_rows)
    planned = reader.planned(thinker, place)
    while step < stage.steps:
        batches, place = _take(planned, config.batches_per_step)
        made = _step(model, thinker, batches, optimizer, config, accelerator, folder)
        rate = float(schedule.get_last_lr()[0])
        schedule.step()
        step += 1
        log(StepLog(step, *made, rate, *_size(batches)))
        if step % config.save_every == 0 or step == stage.steps:
            if corpora.validation is not None:
                log(Validated(step, *_validate(model, thinker, corpora.validation, stage, config, accelerator)))
            save(folder, {"step": step, "place": asdict(place), **fingerprint}, accelerator)
    accelerator.free_memory()
    if config.gradient_checkpointing:
        thinker.net.activation_checkpointing_disable()
    merge(thinker)
    thinker.eval()


@torch.no_grad()
def _validate(
    model: nn.Module,
    thinker: Thinker,
    corpus: Corpus,
    stage: TrainStage,
    config: LoopConfig,
    accelerator: Any,  # noqa: ANN401
) -> tuple[float, ByStream]:
    """Loss and losses by stream over one epoch, or its first batches: the same ones every time."""
    reader = Reader(corpus, stage.objectives, config.shape, seed=0, window_rows=config.window_rows)
    epoch = takewhile(lambda made: made[1].epoch == 0, reader.planned(thinker))
    batches = [batch for batch, _ in islice(epoch, config.validation_batches)]
    model.eval()
    # Without its wrapper: that one exchanges buffers in every pass, and processes need not have equally many.
    alone = accelerator.unwrap_model(model)
    sums = torch.zeros(N_STREAMS, device=accelerator.device)
    for rows in batches[accelerator.process_index :: accelerator.num_processes]:
        sums += alone(collate(rows, thinker).to(accelerator.device))
    model.train()
    weights = config.weights.tensor(accelerator.device)
    return _means(accelerator.reduce(sums, "sum"), weights, _taught(batches))


def _means(sums: Tensor, weights: Tensor, taught: Tensor) -> tuple[float, ByStream]:
    """Weighted mean loss, and the mean of each stream.

    Args:
        sums: [4] summed losses.
        weights: [4].
        taught: [4] tokens.
    """
    loss = float((sums * weights).sum()) / float((weights.cpu() * taught).sum())
    a, b, c, d = (float(total) / int(n) if n else math.nan for total, n in zip(sums, taught, strict=True))
    return loss, (a, b, c, d)


def _take(planned: Iterator[tuple[list[list[Sample]], Place]], n: int) -> tuple[list[list[list[Sample]]], Place]:
    taken = list(islice(planned, n))
    return [batch for batch, _ in taken], taken[-1][1]


def _size(batches: list[list[list[Sample]]]) -> tuple[int, float]:
    """Tokens of the batches, and the share of padding in their tensors."""
    fills = [[sum(len(sample.rows) for sample in row) for row in batch] for batch in batches]
    n_tokens = sum(map(sum, fills))
    return n_tokens, 1 - n_tokens / sum(max(fill) * len(fill) for fill in fills)


def _step(
    model: nn.Module,
    thinker: Thinker,
    batches: list[list[list[Sample]]],
    optimizer: Any,  # noqa: ANN401
    config: LoopConfig,
    accelerator: Any,  # noqa: ANN401
    folder: Path,
) -> tuple[float, ByStream, float]:
    """One optimiser step; returns loss, losses by stream and the norm of the gradient."""
    weights = config.weights.tensor(accelerator.device)
    taught = _taught(batches)
    weight = float((weights.cpu() * taught).sum())
    own = batches[accelerator.process_index :: accelerator.num_processes]
    sums = torch.zeros(N_STREAMS, device=accelerator.device)
    try:
        for k, rows in enumerate(own or [None]):
            batch = None if rows is None else collate(rows, thinker).to(accelerator.device)
            # Only the last batch of a step exchanges gradients.
            with accelerator.no_sync(model) if k + 1 < len(own) else nullcontext():
                losses = model(batch)
                # Processes average their gradients: the product makes it a sum.
                accelerator.backward((losses * weights).sum() / weight * accelerator.num_processes)
            sums += losses.detach()
        loss, means = _means(accelerator.reduce(sums, "sum"), weights, taught)
        if not math.isfinite(loss):
            _not_finite(folder, batches, loss, accelerator.is_main_process)
        norm = float(accelerator.clip_grad_norm_(model.parameters(), config.clip_norm))
        optimizer.step()
        optimizer.zero_grad()
    except torch.OutOfMemoryError as exc:
        raise EngineError(
            f"the device's memory ran out on batches of {config.shape.rows} x {config.shape.row_tokens} tokens: "
            "lower the batch's rows or tokens, raise batches_per_step, or turn gradient_checkpointing on"
        ) from exc
    return loss, means, norm


def _taught(batches: list[list[list[Sample]]]) -> Tensor:
    """Tokens of each stream that the batches teach, [4], before any tensor is made of them."""
    total = torch.zeros(N_STREAMS, dtype=torch.long)
    for batch in batches:
        for row in batch:
            total += counts(torch.tensor([[mark for sample in row for mark in sample.streams]]))
    return total


def _not_finite(folder: Path, batches: list[list[list[Sample]]], loss: float, is_main: bool) -> None:
    path = folder / "not-finite.json"
    if is_main:
        folder.mkdir(parents=True, exist_ok=True)
        samples = [sample for batch in batches for row in batch for sample in row]
        write_json(path, [{"id": one.id, "rows": one.rows, "streams": one.streams} for one in samples])
    raise RunError(
        f"the loss is {loss}: stopped before the step; {path} holds its {len(batches)} batches; "
        "lower the learning rate, or leave the rows out that are not what they should be"
    )


def plain(stage: TrainStage) -> dict[str, Any]:
    """A stage as plain JSON values."""
    return {
        "name": stage.name,
        "trains": sorted(stage.trains),
        "objectives": [str(objective) + f" {objective.share:g}" for objective in stage.objectives],
        "learning_rate": stage.learning_rate,
        "steps": stage.steps,
    }
