"""Step speak: the spoken question through a voice, finished as a clip, and heard back by an ear.

A row that is not understood is spoken again with its next voice, up to the attempts allowed; then it is given up with
all its transcripts. It knows no schedule: a new ratio never speaks a question again.
"""

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from pipeline.backends import asr, tts
from pipeline.backends.asr.hearing import Hearing, listen
from pipeline.backends.asr.protocol import Transcriber
from pipeline.backends.audio import Bounds, Clip, Finish, encode, fault, finish
from pipeline.backends.tts.protocol import Synthesizer, Voice, VoiceModel
from pipeline.config import SpeakConfig, section
from pipeline.core.fingerprint import fraction_of
from pipeline.core.outcome import Unreadable
from pipeline.errors import EngineError, Reason, UsageError
from pipeline.stages.stage import Inputs, Outcome, Transform, attempts_in, joined, refuse
from pipeline.store.atomic import files_digest
from schemas.rows import Rejected, Speech

TABLE = "speech"
STAGE = "speak"
VERSION = 1
NONE = "none"


@dataclass(frozen=True)
class _Attempt:
    """One voice's try at a row."""

    voice: Voice
    clip: Clip | None
    heard: Hearing | None
    finding: Unreadable | None


@dataclass(frozen=True)
class _Booth:
    """A voice and an ear, loaded."""

    config: SpeakConfig
    seed: int
    voice: Synthesizer
    roster: tuple[Voice, ...]
    ear: Transcriber | None
    bounds: Bounds
    how: Finish
    versions: Mapping[str, object]
    """Packages and model, for provenance."""


def require_engines(config: SpeakConfig) -> None:
    """Refuse engines that do not exist, before any work is done.

    Raises:
        UsageError: unknown voice engine or ear, or an engine that needs a model and has none.
    """
    if config.tts not in (*tts.ENGINES, NONE):
        raise UsageError(f"--tts {config.tts}: unknown engine; choose from {', '.join((NONE, *tts.ENGINES))}")
    if config.asr not in (*asr.ENGINES, NONE):
        raise UsageError(f"--asr {config.asr}: unknown engine; choose from {', '.join((NONE, *asr.ENGINES))}")
    if config.tts == NONE:
        return
    engine = tts.ENGINES[config.tts]
    embedded = {Voice.parse(voice).name for voice in engine.voices}
    for text in config.voices:
        try:
            voice = Voice.parse(text)
        except EngineError as exc:
            raise UsageError(f"speak.voices: {exc}") from exc
        if embedded and voice.name not in embedded:
            raise UsageError(f"speak.voices: {config.tts} has no voice {voice.name!r}; it has {_some(embedded)}")
    if engine.needs_model and config.model is None:
        raise UsageError(f"--tts {config.tts}: which model? Give --set speak.model=NAME, or the path of a checkpoint")


def _some(names: Iterable[str]) -> str:
    return ", ".join(sorted(names)[:12])


def identity(config: SpeakConfig) -> dict[str, object]:
    """What clips depend on: settings, versions of the engines' packages, and the content of a model's files."""
    used: list[tts.SpeechEngine | asr.Ear] = [tts.ENGINES[config.tts]]
    if config.asr != NONE:
        used.append(asr.ENGINES[config.asr])
    literals: dict[str, object] = {
        "speak": section(config, without=("model",)),
        "packages": {package: _version(package, engine.extra) for engine in used for package in engine.packages},
    }
    if config.model is not None:
        path = Path(config.model)
        beside = path.with_name("config.json")
        literals["model"] = files_digest(path) if path.exists() else config.model
        if path.is_file() and beside.is_file():
            literals["model_config"] = files_digest(beside)
    return literals


def _version(package: str, extra: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        raise EngineError(f"{package} is not installed: pip install 'smp3m[{extra}]'".replace("[]", "")) from None


def load(config: SpeakConfig, seed: int) -> Transform:
    """Load voice and ear once.

    Raises:
        EngineError: an engine or model cannot be loaded, or a voice does not exist.
    """
    voice = tts.ENGINES[config.tts].make(VoiceModel(config.model))
    roster = tuple(Voice.parse(text) for text in config.voices or tts.ENGINES[config.tts].voices or voice.voices)
    for wanted in roster:
        if wanted.name not in voice.voices:
            raise EngineError(f"speak.voices: {config.tts} has no voice {wanted.name!r}; it has {_some(voice.voices)}")
    booth = _Booth(
        config=config,
        seed=seed,
        voice=voice,
        roster=roster,
        ear=None if config.asr == NONE else asr.ENGINES[config.asr].make(None),
        bounds=Bounds(
            min_s=config.min_duration_s,
            max_s=config.max_duration_s,
            min_words_per_s=config.min_words_per_s,
            max_words_per_s=config.max_words_per_s,
        ),
        how=Finish(sample_rate_hz=config.sample_rate_hz),
        versions={name: value for name, value in identity(config).items() if name != "speak"},
    )
    return _speaking(booth)


def _speaking(booth: _Booth) -> Callable[[Inputs], Outcome]:
    def speak_all(inputs: Inputs) -> Outcome:
        rows: list[Speech] = []
        refused: list[Rejected] = []
        afresh = attempts_in(inputs)
        for problem, spoken in joined(inputs, "problem", "spoken"):
            again = afresh.get(spoken["id"], 0)
            attempts = _attempts(booth, spoken, again)
            if attempts[-1].finding is None:
                rows.append(_row(booth, spoken["id"], attempts, again))
            else:
                refused.append(_refusal(problem, spoken, attempts, again))
        return Outcome(rows, refused, {"audio_s": sum(row.duration_s for row in rows)})

    return speak_all


def _attempts(booth: _Booth, spoken: Mapping[str, Any], again: int) -> list[_Attempt]:
    """Tries with one voice after another, the last of which passed or is the last allowed.

    A row that is tried afresh goes on where it was given up: with the next voices of its rotation, and other seeds.
    """
    voices = _voices_of(booth, spoken["id"])
    attempts: list[_Attempt] = []
    first = again * booth.config.attempts
    for number in range(first, first + booth.config.attempts):
        attempts.append(_attempt(booth, spoken["spoken_question"], voices[number % len(voices)], number))
        if attempts[-1].finding is None:
            break
    return attempts


def _voices_of(booth: _Booth, row_id: str) -> tuple[Voice, ...]:
    """The voices of a row in the order they are tried: a rotation that the row's id decides."""
    start = int(fraction_of(row_id, f"voice {booth.seed}") * len(booth.roster))
    return booth.roster[start:] + booth.roster[:start]


def _attempt(booth: _Booth, text: str, voice: Voice, number: int) -> _Attempt:
    try:
        clip = finish(booth.voice.synthesize(text, voice, booth.seed + number), booth.how)
    except EngineError as exc:
        return _Attempt(voice, None, None, Unreadable(Reason.SPEECH_FAILED, str(exc)))
    finding = fault(clip, len(text.split()), booth.bounds)
    if finding is not None or booth.ear is None:
        return _Attempt(voice, clip, None, finding)
    try:
        heard = listen(booth.ear, clip, text, booth.config.max_wer)
    except EngineError as exc:
        return _Attempt(voice, clip, None, Unreadable(Reason.SPEECH_FAILED, str(exc)))
    return _Attempt(voice, clip, heard, None if heard.understood else Unreadable(Reason.MISHEARD, heard.detail))


def _row(booth: _Booth, row_id: str, attempts: list[_Attempt], again: int) -> Speech:
    last = attempts[-1]
    if last.clip is None:
        raise ValueError(f"row {row_id}: passed without a clip")
    config = booth.config
    attempt = again * config.attempts + len(attempts) - 1
    made_by = {"tts": config.tts, "asr": config.asr, "attempt": attempt, "seed": booth.seed, **booth.versions}
    return Speech(
        id=row_id,
        question_audio={
            "bytes": encode(last.clip, config.audio_format.value),
            "path": f"{row_id}.{config.audio_format}",
        },
        voice=f"{config.tts}/{last.voice}",
        duration_s=last.clip.duration_s,
        asr_text=None if last.heard is None else last.heard.text,
        wer=None if last.heard is None else last.heard.wer,
        speech=json.dumps(made_by, sort_keys=True),
    )


def _refusal(problem: Mapping[str, Any], spoken: Mapping[str, Any], attempts: list[_Attempt], again: int) -> Rejected:
    last = attempts[-1]
    if last.finding is None:
        raise ValueError(f"row {spoken['id']}: refused without a finding")
    tries = [
        {
            "voice": str(attempt.voice),
            "heard": None if attempt.heard is None else attempt.heard.text,
            "wer": None if attempt.heard is None else attempt.heard.wer,
            "finding": None if attempt.finding is None else attempt.finding.detail,
        }
        for attempt in attempts
    ]
    payload = {"spoken_question": spoken["spoken_question"], "attempts": tries}
    return refuse(STAGE, problem, last.finding, payload, again)
