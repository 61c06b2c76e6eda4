from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="the train extra is not installed")
pytest.importorskip("transformers", reason="the train extra is not installed")

from torch import Tensor  # noqa: E402

from pipeline.backends.audio import Clip  # noqa: E402
from pipeline.errors import ContractError, EngineError, UsageError  # noqa: E402
from pipeline.model import talker_voice  # noqa: E402
from pipeline.model.codec import CodecFacts  # noqa: E402
from pipeline.model.melrvq import MelRvq, MelRvqConfig, fit  # noqa: E402
from pipeline.model.talker import Talker, TalkerGeometry  # noqa: E402
from pipeline.model.talker_voice import ChunkDecoder, TalkerVoice  # noqa: E402


def sweep(seconds: float) -> Clip:
    time = np.arange(round(seconds * 24_000)) / 24_000
    return Clip((np.sin(2 * np.pi * (200 + 150 * time) * time) / 4).astype(np.float32), 24_000)


@pytest.fixture(scope="module")
def codec() -> MelRvq:
    return fit([sweep(3.0)], MelRvqConfig(n_layers=2, codebook_size=32))


@pytest.fixture
def voice(codec: MelRvq) -> TalkerVoice:
    torch.manual_seed(0)
    geometry = TalkerGeometry(hidden=16, layers=1, heads=2, feed_forward=16)
    return TalkerVoice(Talker(geometry, CodecFacts.of(codec), 4).eval(), codec)


def chunks(codec: MelRvq, codes: Tensor, chunk_s: float) -> list[Clip]:
    decoder = ChunkDecoder(codec, chunk_s)
    made = [chunk for frame in codes.T if (chunk := decoder.take(frame)) is not None]
    rest = decoder.end()
    assert decoder.end() is None
    return made if rest is None else [*made, rest]


@pytest.mark.parametrize("chunk_s", [0.2, 0.5, 9.0])
def test_chunks_are_as_long_as_the_whole(codec: MelRvq, chunk_s: float) -> None:
    codes = codec.encode(sweep(1.3))
    made = chunks(codec, codes, chunk_s)
    whole = codec.decode(codes)
    assert sum(len(chunk.samples) for chunk in made) == len(whole.samples)
    assert {chunk.sample_rate_hz for chunk in made} == {24_000}
    assert all(chunk.duration_s <= chunk_s + 0.3 for chunk in made[:-1])


def test_chunks_sound_like_the_whole_and_join_without_a_step(codec: MelRvq) -> None:
    codes = codec.encode(sweep(2.0))
    samples = np.concatenate([chunk.samples for chunk in chunks(codec, codes, 0.4)])
    whole = codec.decode(codes).samples
    frames, wanted = (codec._analysis.frames(Clip(one, 24_000)) for one in (samples, whole))
    apart, loud = (frames - wanted).square().mean(), wanted.var()
    assert float(apart) < 0.2 * float(loud)
    assert np.abs(np.diff(samples)).max() < 2 * np.abs(np.diff(whole)).max()


def test_of_no_frames_there_is_no_chunk(codec: MelRvq) -> None:
    assert ChunkDecoder(codec).end() is None
    with pytest.raises(UsageError, match="give more than 0 s"):
        ChunkDecoder(codec, 0.0)


def test_saved_talker_and_codec_speak_as_before(voice: TalkerVoice, tmp_path: Path) -> None:
    states = torch.randn(3, 4, generator=torch.Generator().manual_seed(2))
    with torch.no_grad():
        voice.talker.clock.bias.fill_(50.0)
        voice.talker.heads.bias[voice.talker.end] = 5.0
    voice.save(tmp_path)
    again = talker_voice.load(tmp_path)
    assert np.array_equal(again.speak(states).samples, voice.speak(states).samples)


def test_what_does_not_belong_together_is_refused(voice: TalkerVoice, tmp_path: Path) -> None:
    voice.save(tmp_path)
    fit([sweep(4.0)], MelRvqConfig(n_layers=2, codebook_size=32)).save(tmp_path / "codec")
    with pytest.raises(ContractError, match=r"codec mismatch.*give the codec it was trained with"):
        talker_voice.load(tmp_path)
    with pytest.raises(EngineError, match="no talker here"):
        talker_voice.load(tmp_path / "codec")
