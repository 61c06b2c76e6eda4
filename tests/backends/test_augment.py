import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.backends.audio import Clip, Finish, level_db
from pipeline.backends.augment import EFFECTS, Ranges, add_noise, augment, reverberate, telephone

RATE = 24_000
RANGES = Ranges(decay_s=(0.3, 0.5), snr_db=(5.0, 15.0))


def speechlike(seconds: float = 2.0) -> Clip:
    t = np.arange(round(seconds * RATE)) / RATE
    syllables = np.clip(np.sin(2 * np.pi * 4 * t), 0, 1)
    voice = sum(np.sin(2 * np.pi * 120 * k * t) / k for k in range(1, 40))
    return Clip((0.1 * syllables * voice).astype(np.float32), RATE)


def band_db(clip: Clip, low: float, high: float) -> float:
    power = np.abs(np.fft.rfft(clip.samples)) ** 2
    hz = np.fft.rfftfreq(len(clip.samples), 1 / clip.sample_rate_hz)
    return float(10 * np.log10(power[(hz >= low) & (hz < high)].sum() / power.sum()))


def rng() -> np.random.Generator:
    return np.random.default_rng(3)


def test_a_telephone_lets_its_band_through_and_nothing_else() -> None:
    clip = speechlike()
    out, _ = telephone(clip, rng(), RANGES)
    assert band_db(out, 300, 3_400) > -0.5
    assert band_db(out, 4_100, 12_000) < -40
    assert band_db(clip, 0, 290) > -3
    assert band_db(out, 0, 290) < -25


def test_noise_is_as_loud_as_was_drawn() -> None:
    clip = speechlike()
    out, drawn = add_noise(clip, rng(), RANGES)
    noise = Clip(out.samples - clip.samples, RATE)
    rms_db = 10 * np.log10(np.mean(np.square(noise.samples, dtype=np.float64)))
    assert level_db(clip) - rms_db == pytest.approx(drawn["snr_db"], abs=0.1)
    assert 5 <= drawn["snr_db"] <= 15


def test_a_room_rings_on_in_the_pauses() -> None:
    tone = speechlike(0.5).samples
    clip = Clip(np.concatenate([tone, np.zeros(RATE // 2, np.float32)]), RATE)
    out, drawn = reverberate(clip, rng(), RANGES)
    tail = [float(np.abs(out.samples[RATE // 2 + s : RATE // 2 + s + 1_200]).max()) for s in (0, 4_000, 10_000)]
    assert tail[0] > tail[1] > tail[2]
    assert tail[0] > 0.001
    assert 0.3 <= drawn["decay_s"] <= 0.5


@settings(max_examples=25, deadline=None)
@given(
    effects=st.sets(st.sampled_from(sorted(EFFECTS))).map(tuple),
    seed=st.integers(0, 2**40),
    seconds=st.floats(0.0, 1.0),
)
def test_length_and_range_stay_and_the_seed_decides_all(effects: tuple[str, ...], seed: int, seconds: float) -> None:
    clip = speechlike(seconds)
    out, drawn = augment(clip, effects, seed, RANGES, Finish())
    again, _ = augment(clip, effects, seed, RANGES, Finish())
    assert len(out.samples) == len(clip.samples)
    assert np.abs(out.samples).max(initial=0.0) <= 10 ** (-1 / 20) + 1e-6
    assert out.samples.dtype == np.float32
    assert set(drawn) == set(effects)
    np.testing.assert_array_equal(out.samples, again.samples)
