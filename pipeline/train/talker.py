"""Stage 5: teach a talker to speak what a frozen thinker writes.

The thinker reads or hears each question and writes along its response; the talker learns to turn the states of the
response's rows into the codec's frames. The thinker changes by nothing, and so does the codec.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, replace
from functools import partial
from pathlib import Path
from statistics import mean
from typing import Any

import torch
from torch import Tensor

from pipeline.errors import ContractError
from pipeline.model.talker import Talker, TalkerBatch
from pipeline.model.talker_voice import TalkerVoice
from pipeline.model.thinker import Thinker
from pipeline.train.curriculum import Part, TrainStage
from pipeline.train.freezing import freeze_all_but
from pipeline.train.loop import LoopConfig, Losses, Scale, StepLog, Validated, train_task
from pipeline.train.reader import Corpora, Corpus, Place, Reader
from pipeline.train.samples import Objective
from pipeline.train.talker_data import SpokenSample, Utterances, spoken_columns, spoken_sample


def train_talker(
    thinker: Thinker,
    voice: TalkerVoice,
    corpora: Corpora,
    stage: TrainStage,
    config: LoopConfig,
    folder: Path,
    accelerator: Any,  # noqa: ANN401 - accelerate ships no types
    log: Callable[[StepLog | Validated], None],
) -> None:
    """Train a talker; goes on from its last checkpoint where there is one.

    Args:
        thinker: frozen.
        voice: its talker is trained in place, its codec stays as it is.
        corpora: rows to learn and rows to measure, with their speech.
        stage: objectives, steps and learning rate; of the parts it names, only the talker trains here.
        config: how.
        folder: checkpoints of this stage.
        accelerator: Accelerate's, which knows processes, devices and precision.
        log: called after every step, on every process, and whenever the validation split was measured.

    Raises:
        ContractError: the talker was made for another thinker, a row was not spoken, or a checkpoint of another run
            lies in `folder`.
        RunError: the loss is not finite; the batch lies beside the checkpoints.
        EngineError: memory ran out.
    """
    _require_thinker(thinker, voice.talker)
    freeze_all_but(thinker, frozenset({Part.TALKER}))
    thinker.to(accelerator.device).eval()
    voice.talker.train()
    torch.manual_seed(config.seed)
    train_task(_Talking(thinker, voice, corpora, stage.objectives, config), stage, config, folder, accelerator, log)
    voice.talker.eval()


def talker_reader(
    corpus: Corpus, objectives: tuple[Objective, ...], thinker: Thinker, config: LoopConfig
) -> Reader[SpokenSample]:
    """Batches of a corpus for a talker: samples of like length together, one to a row."""
    lay = partial(spoken_sample, vocabulary=thinker.vocabulary)
    columns = tuple(spoken_columns(objectives))
    shape = replace(config.shape, packed=False)
    return Reader(corpus, objectives, columns, lay, shape, config.seed, config.window_rows)


class _Talking:
    """A `loop.Task`: a term of the loss for each codec layer, and one for the clock."""

    unit = "frames"

    def __init__(
        self,
        thinker: Thinker,
        voice: TalkerVoice,
        corpora: Corpora,
        objectives: tuple[Objective, ...],
        config: LoopConfig,
    ) -> None:
        self.module = voice.talker
        self.n_terms = voice.talker.facts.n_layers + 1
        self._thinker = thinker
        self._voice = voice
        self._corpora = corpora
        self._objectives = objectives
        self._config = config
        self._utterances = Utterances(thinker, voice.codec, voice.talker.geometry.lead_s)

    @property
    def too_large(self) -> str:
        return f"batches of {self._config.shape.rows} responses: lower loop.shape.rows and raise loop.batches_per_step"

    def mark(self) -> dict[str, Any]:
        talker = asdict(self._voice.talker.geometry)
        return {"rows": self._corpora.train.mark(), "talker": talker, "codec": self._voice.codec.digest}

    def planned(self, start: Place) -> Iterator[tuple[list[SpokenSample], Place]]:
        for batch, place in self._reader(self._corpora.train).planned(start):
            yield _alone(batch), place

    def held_out(self) -> Iterator[list[SpokenSample]]:
        corpus = self._corpora.validation
        # Runs of other seeds measure the same batches.
        return iter(()) if corpus is None else map(_alone, replace(self._reader(corpus), seed=0).epoch())

    def made(self, plan: list[SpokenSample]) -> TalkerBatch:
        return self._voice.talker.batch(self._utterances.of(plan))

    def scale(self, n_learned: Tensor) -> Scale:
        """Every codec layer counts alike, all of them together as much as the clock."""
        weights = 1.0 / n_learned.clamp(min=1)
        weights[:-1] /= self.n_terms - 1
        return Scale(weights, 1.0)

    def named(self, total: float, means: Sequence[float]) -> Losses:
        *layers, clock = means
        finer = {f"layer_{k}": loss for k, loss in enumerate(layers)}
        return Losses(total, {"codes": mean(layers), "clock": clock}, finer)

    def plain(self, plan: list[SpokenSample]) -> list[dict[str, Any]]:
        return [one.plain() for one in plan]

    def _reader(self, corpus: Corpus) -> Reader[SpokenSample]:
        return talker_reader(corpus, self._objectives, self._thinker, self._config)


def _alone(batch: list[list[SpokenSample]]) -> list[SpokenSample]:
    return [sample for row in batch for sample in row]


def _require_thinker(thinker: Thinker, talker: Talker) -> None:
    if talker.state_size != thinker.hidden_size:
        raise ContractError(
            f"the talker reads states of {talker.state_size}, this thinker's have {thinker.hidden_size}: "
            "give the thinker it was made for, or make another talker"
        )
