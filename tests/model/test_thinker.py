from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="the train extra is not installed")
pytest.importorskip("transformers", reason="the train extra is not installed")

from pipeline.backends.audio import Clip  # noqa: E402
from pipeline.backends.tokenizer import load as load_tokenizer  # noqa: E402
from pipeline.errors import ContractError, EngineError  # noqa: E402
from pipeline.model import features, prompt, thinker  # noqa: E402
from pipeline.model.features import Heard  # noqa: E402
from pipeline.model.thinker import Geometry, Thinker  # noqa: E402
from pipeline.model.vocabulary import Vocabulary  # noqa: E402

TEXT = "Nine plums and four pears. How many pieces of fruit?"
SMALL = Geometry(hidden=48, layers=2, heads=4, feed_forward=64, audio_hidden=16, n_mels=20)


def tone(seconds: float, rate_hz: int = 24_000) -> Clip:
    time = np.arange(round(seconds * rate_hz)) / rate_hz
    return Clip((np.sin(2 * np.pi * 300 * time) / 4).astype(np.float32), rate_hz)


@pytest.fixture(scope="module")
def vocabulary() -> Vocabulary:
    return Vocabulary.trimmed("qwen2.5", load_tokenizer("qwen2.5").encode(TEXT).ids)


@pytest.fixture(scope="module")
def small(vocabulary: Vocabulary) -> Thinker:
    return thinker.tiny(vocabulary, SMALL).eval()


def test_rows_stand_for_ids_and_unknown_tokens_are_spelled(vocabulary: Vocabulary) -> None:
    assert vocabulary.decode(vocabulary.encode(TEXT)) == TEXT
    assert vocabulary.decode(vocabulary.encode("café zebras — ж")) == "café zebras — ж"
    assert len(vocabulary.encode(TEXT)) == len(load_tokenizer("qwen2.5").encode(TEXT).ids)
    control = vocabulary.control_rows
    assert vocabulary.ids(control.ids) == list(vocabulary.control.ids)
    assert max(vocabulary.encode(TEXT)) < control.n_text_ids <= min(control.ids)
    assert Vocabulary.of_map(vocabulary.as_map()) == vocabulary


def test_a_vocabulary_of_another_content_is_refused(vocabulary: Vocabulary) -> None:
    other = Vocabulary.of_map({**vocabulary.as_map(), "digest": "0" * 32})
    with pytest.raises(ContractError, match="was made with vocabulary 000000000000"):
        other.encode("nine")


def text_only(folder: Path, **sizes: object) -> Thinker:
    """A causal language model that knows nothing of this project."""
    from transformers import Qwen2Config, Qwen2ForCausalLM

    shape = {"hidden_size": 16, "intermediate_size": 16, "num_hidden_layers": 2, "num_attention_heads": 2}
    Qwen2ForCausalLM(Qwen2Config(**shape, num_key_value_heads=2, **sizes)).save_pretrained(folder)
    return thinker.load(str(folder))


@pytest.mark.parametrize("hears", [True, False])
def test_packed_samples_do_not_see_one_another(
    small: Thinker, vocabulary: Vocabulary, tmp_path: Path, hears: bool
) -> None:
    network = small if hears else text_only(tmp_path, vocab_size=vocabulary.n_rows)
    one, two = (prompt.written(vocabulary, text) for text in (TEXT, "Four."))
    packed = torch.tensor([one + two])
    with torch.no_grad():
        together = network.states(network.embed(packed), thinker.positions_of([len(one), len(two)]))
        alone = network.states(network.embed(torch.tensor([two])), thinker.positions_of([len(two)]))
        behind = network.states(network.embed(packed), thinker.positions_of([packed.shape[1]]))
    torch.testing.assert_close(together[:, len(one) :], alone, atol=1e-5, rtol=1e-4)
    assert not torch.allclose(behind[:, len(one) :], alone, atol=1e-3)


def test_a_cache_gives_what_one_pass_gives(small: Thinker, vocabulary: Vocabulary) -> None:
    from transformers import DynamicCache

    rows = torch.tensor([prompt.written(vocabulary, TEXT)])
    positions = thinker.positions_of([rows.shape[1]])
    with torch.no_grad():
        whole = small.states(small.embed(rows), positions)
        cache = DynamicCache()
        parts = [
            small.states(small.embed(rows[:, a:b]), positions[:, a:b], cache)
            for a, b in ((0, 9), (9, 10), (10, rows.shape[1]))
        ]
    torch.testing.assert_close(torch.cat(parts, dim=1), whole, atol=1e-5, rtol=1e-4)


def test_what_is_heard_takes_the_place_of_the_placeholders(small: Thinker, vocabulary: Vocabulary) -> None:
    clips = [features.hear(tone(seconds), small.extractor) for seconds in (1.0, 0.73)]
    rows = [row for clip in clips for row in prompt.heard(vocabulary, clip.n_embeddings[0])]
    assert clips[0].n_embeddings == [25]
    embedded = small.embed(torch.tensor([rows]), features.joined(clips))
    first = small.embed(torch.tensor([prompt.heard(vocabulary, 25)]), clips[0])
    torch.testing.assert_close(embedded[:, : first.shape[1]], first, atol=1e-5, rtol=1e-4)
    with pytest.raises(ContractError, match="24 audio placeholders for 25"):
        small.embed(torch.tensor([prompt.heard(vocabulary, 24)]), clips[0])


@pytest.mark.parametrize(("seconds", "said"), [(0.01, "0.01 s long"), (301.0, "301.00 s long")])
def test_audio_of_no_use_is_named(small: Thinker, seconds: float, said: str) -> None:
    with pytest.raises(EngineError, match=said):
        features.hear(tone(seconds, 8_000), small.extractor)


def test_embeddings_are_counted_as_the_tower_makes_them(small: Thinker) -> None:
    for n in (4, 5, 99, 100, 201, 203, 205, 1000):
        frames = torch.zeros(SMALL.n_mels, n)
        made = small.encoder(frames, feature_lens=torch.tensor([n])).last_hidden_state
        assert len(made) == features.embeddings_of(n) == Heard(frames, torch.tensor([n])).n_embeddings[0]


def test_a_saved_thinker_comes_back(small: Thinker, vocabulary: Vocabulary, tmp_path: Path) -> None:
    small.save(tmp_path)
    again = thinker.load(str(tmp_path)).eval()
    rows = torch.tensor([prompt.written(vocabulary, TEXT)])
    positions = thinker.positions_of([rows.shape[1]])
    with torch.no_grad():
        assert torch.equal(
            again.logits(again.states(again.embed(rows), positions)),
            small.logits(small.states(small.embed(rows), positions)),
        )
    (tmp_path / "smp3m.json").write_text("{}")
    with pytest.raises(ContractError, match=r"smp3m\.json is not readable"):
        thinker.load(str(tmp_path))


def test_a_text_only_network_is_loaded_and_given_rows(tmp_path: Path) -> None:
    loaded = text_only(tmp_path, vocab_size=300)
    assert loaded.embeddings.weight.shape[0] == 151_705
    assert not loaded.hears
    rows = torch.tensor([prompt.written(loaded.vocabulary, TEXT)])
    assert loaded.logits(loaded.states(loaded.embed(rows), thinker.positions_of([rows.shape[1]]))).shape == (
        1,
        rows.shape[1],
        151_705,
    )
    with pytest.raises(EngineError, match="hears nothing"):
        _ = loaded.encoder


def test_a_network_that_is_not_there_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(EngineError, match="does not load") as error:
        thinker.load(str(tmp_path / "nothing"))
    assert "\n" not in str(error.value)
