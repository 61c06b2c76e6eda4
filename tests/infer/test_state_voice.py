"""The trained talker as a voice: what it says does not hang on how its states come."""

import pytest

torch = pytest.importorskip("torch", reason="the train extra is not installed")
pytest.importorskip("transformers", reason="the train extra is not installed")

import numpy as np  # noqa: E402

from pipeline.backends.audio import Clip  # noqa: E402
from pipeline.errors import EngineError  # noqa: E402
from pipeline.infer.state_voice import StateVoice  # noqa: E402
from pipeline.infer.voice import Spoken  # noqa: E402
from pipeline.model.codec import CodecFacts  # noqa: E402
from pipeline.model.melrvq import MelRvqConfig, fit  # noqa: E402
from pipeline.model.talker import Talker, TalkerGeometry  # noqa: E402
from pipeline.model.talker_voice import TalkerVoice  # noqa: E402

STATE_SIZE = 12
CODEC = MelRvqConfig(n_layers=3, codebook_size=8, rounds=2, phase_rounds=4)


@pytest.fixture(scope="module")
def trained() -> TalkerVoice:
    """Of random weights: it says something, though nothing that is understood."""
    noise = np.random.default_rng(3).normal(0, 0.1, 24_000).astype(np.float32)
    codec = fit([Clip(noise, 24_000)], CODEC)
    torch.manual_seed(1)
    geometry = TalkerGeometry(hidden=16, layers=1, heads=2, feed_forward=16)
    voice = TalkerVoice(Talker(geometry, CodecFacts.of(codec), STATE_SIZE).eval(), codec)
    with torch.no_grad():
        voice.talker.heads.bias[CODEC.codebook_size] = 1.0  # sooner or later it ends
    return voice


def said(voice: StateVoice, states: list[object]) -> list[Clip]:
    made = [clip for state in states for clip in voice.take(Spoken(7, " word", state))]  # type: ignore[arg-type]
    return [*made, *voice.end()]


def test_its_chunks_are_the_response_that_the_talker_speaks_and_the_next_one_starts_afresh(
    trained: TalkerVoice,
) -> None:
    states = list(torch.randn(6, STATE_SIZE, generator=torch.Generator().manual_seed(2)))
    frames = list(trained.talker.stream(states))
    voice = StateVoice(trained, chunk_s=0.2)
    first, second = said(voice, states), said(voice, states)
    assert len(first) > 1
    n_samples = sum(len(clip.samples) for clip in first)
    assert n_samples == pytest.approx(len(frames) * CODEC.hop * CODEC.stacked, abs=CODEC.window)
    for one, other in zip(first, second, strict=True):
        np.testing.assert_array_equal(one.samples, other.samples)


def test_a_token_without_a_state_is_said_to_be_unsayable(trained: TalkerVoice) -> None:
    with pytest.raises(EngineError, match="token 7 came without the thinker's state"):
        said(StateVoice(trained), [None])
