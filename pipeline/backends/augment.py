"""What makes clean speech harder to hear: a room, noise, a telephone line; each drawn from a seed and told.

Applied to finished clips, in the order in which sound meets them. Length and timing of the speech stay. It knows no
rows and no texts.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from pipeline.backends.audio import Clip, Finish, level_db, normalise, resample

TELEPHONE_RATE_HZ = 8_000
TELEPHONE_BAND_HZ = (300.0, 3_400.0)
_MU = 255  # ITU-T G.711
_DIRECT_TO_ROOM_DB = (0.0, 12.0)  # how much louder the speaker is than the room, near and far from a microphone
_DECAY_DB = 60.0

Drawn = dict[str, float]
"""What was drawn for one effect, as it is recorded."""


@dataclass(frozen=True, slots=True)
class Ranges:
    """What is drawn from."""

    decay_s: tuple[float, float] = (0.2, 0.8)
    """Time in which a room's sound falls by 60 dB."""
    snr_db: tuple[float, float] = (10.0, 30.0)
    """Level of the speaking parts over the noise."""


def augment(
    clip: Clip, effects: tuple[str, ...], seed: int, ranges: Ranges, how: Finish
) -> tuple[Clip, dict[str, Drawn]]:
    """Apply effects in the order of `EFFECTS`, then bring the level back.

    Args:
        clip: a finished clip.
        effects: names out of `EFFECTS`.
        seed: decides what is drawn, for each effect by itself.
        ranges: what is drawn from.
        how: level to bring the clip back to.

    Returns:
        The clip, and what was drawn by effect.
    """
    drawn: dict[str, Drawn] = {}
    for number, (name, effect) in enumerate(EFFECTS.items()):
        if name in effects:
            clip, drawn[name] = effect(clip, np.random.default_rng([seed, number]), ranges)
    return normalise(clip, how.level_db, how.peak_db), drawn


def reverberate(clip: Clip, rng: np.random.Generator, ranges: Ranges) -> tuple[Clip, Drawn]:
    """Put the speaker into a room: noise that decays exponentially is the room's impulse response (Moorer 1979).

    What rings on after the clip's end is cut off.
    """
    decay_s, direct_db = rng.uniform(*ranges.decay_s), rng.uniform(*_DIRECT_TO_ROOM_DB)
    t = np.arange(round(decay_s * clip.sample_rate_hz)) / clip.sample_rate_hz
    room = rng.uniform(-1, 1, len(t)) * 10 ** (-_DECAY_DB / 20 * t / decay_s)
    room *= 10 ** (-direct_db / 20) / np.sqrt(np.sum(np.square(room)))
    room[0] = 1.0
    wet = _convolved(clip.samples, room)[: len(clip.samples)]
    return replace(clip, samples=wet.astype(np.float32)), {
        "decay_s": round(decay_s, 3),
        "direct_db": round(direct_db, 1),
    }


def add_noise(clip: Clip, rng: np.random.Generator, ranges: Ranges) -> tuple[Clip, Drawn]:
    """Add noise whose power falls by 3 dB an octave (pink), as that of most places does; silence stays silence."""
    snr_db = rng.uniform(*ranges.snr_db)
    n = len(clip.samples)
    level = level_db(clip)
    if n == 0 or level == float("-inf"):
        return clip, {"snr_db": round(snr_db, 1)}
    spectrum = np.fft.rfft(rng.uniform(-1, 1, n))
    spectrum[0] = 0.0
    noise = np.fft.irfft(spectrum / np.sqrt(np.maximum(np.arange(len(spectrum)), 1)), n)
    noise *= 10 ** ((level - snr_db) / 20) / np.sqrt(np.mean(np.square(noise)))
    return replace(clip, samples=(clip.samples + noise).astype(np.float32)), {"snr_db": round(snr_db, 1)}


def telephone(clip: Clip, rng: np.random.Generator, ranges: Ranges) -> tuple[Clip, Drawn]:  # noqa: ARG001 - draws nothing
    """Send the clip through a telephone line: 8 kHz, 300-3400 Hz, 8 bits in mu-law (ITU-T G.711)."""
    told: Drawn = {"sample_rate_hz": TELEPHONE_RATE_HZ}
    if len(clip.samples) == 0:
        return clip, told
    narrow = resample(clip, TELEPHONE_RATE_HZ).samples
    spectrum = np.fft.rfft(narrow)
    hz = np.fft.rfftfreq(len(narrow), 1 / TELEPHONE_RATE_HZ)
    spectrum[(hz < TELEPHONE_BAND_HZ[0]) | (hz > TELEPHONE_BAND_HZ[1])] = 0
    banded = np.clip(np.fft.irfft(spectrum, len(narrow)), -1, 1)
    coded = np.rint(np.sign(banded) * np.log1p(_MU * np.abs(banded)) / np.log1p(_MU) * (_MU // 2)) / (_MU // 2)
    heard = np.sign(coded) * np.expm1(np.abs(coded) * np.log1p(_MU)) / _MU
    wide = resample(Clip(heard.astype(np.float32), TELEPHONE_RATE_HZ), clip.sample_rate_hz).samples
    samples = np.zeros_like(clip.samples)
    samples[: len(wide)] = wide[: len(samples)]
    return replace(clip, samples=samples), told


EFFECTS: dict[str, Callable[[Clip, np.random.Generator, Ranges], tuple[Clip, Drawn]]] = {
    "reverberation": reverberate,
    "noise": add_noise,
    "telephone": telephone,
}


def _convolved(samples: NDArray[np.float32], response: NDArray[np.float64]) -> NDArray[np.float64]:
    n = len(samples) + len(response) - 1
    size = 1 << max(0, n - 1).bit_length()
    return np.asarray(np.fft.irfft(np.fft.rfft(samples, size) * np.fft.rfft(response, size), size)[:n])
