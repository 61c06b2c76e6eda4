"""Tokenizers on the shipped Qwen vocabulary and on toy vocabularies made in the test."""

import hashlib
import json
from pathlib import Path

import pytest
import tokenizers
from hypothesis import given
from hypothesis import strategies as st
from tokenizers import decoders, models, pre_tokenizers, trainers

from pipeline.backends.tokenizer import QWEN_DIGEST, control_ids, load, require
from pipeline.backends.tokenizer.tiktoken import load_named
from pipeline.backends.tokenizer.vocabulary import byte_level_alphabet
from pipeline.errors import ContractError, EngineError, UsageError
from sources.simpleop import generate
from tests.models import QWEN_TOKENIZER, path_of

QWEN = load_named("qwen2.5")
nfc_text = st.text(st.characters(exclude_categories=["Cs"]), max_size=60)


def toy_json(folder: Path, *, end_of_text: bool = True) -> Path:
    """A byte-level vocabulary of a few hundred tokens."""
    toy = tokenizers.Tokenizer(models.BPE())
    toy.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    toy.decoder = decoders.ByteLevel()
    alphabet = sorted(byte_level_alphabet())
    trainer = trainers.BpeTrainer(vocab_size=300, initial_alphabet=alphabet, show_progress=False)
    toy.train_from_iterator(["twelve dozen eggs make one hundred forty four eggs"] * 3, trainer)
    if end_of_text:
        toy.add_special_tokens(["<|endoftext|>"])
    path = folder / "tokenizer.json"
    toy.save(str(path))
    return path


def test_qwen_ids_are_the_reference_ones() -> None:
    encoding = load("qwen2.5").encode("So she pays $12.50, that's ½ of 25 dollars.")
    assert encoding.ids == [
        4416, 1340, 21241, 400, 16, 17, 13, 20, 15, 11, 429, 594, 220, 26062, 315, 220, 17, 20, 11192, 13,
    ]  # fmt: skip


@given(nfc_text)
def test_decode_inverts_encode_and_ends_cover_the_text(text: str) -> None:
    qwen = load("qwen2.5")
    ids, ends = qwen.encode(text)
    assert qwen.decode(ids) == text
    assert len(ends) == len(ids)
    assert ends == sorted(ends)
    assert (ends[-1] if ends else 0) == len(text)


@given(nfc_text)
def test_each_end_is_where_decoding_up_to_it_gets(text: str) -> None:
    ids, ends = QWEN.encode(text)
    for k, end in enumerate(ends, 1):
        raw = QWEN.decode_bytes(ids[:k])
        whole = raw.decode(errors="ignore")
        split_char = len(whole.encode()) < len(raw)
        assert end == len(whole) + split_char


def test_special_tokens_in_a_text_are_plain_text() -> None:
    qwen = load("qwen2.5")
    ids = qwen.encode("<|im_end|>").ids
    assert max(ids) < qwen.vocab_size
    assert qwen.decode(ids) == "<|im_end|>"


def test_qwen_keeps_its_control_tokens_at_free_ids() -> None:
    qwen = load("qwen2.5")
    assert qwen.digest == QWEN_DIGEST
    assert control_ids(qwen).ids == (151700, 151701, 151702, 151703, 151704)


def test_other_vocabularies_get_theirs_after_the_last_id(tmp_path: Path) -> None:
    toy = load(str(toy_json(tmp_path)))
    assert toy.n_ids == toy.vocab_size + 1
    assert control_ids(toy).reasoning_pad == toy.n_ids


def test_a_folder_stands_for_the_tokenizer_json_in_it(tmp_path: Path) -> None:
    path = toy_json(tmp_path)
    assert load(str(tmp_path)).digest == load(str(path)).digest


@given(nfc_text)
def test_a_json_vocabulary_round_trips_with_the_same_notion_of_ends(
    tmp_path_factory: pytest.TempPathFactory, text: str
) -> None:
    folder = tmp_path_factory.getbasetemp() / "toy"
    if not folder.exists():
        folder.mkdir()
        toy_json(folder)
    toy = load(str(folder))
    ids, ends = toy.encode(text)
    assert toy.decode(ids) == text
    assert (ends[-1] if ends else 0) == len(text)


def test_added_tokens_spelled_in_a_text_stay_text(tmp_path: Path) -> None:
    toy = load(str(toy_json(tmp_path)))
    ids = toy.encode("a <|endoftext|> b").ids
    assert max(ids) < toy.vocab_size
    assert toy.decode(ids) == "a <|endoftext|> b"


def test_the_digest_is_of_the_vocabulary_not_of_the_file(tmp_path: Path) -> None:
    path = toy_json(tmp_path)
    other = tmp_path / "other"
    other.mkdir()
    (other / "tokenizer.json").write_text(json.dumps(json.loads(path.read_text()), indent=3))
    assert load(str(other)).digest == load(str(path)).digest
    assert load(str(other)).digest != load("qwen2.5").digest


def test_a_reader_with_another_vocabulary_is_refused(tmp_path: Path) -> None:
    toy = load(str(toy_json(tmp_path)))
    require(toy, toy.digest, "out/dataset")
    with pytest.raises(ContractError, match="out/dataset was made with vocabulary d810b6b8245d"):
        require(toy, QWEN_DIGEST, "out/dataset")


@pytest.mark.parametrize("ids", [[151643], [-1], [5, 151700]])
def test_ids_beyond_text_are_not_decoded(ids: list[int]) -> None:
    with pytest.raises(ValueError, match="is no text token"):
        load("qwen2.5").decode(ids)


def test_an_unknown_name_lists_the_known_ones() -> None:
    with pytest.raises(UsageError, match=r"'gpt9' is neither one of qwen2\.5, o200k_base"):
        load("gpt9")


@pytest.mark.parametrize("content", ["", "{", "[]", '{"model": {}}', '{"model": {"vocab": {}}, "added_tokens": []}'])
def test_a_damaged_json_is_named(tmp_path: Path, content: str) -> None:
    path = tmp_path / "tokenizer.json"
    path.write_text(content)
    with pytest.raises(EngineError, match="cannot read"):
        load(str(path))


def test_a_vocabulary_that_changes_text_is_refused(tmp_path: Path) -> None:
    path = toy_json(tmp_path)
    layout = json.loads(path.read_text())
    layout["normalizer"] = {"type": "Lowercase"}
    path.write_text(json.dumps(layout))
    with pytest.raises(EngineError, match="cannot hold responses"):
        load(str(path))


def test_a_missing_public_file_says_where_it_is_sought(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("TIKTOKEN_CACHE_DIR", str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    with pytest.raises(EngineError, match="set TIKTOKEN_CACHE_DIR"):
        load("o200k_base")


def test_a_damaged_public_file_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    url = "https://openaipublic.blob.core.windows.net/encodings/cl100k_base.tiktoken"
    damaged = tmp_path / hashlib.sha1(url.encode(), usedforsecurity=False).hexdigest()
    damaged.write_bytes(b"IQ== 0\nIg== 5\n")
    monkeypatch.setenv("TIKTOKEN_CACHE_DIR", str(tmp_path))
    with pytest.raises(EngineError, match="ranks 0 to 1 once each"):
        load("cl100k_base")


def test_our_qwen_ids_are_those_of_the_reference_vocabulary() -> None:
    path = path_of(QWEN_TOKENIZER)
    if path is None:
        pytest.skip("the reference tokenizer.json is not here: run `make models`")
    ours, reference = load("qwen2.5"), load(str(path))
    texts = [row["question"] for _, row in zip(range(400), generate(0, 0, 400), strict=True)]
    texts += ["café ½ ≠ 3×4 — “x²”", "  two\n\n\tspaces ", "12345.678%", "日本語", "don't I'LL we've"]
    for text in map(str, texts):
        assert ours.encode(text) == reference.encode(text)
    assert ours.digest == reference.digest
