"""How well engines are understood, and what the gate lets through: two tables.

    python tests/benchmarks/bench_engines.py [QUESTIONS.jsonl] [--rows N] [--engines ...] [--ears ...] [--faults]

Questions are the field "question" of one JSON object a line; without a file, SimpleOP's. Models are those of `make
models`; an engine or ear whose model was not brought is left out and named. The first table: word error rate, share
of clips all of whose quantities the free transcription has, processor time of the voice and of the ear per second of
speech, clips that this ear refuses, and clips that it and the embedded one refuse, as in a build, where moonshine
hears again what another ear did not understand. --faults adds the second: faults planted in the same questions, and
how many the gate finds. Every clip's outcome goes to --out as JSON lines, the worst transcripts are printed.
"""

import argparse
import json
import os
import random
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import NamedTuple, TextIO

from pipeline.backends import asr, tts
from pipeline.backends.asr.hearing import listen
from pipeline.backends.asr.protocol import Transcriber
from pipeline.backends.audio import Bounds, Clip, Finish, fault, finish, raw_fault
from pipeline.backends.tts.protocol import Synthesizer, Voice, VoiceModel
from pipeline.config_speech import SpeakConfig
from pipeline.core.speak import speak
from pipeline.core.wer import compare
from pipeline.errors import EngineError
from sources.simpleop import generate
from tests.benchmarks import sabotage
from tests.models import FOLDER

VOICES = {
    "nanotts": ("en-US@0.85", "en-GB@0.85"),
    "piper": (),
    "kokoro": (),
}
"""Voices taken in turn; () for all that the model has."""
EARS = {"moonshine": None, "whisper-tiny.en": "whisper-tiny.en", "whisper-base": "whisper-base"}
MODELS = {"nanotts": None, "piper": "piper", "kokoro": "kokoro"}
SECOND = "moonshine"
CLEAN, OTHER_ROW = "clean", "another row's audio"
WORST = 10
ROWS, FEW = 200, 10


@dataclass(frozen=True)
class Outcome:
    """What an ear made of one clip."""

    engine: str
    ear: str
    row: int
    fault: str
    refused: bool
    wer: float
    quantities_agree: bool
    clip_s: float
    voice_cpu_s: float
    ear_cpu_s: float
    written: str
    spoken: str
    heard: str
    detail: str


class Said(NamedTuple):
    """A clip, how it came about, and the processor time it took."""

    fault: str
    row: int
    written: str
    spoken: str
    clip: Clip
    cpu_s: float


def main() -> int:
    """Run and print both tables."""
    parser = argparse.ArgumentParser(description="How well engines are understood, and what the gate lets through.")
    parser.add_argument("questions", nargs="?", type=Path)
    parser.add_argument("--rows", type=int, help=f"{ROWS} of a file, {FEW} of SimpleOP's")
    parser.add_argument("--engines", nargs="+", default=[*VOICES], choices=[*VOICES])
    parser.add_argument("--ears", nargs="+", default=[*EARS], choices=[*EARS])
    parser.add_argument("--faults", nargs="*", choices=[*sabotage.TEXTS, *sabotage.CLIPS, OTHER_ROW])
    parser.add_argument("--out", type=Path, default=Path(os.devnull))
    given = parser.parse_args()
    faults = None if given.faults is None else given.faults or [*sabotage.TEXTS, *sabotage.CLIPS, OTHER_ROW]
    texts = questions(given.questions, given.rows or (FEW if given.questions is None else ROWS))
    outcomes: list[Outcome] = []
    with given.out.open("w", encoding="utf-8") as out:
        ears = {name: ear for name in given.ears if (ear := open_ear(name)) is not None}
        for name in given.engines:
            engine = open_engine(name)
            if engine is not None:
                outcomes += list(measured(name, engine, ears, texts, [CLEAN, *(faults or ())], out))
    print_engines([outcome for outcome in outcomes if outcome.fault == CLEAN])
    if faults:
        print_faults(outcomes)
    print_worst([outcome for outcome in outcomes if outcome.fault == CLEAN])
    return 0


def questions(path: Path | None, n_rows: int) -> list[str]:
    """Spoken questions."""
    if path is None:
        raw: Iterator[str] = (str(row["question"]) for row in generate(seed=0, start=0, stop=n_rows))
    else:
        raw = (json.loads(line)["question"] for line in path.read_text(encoding="utf-8").splitlines())
    texts: list[str] = []
    for question in raw:
        spoken = speak(question)
        if isinstance(spoken, str):
            texts.append(spoken)
        if len(texts) == n_rows:
            break
    return texts


def open_engine(name: str) -> Synthesizer | None:
    """Load a voice; None, and a line, where it cannot be."""
    model = MODELS[name]
    try:
        return tts.ENGINES[name].make(VoiceModel(None if model is None else str(FOLDER / model)))
    except EngineError as exc:
        print(f"left out: {exc}", file=sys.stderr)
        return None


def open_ear(name: str) -> Transcriber | None:
    """Load an ear; None, and a line, where it cannot be."""
    model = EARS[name]
    try:
        return asr.ENGINES[name.partition("-")[0]].make(None if model is None else str(FOLDER / model), None)
    except EngineError as exc:
        print(f"left out: {exc}", file=sys.stderr)
        return None


def measured(
    name: str, engine: Synthesizer, ears: dict[str, Transcriber], texts: list[str], faults: list[str], out: TextIO
) -> Iterator[Outcome]:
    """Each clip through each ear."""
    for said in clips(name, engine, texts, faults):
        for ear_name, ear in ears.items():
            outcome = heard(name, ear_name, ear, said)
            print(json.dumps(asdict(outcome)), file=out, flush=True)
            yield outcome


def clips(name: str, engine: Synthesizer, texts: list[str], faults: list[str]) -> Iterator[Said]:
    """Every text in every state."""
    voices = [Voice.parse(voice) for voice in VOICES[name] or engine.voices]
    for row, text in enumerate(texts):
        voice = voices[row % len(voices)]
        clean, cpu_s = spoken(engine, text, voice)
        for kind in faults:
            draw = random.Random(f"{row} {kind}")
            other = sabotage.TEXTS[kind](text, draw) if kind in sabotage.TEXTS else text
            if kind == OTHER_ROW:
                other = texts[row - 1]
            if other is None:
                continue
            clip = clean if other == text else spoken(engine, other, voice)[0]
            if kind in sabotage.CLIPS:
                clip = sabotage.CLIPS[kind](clip, draw)
            yield Said(kind, row, text, other, clip, cpu_s)


def spoken(engine: Synthesizer, text: str, voice: Voice) -> tuple[Clip, float]:
    """A finished clip, and the processor time that it took the engine's process."""
    child = getattr(getattr(engine, "child", None) or getattr(engine, "_child", None), "pid", None)
    before = cpu_time_s(child)
    clip = engine.synthesize(text, voice, 0)
    return finish(clip, Finish()), cpu_time_s(child) - before


def cpu_time_s(pid: int | None) -> float:
    """Processor time of a process so far, 0 where there is none yet."""
    if pid is None:
        return 0.0
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def heard(engine: str, ear_name: str, ear: Transcriber, said: Said) -> Outcome:
    """The gate's verdict, as the stage comes to it: the clip's own figures first, then the ear."""
    config = SpeakConfig()
    bounds = Bounds(config.min_duration_s, config.max_duration_s, config.min_words_per_s, config.max_words_per_s)
    finding = raw_fault(said.clip, bounds) or fault(said.clip, len(said.written.split()), bounds)
    start = time.process_time()
    hearing = listen(ear, said.clip, said.written, config.max_wer)
    ear_cpu_s = time.process_time() - start
    agree = compare(said.written, hearing.text).quantities_agree
    return Outcome(
        engine, ear_name, said.row, said.fault, finding is not None or not hearing.understood, hearing.wer, agree,
        said.clip.duration_s, said.cpu_s, ear_cpu_s, said.written, said.spoken, hearing.text,
        hearing.detail if finding is None else finding.detail,
    )  # fmt: skip


def print_engines(outcomes: list[Outcome]) -> None:
    """One line per voice and ear."""
    print(f"{'voice':9}{'ear':17}{'rows':>5}{'WER':>8}{'numbers':>9}{'voice':>8}{'ear':>7}{'refused':>9}{'by both':>9}")
    gate = by_both(outcomes)
    for engine, ear in dict.fromkeys((outcome.engine, outcome.ear) for outcome in outcomes):
        mine = [outcome for outcome in outcomes if (outcome.engine, outcome.ear) == (engine, ear)]
        n, clip_s = len(mine), sum(outcome.clip_s for outcome in mine)
        print(
            f"{engine:9}{ear:17}{n:5}{sum(o.wer for o in mine) / n:8.1%}"
            f"{sum(o.quantities_agree for o in mine) / n:9.1%}"
            f"{sum(o.voice_cpu_s for o in mine) / clip_s:8.3f}{sum(o.ear_cpu_s for o in mine) / clip_s:7.3f}"
            f"{share(o.refused for o in mine)}{share(gate(o) for o in mine)}"
        )


def by_both(outcomes: list[Outcome]) -> Callable[[Outcome], bool | None]:
    """Whether neither an outcome's ear nor the second one passed the clip; None where the second was not measured."""
    second = {(o.engine, o.fault, o.row): o.refused for o in outcomes if o.ear == SECOND}

    def refused(outcome: Outcome) -> bool | None:
        other = second.get((outcome.engine, outcome.fault, outcome.row))
        return None if other is None else outcome.refused and other

    return refused


def share(answers: Iterable[bool | None]) -> str:
    """The share of yes, "-" where some are unknown."""
    known = [*answers]
    return f"{'-':>9}" if None in known else f"{sum(map(bool, known)) / len(known):9.1%}"


def print_faults(outcomes: list[Outcome]) -> None:
    """One line per voice, ear and fault."""
    print(f"\n{'voice':9}{'ear':17}{'fault':22}{'rows':>5}{'refused':>9}{'by both':>9}")
    gate = by_both(outcomes)
    for key in dict.fromkeys((outcome.engine, outcome.ear, outcome.fault) for outcome in outcomes):
        mine = [outcome for outcome in outcomes if (outcome.engine, outcome.ear, outcome.fault) == key]
        shares = f"{share(o.refused for o in mine)}{share(gate(o) for o in mine)}"
        print(f"{key[0]:9}{key[1]:17}{key[2]:22}{len(mine):5}{shares}")


def print_worst(outcomes: list[Outcome]) -> None:
    """The transcripts that differ most from what was spoken."""
    for outcome in sorted(outcomes, key=lambda outcome: -outcome.wer)[:WORST]:
        print(f"\n{outcome.engine}, {outcome.ear}, row {outcome.row}, WER {outcome.wer:.0%}")
        print(f"  written: {outcome.written}\n  heard:   {outcome.heard}")


if __name__ == "__main__":
    sys.exit(main())
