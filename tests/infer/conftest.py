"""Tiny thinkers that know a handful of rows by heart: seconds of training each, once for all tests."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest

pytest.importorskip("torch", reason="the train extra is not installed")
pytest.importorskip("transformers", reason="the train extra is not installed")

import torch

from pipeline.backends.audio import Clip
from pipeline.infer.decode import Prompt
from pipeline.model import thinker
from pipeline.model.codec import CodecFacts
from pipeline.model.melrvq import MelRvqConfig, fit
from pipeline.model.talker import Talker, TalkerGeometry
from pipeline.model.talker_voice import TalkerVoice
from pipeline.model.thinker import Geometry, Thinker
from pipeline.model.vocabulary import Vocabulary
from pipeline.train.curriculum import LLM, Part, TrainStage
from pipeline.train.loop import LoopConfig
from pipeline.train.packing import Shape
from pipeline.train.reader import Corpora, open_corpus
from pipeline.train.samples import PROMPT, Objective, Sample, Source, columns_of, sample_of
from pipeline.train.thinker import train_thinker
from tests.serial import built

N_ROWS = 4
STEPS, RATE = 100, 1e-2
GEOMETRY = Geometry(hidden=64, layers=2, heads=4, feed_forward=128, audio_hidden=32, audio_layers=1, n_mels=40)


@dataclass(frozen=True)
class Learned:
    """A thinker and the rows that it has learned by heart."""

    thinker: Thinker
    rows: list[dict[str, Any]]
    samples: list[Sample]

    def prompt(self, k: int) -> Prompt:
        sample = self.samples[k]
        before = [row for row, stream in zip(sample.rows, sample.streams, strict=True) if stream == PROMPT]
        return Prompt(before, sample.heard(self.thinker))


Learn = Callable[..., Learned]


def babbler(state_size: int) -> TalkerVoice:
    """A talker of random weights: it says something that nobody understands, and ends soon after its text."""
    noise = np.random.default_rng(3).normal(0, 0.1, 24_000).astype(np.float32)
    codec = fit([Clip(noise, 24_000)], MelRvqConfig(n_layers=3, codebook_size=8, rounds=2, phase_rounds=4))
    torch.manual_seed(1)
    geometry = TalkerGeometry(hidden=16, layers=1, heads=2, feed_forward=16)
    talker = Talker(geometry, CodecFacts.of(codec), state_size).eval()
    with torch.no_grad():
        talker.heads.bias[talker.end] = 1.0
    return TalkerVoice(talker, codec)


@pytest.fixture(scope="session")
def few_rows(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """Finished builds of a few spoken SimpleOP rows: 2:8, or another schedule."""

    @cache
    def make(schedule: str) -> Path:
        flags = ("--rows", N_ROWS, "--source", "simpleop", "--asr", "none", "--schedule", schedule)
        out = tmp_path_factory.mktemp("few") / "data"
        return built(out, *flags, "--set", "split.validation=0", "--set", "split.test=0")

    return make


@pytest.fixture(scope="session")
def learned(few_rows: Callable[[str], Path], tmp_path_factory: pytest.TempPathFactory) -> Learn:
    """Train a tiny thinker on a few rows until it knows them."""

    @cache
    def learn(target: str = "as_published", source: Source = Source.TEXT, schedule: str = "fixed") -> Learned:
        from accelerate import Accelerator

        objective = Objective(source, target)
        columns = columns_of((objective,))
        corpus = open_corpus(str(few_rows(schedule)), "train", columns)
        rows = [
            row
            for piece in corpus.pieces
            for row in corpus.rows(piece, [*columns, "response", "reasoning", "answer_value"])
        ]
        vocabulary = Vocabulary.trimmed("qwen2.5", {i for row in rows for i in row["token_ids"]})
        small = thinker.tiny(vocabulary, GEOMETRY)
        stage = TrainStage("by heart", frozenset({Part.ADAPTER, Part.ENCODER, *LLM}), (objective,), RATE, STEPS)
        config = LoopConfig(shape=Shape(rows=N_ROWS, row_tokens=2048, packed=False), save_every=10 * STEPS)
        folder = tmp_path_factory.mktemp("learned")
        train_thinker(small, Corpora(corpus), stage, config, folder, Accelerator(cpu=True), lambda _: None)
        return Learned(small.eval(), rows, [sample_of(row, objective, vocabulary) for row in rows])

    return learn
