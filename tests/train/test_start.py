"""Networks as the Hub has them: by their layout at a tiny size, and by their sizes without weights."""

import json
from pathlib import Path

import pytest

torch = pytest.importorskip("torch", reason="the train extra is not installed")
pytest.importorskip("transformers", reason="the train extra is not installed")

from safetensors.torch import load_file, save_file  # noqa: E402

from pipeline.errors import ContractError  # noqa: E402
from pipeline.model import thinker as thinkers  # noqa: E402
from pipeline.model.thinker import Geometry, Thinker  # noqa: E402
from pipeline.model.vocabulary import Vocabulary  # noqa: E402
from pipeline.train.config import ModelConfig  # noqa: E402
from pipeline.train.curriculum import MINI_OMNI, STAGE_4_AS_WRITTEN, THINKING_IN_SPEAKING, Part  # noqa: E402
from pipeline.train.freezing import freeze_all_but  # noqa: E402
from pipeline.train.start import sizes, starting_thinker  # noqa: E402

SMALL = Geometry(hidden=48, layers=1, heads=4, feed_forward=64, audio_hidden=16, n_mels=20)


def as_on_the_hub(thinker: Thinker, folder: Path) -> None:
    """The files of Qwen2.5-Omni: a thinker beside a talker and a vocoder, all in half precision."""
    from transformers import Qwen2_5OmniConfig

    thinker.net.to(torch.bfloat16).save_pretrained(folder)
    weights = {f"thinker.{name}": value for name, value in load_file(folder / "model.safetensors").items()}
    others = {name: torch.zeros(2, 2, dtype=torch.bfloat16) for name in ("talker.x.weight", "token2wav.y.weight")}
    save_file(weights | others, folder / "model.safetensors", metadata={"format": "pt"})
    Qwen2_5OmniConfig(thinker_config=thinker.net.config.to_dict()).save_pretrained(folder)
    thinker.extractor.save_pretrained(folder)  # type: ignore[union-attr]


def test_a_network_in_the_hubs_layout_is_trained_in_whole_precision(tmp_path: Path) -> None:
    made = thinkers.tiny(Vocabulary.full("qwen2.5"), SMALL)
    as_on_the_hub(made, tmp_path)
    assert json.loads((tmp_path / "config.json").read_text())["model_type"] == "qwen2_5_omni"
    loaded = starting_thinker(ModelConfig(preset=str(tmp_path)), "nowhere")
    assert loaded.hears
    assert {p.dtype for p in loaded.parameters()} == {torch.float32}
    for name, value in made.state_dict().items():  # half precision by now
        assert torch.equal(loaded.state_dict()[name], value.float()), name
    loaded.save(tmp_path / "ours")
    again = ModelConfig(checkpoint=str(tmp_path / "ours"), preset=str(tmp_path))
    assert torch.equal(starting_thinker(again, "nowhere").embeddings.weight, loaded.embeddings.weight)
    larger = thinkers.tiny(Vocabulary.trimmed("qwen2.5", []), Geometry(hidden=64, layers=1))
    larger.save(tmp_path / "larger")
    with pytest.raises(ContractError, match=r"hidden is 64, preset .* has 48: name the preset that it was made from"):
        starting_thinker(ModelConfig(checkpoint=str(tmp_path / "larger"), preset=str(tmp_path)), "nowhere")


def without_weights(hidden: int, layers: int, heads: int, key_values: int, feed_forward: int, rows: int) -> Thinker:
    """A thinker of these sizes that takes no memory."""
    from transformers import (
        Qwen2_5OmniThinkerConfig,
        Qwen2_5OmniThinkerForConditionalGeneration,
        WhisperFeatureExtractor,
    )

    text = {
        "hidden_size": hidden,
        "num_hidden_layers": layers,
        "num_attention_heads": heads,
        "num_key_value_heads": key_values,
        "intermediate_size": feed_forward,
        "vocab_size": rows,
        "rope_parameters": {"rope_type": "default", "rope_theta": 1e6, "mrope_section": [16, 24, 24]},
    }
    audio = {"d_model": 1280, "encoder_layers": 32, "encoder_attention_heads": 20, "num_mel_bins": 128}
    config = Qwen2_5OmniThinkerConfig(
        text_config=text,
        audio_config={**audio, "encoder_ffn_dim": 5120, "output_dim": hidden},
        vision_config={"out_hidden_size": hidden},
    )
    with torch.device("meta"):
        net = Qwen2_5OmniThinkerForConditionalGeneration(config)
    return Thinker(net, Vocabulary.full("qwen2.5"), WhisperFeatureExtractor(feature_size=128))


# As their config.json has them.
NAMED = {
    "qwen2.5-omni-3b": (2048, 36, 16, 2, 11008, 151936),
    "qwen2.5-omni-7b": (3584, 28, 28, 4, 18944, 152064),
}
N_PARAMETERS = {"qwen2.5-omni-3b": (3.08e9, 3.40e9), "qwen2.5-omni-7b": (7.07e9, 7.62e9)}
"""Of the decoder with its embeddings, and with the head too: what is known as 3B and 7B."""


@pytest.mark.parametrize("name", NAMED)
def test_stages_name_the_parameters_of_the_named_networks(name: str) -> None:
    thinker = without_weights(*NAMED[name])
    hidden, layers = NAMED[name][:2]
    assert thinker.embeddings.weight.shape[0] > max(thinker.vocabulary.control.ids)
    assert sizes(thinker.net.config)["layers"] == layers
    tower, decoder = "net.model.audio_tower.", "net.model.language_model."
    embeddings = {f"{decoder}embed_tokens.weight", "net.lm_head.weight"}
    for stage in (*THINKING_IN_SPEAKING, STAGE_4_AS_WRITTEN, *MINI_OMNI):
        names = set(freeze_all_but(thinker, stage.trains))
        assert names == {name for name, p in thinker.named_parameters() if p.requires_grad}
        adapter = {f"{tower}proj.weight", f"{tower}proj.bias"}
        assert names & adapter == (adapter if Part.ADAPTER in stage.trains else set())
        assert names & embeddings == (embeddings if Part.EMBEDDINGS in stage.trains else set())
        for part, prefix, n in ((Part.DECODER, f"{decoder}layers.", layers), (Part.ENCODER, f"{tower}layers.", 32)):
            found = {int(one.removeprefix(prefix).split(".")[0]) for one in names if one.startswith(prefix)}
            assert found == (set(range(n)) if part in stage.trains else set())
        assert not any("visual" in one for one in names)
    assert thinker.encoder.get_parameter("proj.weight").shape == (hidden, 1280)
    decoding = sum(p.numel() for p in thinker.decoder.parameters())
    expected, with_head = N_PARAMETERS[name]
    assert decoding == pytest.approx(expected, rel=0.01)
    assert decoding + thinker.net.lm_head.weight.numel() == pytest.approx(with_head, rel=0.01)
