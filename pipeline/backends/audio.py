"""A mono clip, the value that speech engines give and ears take, and what makes clips alike.

Every function gives the same bytes for the same input. It knows neither engines nor texts.
"""

import io
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
import soundfile
import soxr
from numpy.typing import NDArray

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
_FULL_SCALE = 32_768  # libsndfile's own when it reads 16 bit, so that a round trip is exact


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
    """Share of samples at full scale."""
    min_level_db: float = -60.0
    """Below this there is nothing to hear."""


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
    frame = max(1, round(_FRAME_S * clip.sample_rate_hz))
    n_frames = -(-len(clip.samples) // frame)
    padded = np.zeros(n_frames * frame, np.float32)
    padded[: len(clip.samples)] = clip.samples
    peaks = np.abs(padded.reshape(n_frames, frame)).max(axis=1, initial=0.0)  # [n_frames]
    top = peaks.max(initial=0.0)
    loud = np.flatnonzero(peaks > top * 10 ** (silence_db / 20)) if top > 0 else np.empty(0, np.intp)
    if len(loud) == 0:
        return replace(clip, samples=clip.samples[:0])
    margin = round(margin_s * clip.sample_rate_hz)
    start = max(0, int(loud[0]) * frame - margin)
    end = min(len(clip.samples), (int(loud[-1]) + 1) * frame + margin)
    return replace(clip, samples=clip.samples[start:end])


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
    trimmed = trim(resample(clip, how.sample_rate_hz), how.silence_db, how.margin_s)
    return normalise(trimmed, how.level_db, how.peak_db)


def fault(clip: Clip, n_words: int, bounds: Bounds) -> Unreadable | None:
    """Say with its figure what makes the clip no usable speech of `n_words` words; None when nothing does."""
    level = level_db(clip)
    if level < bounds.min_level_db:
        return Unreadable(Reason.SPEECH_FAILED, f"silent: {level:.0f} dB, at least {bounds.min_level_db:g} wanted")
    clipped = float(np.mean(np.abs(clip.samples) >= 1.0))
    if clipped > bounds.max_clipped:
        return Unreadable(Reason.SPEECH_FAILED, f"clipped: {clipped:.2%} of samples, {bounds.max_clipped:.2%} allowed")
    if not bounds.min_s <= clip.duration_s <= bounds.max_s:
        allowed = f"{bounds.min_s:g} to {bounds.max_s:g} s allowed"
        return Unreadable(Reason.SPEECH_DURATION, f"{clip.duration_s:.1f} s long, {allowed}")
    pace = n_words / clip.duration_s
    if not bounds.min_words_per_s <= pace <= bounds.max_words_per_s:
        allowed = f"{bounds.min_words_per_s:g} to {bounds.max_words_per_s:g} allowed"
        return Unreadable(Reason.SPEECH_DURATION, f"{pace:.1f} words per second, {allowed}")
    return None


def encode(clip: Clip, audio_format: AudioFormat) -> bytes:
    """Return the clip as a file's bytes, 16 bit; the same bytes for the same clip in flac and wav.

    An Ogg stream carries a random serial number, so that its bytes differ from call to call.
    """
    container, codec = AUDIO_FORMATS[audio_format]
    pcm = np.clip(np.rint(clip.samples * _FULL_SCALE), -_FULL_SCALE, _FULL_SCALE - 1).astype(np.int16)
    out = io.BytesIO()
    soundfile.write(out, pcm, clip.sample_rate_hz, format=container, subtype=codec)
    return out.getvalue()


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


def join(clips: list[Clip], pause_s: float) -> Clip:
    """Put clips of one rate behind one another with silence between.

    Raises:
        ValueError: no clips, or clips of different rates.
    """
    rates = {clip.sample_rate_hz for clip in clips}
    if len(rates) != 1:
        raise ValueError(f"clips to join must have one sample rate, not {sorted(rates)}")
    rate = rates.pop()
    pause = np.zeros(round(pause_s * rate), np.float32)
    parts = [part for clip in clips for part in (clip.samples, pause)][:-1]
    return Clip(np.concatenate(parts), rate)


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
