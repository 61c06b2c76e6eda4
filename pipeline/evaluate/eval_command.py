"""What `smp3m eval` does with its flags: who is asked what, records kept, results.json and results.md written."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import Progress

from pipeline.backends import asr, tts
from pipeline.backends.tts.protocol import Voice, VoiceModel
from pipeline.core.fingerprint import digest
from pipeline.errors import UsageError
from pipeline.evaluate.checkpoint import Checkpoint, Decoding
from pipeline.evaluate.contestants import Contestant
from pipeline.evaluate.endpoint import Asking, endpoint_named
from pipeline.evaluate.evaluation import AUDIO, TEXT, Answered, Studio, evaluate
from pipeline.evaluate.items import Item, read_items
from pipeline.evaluate.score_table import markdown
from pipeline.evaluate.scores import Verdict, scores, verdicts
from pipeline.store.atomic import write_json, write_text

SOURCES = {"text": (TEXT,), "audio": (AUDIO,), "both": (TEXT, AUDIO)}


@dataclass(frozen=True, slots=True)
class StudioWish:
    """What speaks and hears."""

    tts: str = "nanotts"
    voice: str | None = None
    tts_model: str | None = None
    asr: str = "moonshine"
    asr_model: str | None = None


@dataclass(frozen=True, slots=True)
class EvalWish:
    """An evaluation."""

    data: tuple[str, ...]
    checkpoints: tuple[str, ...]
    endpoints: tuple[str, ...]
    ratios: tuple[str, ...]
    ask: str
    listen: bool
    limit: int | None
    out: Path
    decoding: Decoding
    asking: Asking
    studio: StudioWish
    device: str | None = None


def run_eval(wish: EvalWish, console: Console) -> None:
    """Evaluate, print the table, write results.json and results.md beside the records.

    Raises:
        UsageError: a flag that cannot be, or a benchmark that is not there.
        RunError: a contestant, an engine or the folder fails; what was answered is kept.
    """
    if wish.ask not in SOURCES:
        raise UsageError(f"--ask {wish.ask}: unknown; choose from {', '.join(SOURCES)}")
    if not wish.checkpoints and not wish.endpoints:
        raise UsageError("eval: nobody is asked; name contestants with --checkpoint or --endpoint")
    items = read_items(wish.data, wish.limit)
    sources = SOURCES[wish.ask]
    unheard = AUDIO in sources and any(item.audio is None for item in items)
    studio = _studio(wish.studio) if wish.listen or unheard else None
    contestants = _contestants(wish)
    with Progress(console=console, transient=True) as progress:
        task = progress.add_task("items", total=len(items) * len(contestants) * len(sources))
        answered = evaluate(
            contestants, items, sources, wish.out, studio, lambda _: progress.advance(task), listen=wish.listen
        )
    judged = verdicts(answered)
    made = scores(judged)
    table = markdown(made)
    write_json(
        wish.out / "results.json",
        {
            "version": version("smp3m"),
            "items": digest([item.digest for item in items]),
            "contestants": [{"name": one.name, **one.identity} for one in contestants],
            "studio": None if studio is None else dict(studio.identity),
            "scores": [asdict(score) for score in made],
            "verdicts": [_plain(verdict) for verdict in judged],
        },
    )
    write_text(wish.out / "results.md", table)
    console.print(table, markup=False, highlight=False, soft_wrap=True, end="")
    _tell_failures(answered, console)
    console.print(f"{wish.out / 'results.json'}\n{wish.out / 'results.md'}", highlight=False, soft_wrap=True)


def _contestants(wish: EvalWish) -> list[Contestant]:
    made: list[Contestant] = []
    for path in wish.checkpoints:
        for ratio in wish.ratios or (wish.decoding.ratio,):
            how = Decoding(ratio, wish.decoding.sampling, wish.decoding.limits, wish.decoding.batch)
            made.append(Checkpoint(path, how, wish.device))
    made += [endpoint_named(text, wish.asking) for text in wish.endpoints]
    names = [one.name for one in made]
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise UsageError(f"eval: two contestants are called {twice}; name each once, folders of other names")
    return made


def _studio(wish: StudioWish) -> Studio:
    if wish.tts not in tts.ENGINES:
        raise UsageError(f"--tts {wish.tts}: unknown; choose from {', '.join(tts.ENGINES)}")
    if wish.asr not in asr.ENGINES:
        raise UsageError(f"--asr {wish.asr}: unknown; choose from {', '.join(asr.ENGINES)}")
    known = tts.ENGINES[wish.tts]
    if known.needs_model and wish.tts_model is None:
        raise UsageError(f"--tts {wish.tts}: needs a model; give --tts-model NAME-OR-PATH")
    if asr.ENGINES[wish.asr].needs_model and wish.asr_model is None:
        raise UsageError(f"--asr {wish.asr}: needs a model; give --asr-model NAME-OR-PATH")
    engine = known.make(VoiceModel(wish.tts_model))
    speaker = Voice.parse(wish.voice or (known.voices or engine.voices)[0])
    if speaker.name not in engine.voices:
        raise UsageError(f"--voice {speaker.name}: {wish.tts} has {', '.join(engine.voices[:8])}")
    identity = {
        "tts": wish.tts,
        "tts_model": wish.tts_model,
        "voice": str(speaker),
        "asr": wish.asr,
        "asr_model": wish.asr_model,
    }
    return Studio(engine, speaker, asr.ENGINES[wish.asr].make(wish.asr_model, None), identity)


def _plain(verdict: Verdict) -> dict[str, Any]:
    item: Item = verdict.answered.item
    return {
        "contestant": verdict.answered.contestant,
        "source": verdict.answered.source,
        "set": item.set,
        "subset": item.subset,
        "id": item.id,
        "gold": item.gold,
        "response": verdict.answered.given.response,
        "heard": verdict.answered.heard,
        "official": verdict.official,
        "normalised": verdict.normalised,
        "heard_official": verdict.heard_official,
        "heard_normalised": verdict.heard_normalised,
    }


def _tell_failures(answered: Sequence[Answered], console: Console) -> None:
    failed = [one for one in answered if one.given.response is None]
    if failed:
        first = failed[0]
        console.print(
            f"{len(failed)} of {len(answered)} items have no answer; the first, {first.item.set} {first.item.subset} "
            f"{first.item.id}: {first.given.failure}",
            style="yellow",
            markup=False,
            highlight=False,
            soft_wrap=True,
        )
