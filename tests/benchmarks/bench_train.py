"""The trainer beside a bare transformers loop on the same network and batches, and what packing saves of padding.

    python tests/benchmarks/bench_train.py [--steps 12] [--rounds 3] [--omni-3b]

Both loops run by turns in one process, so that a busy machine slows both; the ratio of their medians is what counts.
Ours reads, lays out and collates as it goes; the bare one gets its batches ready-made and scores every position, as
transformers does. With --omni-3b the network has the sizes of Qwen2.5-Omni-3B's thinker, with random weights: for a
GPU of 80 GB and more.
"""

import argparse
import statistics
import sys
import tempfile
import time
from itertools import islice, pairwise
from pathlib import Path

import torch

from pipeline.model.thinker import Geometry, Thinker, tiny
from pipeline.model.vocabulary import Vocabulary
from pipeline.train.accelerator import accelerator_of
from pipeline.train.curriculum import LLM, TrainStage
from pipeline.train.loop import LoopConfig, StepLog, Validated, train_stage
from pipeline.train.packing import Batch, Shape, learned
from pipeline.train.reader import Corpora, Reader, open_corpus
from pipeline.train.samples import Objective, Source, columns_of
from pipeline.train.start import ids_of

READ = (Objective(Source.TEXT),)
SHAPE = Shape(rows=4, row_tokens=2048)
OMNI_3B = Geometry(
    hidden=2048, layers=36, heads=16, key_value_heads=2, feed_forward=11008,
    audio_hidden=1280, audio_layers=32, audio_heads=20, n_mels=128, max_positions=32768,
)  # fmt: skip
RATE = 1e-4
WARM = 2
"""Steps of each round that are not timed."""


def ours(thinker: Thinker, corpora: Corpora, steps: int, folder: Path, precision: str) -> list[float]:
    """Seconds of each step of the trainer."""
    times = [time.perf_counter()]

    def take(log: StepLog | Validated) -> None:
        if isinstance(log, StepLog):
            times.append(time.perf_counter())

    stage = TrainStage("3", LLM, READ, RATE, steps)
    accelerator = accelerator_of("bf16" if precision == "bf16" else "no")
    train_stage(thinker, corpora, stage, LoopConfig(shape=SHAPE, save_every=10**6), folder, accelerator, take)
    return [after - before for before, after in pairwise(times)][WARM:-1]  # the last one saves


def bare(thinker: Thinker, batches: list[Batch], precision: str) -> list[float]:
    """Seconds of each step of a loop as transformers' documentation writes it."""
    device = thinker.embeddings.weight.device
    trained = [p for p in thinker.parameters() if p.requires_grad]
    optimizer = torch.optim.AdamW(trained, RATE)
    thinker.train()
    times = []
    for batch in batches:
        started = time.perf_counter()
        moved = batch.to(device)
        labels = moved.rows.masked_fill(~learned(moved.streams), -100)
        with torch.autocast(device.type, torch.bfloat16, enabled=precision == "bf16"):
            loss = thinker.net(
                input_ids=moved.rows, position_ids=moved.positions[None].expand(4, -1, -1), labels=labels
            ).loss
        loss.backward()
        torch.nn.utils.clip_grad_norm_(trained, 1.0)
        optimizer.step()
        optimizer.zero_grad()
        float(loss.detach())
        times.append(time.perf_counter() - started)
    return times[WARM:-1]


def padding(corpora: Corpora, thinker: Thinker, shape: Shape) -> float:
    """Share of padding in the batches of one epoch."""
    made = Reader(corpora.train, READ, shape).planned(thinker)
    filled = total = 0
    for batch, place in made:
        if place.epoch > 0:
            break
        lengths = [sum(len(sample.rows) for sample in row) for row in batch]
        filled += sum(lengths)
        total += max(lengths) * len(lengths)
    return 1 - filled / total


def main() -> None:
    """Measure and print."""
    flags = argparse.ArgumentParser()
    flags.add_argument("--steps", type=int, default=12)
    flags.add_argument("--rounds", type=int, default=3)
    flags.add_argument("--omni-3b", action="store_true")
    asked = flags.parse_args()
    precision = "bf16" if asked.omni_3b else "no"
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        settings = ("--source", "simpleop", "--set", "sources.simpleop.kind=chain", "--tts", "none", "--asr", "none")
        from tests.serial import built

        data = built(folder / "data", "--rows", 600, *settings, "--set", "split.validation=0", "--set", "split.test=0")
        corpora = Corpora(open_corpus(str(data), "train", columns_of(READ)))
        vocabulary = Vocabulary.full("qwen2.5") if asked.omni_3b else Vocabulary.trimmed(
            "qwen2.5", ids_of(str(data), "qwen2.5")
        )  # fmt: skip
        geometry = OMNI_3B if asked.omni_3b else Geometry()
        thinker = tiny(vocabulary, geometry).to(accelerator_of().device)
        shown = sum(p.numel() for p in thinker.parameters())
        print(
            f"{shown:,} parameters on {thinker.embeddings.weight.device}, batches of {SHAPE.rows} x {SHAPE.row_tokens}"
        )
        for packed in (False, True):
            shape = Shape(SHAPE.rows, SHAPE.row_tokens, packed)
            print(f"padding {'packed' if packed else 'by length'}: {padding(corpora, thinker, shape):.2%}")
        batches = [b for b, _ in islice(Reader(corpora.train, READ, SHAPE).batches(thinker), asked.steps)]
        n_tokens = statistics.mean(batch.n_tokens for batch in batches)
        ratios = []
        for number in range(asked.rounds):
            mine = statistics.median(ours(thinker, corpora, asked.steps, folder / str(number), precision))
            theirs = statistics.median(bare(thinker, batches, precision))
            ratios.append(theirs / mine)
            print(f"round {number}: ours {n_tokens / mine:,.0f} tokens/s, bare {n_tokens / theirs:,.0f} tokens/s")
        shown_ratios = ", ".join(f"{ratio:.2f}" for ratio in ratios)
        print(f"throughput of ours / bare: median {statistics.median(ratios):.2f} of {shown_ratios}")


if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parents[2]))
    main()
