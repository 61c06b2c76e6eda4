"""The training loop of one stage, explicit, on Accelerate. What is trained, and on what, is a `Task`.

An optimiser step sums the losses of its batches over all processes and divides by the weight of all that they teach,
so that one process over two batches and two processes over one each take the same step. A checkpoint holds weights,
optimiser, schedule, random states and the place in the data, and resuming is exact.
"""

import math
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import asdict, dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any, Generic, NamedTuple, Protocol, Self, TypeVar

import torch
from torch import Tensor, nn

from pipeline.errors import EngineError, RunError, UsageError
from pipeline.store.atomic import write_json
from pipeline.train.checkpoint import resume, save
from pipeline.train.curriculum import TrainStage
from pipeline.train.lora import LoraConfig
from pipeline.train.loss import StreamWeights
from pipeline.train.packing import Shape
from pipeline.train.reader import Place
from pipeline.train.warmup import cosine_with_warmup

_Plan = TypeVar("_Plan")


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


@dataclass(frozen=True, slots=True)
class Losses:
    """Mean losses of what was taught."""

    total: float
    """Weighted mean over all of it."""
    parts: dict[str, float]
    """Mean cross-entropy of each part that was taught, such as a stream, by name."""
    finer: dict[str, float] = field(default_factory=dict)
    """Of parts of those parts."""

    def __str__(self) -> str:
        shown = ", ".join(f"{name} {loss:.3f}" for name, loss in self.parts.items())
        return f"loss {self.total:.3f} ({shown})"


@dataclass(frozen=True, slots=True)
class StepLog:
    """What a step did."""

    step: int
    losses: Losses
    gradient_norm: float
    learning_rate: float
    n_filled: int
    """Tokens, or the task's other units, of the step's batches over all processes, padding left out."""
    unit: str
    padding: float
    """Share of padding in the tensors."""


@dataclass(frozen=True, slots=True)
class Validated:
    """How the validation split is predicted after a step."""

    step: int
    losses: Losses


class Made(Protocol):
    """A batch as tensors."""

    @property
    def n_learned(self) -> Tensor:
        """What each term of the loss learns of, [n_terms] int64."""
        ...

    @property
    def n_filled(self) -> int:
        """Tokens, or the task's other units, that are no padding."""
        ...

    @property
    def n_places(self) -> int:
        """Those that the tensors have room for."""
        ...

    def to(self, device: torch.device | str) -> Self:
        """The same on another device."""
        ...


class Scale(NamedTuple):
    """How the terms of a step's loss are put together: the sum of their weighted sums, divided."""

    weights: Tensor  # [n_terms], on the CPU
    divisor: float


class Task(Protocol[_Plan]):
    """What a loop trains, and on what. All processes plan the same batches; each makes those that it trains on."""

    @property
    def module(self) -> nn.Module:
        """What is wrapped for several processes: a made batch in, summed losses [n_terms] out.

        All that trains must get a gradient, be it zero: processes of one step must agree on who has one.
        """
        ...

    @property
    def n_terms(self) -> int:
        """Terms of the loss."""
        ...

    @property
    def unit(self) -> str:
        """What `Made.n_filled` counts, in the plural."""
        ...

    @property
    def too_large(self) -> str:
        """What ran out of memory, and what to lower."""
        ...

    def mark(self) -> dict[str, Any]:
        """What a checkpoint depends on besides stage and settings, as plain values."""
        ...

    def planned(self, start: Place) -> Iterator[tuple[_Plan, Place]]:
        """Batches without end from a place on, each with the place after it."""
        ...

    def held_out(self) -> Iterator[_Plan]:
        """Batches of the validation split, the same every time; none where there is no such split."""
        ...

    def made(self, plan: _Plan) -> Made:
        """The tensors of a batch."""
        ...

    def scale(self, n_learned: Tensor) -> Scale:
        """How the loss is put together.

        Args:
            n_learned: [n_terms] of all batches of all processes.
        """
        ...

    def named(self, total: float, means: Sequence[float]) -> Losses:
        """Losses by name.

        Args:
            total: the whole loss.
            means: [n_terms], nan where nothing was taught.
        """
        ...

    def plain(self, plan: _Plan) -> list[dict[str, Any]]:
        """The samples of a batch as plain values, for whoever looks why it broke training."""
        ...


@dataclass(frozen=True)
class _Run(Generic[_Plan]):
    """What a step needs besides its batches."""

    task: Task[_Plan]
    model: nn.Module
    accelerator: Any

    def own(self, plans: Sequence[_Plan]) -> list[Made]:
        """This process's share of the batches."""
        shares = self.accelerator.num_processes
        return [self.task.made(plan) for plan in plans[self.accelerator.process_index :: shares]]

    def counted(self, made: Sequence[Made]) -> tuple[Tensor, int, int]:
        """What is learned [n_terms], filled places, and places, over all processes."""
        sums = torch.zeros(self.task.n_terms + 2, dtype=torch.long)
        for batch in made:
            sums += torch.cat([batch.n_learned, torch.tensor([batch.n_filled, batch.n_places])])
        sums = self.accelerator.reduce(sums.to(self.accelerator.device), "sum").cpu()
        return sums[:-2], int(sums[-2]), int(sums[-1])

    def losses(self, sums: Tensor, scale: Scale, n_learned: Tensor) -> Losses:
        """Losses over all processes of the sums [n_terms] of this one."""
        sums = self.accelerator.reduce(sums, "sum").cpu()
        total = float((sums * scale.weights).sum()) / scale.divisor
        means = [float(one) / int(n) if n else math.nan for one, n in zip(sums, n_learned, strict=True)]
        return self.task.named(total, means)

    def scale(self, n_learned: Tensor) -> Scale:
        """How the loss is put together.

        Raises:
            UsageError: it weighs nothing.
        """
        scale = self.task.scale(n_learned)
        if scale.divisor == 0:
            raise UsageError(
                "loop.weights: all that a batch of this stage teaches has weight 0: raise it, or leave the stage out"
            )
        return scale


def train_task(
    task: Task[_Plan],
    stage: TrainStage,
    config: LoopConfig,
    folder: Path,
    accelerator: Any,  # noqa: ANN401 - accelerate ships no types
    log: Callable[[StepLog | Validated], None],
) -> None:
    """Train a task for the steps of a stage; goes on from its last checkpoint where there is one.

    Args:
        task: its parameters that ask for gradients are trained in place.
        stage: steps and learning rate.
        config: how.
        folder: checkpoints of this stage.
        accelerator: Accelerate's, which knows processes, devices and precision.
        log: called after every step, on every process, and whenever the validation split was measured.

    Raises:
        UsageError: fewer batches of a step than processes, or they weigh nothing.
        ContractError: a checkpoint of another run lies in `folder`.
        RunError: the loss or its gradient is not finite; the batch lies beside the checkpoints.
        EngineError: memory ran out.
    """
    if config.batches_per_step < accelerator.num_processes:
        raise UsageError(
            f"loop.batches_per_step is {config.batches_per_step}, which leaves some of {accelerator.num_processes} "
            f"processes without work: --set loop.batches_per_step={accelerator.num_processes} or more"
        )
    trained = [p for p in task.module.parameters() if p.requires_grad]
    optimizer = torch.optim.AdamW(trained, stage.learning_rate, betas=(0.9, 0.95), weight_decay=config.weight_decay)
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimizer, lambda step: cosine_with_warmup(step, stage.steps, config.warmup)
    )
    fingerprint = {"stage": stage.plain(), "config": asdict(config), **task.mark()}
    with _within_memory(task.too_large):
        model, optimizer = accelerator.prepare(task.module, optimizer)
        # The schedule is ours alone: Accelerate's would take as many steps at once as there are processes.
        accelerator.register_for_checkpointing(schedule)
        step, place = resume(folder, fingerprint, accelerator)
        planned = task.planned(place)
        run = _Run(task, model, accelerator)
        while step < stage.steps:
            taken = list(islice(planned, config.batches_per_step))
            plans, place = [plan for plan, _ in taken], taken[-1][1]
            losses, norm, n_filled, padding = _step(run, plans, optimizer, config, folder)
            rate = float(schedule.get_last_lr()[0])
            schedule.step()
            step += 1
            log(StepLog(step, losses, norm, rate, n_filled, task.unit, padding))
            if step % config.save_every == 0 or step == stage.steps:
                if held_out := list(islice(task.held_out(), config.validation_batches)):
                    log(Validated(step, _validate(run, held_out)))
                save(folder, {"step": step, "place": asdict(place), **fingerprint}, accelerator)
    accelerator.free_memory()


def _step(
    run: _Run[_Plan],
    plans: Sequence[_Plan],
    optimizer: Any,  # noqa: ANN401
    config: LoopConfig,
    folder: Path,
) -> tuple[Losses, float, int, float]:
    """One optimiser step: losses, norm of the gradient, filled places, share of padding."""
    accelerator = run.accelerator
    made = run.own(plans)
    n_learned, n_filled, n_places = run.counted(made)
    scale = run.scale(n_learned)
    weights = scale.weights.to(accelerator.device)
    sums = torch.zeros(run.task.n_terms, device=accelerator.device)
    for k, batch in enumerate(made, start=1):
        # Only the last batch of a step exchanges gradients.
        with accelerator.no_sync(run.model) if k < len(made) else nullcontext():
            losses = run.model(batch.to(accelerator.device))
            # Processes average their gradients: the product makes it a sum.
            accelerator.backward((losses * weights).sum() / scale.divisor * accelerator.num_processes)
        sums += losses.detach()
    found = run.losses(sums, scale, n_learned)
    norm = float(accelerator.clip_grad_norm_(run.model.parameters(), config.clip_norm))
    if not math.isfinite(found.total) or not math.isfinite(norm):
        samples = [sample for plan in plans for sample in run.task.plain(plan)]
        _not_finite(folder / "not-finite.json", found.total, norm, samples, is_main=accelerator.is_main_process)
    optimizer.step()
    optimizer.zero_grad()
    return found, norm, n_filled, 1 - n_filled / n_places


@torch.no_grad()
def _validate(run: _Run[_Plan], plans: Sequence[_Plan]) -> Losses:
    """Losses over batches that nothing is learned from."""
    accelerator = run.accelerator
    made = run.own(plans)
    n_learned, *_ = run.counted(made)
    # Without its wrapper: that one exchanges buffers in every pass, and processes need not have equally many.
    alone = accelerator.unwrap_model(run.model)
    sums = torch.zeros(run.task.n_terms, device=accelerator.device)
    run.model.eval()
    for batch in made:
        sums += alone(batch.to(accelerator.device))
    run.model.train()
    return run.losses(sums, run.scale(n_learned), n_learned)


@contextmanager
def _within_memory(too_large: str) -> Iterator[None]:
    """Say what to lower where memory runs out, whichever error the device's allocator has for it."""
    from accelerate.utils.memory import should_reduce_batch_size

    try:
        yield
    except RuntimeError as exc:
        if isinstance(exc, torch.OutOfMemoryError) or should_reduce_batch_size(exc):
            raise EngineError(f"the device's memory ran out on {too_large}") from exc
        raise


def _not_finite(path: Path, loss: float, norm: float, samples: list[dict[str, Any]], *, is_main: bool) -> None:
    if is_main:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_json(path, samples)
    raise RunError(
        f"the loss is {loss:g}, the norm of its gradient {norm:g}: stopped before the step; {path} holds its "
        f"{len(samples)} samples; lower the learning rate, or leave the rows out that are not what they should be"
    )
