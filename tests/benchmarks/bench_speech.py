"""What a shard of questions costs beyond the engine and the ear, and how much memory it takes.

    python tests/benchmarks/bench_speech.py [--rows N] [--shard N] [--passes N] [--engine NAME] [--memory N ...]

Throughput: the whole stage (read the parts, choose voices, speak, finish, hear, compare, encode, validate, write) and
the bare loop (the same takes: synthesise, and hear the same sound; nothing else counts) go through the same processes
by turns, first one worker, then two side by side. The first pass loads engines and does not count. `ratio` is takes a
second of the stage over those of the bare loop: 1 means that the stage costs nothing beside its engines. `inside` is
the share of the stage's own time that it spent in the same calls: the same thing seen from one run, so that a machine
that is busy with other things blurs it less. `busy` is the share of the workers' time in which any turn ran.

Memory: peak resident size of a fresh process that speaks one shard of so many rows and reads it back, without an ear.
"""

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from typing import NamedTuple

from pipeline.backends import asr, tts
from pipeline.backends.asr.hearing import first_understood, listen
from pipeline.backends.asr.protocol import ScoringTranscriber, Transcriber
from pipeline.backends.audio import Clip, finish
from pipeline.backends.tts.protocol import Synthesizer, Voice
from pipeline.config import Config
from pipeline.config_speech import SpeakConfig
from pipeline.run.shard import PROBLEM, Job, make_part, make_problems
from pipeline.stages import speak
from pipeline.stages.booth import open_booth
from pipeline.stages.collect import GeneratedChunk
from pipeline.stages.desk import Desk
from pipeline.stages.plan import UserStage, stages_of
from pipeline.stages.roster import members
from pipeline.stages.stage import Stage, load
from pipeline.store.parts import PartRecord, Store
from sources import simpleop

WORKERS = (1, 2)
KB = 1024


class TakeOf(NamedTuple):
    """One try that the stage made."""

    text: str
    label: str
    seed: int


class Turn(NamedTuple):
    """A job of either kind."""

    bare: bool
    shard: int
    number: int


class Done(NamedTuple):
    """When a turn ran, on the machine's clock, how much of it the engines took, and what was spoken."""

    began_s: float
    ended_s: float
    engines_s: float
    takes: list[TakeOf]

    @property
    def length_s(self) -> float:
        """How long it ran."""
        return self.ended_s - self.began_s


@dataclass
class Watch:
    """Adds up the time that engines take."""

    spent_s: float = 0.0

    @contextmanager
    def running(self) -> Iterator[None]:
        """Add the time of the body."""
        began_s = time.monotonic()
        yield
        self.spent_s += time.monotonic() - began_s


@dataclass
class WatchedVoice:
    """A `Synthesizer` whose time is added up."""

    engine: Synthesizer
    watch: Watch

    @property
    def voices(self) -> tuple[str, ...]:
        """See the protocol."""
        return self.engine.voices

    @property
    def deterministic(self) -> bool:
        """See the protocol."""
        return self.engine.deterministic

    def synthesize(self, text: str, voice: Voice, seed: int) -> Clip:
        """See the protocol."""
        with self.watch.running():
            return self.engine.synthesize(text, voice, seed)


@dataclass
class WatchedEar:
    """A `Transcriber` whose time is added up."""

    ear: Transcriber
    watch: Watch

    def transcribe(self, clip: Clip) -> str:
        """See the protocol."""
        with self.watch.running():
            return self.ear.transcribe(clip)


@dataclass
class WatchedScoringEar(WatchedEar):
    """A `ScoringTranscriber` whose time is added up."""

    ear: ScoringTranscriber

    def score(self, clip: Clip, texts: Sequence[str]) -> list[float]:
        """See the protocol."""
        with self.watch.running():
            return self.ear.score(clip, texts)


def watch_engines(config: SpeakConfig) -> Watch:
    """Let this process load the engine of a config and the ears under a watch."""
    watch = Watch()
    voice = tts.ENGINES[config.tts]
    tts.ENGINES[config.tts] = replace(voice, make=lambda model: WatchedVoice(voice.make(model), watch))
    for name, ear in asr.ENGINES.items():
        asr.ENGINES[name] = replace(ear, make=partial(_made_watched, ear, watch))
    return watch


def _made_watched(ear: asr.Ear, watch: Watch, model: str | None, url: str | None) -> WatchedEar:
    return _watched(ear.make(model, url), watch)


def _watched(ear: Transcriber, watch: Watch) -> WatchedEar:
    return WatchedScoringEar(ear, watch) if isinstance(ear, ScoringTranscriber) else WatchedEar(ear, watch)


def config_of(engine: str, model: str | None, asr: str, seed: int = 0) -> Config:
    """Settings of both kinds of job."""
    config = Config(seed=seed)
    return replace(config, speak=replace(config.speak, tts=engine, model=model, asr=asr))


def stage_of(config: Config) -> Stage:
    """Step speak as the plan has it."""
    stages = stages_of(config, UserStage.SYNTHESIZE)
    return next(stage for stage in stages if stage.table == speak.TABLE)


def text_parts(out: Path, config: Config, start: int, stop: int) -> dict[str, PartRecord]:
    """Problems of our generator and what the rules say of them."""
    parts = {PROBLEM: make_problems(out, GeneratedChunk(simpleop.NAME, simpleop.VERSION, 0, "mixed", start, stop))}
    for stage in stages_of(config, UserStage.REWRITE):
        job = Job(stage.key([record.digest for record in parts.values()]), dict(parts))
        parts[stage.table] = make_part(out, stage, load(stage, Desk(out / "journal")), job)
    return parts


def load_turns(out: Path, config: Config, shards: list[dict[str, PartRecord]]) -> Callable[[Turn], Done]:
    """What a worker holds: the stage, and beside it the same engines and ear for the bare loop."""
    watch = watch_engines(config.speak)
    stage = stage_of(config)
    transform = load(stage, Desk(out / "journal"))
    booth = open_booth(config.speak)
    voices = {member.label: member for member in booth.everyone(members(config.speak))}
    made: dict[int, list[TakeOf]] = {}

    def whole(turn: Turn) -> Done:
        inputs = {name: shards[turn.shard][name] for name in stage.inputs}
        watch.spent_s, began_s = 0.0, time.monotonic()
        record = make_part(out, replace(stage, takes_over=False), transform, Job(f"{turn.shard:032x}", inputs))
        ended_s, engines_s = time.monotonic(), watch.spent_s
        made[turn.shard] = takes_of(Store(out), record, inputs)
        return Done(began_s, ended_s, engines_s, made[turn.shard])

    def bare(turn: Turn) -> Done:
        watch.spent_s, began_s = 0.0, time.monotonic()
        for text, label, seed in made[turn.shard]:
            clip = booth.engine_of(voices[label]).synthesize(text, voices[label].voice, seed)
            if booth.ears:
                finished = finish(clip, booth.how)
                first_understood(listen(ear, finished, text, config.speak.max_wer) for ear in booth.ears.values())
        return Done(began_s, time.monotonic(), watch.spent_s, made[turn.shard])

    return lambda turn: bare(turn) if turn.bare else whole(turn)


def takes_of(store: Store, record: PartRecord, inputs: dict[str, PartRecord]) -> list[TakeOf]:
    """Every take of a part. Which voices came before the one that passed is not stored: it counts for them too."""
    texts = {row["id"]: row["spoken_question"] for row in store.read(inputs["spoken"]).to_pylist()}
    found: list[TakeOf] = []
    for row in store.read(record, ["id", "voice", "speech"]).to_pylist():
        made_by = json.loads(row["speech"])
        found += [TakeOf(texts[row["id"]], row["voice"], made_by["seed"])] * (made_by["attempt"] + 1)
    refused = store.read_rejected(record)
    for row in [] if refused is None else refused.to_pylist():
        tries = json.loads(row["payload_json"])["attempts"]
        found += [TakeOf(texts[row["id"]], attempt["voice"], seed) for seed, attempt in enumerate(tries)]
    return found


def throughput(args: argparse.Namespace) -> None:
    """Print the ratio for one worker and for two."""
    config = config_of(args.engine, args.model, args.asr)
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder)
        Store(out).open()
        starts = range(0, args.rows, args.shard)
        shards = [text_parts(out, config, start, min(start + args.shard, args.rows)) for start in starts]
        for workers in WORKERS:
            say(workers, *one_setting(out, config, shards, workers, args.passes))


def one_setting(
    out: Path, config: Config, shards: list[dict[str, PartRecord]], workers: int, passes: int
) -> tuple[list[Done], list[Done]]:
    """Turns of the stage and of the bare loop, the first pass left out."""
    turns = [Turn(bare, shard, n) for n in range(passes + 1) for shard in range(len(shards)) for bare in (False, True)]
    # A shard stays with one worker, which knows its takes. The queue in front of the workers is left out.
    jobs = [[turn for turn in turns if turn.shard % workers == worker] for worker in range(workers)]
    done: tuple[list[Done], list[Done]] = ([], [])
    with ProcessPoolExecutor(workers, get_context("spawn")) as pool:
        for results in pool.map(partial(_in_turn, out, config, shards), jobs):
            for turn, one in results:
                if turn.number:
                    done[turn.bare].append(one)
    return done


def _in_turn(
    out: Path, config: Config, shards: list[dict[str, PartRecord]], turns: list[Turn]
) -> list[tuple[Turn, Done]]:
    run = load_turns(out, config, shards)
    return [(turn, run(turn)) for turn in turns]


def say(workers: int, stage: list[Done], bare: list[Done]) -> None:
    """Print one line."""
    stage_rate = sum(len(one.takes) for one in stage) / sum(one.length_s for one in stage)
    bare_rate = sum(len(one.takes) for one in bare) / sum(one.engines_s for one in bare)
    inside = sum(one.engines_s for one in stage) / sum(one.length_s for one in stage)
    everything = [*stage, *bare]
    wall_s = max(one.ended_s for one in everything) - min(one.began_s for one in everything)
    busy = sum(one.length_s for one in everything) / (workers * wall_s)
    sys.stdout.write(
        f"{workers} worker{'s' if workers > 1 else ' '}  stage {stage_rate:6.2f}  bare loop {bare_rate:6.2f} takes/s a "
        f"worker  ratio {stage_rate / bare_rate:5.3f}  inside {inside:5.3f}  busy {busy:4.2f}\n"
    )
    sys.stdout.flush()


def peak_mb(rows: int, engine: str, model: str | None) -> float:
    """Peak resident size, in MB, of a fresh process that speaks one shard of so many rows and joins it."""
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder)
        Store(out).open()
        parts = text_parts(out, config_of(engine, model, "none"), 0, rows)
        plain = {name: vars(record) for name, record in parts.items()}
        (out / "parts.json").write_text(json.dumps(plain))
        command = [sys.executable, __file__, "--alone", str(out), "--engine", engine]
        command += [] if model is None else ["--model", model]
        return float(subprocess.run(command, capture_output=True, text=True, check=True).stdout)


def speak_alone(out: Path, engine: str, model: str | None) -> None:
    """In the fresh process: speak, join, and print the peak."""
    parts = {name: PartRecord(**plain) for name, plain in json.loads((out / "parts.json").read_text()).items()}
    stage = stage_of(config_of(engine, model, "none"))
    spoken = make_part(
        out, stage, load(stage, Desk(out / "journal")), Job("0" * 32, {name: parts[name] for name in stage.inputs})
    )
    store = Store(out)
    reader = store.reader(spoken)
    problems = store.read(parts[PROBLEM])
    for start in range(0, problems.num_rows, speak.BATCH_ROWS):
        reader.rows_of(problems.slice(start, speak.BATCH_ROWS).column("id").to_pylist())
    sys.stdout.write(str(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / KB))


def main() -> None:
    """Run what is asked for."""
    parser = argparse.ArgumentParser(description="Times the speech stage beside its engines, and weighs it.")
    parser.add_argument("--rows", type=int, default=80)
    parser.add_argument("--shard", type=int, default=20)
    parser.add_argument("--passes", type=int, default=3)
    parser.add_argument("--engine", default="nanotts")
    parser.add_argument("--model")
    parser.add_argument("--asr", default="moonshine")
    parser.add_argument("--memory", type=int, nargs="*", default=[200, 2000], help="rows of a shard")
    parser.add_argument("--alone", type=Path, help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.alone is not None:
        speak_alone(args.alone, args.engine, args.model)
        return
    for rows in args.memory:
        sys.stdout.write(f"one shard of {rows:5} rows: peak {peak_mb(rows, args.engine, args.model):4.0f} MB\n")
        sys.stdout.flush()
    if args.passes:
        throughput(args)


if __name__ == "__main__":
    main()
