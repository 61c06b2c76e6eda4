"""The booth: the voices of a roster and its ears, loaded once per process, and tries at texts until one is understood.

Each engine is loaded with the first text it speaks, and kept: a process holds every engine that its rows draw. It
knows neither tables nor which text of a row it speaks.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field, replace
from pathlib import Path
from threading import Lock
from typing import NamedTuple, TypeVar

from pipeline.backends import asr, tts
from pipeline.backends.asr.hearing import Hearing, first_understood, listen
from pipeline.backends.asr.protocol import AligningTranscriber, Transcriber
from pipeline.backends.audio import Bounds, Clip, Finish, encode, fault, finish_from, raw_fault
from pipeline.backends.openai_address import Server
from pipeline.backends.tts.protocol import Synthesizer, VoiceModel, WordTime
from pipeline.backends.word_times import proportional
from pipeline.config import section
from pipeline.config_speech import SpeakConfig
from pipeline.core.outcome import Unreadable
from pipeline.errors import EngineDown, EngineError, Reason, UsageError
from pipeline.stages.roster import ALL, Member, Source, expanded, model_digest, package_version, require_file
from pipeline.stages.stage import guarded
from pipeline.stages.utterance import Manner, shifted, utter
from schemas.rows import AudioDict

NONE = "none"
_Item = TypeVar("_Item")
_Result = TypeVar("_Result")


class Timing(NamedTuple):
    """When each word is spoken, and who says so."""

    words: tuple[WordTime, ...]
    method: str
    """engine, alignment or proportional."""


@dataclass(frozen=True, slots=True)
class Take:
    """One try of one voice at a text."""

    member: Member
    seed: int
    clip: Clip | None
    heard: Hearing | None
    heard_by: str
    """The ear that `heard` is of, "none" where none listened."""
    finding: Unreadable | None
    """Why it is not used, None for the one that is."""
    said_at: tuple[WordTime, ...] | None = None
    """Word times as the engine says."""


@dataclass(frozen=True, slots=True)
class _Loaded:
    engine: Synthesizer
    turn: AbstractContextManager[object]
    """What a thread waits for before it calls the engine."""


@dataclass
class Booth:
    """Engines and ears of one process; safe to be called from several threads."""

    config: SpeakConfig
    ears: Mapping[str, Transcriber]
    """By name, in the order in which they listen to a clip."""
    ear_packages: Mapping[str, str]
    """Distributions that hear, and their versions."""
    ear_model: Mapping[str, str]
    """Digest of the first ear's model, where it loads one, and who runs the server that hears."""
    server: Server | None = None
    """What is asked, where a server speaks or hears."""
    _engines: dict[Source, _Loaded] = field(default_factory=dict)
    _loading: Lock = field(default_factory=Lock)
    _listening: Lock = field(default_factory=Lock)

    @property
    def bounds(self) -> Bounds:
        """What a clip must look like."""
        how = self.config
        return Bounds(
            min_s=how.min_duration_s,
            max_s=how.max_duration_s,
            min_words_per_s=how.min_words_per_s,
            max_words_per_s=how.max_words_per_s,
        )

    @property
    def how(self) -> Finish:
        """How clips are made alike."""
        return Finish(sample_rate_hz=self.config.sample_rate_hz)

    def everyone(self, members: Iterable[Member]) -> tuple[Member, ...]:
        """The roster with each voice by its name; loads the engines whose voices only they know.

        Raises:
            EngineError: an engine or model does not load, or has no such voice.
        """
        found: list[Member] = []
        for member in members:
            engine = tts.ENGINES[member.source.engine]
            known = member.voice.name != ALL and (engine.remote or not engine.needs_model)
            found += [member] if known else expanded(member, self._loaded(member.source).engine.voices)
        return tuple(found)

    def engine_of(self, member: Member) -> Synthesizer:
        """The engine that speaks with a voice.

        Raises:
            EngineError: it does not load.
        """
        return self._loaded(member.source).engine

    def take(self, text: str, member: Member, seed: int, *, timed: bool = False) -> Take:
        """Speak a text and hear it back; what goes wrong is the take's finding.

        Raises:
            EngineError: the engine does not load, or it is down for good.
        """
        loaded = self._loaded(member.source)  # outside: an engine that does not load stops the run

        def perform() -> Take:
            try:
                return self._take(loaded, text, member, seed, timed=timed)
            except EngineDown:
                raise
            except EngineError as exc:
                return Take(member, seed, None, None, NONE, Unreadable(Reason.SPEECH_FAILED, str(exc)))

        # An engine is foreign code: whatever it raises costs this text and no other.
        done = guarded(perform)
        return Take(member, seed, None, None, NONE, done) if isinstance(done, Unreadable) else done

    def words(self, take: Take, clip: Clip, text: str) -> Timing:
        """When each word of a take is spoken: by the engine, else by an ear that can align, else by estimate."""
        words = text.split()
        if take.said_at is not None and [time.word for time in take.said_at] == words:
            return Timing(take.said_at, "engine")
        for name, ear in self.ears.items():
            if not isinstance(ear, AligningTranscriber):
                continue
            try:
                with self._turn(name):
                    found = ear.align(clip, words)
            except EngineError:
                return Timing(proportional(clip, words), "proportional")
            if len(found) == len(words):
                return Timing(found, "alignment")
        return Timing(proportional(clip, words), "proportional")

    def provenance(self, take: Take, attempt: int) -> dict[str, object]:
        """What is told of how a take was made and heard."""
        return {
            "tts": take.member.source.engine,
            "asr": take.heard_by,
            "attempt": attempt,
            "seed": take.seed,
            "packages": {**dict(take.member.packages), **self.ear_packages},
            **dict(take.member.about),
            **(self.ear_model if take.heard_by == self.config.asr else {}),
        }

    def audio(self, clip: Clip, name: str) -> AudioDict:
        """The clip as a value of an audio column."""
        audio_format = self.config.audio_format
        return {"bytes": encode(clip, audio_format.value), "path": f"{name}.{audio_format}"}

    def for_each(
        self, items: Sequence[_Item], work: Callable[[_Item], _Result], members: Sequence[Member]
    ) -> list[_Result]:
        """The result of `work` for each item in order, as many at a time as engines or ears gain from."""
        engines = [tts.ENGINES[member.source.engine].concurrency for member in members]
        n_threads = max(*engines, *(asr.ENGINES[name].concurrency for name in self.ears), 1)
        if n_threads == 1:
            return [work(item) for item in items]
        with ThreadPoolExecutor(n_threads) as pool:
            return list(pool.map(work, items))

    def _take(self, loaded: _Loaded, text: str, member: Member, seed: int, *, timed: bool) -> Take:
        manner = Manner(member.voice, member.pitch, tts.ENGINES[member.source.engine].longest)
        with loaded.turn:
            said = utter(loaded.engine, text, manner, seed, timed=timed)
        clip, cut_s = finish_from(said.clip, self.how)
        finding = raw_fault(said.clip, self.bounds) or fault(clip, len(text.split()), self.bounds)
        said_at = None if said.times is None else shifted(said.times, -cut_s, 1.0, clip.duration_s)
        take = Take(member, seed, clip, None, NONE, finding, said_at)
        if finding is not None or not self.ears:
            return take
        heard, number = first_understood(self._hear(name, clip, text) for name in self.ears)
        finding = None if heard.understood else Unreadable(Reason.MISHEARD, heard.detail)
        return replace(take, heard=heard, heard_by=[*self.ears][number], finding=finding)

    def _hear(self, name: str, clip: Clip, text: str) -> Hearing:
        with self._turn(name):
            return listen(self.ears[name], clip, text, self.config.max_wer)

    def _turn(self, ear: str) -> AbstractContextManager[object]:
        """What a thread waits for before it calls an ear: those of this process take its core one after another."""
        return self._listening if asr.ENGINES[ear].concurrency == 1 else nullcontext()

    def _loaded(self, source: Source) -> _Loaded:
        with self._loading:
            if source not in self._engines:
                about = tts.ENGINES[source.engine]
                references = {name: Path(path) for name, path in source.references}
                turn: AbstractContextManager[object] = Lock() if about.concurrency == 1 else nullcontext()
                url = None if self.server is None else self.server.url
                self._engines[source] = _Loaded(about.make(VoiceModel(source.model, references, url)), turn)
            return self._engines[source]


def open_booth(config: SpeakConfig, server: Server | None = None) -> Booth:
    """Load the ears; engines are loaded when they are first needed.

    Raises:
        EngineError: an ear does not load.
    """
    url = None if server is None else server.url
    models = {config.asr: config.asr_model}
    ears = {name: asr.ENGINES[name].make(models.get(name), url) for name in _ear_names(config)}
    return Booth(config, ears, _ear_packages(config), _ear_model(config, server), server)


def require_ear(config: SpeakConfig) -> None:
    """Refuse ears that do not exist, before any work is done.

    Raises:
        UsageError: unknown, or it needs a model and none is named, or one is named that it does not load or that is
            not there.
    """
    if config.asr == NONE:
        return
    if config.asr not in asr.ENGINES:
        raise UsageError(f"--asr {config.asr}: unknown engine; choose from {', '.join((NONE, *asr.ENGINES))}")
    needs_model = asr.ENGINES[config.asr].needs_model
    if needs_model and config.asr_model is None:
        raise UsageError(f"--asr {config.asr}: which model? Give --set speak.asr_model=NAME, or the path of its folder")
    if config.asr_model is not None and not needs_model:
        raise UsageError(f"speak.asr_model: {config.asr} hears with its own model; leave it out, or give another --asr")
    if config.asr_model is not None:
        require_file("speak.asr_model", config.asr_model)
    own = [name for name, ear in asr.ENGINES.items() if not ear.needs_model]
    if config.second_asr not in (NONE, config.asr, *own):
        raise UsageError(f"speak.second_asr: {config.second_asr}: choose from {', '.join((NONE, *own))}")


def asks_server(config: SpeakConfig, members: Iterable[Member]) -> bool:
    """Whether a server speaks or hears."""
    hears = config.asr != NONE and asr.ENGINES[config.asr].remote
    return hears or any(tts.ENGINES[member.source.engine].remote for member in members)


def terms(config: SpeakConfig, server: Server | None) -> dict[str, object]:
    """What decides, besides text and voice, what becomes of a take: gates, encoding, and the ear with its model.

    Raises:
        EngineError: the ear's package is not installed.
    """
    literals = {name: value for name, value in section(config).items() if name in _TERMS}
    ears = {"asr": _ear_names(config), "ear": _ear_packages(config), **_ear_model(config, server)}
    return {**literals, **ears}


def _ear_names(config: SpeakConfig) -> tuple[str, ...]:
    """The ears in the order in which they listen."""
    return tuple(dict.fromkeys(name for name in (config.asr, config.second_asr) if NONE not in (name, config.asr)))


def _ear_packages(config: SpeakConfig) -> dict[str, str]:
    ears = [asr.ENGINES[name] for name in _ear_names(config)]
    return {package: package_version(package, ear.extra) for ear in ears for package in ear.packages}


def _ear_model(config: SpeakConfig, server: Server | None) -> dict[str, str]:
    if config.asr == NONE or config.asr_model is None:
        return {}
    who = {"asr_provider": server.provider} if asr.ENGINES[config.asr].remote and server is not None else {}
    return {"asr_model_digest": model_digest(config.asr_model), **who}


_TERMS = (
    *("sample_rate_hz", "audio_format", "max_wer"),
    *("min_duration_s", "max_duration_s", "min_words_per_s", "max_words_per_s"),
)
