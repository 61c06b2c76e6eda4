import json
import sys
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest
import soundfile

from pipeline.backends.tts import ENGINES
from pipeline.backends.tts.coqui import Coqui
from pipeline.backends.tts.protocol import Voice, VoiceModel
from pipeline.errors import EngineError

pytestmark = pytest.mark.coqui

needs_coqui = pytest.mark.skipif(
    find_spec("TTS") is None, reason="coqui-tts is not installed: pip install 'smp3m[coqui]'"
)
TEXT = "Nine tulips are left in the garden."


def save_speaker_encoder(folder: Path) -> dict[str, object]:
    """Save a random speaker encoder; returns the settings of a VITS that uses it."""
    import torch
    from TTS.encoder.configs.speaker_encoder_config import SpeakerEncoderConfig
    from TTS.encoder.utils.generic_utils import setup_encoder_model

    shape = {"model_name": "lstm", "input_dim": 80, "proj_dim": 16, "lstm_dim": 16, "num_lstm_layers": 1}
    config = SpeakerEncoderConfig(
        model_params=shape, num_loader_workers=0, num_classes_in_batch=2, num_utter_per_class=2
    )
    config.audio.sample_rate = 22_050
    config.save_json(str(folder / "encoder.json"))
    torch.manual_seed(2)
    torch.save({"model": setup_encoder_model(config).state_dict()}, folder / "encoder.pth")
    # With one known speaker coqui would take that one, whatever is to be cloned.
    known = {name: {"name": name, "embedding": [0.25] * 16} for name in ("someone", "another")}
    (folder / "known.json").write_text(json.dumps(known))
    return {
        "use_d_vector_file": True,
        "d_vector_dim": 16,
        "d_vector_file": [str(folder / "known.json")],
        "speaker_encoder_model_path": str(folder / "encoder.pth"),
        "speaker_encoder_config_path": str(folder / "encoder.json"),
    }


def save_vits(folder: Path, n_speakers: int = 0, *, clones: bool = False) -> Path:
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
    if clones:
        for name, value in save_speaker_encoder(folder).items():
            setattr(args, name, value)
            if hasattr(config, name):
                setattr(config, name, value)
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
def test_a_slower_voice_takes_longer_and_leaves_the_next_as_it_was(engine: Coqui) -> None:
    plain, slow, again = (engine.synthesize(TEXT, Voice("default", speed), 1) for speed in (1.0, 0.5, 1.0))
    assert slow.duration_s > 1.3 * plain.duration_s
    np.testing.assert_array_equal(plain.samples, again.samples)


@needs_coqui
def test_recordings_are_cloned_by_a_model_with_a_speaker_encoder(tmp_path: Path) -> None:
    model = save_vits(tmp_path / "cloning", clones=True)
    references = {}
    for name, pitch_hz in (("ann", 220), ("bob", 110)):
        references[name] = tmp_path / f"{name}.wav"
        times_s = np.arange(3 * 22_050) / 22_050
        soundfile.write(references[name], 0.3 * np.sin(2 * np.pi * pitch_hz * times_s) ** 3, 22_050)
    engine = ENGINES["coqui"].make(VoiceModel(str(model), references))
    assert engine.voices == ("ann", "bob")
    ann, again, bob = (engine.synthesize(TEXT, Voice(name), 1) for name in ("ann", "ann", "bob"))
    np.testing.assert_array_equal(ann.samples, again.samples)
    assert not np.array_equal(ann.samples, bob.samples)
    references["bob"].write_bytes(b"no audio")
    with pytest.raises(EngineError, match=r"^coqui: .*nine tulips"):
        engine.synthesize("nine tulips", Voice("bob"), 1)


@needs_coqui
def test_a_folder_of_xtts_without_weights_is_named_in_one_line(tmp_path: Path) -> None:
    from TTS.tts.configs.xtts_config import XttsConfig

    XttsConfig().save_json(str(tmp_path / "config.json"))
    with pytest.raises(EngineError, match=f"coqui: {tmp_path} does not load: ") as error:
        Coqui(VoiceModel(str(tmp_path)))
    assert "\n" not in str(error.value)


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
    (tmp_path / "ann.wav").write_bytes(b"")
    with pytest.raises(EngineError, match="clones no voices"):
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
