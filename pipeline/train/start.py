"""The thinker that training begins with: random weights for the data's own ids, a named network, or a checkpoint."""

from itertools import chain
from typing import Any

import torch

from pipeline.backends.tokenizer import load as load_tokenizer
from pipeline.errors import ContractError, UsageError
from pipeline.model.thinker import NETWORKS, Geometry, Thinker, config_named, load, tiny
from pipeline.model.vocabulary import Vocabulary
from pipeline.train.config import TINY_NAME, ModelConfig
from pipeline.train.reader import find_corpus

SPLITS = ("train", "validation", "test")
_ID_COLUMNS = ("response_ids", "reasoning_ids", "token_ids")


def starting_thinker(config: ModelConfig, location: str) -> Thinker:
    """Make or load what training begins with.

    Args:
        config: which.
        location: the data, whose ids a tiny vocabulary keeps.

    Raises:
        UsageError: there is no data.
        EngineError: the network cannot be fetched or read.
        ContractError: the checkpoint has another geometry than the preset.
    """
    if config.checkpoint is not None:
        thinker = load(config.checkpoint, config.tokenizer, torch.float32)
        _require_geometry(thinker, config)
        return thinker
    if config.is_tiny:
        vocabulary = Vocabulary.trimmed(config.tokenizer, ids_of(location, config.tokenizer))
        return tiny(vocabulary, config.geometry, config.seed)
    # The Hub's weights are in half precision, in which small steps of an optimiser are lost.
    return load(config.preset or TINY_NAME, config.tokenizer, torch.float32)


def ids_of(location: str, tokenizer: str) -> set[int]:
    """Every id that the data set uses, those of its written questions too.

    Raises:
        UsageError: there is no data.
    """
    loaded = load_tokenizer(tokenizer)
    columns = (*_ID_COLUMNS, "spoken_question")
    found = [corpus for split in SPLITS if (corpus := find_corpus(location, split, columns)) is not None]
    if not found:
        raise UsageError(f"{location}: no data set here; give the folder of a build or of a data set")
    ids: set[int] = set()
    for corpus in found:
        for piece in corpus.pieces:
            for row in corpus.rows(piece, columns):
                ids.update(chain.from_iterable(row[name] for name in _ID_COLUMNS))
                ids.update(loaded.encode(row["spoken_question"]).ids)
    return ids


def _require_geometry(thinker: Thinker, config: ModelConfig) -> None:
    if config.preset is None:
        return
    if config.preset == TINY_NAME:
        expected = _sizes_of(config.geometry)
    else:
        expected = sizes(config_named(NETWORKS.get(config.preset, config.preset)))
    has = sizes(thinker.net.config)
    for name, size in expected.items():
        if has.get(name) != size:
            raise ContractError(
                f"checkpoint {config.checkpoint}: {name} is {has.get(name, 'missing')}, preset {config.preset} has "
                f"{size}: name the preset that it was made from, or leave --preset out"
            )


_TEXT_SIZES = {
    "hidden": "hidden_size",
    "layers": "num_hidden_layers",
    "heads": "num_attention_heads",
    "key_value_heads": "num_key_value_heads",
    "feed_forward": "intermediate_size",
}
_AUDIO_SIZES = {
    "audio_hidden": "d_model",
    "audio_layers": "encoder_layers",
    "audio_heads": "encoder_attention_heads",
    "n_mels": "num_mel_bins",
}
"""`Geometry`'s names for what transformers calls so."""


def _sizes_of(geometry: Geometry) -> dict[str, int]:
    return {name: getattr(geometry, name) for name in (*_TEXT_SIZES, *_AUDIO_SIZES)}


def sizes(config: Any) -> dict[str, int]:  # noqa: ANN401 - transformers' configs
    """Sizes of a network by `Geometry`'s names; those of the audio tower only where there is one."""
    config = getattr(config, "thinker_config", config)
    text, audio = getattr(config, "text_config", config), getattr(config, "audio_config", None)
    made = {name: int(getattr(text, theirs)) for name, theirs in _TEXT_SIZES.items()}
    if audio is not None:
        made |= {name: int(getattr(audio, theirs)) for name, theirs in _AUDIO_SIZES.items()}
    return made
