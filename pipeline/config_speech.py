"""Settings of speech: voices, ears, what is spoken, and what makes it harder to hear. Part of `pipeline.config`."""

from dataclasses import field
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field
from pydantic.dataclasses import dataclass

from pipeline.config_types import CHECKED, Count, Positive
from pipeline.errors import UsageError

OPUS_RATES_HZ = (8_000, 12_000, 16_000, 24_000, 48_000)


class AudioFormat(StrEnum):
    """Encodings of audio columns."""

    FLAC = "flac"
    WAV = "wav"
    OGG = "ogg"


@dataclass(frozen=True, config=CHECKED)
class RosterEntry:
    """A voice that rows may draw."""

    engine: str
    """Speech engine."""
    voice: str = ""
    """NAME or NAME@SPEED; empty for all that the engine's model has."""
    reference: str = ""
    """Recording in `speak.references` to clone, in place of a voice."""
    model: str | None = None
    """Model name or path for engines that load one."""
    license: str = ""
    """Licence of the voice, for the card; empty where the engine or its list of models says it."""
    speed: Annotated[float, Field(ge=0.2, le=5)] = 1.0
    """Pace as a factor of the voice's own."""
    pitch: Annotated[float, Field(ge=0.5, le=2)] = 1.0
    """Factor on all its frequencies, the pace kept."""
    weight: Annotated[float, Field(ge=0)] = 1.0
    """Share of the rows beside the other entries', shared by all voices of the entry; 0 draws none."""
    held_out: bool = False
    """Speaks rows of the test split and no other."""


@dataclass(frozen=True, config=CHECKED)
class AugmentConfig:
    """Shares of the questions that are made harder to hear, after the ear has judged them clean."""

    reverberation: Annotated[float, Field(ge=0, le=1)] = 0.0
    """Share that sounds as in a room."""
    noise: Annotated[float, Field(ge=0, le=1)] = 0.0
    """Share with noise."""
    telephone: Annotated[float, Field(ge=0, le=1)] = 0.0
    """Share that sounds as through a telephone."""
    decay_s: tuple[Positive, Positive] = (0.2, 0.8)
    """Shortest and longest time in which a room's sound falls by 60 dB."""
    snr_db: tuple[float, float] = (10.0, 30.0)
    """Least and greatest level of speech over noise."""

    def __post_init__(self) -> None:
        """Refuse ranges that are none."""
        for name, (low, high) in (("decay_s", self.decay_s), ("snr_db", self.snr_db)):
            if low > high:
                raise UsageError(f"speak.augment.{name}: {low:g} is above {high:g}; give the lower one first")


@dataclass(frozen=True, config=CHECKED)
class SpeakConfig:
    """The voices and the ear."""

    what: Literal["question", "both"] = "question"
    """What is spoken: the question, or the response too."""
    tts: str = "nanotts"
    """Speech engine, or none; short for a roster of its voices."""
    asr: str = "moonshine"
    """Ear, or none."""
    asr_model: str | None = None
    """Model name or path for ears that load one."""
    second_asr: str = "moonshine"
    """Ear with a model of its own that hears again what the first did not understand; none, or the same, for none."""
    voices: tuple[str, ...] = ()
    """Voices of `tts` to draw from; empty means all of the engine's."""
    model: str | None = None
    """Model name or path, where `tts` loads one."""
    roster: tuple[RosterEntry, ...] = ()
    """Voices of any engines, with weights, in place of `tts`, `voices` and `model`."""
    references: str | None = None
    """Folder of recordings to clone: NAME.wav, and references.toml with consent and licence of each."""
    response_voice: str = ""
    """Voice of responses as the column `voice` names it; "row" for the question's; empty for the roster's first."""
    augment: AugmentConfig = field(default_factory=AugmentConfig)
    """What makes questions harder to hear."""
    sample_rate_hz: Annotated[int, Field(ge=8000, le=96_000)] = 24_000
    """Rate of the data set's audio."""
    audio_format: AudioFormat = AudioFormat.FLAC
    """Encoding of the audio column."""
    attempts: Count = 3
    """Voices tried before a row is given up."""
    max_wer: Annotated[float, Field(ge=0)] = 0.20
    """Number-aware word error rate above which a clip is not understood."""
    min_duration_s: Positive = 1.0
    max_duration_s: Positive = 60.0
    min_words_per_s: Positive = 1.5
    max_words_per_s: Positive = 5.0

    def __post_init__(self) -> None:
        """Refuse settings that contradict each other."""
        if self.audio_format is AudioFormat.OGG and self.sample_rate_hz not in OPUS_RATES_HZ:
            rates = ", ".join(map(str, OPUS_RATES_HZ))
            raise UsageError(f"speak.sample_rate_hz: {self.sample_rate_hz}: ogg (Opus) has {rates} only")
        if self.roster and (self.voices or self.model is not None):
            raise UsageError("speak.roster: its entries name their voices and models; leave out speak.voices and model")
        if self.what == "both" and self.tts == "none":
            raise UsageError("--speak both: nothing speaks with --tts none; name an engine, or leave out --speak")
