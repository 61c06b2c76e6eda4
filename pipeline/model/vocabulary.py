"""Which row of a model's embedding stands for which id of the data.

A real model has a row for every id. A tiny one keeps the rows that its data uses, the 256 single bytes and the
control tokens: a token that has no row is spelled by the bytes it is made of, as every byte-level vocabulary allows.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from pipeline.backends.tokenizer import QWEN_DIGEST, control_ids
from pipeline.backends.tokenizer import load as load_tokenizer
from pipeline.backends.tokenizer.protocol import Tokenizer
from pipeline.core.control import ControlIds
from pipeline.errors import ContractError, EngineError

QWEN_CHAT = {
    "turn_start": 151644,
    "turn_end": 151645,
    "audio": 151646,
    "audio_start": 151647,
    "audio_end": 151648,
    "image": 151655,
    "video": 151656,
    "vision_start": 151652,
    "vision_end": 151653,
}
"""Special tokens of Qwen2.5 that a prompt or the model's own code needs; the audio token stands for one frame."""


@dataclass(frozen=True)
class Vocabulary:
    """The rows of a model, as its checkpoint stores them."""

    tokenizer: str
    """Name or path that `backends.tokenizer.load` reads."""
    digest: str
    """Of the tokenizer's content: data of another digest is refused."""
    control: ControlIds
    kept: tuple[int, ...] | None = None
    """Ids that have a row, row by row; None where every id is its own row."""
    _spelled: dict[int, tuple[int, ...]] = field(default_factory=dict, repr=False, compare=False)

    @classmethod
    def full(cls, tokenizer: str) -> "Vocabulary":
        """Every id its own row."""
        loaded = load_tokenizer(tokenizer)
        return cls(tokenizer, loaded.digest, control_ids(loaded))

    @classmethod
    def trimmed(cls, tokenizer: str, ids: Iterable[int]) -> "Vocabulary":
        """Rows for `ids`, single bytes, special and control tokens.

        Raises:
            EngineError: a vocabulary that has no token for every byte.
        """
        loaded = load_tokenizer(tokenizer)
        control = control_ids(loaded)
        special = QWEN_CHAT.values() if loaded.digest == QWEN_DIGEST else ()
        texts = {i for i in ids if i < control.n_text_ids}
        return cls(tokenizer, loaded.digest, control, (*sorted(texts | set(_byte_ids(loaded))), *special, *control.ids))

    @cached_property
    def loaded(self) -> Tokenizer:
        """The tokenizer.

        Raises:
            ContractError: its content is not the one this vocabulary was made with.
        """
        tokenizer = load_tokenizer(self.tokenizer)
        if tokenizer.digest != self.digest:
            raise ContractError(
                f"the model was made with vocabulary {self.digest[:12]}, {self.tokenizer} is "
                f"{tokenizer.digest[:12]}: give the tokenizer it was made with"
            )
        return tokenizer

    @cached_property
    def is_qwen(self) -> bool:
        """Whether Qwen's chat and audio tokens are there."""
        return self.digest == QWEN_DIGEST

    @property
    def n_rows(self) -> int:
        """Rows that a model must have at least."""
        return max(self.control.ids) + 1 if self.kept is None else len(self.kept)

    @cached_property
    def control_rows(self) -> ControlIds:
        """The control tokens as rows; the text rows are those below `n_text_ids` of it."""
        if self.kept is None:
            return self.control
        n_text = sum(i < self.control.n_text_ids for i in self.kept)
        return ControlIds(n_text, *(self._row_of[i] for i in self.control.ids))

    def row(self, special: str) -> int:
        """Row of one of `QWEN_CHAT`.

        Raises:
            EngineError: the vocabulary has no such token.
        """
        if not self.is_qwen:
            raise EngineError(f"tokenizer {self.tokenizer} has no {special} token: audio needs Qwen's vocabulary")
        return self.rows([QWEN_CHAT[special]])[0]

    def rows(self, ids: Sequence[int]) -> list[int]:
        """Rows of ids; an id without a row is spelled by its bytes."""
        if self.kept is None:
            return list(ids)
        return [row for rows in self.spelled(ids) for row in rows]

    def spelled(self, ids: Sequence[int]) -> list[tuple[int, ...]]:
        """Rows of each id: one, or those of its bytes."""
        if self.kept is None:
            return [(i,) for i in ids]
        return [self._rows_of(i) for i in ids]

    def ids(self, rows: Sequence[int]) -> list[int]:
        """Ids of rows."""
        return list(rows) if self.kept is None else [self.kept[row] for row in rows]

    def encode(self, text: str) -> list[int]:
        """Rows of a text."""
        return self.rows(self.loaded.encode(text).ids)

    def decode(self, rows: Sequence[int]) -> str:
        """The text of rows; control and special tokens are left out."""
        n_text = self.control.n_text_ids
        return self.loaded.decode([i for i in self.ids(rows) if i < n_text])

    def as_map(self) -> dict[str, Any]:
        """Plain form for a checkpoint."""
        return {
            "tokenizer": self.tokenizer,
            "digest": self.digest,
            "control": self.control.as_map(),
            "kept": None if self.kept is None else list(self.kept),
        }

    @classmethod
    def of_map(cls, plain: dict[str, Any]) -> "Vocabulary":
        """Inverse of `as_map`."""
        kept = None if plain["kept"] is None else tuple(plain["kept"])
        return cls(plain["tokenizer"], plain["digest"], ControlIds(**plain["control"]), kept)

    @cached_property
    def _row_of(self) -> dict[int, int]:
        return {i: row for row, i in enumerate(self.kept or ())}

    def _rows_of(self, i: int) -> tuple[int, ...]:
        known = self._spelled.get(i)
        if known is None:
            row = self._row_of.get(i)
            known = self._spelled[i] = (row,) if row is not None else self._bytes_of(i)
        return known

    def _bytes_of(self, i: int) -> tuple[int, ...]:
        if i >= self.control.n_text_ids:
            raise ContractError(f"token {i} is a special token that the model has no row for")
        byte_ids = _byte_ids(self.loaded)
        return tuple(self._row_of[byte_ids[byte]] for byte in _bytes(self.loaded, i))


def _bytes(tokenizer: Tokenizer, i: int) -> bytes:
    decode_bytes = getattr(tokenizer, "decode_bytes", None)
    if decode_bytes is None:
        raise EngineError(f"tokenizer {tokenizer.name} does not say its tokens' bytes: give one of tiktoken's")
    data: bytes = decode_bytes([i])
    return data


_BYTE_IDS: dict[str, tuple[int, ...]] = {}


def _byte_ids(tokenizer: Tokenizer) -> tuple[int, ...]:
    """The token of each byte, [256]."""
    known = _BYTE_IDS.get(tokenizer.digest)
    if known is None:
        found = {data[0]: i for i in range(min(1024, tokenizer.vocab_size)) if len(data := _bytes(tokenizer, i)) == 1}
        if len(found) < 256:
            raise EngineError(f"tokenizer {tokenizer.name} lacks a token for some bytes: a tiny model needs them all")
        known = _BYTE_IDS[tokenizer.digest] = tuple(found[byte] for byte in range(256))
    return known
