"""What `smp3m eval` does with its flags: who is asked what, records kept, results.json and results.md written."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from importlib.metadata import version
from pathlib import Path
from typing import Any

from rich.console import Console

from pipeline.backends import asr
from pipeline.core.fingerprint import digest
from pipeline.errors import UsageError
from pipeline.evaluate.checkpoint import Checkpoint, Decoding
from pipeline.evaluate.contestants import Contestant
from pipeline.evaluate.endpoint import Asking, endpoint_named
from pipeline.evaluate.eval_progress import EvalProgress
from pipeline.evaluate.evaluation import AUDIO, TEXT, Answered, Studio, evaluate
from pipeline.evaluate.items import Item, read_items
from pipeline.evaluate.score_table import markdown
from pipeline.evaluate.scores import Verdict, scores, verdicts
from pipeline.infer.voice import engine_named
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
    for deaf in (one.name for one in contestants if AUDIO in sources and not one.hears):
        if TEXT not in sources:
            raise UsageError(f"--ask audio: {deaf} is a network of text alone; ask it with --ask text")
        _warn(console, f"{deaf}: a network of text alone, asked by text only")
    with EvalProgress(console, len(items)) as progress:
        answered = evaluate(contestants, items, sources, wish.out, studio, progress.count, listen=wish.listen)
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
    made: list[Contestant] = [
        Checkpoint(path, replace(wish.decoding, ratio=ratio), wish.device)
        for path in wish.checkpoints
        for ratio in wish.ratios or (wish.decoding.ratio,)
    ]
    made += [endpoint_named(text, wish.asking) for text in wish.endpoints]
    names = [one.name for one in made]
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise UsageError(f"eval: two contestants are called {twice}; name each once")
    return made


def _studio(wish: StudioWish) -> Studio:
    if wish.asr not in asr.ENGINES:
        raise UsageError(f"--asr {wish.asr}: unknown; choose from {', '.join(asr.ENGINES)}")
    if asr.ENGINES[wish.asr].needs_model and wish.asr_model is None:
        raise UsageError(f"--asr {wish.asr}: needs a model; give --asr-model NAME-OR-PATH")
    engine, speaker = engine_named(wish.tts, wish.voice, wish.tts_model)
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
        "unheard": verdict.answered.unheard,
        "official": verdict.official,
        "normalised": verdict.normalised,
        "heard_official": verdict.heard_official,
        "heard_normalised": verdict.heard_normalised,
    }


def _tell_failures(answered: Sequence[Answered], console: Console) -> None:
    failed = [(one.item, one.given.failure) for one in answered if one.given.response is None]
    unheard = [(one.item, one.unheard) for one in answered if one.unheard and one.given.response is not None]
    for what, lost in (("items have no answer", failed), ("answers could not be listened to", unheard)):
        if lost:
            item, why = lost[0]
            place = f"{item.set} {item.subset} {item.id}"
            _warn(console, f"{len(lost)} of {len(answered)} {what}; the first, {place}: {why}")


def _warn(console: Console, line: str) -> None:
    console.print(line, style="yellow", markup=False, highlight=False, soft_wrap=True)
