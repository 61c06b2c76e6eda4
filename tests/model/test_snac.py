"""The adapter around SNAC's own class, with random weights: no real ones can be had offline."""

import json
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="the train extra is not installed")

from pipeline.backends.audio import Clip  # noqa: E402
from pipeline.errors import ContractError, EngineError  # noqa: E402
from pipeline.model import codec as codecs  # noqa: E402
from pipeline.model.codec import Codec  # noqa: E402

# The layout of snac_24khz: strides 4, 2, 1 over frames of 512 samples.
SIZES: dict[str, Any] = {
    "sampling_rate": 24_000,
    "encoder_dim": 4,
    "encoder_rates": [2, 4, 8, 8],
    "decoder_dim": 128,
    "decoder_rates": [8, 8, 4, 2],
    "attn_window_size": None,
    "codebook_size": 64,
    "codebook_dim": 8,
    "vq_strides": [4, 2, 1],
}

# The package compiles a function with torch.jit.script when it is imported.
pytestmark = [
    pytest.mark.skipif(find_spec("snac") is None, reason="the train extra is not installed"),
    pytest.mark.filterwarnings("ignore:`torch.jit.script` is deprecated:DeprecationWarning"),
]


def saved(folder: Path, **sizes: Any) -> Path:  # noqa: ANN401
    from snac import SNAC

    folder.mkdir()
    (folder / "config.json").write_text(json.dumps({**SIZES, **sizes}))
    with torch.random.fork_rng():
        torch.manual_seed(3)
        torch.save(SNAC(**{**SIZES, **sizes}).state_dict(), folder / "pytorch_model.bin")
    return folder


@pytest.fixture
def codec(tmp_path: Path) -> Codec:
    return codecs.load(str(saved(tmp_path / "net")))


def noise(n_samples: int, rate_hz: int = 24_000) -> Clip:
    return Clip(np.random.default_rng(5).normal(0, 0.1, n_samples).astype(np.float32), rate_hz)


def test_codebooks_of_several_rates_become_layers_of_one(codec: Codec) -> None:
    assert codec.frame_rate_hz == pytest.approx(11.71875)
    assert (codec.n_layers, codec.codebook_size, codec.sample_rate_hz) == (7, 64, 24_000)
    clip = noise(10 * 2048)
    codes = codec.encode(clip)
    assert codes.shape == (7, 10)
    books = codec._net.encode(torch.from_numpy(clip.samples)[None, None])  # type: ignore[attr-defined]
    coarse, middle, fine = (book[0] for book in books)
    assert torch.equal(codes[0], coarse)
    assert torch.equal(codes[1:3, 4], middle[8:10])
    assert torch.equal(codes[3:7, 4], fine[16:20])


def test_the_sound_of_codes_is_the_networks_own(codec: Codec) -> None:
    clip = noise(6 * 2048)
    codes = codec.encode(clip)
    found, again = codec.decode(codes), codec.decode(codes)
    assert len(found.samples) == 6 * 2048
    assert np.array_equal(found.samples, again.samples)
    net = codec._net  # type: ignore[attr-defined]
    with torch.inference_mode(), torch.random.fork_rng():
        torch.manual_seed(0)
        wanted = net.decode(net.encode(torch.from_numpy(clip.samples)[None, None]))[0, 0]
    np.testing.assert_allclose(found.samples, wanted.clamp(-1, 1).numpy(), atol=1e-6)


def test_windows_of_attention_leave_the_frames_as_many_as_the_sound(tmp_path: Path) -> None:
    codec = codecs.load(str(saved(tmp_path / "windowed", attn_window_size=8)))
    codes = codec.encode(noise(3 * 2048 + 1))
    assert codes.shape == (7, 4)
    assert len(codec.decode(codes[:, :3]).samples) == 3 * 2048


def test_another_rate_is_resampled_and_nothing_gives_no_frames(codec: Codec) -> None:
    assert codec.encode(noise(16_000, 16_000)).shape == (7, 12)
    assert codec.encode(noise(0)).shape == (7, 0)
    assert len(codec.decode(torch.zeros(7, 0, dtype=torch.long)).samples) == 0


def test_saved_it_is_the_same_codec_elsewhere(codec: Codec, tmp_path: Path) -> None:
    codec.save(tmp_path / "copy")
    again = codecs.load(str(tmp_path / "copy"))
    assert again.digest == codec.digest
    assert torch.equal(again.encode(noise(9000)), codec.encode(noise(9000)))


def test_what_is_no_codec_is_refused(codec: Codec, tmp_path: Path) -> None:
    with pytest.raises(EngineError, match=r"nowhere/at-all: no folder of a codec, and not to be fetched"):
        codecs.load("nowhere/at-all")
    (tmp_path / "empty").mkdir()
    with pytest.raises(EngineError, match="does not load"):
        codecs.load(str(tmp_path / "empty"))
    folder = saved(tmp_path / "broken")
    (folder / "pytorch_model.bin").write_bytes(b"no weights")
    with pytest.raises(EngineError, match="does not load"):
        codecs.load(str(folder))
    with pytest.raises(ContractError, match="this codec has 7 layers"):
        codec.decode(torch.zeros(8, 1, dtype=torch.long))
    with pytest.raises(EngineError, match="do not share a frame"):
        codecs.load(str(saved(tmp_path / "odd", vq_strides=[4, 3, 1])))
