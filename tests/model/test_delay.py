import pytest
from hypothesis import given
from hypothesis import strategies as st

torch = pytest.importorskip("torch", reason="the train extra is not installed")

from pipeline.model.delay import delayed, undelayed  # noqa: E402


def test_every_layer_stands_one_step_behind_the_one_above() -> None:
    codes = torch.tensor([[1, 2, 3], [4, 5, 6], [7, 8, 9]])
    steps = delayed(codes, 0)
    assert steps.tolist() == [
        [1, 2, 3, 0, 0],
        [0, 4, 5, 6, 0],
        [0, 0, 7, 8, 9],
    ]


@given(st.integers(1, 9), st.integers(0, 20), st.randoms())
def test_undelayed_inverts_delayed_exactly(n_layers: int, n_frames: int, random: object) -> None:
    draw = getattr(random, "randrange")  # noqa: B009 - hypothesis types it as object
    codes = torch.tensor([[draw(64) for _ in range(n_frames)] for _ in range(n_layers)], dtype=torch.long)
    steps = delayed(codes.reshape(n_layers, n_frames), 64)
    assert steps.shape == (n_layers, n_frames + n_layers - 1)
    assert torch.equal(undelayed(steps), codes.reshape(n_layers, n_frames))
    assert int((steps == 64).sum()) == n_layers * (n_layers - 1)


def test_steps_too_few_for_a_frame_hold_none() -> None:
    assert undelayed(torch.zeros(4, 3, dtype=torch.long)).shape == (4, 0)
