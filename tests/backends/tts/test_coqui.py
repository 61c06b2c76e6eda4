import sys
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest

from pipeline.backends.tts import ENGINES
from pipeline.backends.tts.coqui import Coqui
from pipeline.backends.tts.protocol import Voice, VoiceModel
from pipeline.errors import EngineError

pytestmark = pytest.mark.coqui

needs_coqui = pytest.mark.skipif(
    find_spec("TTS") is None, reason="coqui-tts is not installed: pip install 'smp3m[coqui]'"
)
TEXT = "Nine tulips are left in the garden."


def save_vits(folder: Path, n_speakers: int = 0) -> Path:
    """Save a random VITS of a few hundred thousand parameters as coqui's trainer would; it babbles."""
    from pipeline.backends.torchaudio_cpu import import_torchaudio

    import_torchaudio()
    import torch
    from TTS.tts.configs.vits_config import VitsConfig
    from TTS.tts.models.vits import Vits, VitsArgs

    folder.mkdir()
    args = VitsArgs(
        hidden_channels=16, hidden_channels_ffn_text_encoder=32, num_heads_text_encoder=2,
        num_layers_text_encoder=1, num_layers_flow=1, num_layers_posterior_encoder=1,
        upsample_initial_channel_decoder=32, upsample_rates_decoder=[8, 8, 4],
        upsample_kernel_sizes_decoder=[16, 16, 8], resblock_kernel_sizes_decoder=[3],
        resblock_dilation_sizes_decoder=[[1, 3, 5]], use_sdp=False, init_discriminator=False,
    )  # fmt: skip
    config = VitsConfig(model_args=args, use_phonemes=False, text_cleaner="basic_cleaners")
    if n_speakers:
        names = {f"speaker {i}": i for i in range(n_speakers)}
        (folder / "speakers.json").write_text(str(names).replace("'", '"'))
        for part in (args, config):
            part.use_speaker_embedding, part.num_speakers = True, n_speakers
            part.speakers_file = str(folder / "speakers.json")
    torch.manual_seed(1)
    model = Vits(config)
    config.save_json(str(folder / "config.json"))
    torch.save({"model": model.state_dict()}, folder / "model.pth")
    return folder / "model.pth"


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Coqui:
    return Coqui(VoiceModel(str(save_vits(tmp_path_factory.mktemp("coqui") / "single"))))


@needs_coqui
def test_a_saved_model_speaks_and_says_the_same_for_the_same_seed(engine: Coqui) -> None:
    first, again, other = (engine.synthesize(TEXT, Voice("default"), seed) for seed in (1, 1, 2))
    assert engine.voices == ("default",)
    assert first.sample_rate_hz == 22_050
    assert first.duration_s > 0.2
    assert first.samples.dtype == np.float32
    np.testing.assert_array_equal(first.samples, again.samples)
    assert not np.array_equal(first.samples, other.samples)


@needs_coqui
def test_the_callers_random_numbers_are_left_alone(engine: Coqui) -> None:
    import torch

    torch.manual_seed(7)
    expected = torch.rand(3)
    torch.manual_seed(7)
    engine.synthesize(TEXT, Voice("default"), 0)
    assert torch.equal(torch.rand(3), expected)


@needs_coqui
def test_a_multi_speaker_model_has_its_speakers_as_voices(tmp_path: Path) -> None:
    engine = Coqui(VoiceModel(str(save_vits(tmp_path / "multi", n_speakers=3))))
    assert engine.voices == ("speaker 0", "speaker 1", "speaker 2")
    one, two = (engine.synthesize(TEXT, Voice(voice), 0) for voice in engine.voices[:2])
    assert not np.array_equal(one.samples, two.samples)


@needs_coqui
@pytest.mark.parametrize(
    ("text", "voice", "message"),
    [
        (TEXT, "nobody", "unknown voice 'nobody'"),
        (TEXT, "default@2", "one pace"),
        (" ", "default", "no sound"),
    ],
)
def test_what_cannot_be_spoken_is_one_clear_error(engine: Coqui, text: str, voice: str, message: str) -> None:
    with pytest.raises(EngineError, match=message):
        engine.synthesize(text, Voice.parse(voice), 0)


@needs_coqui
def test_a_missing_or_damaged_model_is_named_in_one_line(tmp_path: Path) -> None:
    with pytest.raises(EngineError, match=r"no such file: .*nowhere\.pth"):
        Coqui(VoiceModel(str(tmp_path / "nowhere.pth")))
    model = save_vits(tmp_path / "damaged")
    with pytest.raises(EngineError, match=r"recording of voice 'ann' is not there"):
        Coqui(VoiceModel(str(model), {"ann": tmp_path / "ann.wav"}))
    model.write_bytes(model.read_bytes()[:1000])
    with pytest.raises(EngineError, match="does not load") as error:
        Coqui(VoiceModel(str(model)))
    assert "\n" not in str(error.value)


@needs_coqui
def test_a_model_must_be_named() -> None:
    with pytest.raises(EngineError, match="no model is named"):
        ENGINES["coqui"].make(VoiceModel())


def test_a_missing_package_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "TTS", None)
    with pytest.raises(EngineError, match=r"pip install 'smp3m\[coqui\]'"):
        Coqui(VoiceModel("tts_models/en/ljspeech/vits"))
