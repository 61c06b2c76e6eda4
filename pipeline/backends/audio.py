"""A mono clip, the value that speech engines give and ears take, and what makes clips alike.

Every function gives the same bytes for the same input. It knows neither engines nor texts.
"""

import io
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
import soundfile
import soxr
from numpy.typing import NDArray

from pipeline.backends.ogg import with_serial
from pipeline.core.outcome import Unreadable
from pipeline.errors import EngineError, Reason

AudioFormat = Literal["flac", "wav", "ogg"]
AUDIO_FORMATS: dict[AudioFormat, tuple[str, str]] = {
    "flac": ("FLAC", "PCM_16"),
    "wav": ("WAV", "PCM_16"),
    "ogg": ("OGG", "OPUS"),
}
"""libsndfile's container and codec of each format."""

_BLOCK_S, _HOP_S = 0.4, 0.1  # the gating blocks of ITU-R BS.1770
_ABSOLUTE_GATE_DB = -70.0
_RELATIVE_GATE_DB = -10.0
_FRAME_S = 0.01
_FADE_S = 0.005
_FULL_SCALE = 32_768  # libsndfile's own when it reads 16 bit, so that a round trip is exact
_HIGHEST = (_FULL_SCALE - 1) / _FULL_SCALE  # 16 bit have no +1


@dataclass(frozen=True, slots=True)
class Clip:
    """Mono PCM."""

    samples: NDArray[np.float32]  # [n_samples], -1..1
    sample_rate_hz: int

    @property
    def duration_s(self) -> float:
        """Length in seconds."""
        return len(self.samples) / self.sample_rate_hz


@dataclass(frozen=True, slots=True)
class Finish:
    """How clips are made alike."""

    sample_rate_hz: int = 24_000
    """One rate for the whole data set."""
    level_db: float = -23.0
    """Level of the speaking parts, RMS in dB below full scale; lower where the peak would pass `peak_db`."""
    peak_db: float = -1.0
    """No sample is louder."""
    silence_db: float = -50.0
    """Quieter than this below the loudest 10 ms counts as silence at the ends."""
    margin_s: float = 0.1
    """Silence left at each end; shorter silence is kept as it is."""

    def __post_init__(self) -> None:
        if self.sample_rate_hz < 8_000:
            raise ValueError(f"sample_rate_hz is {self.sample_rate_hz}: speech needs at least 8000")


@dataclass(frozen=True, slots=True)
class Bounds:
    """What speech must look like to be kept."""

    min_s: float = 1.0
    max_s: float = 60.0
    min_words_per_s: float = 1.5
    max_words_per_s: float = 5.0
    max_clipped: float = 0.001
    """Share of an engine's samples at full scale."""
    min_level_db: float = -60.0
    """Of what an engine gives: below it there is nothing to hear."""


def resample(clip: Clip, sample_rate_hz: int) -> Clip:
    """Return the clip at another rate; the same clip when it has that rate."""
    if clip.sample_rate_hz == sample_rate_hz:
        return clip
    samples = soxr.resample(clip.samples, clip.sample_rate_hz, sample_rate_hz, quality="HQ")
    return Clip(np.ascontiguousarray(samples, dtype=np.float32), sample_rate_hz)


def level_db(clip: Clip) -> float:
    """Return the RMS level of the speaking parts in dB below full scale, -inf for silence.

    Gated as in ITU-R BS.1770 (400 ms blocks, absolute gate -70 dB, relative gate -10 dB), without its
    frequency weighting, which would need a filter library.
    """
    power = _block_power(clip)
    power = power[power > 10 ** (_ABSOLUTE_GATE_DB / 10)]
    if len(power) == 0:
        return float("-inf")
    power = power[power >= power.mean() * 10 ** (_RELATIVE_GATE_DB / 10)]
    return float(10 * np.log10(power.mean()))


def trim(clip: Clip, silence_db: float, margin_s: float) -> Clip:
    """Cut silence at both ends down to `margin_s`; a clip that is silent throughout becomes empty."""
    return trim_from(clip, silence_db, margin_s)[0]


def trim_from(clip: Clip, silence_db: float, margin_s: float) -> tuple[Clip, float]:
    """Like `trim`; says too how many seconds were cut from the clip's start."""
    start, end = _sounding(clip, silence_db, margin_s)
    return replace(clip, samples=clip.samples[start:end]), start / clip.sample_rate_hz


def _sounding(clip: Clip, silence_db: float, margin_s: float) -> tuple[int, int]:
    """First sample, and the one after the last, of what is kept when silence at the ends is cut."""
    frame = max(1, round(_FRAME_S * clip.sample_rate_hz))
    peaks = frame_peaks(clip)
    top = peaks.max(initial=0.0)
    loud = np.flatnonzero(peaks > top * 10 ** (silence_db / 20)) if top > 0 else np.empty(0, np.intp)
    if len(loud) == 0:
        return 0, 0
    margin = round(margin_s * clip.sample_rate_hz)
    return max(0, int(loud[0]) * frame - margin), min(len(clip.samples), (int(loud[-1]) + 1) * frame + margin)


def frame_peaks(clip: Clip) -> NDArray[np.float32]:
    """Loudest sample of each 10 ms, the last frame filled up with silence: [n_frames]."""
    frame = max(1, round(_FRAME_S * clip.sample_rate_hz))
    n_frames = -(-len(clip.samples) // frame)
    padded = np.zeros(n_frames * frame, np.float32)
    padded[: len(clip.samples)] = clip.samples
    return np.asarray(np.abs(padded.reshape(n_frames, frame)).max(axis=1, initial=0.0))


def normalise(clip: Clip, target_db: float, peak_db: float) -> Clip:
    """Bring the level to `target_db`, or as near as the peak allows; silence stays silence."""
    level = level_db(clip)
    peak = float(np.abs(clip.samples).max(initial=0.0))
    if peak == 0 or level == float("-inf"):
        return clip
    gain = min(10 ** ((target_db - level) / 20), 10 ** (peak_db / 20) / peak)
    return replace(clip, samples=clip.samples * np.float32(gain))


def finish(clip: Clip, how: Finish) -> Clip:
    """Resample, trim and normalise: what every clip of the data set has gone through."""
    return finish_from(clip, how)[0]


def finish_from(clip: Clip, how: Finish) -> tuple[Clip, float]:
    """Like `finish`; says too how many seconds were cut from the clip's start."""
    trimmed, cut_s = trim_from(resample(clip, how.sample_rate_hz), how.silence_db, how.margin_s)
    return normalise(trimmed, how.level_db, how.peak_db), cut_s


def raw_fault(clip: Clip, bounds: Bounds) -> Unreadable | None:
    """Say with its figure what makes a clip no recording of speech, as its engine gave it; None when nothing does.

    To be asked before `finish`, which brings every clip to one level: what was cut off at full scale lies below it
    then, and what was too quiet to hear is loud.
    """
    level = level_db(clip)
    if level < bounds.min_level_db:
        return Unreadable(Reason.SPEECH_FAILED, f"silent: {level:.0f} dB, at least {bounds.min_level_db:g} wanted")
    clipped = float(np.mean(np.abs(clip.samples) >= _HIGHEST))
    if clipped > bounds.max_clipped:
        return Unreadable(Reason.SPEECH_FAILED, f"clipped: {clipped:.2%} of samples, {bounds.max_clipped:.2%} allowed")
    return None


def fault(clip: Clip, n_words: int, bounds: Bounds) -> Unreadable | None:
    """Say with its figure what makes a finished clip no speech of `n_words` words; None when nothing does."""
    if not bounds.min_s <= clip.duration_s <= bounds.max_s:
        allowed = f"{bounds.min_s:g} to {bounds.max_s:g} s allowed"
        return Unreadable(Reason.SPEECH_DURATION, f"{clip.duration_s:.1f} s long, {allowed}")
    pace = n_words / clip.duration_s
    if not bounds.min_words_per_s <= pace <= bounds.max_words_per_s:
        allowed = f"{bounds.min_words_per_s:g} to {bounds.max_words_per_s:g} allowed"
        return Unreadable(Reason.SPEECH_DURATION, f"{pace:.1f} words per second, {allowed}")
    return None


def encode(clip: Clip, audio_format: AudioFormat) -> bytes:
    """Return the clip as a file's bytes, 16 bit; the same bytes for the same clip. Opus has five sample rates only."""
    container, codec = AUDIO_FORMATS[audio_format]
    pcm = np.clip(np.rint(clip.samples * _FULL_SCALE), -_FULL_SCALE, _FULL_SCALE - 1).astype(np.int16)
    out = io.BytesIO()
    soundfile.write(out, pcm, clip.sample_rate_hz, format=container, subtype=codec)
    return with_serial(out.getvalue()) if audio_format == "ogg" else out.getvalue()


def decode(data: bytes) -> Clip:
    """Read a file's bytes in any format libsndfile knows; more channels than one are averaged.

    Raises:
        EngineError: the bytes are no audio.
    """
    try:
        samples, rate = soundfile.read(io.BytesIO(data), dtype="float32", always_2d=True)  # [n_samples, n_channels]
    except soundfile.LibsndfileError as exc:
        raise EngineError(f"these {len(data)} bytes are no audio: {exc.error_string}") from exc
    return Clip(np.ascontiguousarray(samples.mean(axis=1), dtype=np.float32), rate)


def join(clips: Sequence[Clip], pauses_s: float | Sequence[float]) -> Clip:
    """Put clips of one rate behind one another with silence between, their ends faded so that nothing clicks.

    Args:
        clips: at least one.
        pauses_s: silence after each clip but the last, or the same after all.

    Raises:
        ValueError: no clips, or clips of different rates.
    """
    rates = {clip.sample_rate_hz for clip in clips}
    if len(rates) != 1:
        raise ValueError(f"clips to join must have one sample rate, not {sorted(rates)}")
    rate = rates.pop()
    after = [pauses_s] * (len(clips) - 1) if isinstance(pauses_s, float) else pauses_s
    parts: list[NDArray[np.float32]] = []
    for clip, pause_s in zip(clips, [*after, 0.0], strict=True):
        parts += [_faded(clip), np.zeros(round(pause_s * rate), np.float32)]
    return Clip(np.concatenate(parts), rate)


def _faded(clip: Clip) -> NDArray[np.float32]:
    """The samples, risen and fallen over a few milliseconds."""
    n = min(round(_FADE_S * clip.sample_rate_hz), len(clip.samples) // 2)
    ramp = np.linspace(0, 1, n, endpoint=False, dtype=np.float32)
    samples = clip.samples.copy()
    samples[:n] *= ramp
    samples[len(samples) - n :] *= ramp[::-1]
    return samples


def _block_power(clip: Clip) -> NDArray[np.float64]:
    """Mean power of overlapping blocks; one block of what there is when the clip is shorter than a block."""
    if len(clip.samples) == 0:
        return np.empty(0)
    squares = np.square(clip.samples, dtype=np.float64)
    block, hop = round(_BLOCK_S * clip.sample_rate_hz), round(_HOP_S * clip.sample_rate_hz)
    if len(squares) <= block:
        return np.array([squares.mean()])
    sums = np.concatenate([[0.0], np.cumsum(squares)])
    starts = np.arange(0, len(squares) - block + 1, hop)
    return np.asarray((sums[starts + block] - sums[starts]) / block, dtype=np.float64)
