"""The trained talker as a voice: what it says does not hang on how its states come."""

import pytest

torch = pytest.importorskip("torch", reason="the train extra is not installed")
pytest.importorskip("transformers", reason="the train extra is not installed")

import numpy as np  # noqa: E402

from pipeline.backends.audio import Clip  # noqa: E402
from pipeline.errors import EngineError  # noqa: E402
from pipeline.infer.state_voice import StateVoice  # noqa: E402
from pipeline.infer.voice import Spoken  # noqa: E402
from pipeline.model.talker_voice import TalkerVoice  # noqa: E402
from tests.infer.conftest import babbler  # noqa: E402

STATE_SIZE = 12
WINDOW = 1024
"""Samples that the codec's sound may be longer or shorter than its frames."""


@pytest.fixture(scope="module")
def trained() -> TalkerVoice:
    return babbler(STATE_SIZE)


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
    codec = trained.codec
    assert n_samples == pytest.approx(len(frames) * codec.sample_rate_hz / codec.frame_rate_hz, abs=WINDOW)
    for one, other in zip(first, second, strict=True):
        np.testing.assert_array_equal(one.samples, other.samples)


def test_a_token_without_a_state_is_said_to_be_unsayable(trained: TalkerVoice) -> None:
    with pytest.raises(EngineError, match="token 7 came without the thinker's state"):
        said(StateVoice(trained), [None])
