"""The trainer beside a bare transformers loop on the same network and batches, and what packing saves of padding.

    OMP_NUM_THREADS=1 python tests/benchmarks/bench_train.py [--steps 10] [--rounds 5] [--omni-3b]

Both take the same optimiser steps by turns in one process, so that a busy machine slows both, and the median of the
rounds' ratios is what counts: of CPU seconds where there is no GPU, which other processes hardly touch.

Ours is all that `smp3m train` does in these steps: it reads the files, lays rows out and packs them, makes tensors,
tells losses by stream, logs them to log.jsonl and tensorboard. The bare one is given the same batches as lists of ids,
pads them to tensors, and trains as transformers' documentation writes it. With --omni-3b the network has the sizes of
Qwen2.5-Omni-3B's thinker, with random weights: for a GPU of 140 GB.
"""

import argparse
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

import torch
from rich.console import Console

from pipeline.model.thinker import Geometry, Thinker, tiny
from pipeline.model.vocabulary import Vocabulary
from pipeline.train.accelerator import Precision, accelerator_of
from pipeline.train.curriculum import LLM, TrainStage
from pipeline.train.journal import Journal
from pipeline.train.loop import LoopConfig, StepLog, Validated
from pipeline.train.packing import Shape
from pipeline.train.reader import Corpora, open_corpus
from pipeline.train.samples import Objective, Sample, Source, columns_of
from pipeline.train.start import ids_of
from pipeline.train.thinker import thinker_reader, train_thinker

READ = (Objective(Source.TEXT),)
ROWS, ROW_TOKENS = 4, 1024
OMNI_3B = Geometry(
    hidden=2048, layers=36, heads=16, key_value_heads=2, feed_forward=11008,
    audio_hidden=1280, audio_layers=32, audio_heads=20, n_mels=128, max_positions=32768,
)  # fmt: skip
N_ROWS = 300
"""An epoch of ten packed batches, which is read once in the steps of a round."""
RATE = 1e-4
PAD = 2
"""Stream of the tokens that nothing is learned of, as the prompt's -1."""


class Took(NamedTuple):
    """What some steps cost."""

    cpu_s: float
    wall_s: float


def now() -> Took:
    """The clocks, once the device has done what it was given."""
    if torch.cuda.is_available():
        torch.cuda.synchronize()
    return Took(time.process_time(), time.perf_counter())


def since(start: Took) -> Took:
    """What was used up from a reading of the clocks on."""
    end = now()
    return Took(end.cpu_s - start.cpu_s, end.wall_s - start.wall_s)


def ours(
    thinker: Thinker, corpora: Corpora, config: LoopConfig, steps: int, folder: Path, precision: Precision
) -> Took:
    """Steps of the trainer; the checkpoint that follows the last one is left out."""
    stage = TrainStage("3", LLM, READ, RATE, steps)
    took: list[Took] = []
    start = now()
    with Journal(folder, Console(quiet=True)) as journal:
        journal.begin(stage)

        def take(log: StepLog | Validated) -> None:
            journal(log)
            if log.step == steps:
                took.append(since(start))

        train_thinker(thinker, corpora, stage, config, folder, accelerator_of(precision), take)
    return took[0]


def padded(lists: list[list[int]], fill: int) -> torch.Tensor:
    """Lists of numbers as a tensor."""
    width = max(map(len, lists))
    return torch.tensor([one + [fill] * (width - len(one)) for one in lists])


def collated(batch: list[list[Sample]], device: torch.device) -> dict[str, torch.Tensor]:
    """What a causal language model of transformers takes, samples of a row kept apart by their positions."""
    ids = padded([[i for sample in row for i in sample.rows] for row in batch], 0)
    labels = [
        [i if mark not in (-1, PAD) else -100 for s in row for i, mark in zip(s.rows, s.streams, strict=True)]
        for row in batch
    ]
    positions = padded([[k for sample in row for k in range(len(sample.rows))] for row in batch], 0)
    made = {"input_ids": ids, "labels": padded(labels, -100), "position_ids": positions[None].expand(4, -1, -1)}
    return {name: value.to(device) for name, value in made.items()}


def bare(thinker: Thinker, batches: list[list[list[Sample]]], precision: Precision) -> Took:
    """The same steps of a loop as transformers' documentation writes it."""
    device = thinker.embeddings.weight.device
    start = now()
    trained = [p for p in thinker.parameters() if p.requires_grad]
    optimizer = torch.optim.AdamW(trained, RATE)
    thinker.train()
    for batch in batches:
        with torch.autocast(device.type, torch.bfloat16, enabled=precision == "bf16"):
            # With a cache no mask would keep packed samples apart.
            loss = thinker.net(**collated(batch, device), use_cache=False).loss
        loss.backward()
        torch.nn.utils.clip_grad_norm_(trained, 1.0)
        optimizer.step()
        optimizer.zero_grad()
        float(loss.detach())
    return since(start)


def padding(batches: Iterator[list[list[Sample]]]) -> float:
    """Share of padding in batches."""
    filled = total = 0
    for batch in batches:
        lengths = [sum(map(len, row)) for row in batch]
        filled += sum(lengths)
        total += max(lengths) * len(lengths)
    return 1 - filled / total


def beside(thinker: Thinker, corpora: Corpora, packed: bool, asked: Any, folder: Path) -> None:  # noqa: ANN401
    """Compare the loops on batches of one shape, and print."""
    precision: Precision = "bf16" if asked.omni_3b else "no"
    config = LoopConfig(shape=Shape(ROWS, ROW_TOKENS, packed), save_every=10**6)
    reader = thinker_reader(corpora.train, READ, thinker, config)
    batches = [batch for batch, _ in islice(reader.planned(), asked.steps)]
    n_tokens = sum(len(sample) for batch in batches for row in batch for sample in row)
    how = "packed" if packed else "by length"
    print(f"{how}: padding {padding(reader.epoch()):.2%}, {n_tokens / asked.steps:,.0f} tokens a step")
    ours(thinker, corpora, config, 1, folder / "warm", precision)
    bare(thinker, batches[:1], precision)
    ratios = []
    for number in range(asked.rounds):
        mine = ours(thinker, corpora, config, asked.steps, folder / str(number), precision)
        theirs = bare(thinker, batches, precision)
        ratios.append(Took(theirs.cpu_s / mine.cpu_s, theirs.wall_s / mine.wall_s))
        print(
            f"  round {number}: tokens/s by wall: ours {n_tokens / mine.wall_s:,.0f}, bare "
            f"{n_tokens / theirs.wall_s:,.0f}; ours / bare: {ratios[-1].wall_s:.2f}, by CPU time {ratios[-1].cpu_s:.2f}"
        )
    cpu, wall = (statistics.median(values) for values in zip(*ratios, strict=True))
    print(f"  throughput of ours / bare: median by wall {wall:.2f}, by CPU time {cpu:.2f}")


def main() -> None:
    """Measure and print."""
    flags = argparse.ArgumentParser()
    flags.add_argument("--steps", type=int, default=10)
    flags.add_argument("--rounds", type=int, default=5)
    flags.add_argument("--omni-3b", action="store_true")
    asked = flags.parse_args()
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        settings = ("--source", "simpleop", "--set", "sources.simpleop.kind=chain", "--tts", "none", "--asr", "none")
        from tests.serial import built

        data = built(
            folder / "data", "--rows", N_ROWS, *settings, "--set", "split.validation=0", "--set", "split.test=0"
        )
        corpora = Corpora(open_corpus(str(data), "train", columns_of(READ)))
        full, ids = Vocabulary.full("qwen2.5"), ids_of(str(data), "qwen2.5")
        vocabulary = full if asked.omni_3b else Vocabulary.trimmed("qwen2.5", ids)
        thinker = tiny(vocabulary, OMNI_3B if asked.omni_3b else Geometry()).to(accelerator_of().device)
        n_parameters = sum(p.numel() for p in thinker.parameters())
        device = thinker.embeddings.weight.device
        print(
            f"{n_parameters:,} parameters on {device}, {os.environ.get('OMP_NUM_THREADS', 'all')} threads, "
            f"batches of {ROWS} x {ROW_TOKENS}, {asked.steps} steps a round"
        )
        for packed in (True, False):
            beside(thinker, corpora, packed, asked, folder / str(packed))


if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parents[2]))
    main()
