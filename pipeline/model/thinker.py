"""The thinker: one network that reads or hears a question and writes both streams of the turn.

Qwen2.5-Omni's thinker by hub name or path, the same classes at a tiny size for a CPU, or any causal language model
for text alone. Whatever it is, the rest of the project sees embeddings in, states and logits out.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from pipeline.backends.torchaudio_cpu import import_torchaudio
from pipeline.errors import ContractError, EngineError
from pipeline.model.features import Heard
from pipeline.model.vocabulary import QWEN_CHAT, Vocabulary

NETWORKS = {
    "qwen2.5-omni-3b": "Qwen/Qwen2.5-Omni-3B",  # non-commercial research licence
    "qwen2.5-omni-7b": "Qwen/Qwen2.5-Omni-7B",  # Apache-2.0
    "qwen2.5-0.5b": "Qwen/Qwen2.5-0.5B",  # Apache-2.0, text only
    "qwen2.5-1.5b": "Qwen/Qwen2.5-1.5B",  # Apache-2.0, text only
}
"""Short names of networks on the Hub."""

NOTE = "smp3m.json"
"""Marks the folder of a checkpoint of ours, and holds its vocabulary."""
_NETWORK = "network"
_OMNI = ("qwen2_5_omni", "qwen2_5_omni_thinker")


@dataclass(frozen=True)
class Geometry:
    """Sizes of a randomly initialised thinker of Qwen2.5-Omni's classes."""

    hidden: int = 96
    layers: int = 3
    heads: int = 4
    key_value_heads: int = 2
    feed_forward: int = 288
    audio_hidden: int = 64
    audio_layers: int = 1
    audio_heads: int = 2
    n_mels: int = 80
    max_positions: int = 4096


TINY = Geometry()


class Thinker(nn.Module):
    """A network with the vocabulary of its data."""

    def __init__(self, net: Any, vocabulary: Vocabulary, extractor: Any | None) -> None:  # noqa: ANN401
        """Wrap a loaded network.

        Args:
            net: transformers' thinker or causal language model.
            vocabulary: rows of its embedding.
            extractor: feature extractor that belongs to it; None for a model of text alone.

        Raises:
            ContractError: the network has too few rows.
        """
        super().__init__()
        self.net = net
        self.vocabulary = vocabulary
        self.extractor = extractor
        rows = self.embeddings.weight.shape[0]
        if rows < vocabulary.n_rows:
            raise ContractError(f"the network has {rows} embedding rows, its vocabulary needs {vocabulary.n_rows}")

    @property
    def hears(self) -> bool:
        """Whether it has an audio tower."""
        return self.extractor is not None

    @property
    def decoder(self) -> nn.Module:
        """The language model without its head."""
        found: nn.Module = self.net.model.language_model if self.hears else self.net.model
        return found

    @property
    def embeddings(self) -> nn.Embedding:
        """Input embeddings, [n_rows, hidden]."""
        found: nn.Embedding = self.net.get_input_embeddings()
        return found

    @property
    def encoder(self) -> nn.Module:
        """The audio tower, its last projection included.

        Raises:
            EngineError: a model of text alone.
        """
        if not self.hears:
            raise EngineError("this network hears nothing: audio needs a Qwen2.5-Omni thinker")
        found: nn.Module = self.net.model.audio_tower
        return found

    @property
    def hidden_size(self) -> int:
        """Width of a state."""
        return int(self.embeddings.weight.shape[1])

    def embed(self, rows: Tensor, heard: Heard | None = None) -> Tensor:
        """Embeddings of rows, audio placeholders replaced in order by what was heard.

        Args:
            rows: [batch, n] int64.
            heard: clips in the order of their placeholders, row by row of the batch.

        Returns:
            [batch, n, hidden].

        Raises:
            ContractError: the placeholders are not as many as the clips' embeddings.
        """
        embedded: Tensor = self.embeddings(rows)
        if heard is None:
            return embedded
        places = rows == self.vocabulary.row("audio")
        sounds = self.encoder(heard.frames, feature_lens=heard.lengths).last_hidden_state  # [n_embeddings, hidden]
        if int(places.sum()) != len(sounds):
            raise ContractError(f"{int(places.sum())} audio placeholders for {len(sounds)} audio embeddings")
        return embedded.masked_scatter(places[..., None], sounds.to(embedded.dtype))

    def states(
        self,
        embedded: Tensor,
        positions: Tensor,
        cache: Any | None = None,  # noqa: ANN401
        mask: Tensor | None = None,
    ) -> Tensor:
        """Last hidden states.

        Args:
            embedded: [batch, n, hidden].
            positions: [batch, n]; without cache and mask, where they start again a new sample begins that
                does not see the one before it.
            cache: transformers' cache of what came before; filled.
            mask: [batch, n_before + n], 0 where a row of the batch is padding.

        Returns:
            [batch, n, hidden].
        """
        # Four rows: the first makes the mask of packed samples, three are the axes of Omni's rotary positions.
        axes = 4 if cache is None and mask is None else 3
        given = positions if not self.hears else positions[None].expand(axes, -1, -1)
        out = self.decoder(
            inputs_embeds=embedded,
            position_ids=given,
            past_key_values=cache,
            attention_mask=mask,
            use_cache=cache is not None,
        )
        states: Tensor = out.last_hidden_state
        return states

    def logits(self, states: Tensor) -> Tensor:
        """Scores of every row, [..., n_rows of the network]."""
        scores: Tensor = self.net.lm_head(states)
        return scores

    def save(self, folder: Path) -> None:
        """Write network, feature extractor and vocabulary."""
        self.net.save_pretrained(folder / _NETWORK)
        if self.extractor is not None:
            self.extractor.save_pretrained(folder / _NETWORK)
        note = {"vocabulary": self.vocabulary.as_map()}
        (folder / NOTE).write_text(json.dumps(note), encoding="utf-8")


def tiny(vocabulary: Vocabulary, geometry: Geometry = TINY, seed: int = 0) -> Thinker:
    """A thinker of Qwen2.5-Omni's own classes with random weights."""
    import_torchaudio()  # transformers imports it: it must load first
    from transformers import (
        Qwen2_5OmniThinkerConfig,
        Qwen2_5OmniThinkerForConditionalGeneration,
        WhisperFeatureExtractor,
    )

    head = geometry.hidden // geometry.heads
    sections = [head // 2 - 2 * (head // 6), head // 6, head // 6]
    special = {name: vocabulary.row(name) for name in QWEN_CHAT}
    config = Qwen2_5OmniThinkerConfig(
        audio_config={
            "num_mel_bins": geometry.n_mels,
            "encoder_layers": geometry.audio_layers,
            "encoder_attention_heads": geometry.audio_heads,
            "encoder_ffn_dim": 2 * geometry.audio_hidden,
            "d_model": geometry.audio_hidden,
            "output_dim": geometry.hidden,
        },
        # Never used, but part of the class.
        vision_config={
            "depth": 1,
            "hidden_size": 16,
            "intermediate_size": 16,
            "num_heads": 2,
            "out_hidden_size": geometry.hidden,
            "fullatt_block_indexes": [0],
        },
        text_config={
            "vocab_size": vocabulary.n_rows,
            "hidden_size": geometry.hidden,
            "intermediate_size": geometry.feed_forward,
            "num_hidden_layers": geometry.layers,
            "num_attention_heads": geometry.heads,
            "num_key_value_heads": geometry.key_value_heads,
            "max_position_embeddings": geometry.max_positions,
            "rope_parameters": {"rope_type": "default", "rope_theta": 10_000.0, "mrope_section": sections},
        },
        audio_token_index=special["audio"],
        audio_start_token_id=special["audio_start"],
        audio_end_token_id=special["audio_end"],
        image_token_index=special["image"],
        video_token_index=special["video"],
        vision_start_token_id=special["vision_start"],
        vision_end_token_id=special["vision_end"],
    )
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        net = Qwen2_5OmniThinkerForConditionalGeneration(config)
    return Thinker(net, vocabulary, WhisperFeatureExtractor(feature_size=geometry.n_mels))


def load(name_or_path: str, tokenizer: str = "qwen2.5", dtype: torch.dtype | None = None) -> Thinker:
    """Load a checkpoint of ours, a short name of `NETWORKS`, or any hub name or folder transformers reads.

    Args:
        name_or_path: what to load; the tiny size comes from `tiny`.
        tokenizer: vocabulary of the data, for networks that are no checkpoint of ours.
        dtype: of the weights; None keeps the file's.

    Raises:
        EngineError: transformers is not installed, or the network cannot be fetched or read.
        ContractError: its note is not ours, or it has too few rows.
    """
    folder = Path(name_or_path)
    note = folder / NOTE
    if not note.is_file():
        return _loaded(NETWORKS.get(name_or_path, name_or_path), Vocabulary.full(tokenizer), dtype)
    try:
        vocabulary = Vocabulary.of_map(json.loads(note.read_text(encoding="utf-8"))["vocabulary"])
    except (ValueError, KeyError, TypeError) as exc:
        raise ContractError(
            f"{note} is not readable ({exc}): it was written by another version, or is damaged"
        ) from exc
    return _loaded(str(folder / _NETWORK), vocabulary, dtype)


def config_named(name: str) -> Any:  # noqa: ANN401
    """Transformers' config of a network by hub name or folder.

    Raises:
        EngineError: it cannot be fetched or read.
    """
    import_torchaudio()  # transformers imports it: it must load first
    import transformers

    try:
        return transformers.AutoConfig.from_pretrained(name)
    except (OSError, ValueError, KeyError) as exc:
        raise EngineError(f"network {name} does not load: {_first_line(exc)}") from exc


def _first_line(exc: Exception) -> str:
    return (str(exc).strip().splitlines() or [""])[0][:200]


def _loaded(name: str, vocabulary: Vocabulary, dtype: torch.dtype | None) -> Thinker:
    try:
        import_torchaudio()  # transformers imports it: it must load first
        import transformers
    except ImportError as exc:
        raise EngineError(f"networks need the train extra ({exc}): pip install 'smp3m[train]'") from exc
    options = {} if dtype is None else {"dtype": dtype}
    transformers.utils.logging.disable_progress_bar()  # errors are one line
    try:
        config = transformers.AutoConfig.from_pretrained(name)
        if config.model_type in _OMNI:
            net = transformers.Qwen2_5OmniThinkerForConditionalGeneration.from_pretrained(name, **options)
            return Thinker(net, vocabulary, transformers.AutoFeatureExtractor.from_pretrained(name))
        net = transformers.AutoModelForCausalLM.from_pretrained(name, **options)
    # A damaged file, an odd config or an absent network raise whatever the libraries beneath choose to.
    except (OSError, ValueError, RuntimeError, KeyError) as exc:
        raise EngineError(f"network {name} does not load: {_first_line(exc)}") from exc
    if net.get_input_embeddings().weight.shape[0] < vocabulary.n_rows:
        net.resize_token_embeddings(vocabulary.n_rows)
    return Thinker(net, vocabulary, None)


def positions_of(lengths: Sequence[int]) -> Tensor:
    """Positions of samples packed behind one another, [1, sum(lengths)]."""
    return torch.cat([torch.arange(n) for n in lengths])[None]
