"""Latency of every paradigm on one thinker and the same questions, side by side in one run; and what a batch gains.

    python tests/benchmarks/bench_infer.py                                  a random thinker of tiny size, to its limits
    python tests/benchmarks/bench_infer.py --checkpoint DIR --rounds 5      a trained one, to its own ends

The random thinker says nothing of use, but takes as many tokens under every paradigm as the limits allow: 40 spoken and
80 silent. Figures of a machine that does other work mean little; compare lines of one run.
"""

import argparse
import sys
import time

import torch

from pipeline.core.paradigm import paradigm_named
from pipeline.infer.checkpoint import open_checkpoint
from pipeline.infer.decode import Limits, decode_all
from pipeline.infer.latency import PARADIGMS, compare, markdown
from pipeline.infer.question import Question, prompt_of, written
from pipeline.infer.speech import Boundary
from pipeline.infer.voice import EngineVoice, engine_named
from pipeline.model import thinker
from pipeline.model.thinker import Thinker
from pipeline.model.vocabulary import Vocabulary

QUESTIONS = (
    "What is forty seven plus thirty eight?",
    "Ann has three boxes with twelve pencils in each of them. She gives nine away. How many are left?",
    "A train goes sixty miles an hour for two and a half hours. How far does it go?",
)
LIMITS = Limits(response=40, reasoning=80)
BATCHES = (1, 2, 4, 8)


def untrained() -> Thinker:
    """A thinker of tiny size that has words for what it says."""
    words = "well we want to know so that is the answer three four five seven twelve pencils miles and then plus minus"
    ids = [i for word in words.split() for i in Vocabulary.full("qwen2.5").loaded.encode(f" {word}").ids]
    return thinker.tiny(Vocabulary.trimmed("qwen2.5", ids)).eval()


def batches(model: Thinker, questions: list[Question]) -> str:
    """Tokens a second of batches, as a Markdown table."""
    lines = ["| batch | tokens/s | calls of the model |", "| --- | --- | --- |"]
    for size in BATCHES:
        prompts = [prompt_of(questions[k % len(questions)], model) for k in range(size)]
        decode_all(model, prompts, paradigm_named("2:8"), limits=LIMITS)
        begun = time.perf_counter()
        decoded = decode_all(model, prompts, paradigm_named("2:8"), limits=LIMITS)
        took_s = time.perf_counter() - begun
        n_tokens = sum(len(one.token_ids) for one in decoded)
        lines.append(f"| {size} | {n_tokens / took_s:.0f} | {max(one.n_calls for one in decoded)} |")
    return "".join(f"{line}\n" for line in lines)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--checkpoint")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--threads", type=int, default=1, help="of torch: small networks are slower on several")
    given = parser.parse_args()
    torch.set_num_threads(given.threads)
    model = open_checkpoint(given.checkpoint) if given.checkpoint else untrained()
    questions = [written(text) for text in QUESTIONS]
    voice = EngineVoice(*engine_named("nanotts", None, None), Boundary.CLAUSE)
    limits = Limits() if given.checkpoint else LIMITS
    lines = compare(model, questions, PARADIGMS, limits=limits, voice=voice, rounds=given.rounds)
    sys.stdout.write(f"{markdown(lines)}\n{batches(model, questions)}")


if __name__ == "__main__":
    main()
