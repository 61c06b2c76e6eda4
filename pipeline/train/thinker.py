"""The stages that train the thinker: its streams, learned token by token from rows of the data set."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from math import isfinite
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from pipeline.core.schedule import Stream
from pipeline.model.thinker import Thinker
from pipeline.train.curriculum import Part, TrainStage
from pipeline.train.freezing import freeze_all_but
from pipeline.train.loop import LoopConfig, Losses, Scale, StepLog, Validated, train_task
from pipeline.train.lora import inject, merge
from pipeline.train.loss import stream_losses
from pipeline.train.packing import N_STREAMS, Batch, collate
from pipeline.train.reader import Corpora, Corpus, Place, Reader
from pipeline.train.samples import Objective, Sample, columns_of, sample_of

Rows = list[list[Sample]]
"""Samples of a batch, row by row."""


def train_thinker(
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
        ContractError: a checkpoint of another run lies in `folder`, or a row does not fit the network.
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
    train_task(_Thinking(thinker, corpora, stage.objectives, config), stage, config, folder, accelerator, log)
    if config.gradient_checkpointing:
        thinker.net.activation_checkpointing_disable()
    merge(thinker)
    thinker.eval()


def thinker_reader(
    corpus: Corpus, objectives: tuple[Objective, ...], thinker: Thinker, config: LoopConfig
) -> Reader[Sample]:
    """Batches of a corpus for a thinker."""
    lay = partial(sample_of, vocabulary=thinker.vocabulary)
    columns = tuple(columns_of(objectives))
    return Reader(corpus, objectives, columns, lay, config.shape, config.seed, config.window_rows)


class _Taught(nn.Module):
    """What is wrapped for several processes; see `loop.Task.module`."""

    def __init__(self, thinker: Thinker) -> None:
        super().__init__()
        self.thinker = thinker

    def forward(self, batch: Batch) -> Tensor:
        """Summed losses by stream, [4]. What hears gets a gradient of zero from a batch without audio."""
        losses = stream_losses(self.thinker, batch)
        if batch.heard is not None or not self.thinker.hears:
            return losses
        return sum((p.sum() * 0 for p in self.thinker.encoder.parameters() if p.requires_grad), start=losses)


class _Thinking:
    """A `loop.Task`: a term of the loss for each stream."""

    n_terms = N_STREAMS
    unit = "tokens"

    def __init__(
        self, thinker: Thinker, corpora: Corpora, objectives: tuple[Objective, ...], config: LoopConfig
    ) -> None:
        self.module = _Taught(thinker)
        self._thinker = thinker
        self._corpora = corpora
        self._objectives = objectives
        self._config = config

    @property
    def too_large(self) -> str:
        shape = self._config.shape
        return (
            f"batches of {shape.rows} x {shape.row_tokens} tokens: lower loop.shape.rows or row_tokens and raise "
            "loop.batches_per_step, set loop.gradient_checkpointing=true or precision=bf16, or give loop.lora.rank"
        )

    def mark(self) -> dict[str, Any]:
        return {"rows": self._corpora.train.mark()}

    def planned(self, start: Place) -> Iterator[tuple[Rows, Place]]:
        return self._reader(self._corpora.train).planned(start)

    def held_out(self) -> Iterator[Rows]:
        corpus = self._corpora.validation
        # Runs of other seeds measure the same batches.
        return iter(()) if corpus is None else replace(self._reader(corpus), seed=0).epoch()

    def made(self, plan: Rows) -> Batch:
        return collate(plan, self._thinker)

    def scale(self, n_learned: Tensor) -> Scale:
        """Every token counts by the weight of its stream."""
        weights = self._config.weights.tensor()
        return Scale(weights, float((weights * n_learned).sum()))

    def named(self, total: float, means: Sequence[float]) -> Losses:
        return Losses(total, {s.name.lower(): means[s] for s in Stream if isfinite(means[s])})

    def plain(self, plan: Rows) -> list[dict[str, Any]]:
        return [one.plain() for row in plan for one in row]

    def _reader(self, corpus: Corpus) -> Reader[Sample]:
        return thinker_reader(corpus, self._objectives, self._thinker, self._config)
