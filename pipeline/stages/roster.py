"""The voices of a build, and which of them a row draws.

Each voice has a score for each row, by hash, and a row draws them in the order of the scores (weighted rendezvous
hashing): a voice that is added or reweighted moves no row but to or from itself. It loads no engine.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from pipeline.backends import tts
from pipeline.backends.openai_address import Server
from pipeline.backends.tts.licences import licence_of
from pipeline.backends.tts.protocol import SPEEDS, Voice
from pipeline.config_speech import RosterEntry, SpeakConfig
from pipeline.core.fingerprint import digest, fraction_of
from pipeline.errors import EngineError, UsageError
from pipeline.stages.references import Reference, recordings
from pipeline.store.atomic import files_digest

ALL = ""
"""Name of a voice that stands for all of its model."""
PACES = (1.0, 0.92, 1.08, 0.96, 1.04, 0.88, 1.12, 0.9, 1.1)
"""Factor on a voice's pace each time that it tries the same text, over again after the last."""
_FROM_HERE = ("./", "../", "~")
_MODEL_FILES = (".onnx", ".pth", ".pt", ".bin")
_HALF_STEP = 0.5 / 16**13  # `fraction_of` gives multiples of 1/16^13, 0 among them, whose logarithm does not exist


@dataclass(frozen=True, slots=True)
class Source:
    """An engine with a model and the recordings it clones: what is loaded, once, whichever voices are drawn of it."""

    engine: str
    model: str | None
    references: tuple[tuple[str, str], ...]
    """Name and path of the recordings."""


@dataclass(frozen=True, slots=True)
class Member:
    """One voice of the roster."""

    source: Source
    voice: Voice
    pitch: float
    weight: float
    held_out: bool
    made_of: str
    """Digest of the engine's version and the content of the model or recording; of no path."""
    packages: tuple[tuple[str, str], ...]
    """Distributions that speak, and their versions."""
    about: tuple[tuple[str, str], ...]
    """What else provenance says of it: digest of the model, digest and licence of a recording."""

    @property
    def label(self) -> str:
        """How the column `voice` names it: ENGINE[/MODEL]/VOICE[@SPEED][^PITCH]."""
        pitch = "" if self.pitch == 1.0 else f"^{self.pitch:g}"
        return f"{_prefix(self.source.engine, self.source.model)}/{self.voice}{pitch}"

    @property
    def key(self) -> str:
        """Digest of all that decides how it sounds; neither weight nor split."""
        return digest([self.label, self.made_of])


def _prefix(engine: str, model: str | None) -> str:
    return engine if model is None else f"{engine}/{_model_name(model)}"


def _model_name(model: str) -> str:
    path = Path(model)
    if not path.is_absolute():
        return model.replace("/", "-")
    return path.stem if path.suffix else path.name


def members(config: SpeakConfig, server: Server | None = None) -> tuple[Member, ...]:
    """Read the roster of a build; a voice named `ALL` is left for `expanded`.

    Args:
        config: settings.
        server: what is asked for voices that a server has.

    Raises:
        UsageError: an engine, voice, speed or recording that does not exist or cannot be used, or none to train on.
        EngineError: an engine's package is not installed.
    """
    cloned = recordings(config)
    found = tuple(_member(entry, cloned, server) for entry in config.roster or _short_form(config, cloned))
    labels = [member.label for member in found]
    twice = sorted({label for label in labels if labels.count(label) > 1})
    if twice:
        raise UsageError(f"speak.roster: {twice[0]} is named twice; give it one weight")
    if not any(member.weight > 0 and not member.held_out for member in found):
        raise UsageError("speak.roster: every voice is held out or has weight 0; rows to train on need one")
    return found


def licences(config: SpeakConfig) -> dict[str, str]:
    """What a voice's name in column `voice` begins with, ENGINE[/MODEL], -> the licence of such voices."""
    found: dict[str, dict[str, None]] = {}
    for entry in config.roster or (RosterEntry(config.tts, model=config.model),):
        name = _prefix(entry.engine, entry.model)
        found.setdefault(name, {})[entry.license or licence_of(entry.engine, entry.model)] = None
    return {name: "; ".join(said) for name, said in found.items()}


def expanded(member: Member, voices: Sequence[str]) -> list[Member]:
    """The voices of a model that a member stands for, which share its weight; itself if it names one.

    Raises:
        UsageError: the model has no such voice.
    """
    if member.voice.name == ALL:
        share = member.weight / len(voices)
        return [replace(member, voice=replace(member.voice, name=name), weight=share) for name in voices]
    if member.voice.name not in voices:
        raise UsageError(
            f"speak.voices: {member.source.engine} has no voice {member.voice.name!r}; it has {_some(voices)}"
        )
    return [member]


def order(row_id: str, pool: Sequence[Member], seed: int) -> tuple[Member, ...]:
    """The voices of a pool in the order in which a row tries them.

    The first is drawn by weight. Then come the ones whose name was tried least, as a voice that an ear did not
    understand is mostly not understood at another pace either.
    """
    ranked = sorted(pool, key=lambda member: (_score(row_id, member, seed), member.label))
    tried: dict[tuple[Source, str], int] = {}
    result: list[Member] = []
    while ranked:
        best = min(ranked, key=lambda member: tried.get((member.source, member.voice.name), 0))
        ranked.remove(best)
        result.append(best)
        who = (best.source, best.voice.name)
        tried[who] = tried.get(who, 0) + 1
    return tuple(result)


def paced(member: Member, tried: int) -> Member:
    """The voice for one more try at a text that it was not understood with so many times.

    A little slower, then a little faster: from an engine that draws nothing the same would be heard again.
    """
    engine = tts.ENGINES[member.source.engine]
    pace = PACES[tried % len(PACES)]
    if pace == 1.0 or engine.draws or not engine.paced:
        return member
    return replace(member, voice=replace(member.voice, speed=round(member.voice.speed * pace, 3)))


def pool_of(everyone: Sequence[Member], *, test: bool) -> tuple[Member, ...]:
    """The voices that rows of a split draw from: those held out for test rows where there are any."""
    drawn = [member for member in everyone if member.weight > 0]
    held_out = tuple(member for member in drawn if member.held_out)
    return held_out if test and held_out else tuple(member for member in drawn if not member.held_out)


def _score(row_id: str, member: Member, seed: int) -> float:
    # Exponentially distributed with rate `weight`: the least of several is each one's with odds of their weights.
    return -math.log(fraction_of(row_id, f"voice {seed} {member.label}") + _HALF_STEP) / member.weight


def _short_form(config: SpeakConfig, cloned: Mapping[str, Reference]) -> tuple[RosterEntry, ...]:
    engine = _engine(config.tts, "--tts")
    if cloned:
        return tuple(RosterEntry(config.tts, reference=name, model=config.model) for name in cloned)
    return tuple(
        RosterEntry(config.tts, voice=voice, model=config.model) for voice in config.voices or engine.voices or (ALL,)
    )


def _member(entry: RosterEntry, cloned: Mapping[str, Reference], server: Server | None) -> Member:
    engine = _engine(entry.engine, "speak.roster: engine")
    voice = _voice(entry, engine)
    if engine.needs_model and entry.model is None:
        raise UsageError(f"--tts {entry.engine}: which model? Give --set speak.model=NAME, or the path of a checkpoint")
    if entry.model is not None and not engine.needs_model:
        raise UsageError(f"speak.model: {entry.engine} speaks with its own model, not {entry.model}; leave it out")
    packages = {package: package_version(package, engine.extra) for package in engine.packages}
    made_of: dict[str, object] = {"packages": packages}
    about: dict[str, str] = {}
    if entry.model is not None:
        require_file("speak.model", entry.model)
        made_of["model"] = model_digest(entry.model)
        about["model_digest"] = str(made_of["model"])
    if engine.remote and server is not None:
        made_of["provider"] = about["provider"] = server.provider
    used: tuple[tuple[str, str], ...] = ()
    if entry.reference:
        recording = cloned[entry.reference]
        made_of["reference"] = [recording.digest, recording.consent, recording.license]
        about |= {"reference_digest": recording.digest, "reference_license": recording.license}
        used = tuple((one.name, str(one.path)) for one in cloned.values())
    return Member(
        source=Source(entry.engine, entry.model, used),
        voice=voice,
        pitch=entry.pitch,
        weight=entry.weight,
        held_out=entry.held_out,
        made_of=digest(made_of),
        packages=tuple(sorted(packages.items())),
        about=tuple(sorted(about.items())),
    )


def _voice(entry: RosterEntry, engine: tts.SpeechEngine) -> Voice:
    """The entry's voice at its pace, checked as far as it can be without loading."""
    if entry.reference:
        if entry.voice:
            raise UsageError(f"speak.roster: voice {entry.voice!r} and reference {entry.reference!r}: give one of them")
        if not engine.clones:
            raise UsageError(f"speak.roster: {entry.engine} clones no recordings; leave out reference")
        voice = Voice(entry.reference)
    else:
        voice = _parsed(entry.voice, engine, entry.engine)
    if voice.speed != 1.0 and entry.speed != 1.0:
        raise UsageError(f"speak.roster: voice {entry.voice!r} and speed {entry.speed:g}: give one pace")
    voice = replace(voice, speed=voice.speed * entry.speed)
    if not engine.paced and (voice.speed != 1.0 or entry.pitch != 1.0):
        raise UsageError(f"speak.roster: {entry.engine} speaks at one pace: leave out speed and pitch of {voice}")
    if not SPEEDS[0] <= voice.speed / entry.pitch <= SPEEDS[1]:
        asked = f"speed {voice.speed:g} at pitch {entry.pitch:g}"
        raise UsageError(f"speak.roster: {asked} needs a pace beyond {SPEEDS[0]:g} to {SPEEDS[1]:g}")
    return voice


def _parsed(text: str, engine: tts.SpeechEngine, name: str) -> Voice:
    if text == ALL:
        return Voice(ALL)
    try:
        voice = Voice.parse(text)
    except EngineError as exc:
        raise UsageError(f"speak.voices: {exc}") from exc
    embedded = {Voice.parse(known).name for known in engine.voices}
    if embedded and not engine.needs_model and voice.name not in embedded:
        raise UsageError(f"speak.voices: {name} has no voice {voice.name!r}; it has {_some(embedded)}")
    return voice


def _engine(name: str, where: str) -> tts.SpeechEngine:
    if name not in tts.ENGINES:
        raise UsageError(f"{where} {name}: unknown engine; choose from {', '.join(('none', *tts.ENGINES))}")
    return tts.ENGINES[name]


def _some(names: Iterable[str]) -> str:
    return ", ".join(sorted(names)[:12])


def package_version(package: str, extra: str) -> str:
    """Version of an engine's package.

    Raises:
        EngineError: it is not installed; says which extra installs it.
    """
    try:
        return version(package)
    except PackageNotFoundError:
        raise EngineError(f"{package} is not installed: pip install 'smp3m[{extra}]'".replace("[]", "")) from None


def require_file(setting: str, name_or_path: str) -> None:
    """Refuse the path of a model that is not there, before rows are paid for that it was to speak or hear.

    Raises:
        UsageError: nothing is there. What does not look like a path may be a name on the Hub.
    """
    path = Path(name_or_path)
    names_a_path = path.is_absolute() or name_or_path.startswith(_FROM_HERE) or path.suffix in _MODEL_FILES
    if names_a_path and not path.exists():
        raise UsageError(f"{setting}: no such file or folder: {name_or_path}")


def model_digest(name_or_path: str) -> str:
    """Digest of a model's files with the settings beside them; a name that is no path stands for itself."""
    path = Path(name_or_path)
    if not path.exists():
        return name_or_path
    beside = (path.with_name("config.json"), path.with_name(f"{path.name}.json")) if path.is_file() else ()
    return "+".join(files_digest(file) for file in (path, *beside) if file.exists())
