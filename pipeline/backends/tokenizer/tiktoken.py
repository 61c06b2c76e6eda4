"""Vocabularies in tiktoken's format: lines of base64 token and rank.

Nothing is downloaded: Qwen's file comes with the `dashscope` package, OpenAI's are taken from tiktoken's
cache or from a package that ships them.
"""

import base64
import binascii
import hashlib
import importlib.util
import os
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import accumulate
from pathlib import Path

import tiktoken

from pipeline.backends.tokenizer.protocol import Encoding
from pipeline.backends.tokenizer.vocabulary import char_ends, digest
from pipeline.errors import EngineError

_QWEN_SPLIT = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}"
    r"| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
)
"""Every digit is a token of its own."""
_QWEN_N_IDS = 151665

_CL100K_SPLIT = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}"
    r"| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
)
_O200K_UPPER = r"[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]"
_O200K_LOWER = r"[\p{Ll}\p{Lm}\p{Lo}\p{M}]"
_O200K_SUFFIX = r"(?i:'s|'t|'re|'ve|'m|'ll|'d)?"
_O200K_SPLIT = "|".join(
    (
        rf"[^\r\n\p{{L}}\p{{N}}]?{_O200K_UPPER}*{_O200K_LOWER}+{_O200K_SUFFIX}",
        rf"[^\r\n\p{{L}}\p{{N}}]?{_O200K_UPPER}+{_O200K_LOWER}*{_O200K_SUFFIX}",
        r"\p{N}{1,3}",
        r" ?[^\s\p{L}\p{N}]+[\r\n/]*",
        r"\s*[\r\n]+",
        r"\s+(?!\S)",
        r"\s+",
    )
)
_PUBLIC_URL = "https://openaipublic.blob.core.windows.net/encodings/{}.tiktoken"
"""tiktoken names the files of its cache by the SHA-1 of the address they came from."""


@dataclass(frozen=True)
class TiktokenTokenizer:
    """A `Tokenizer` on tiktoken, with token ends from token lengths alone."""

    name: str
    digest: str
    vocab_size: int
    n_ids: int
    _bpe: tiktoken.Encoding = field(repr=False)
    _n_bytes: list[int] = field(repr=False)  # [vocab_size]

    def encode(self, text: str) -> Encoding:
        """Encode NFC text; special tokens in the text are read as plain text."""
        ids = self._bpe.encode_ordinary(text)
        ends = list(accumulate(map(self._n_bytes.__getitem__, ids)))
        return Encoding(ids, ends if text.isascii() else char_ends(ends, text))

    def decode(self, ids: list[int]) -> str:
        """Inverse of `encode` on its own ids.

        Raises:
            ValueError: an id that is no text token.
        """
        return self.decode_bytes(ids).decode(errors="replace")

    def decode_bytes(self, ids: list[int]) -> bytes:
        """The bytes of any run of tokens, which may end inside a character.

        Raises:
            ValueError: an id that is no text token.
        """
        if ids and (max(ids) >= self.vocab_size or min(ids) < 0):
            bad = next(i for i in ids if not 0 <= i < self.vocab_size)
            raise ValueError(f"id {bad} is no text token of {self.name} (0 to {self.vocab_size - 1})")
        return self._bpe.decode_bytes(ids)


def load_named(name: str) -> TiktokenTokenizer:
    """Load one of `backends.tokenizer.TIKTOKEN_NAMES`.

    Raises:
        EngineError: its file is missing or damaged.
    """
    if name == "qwen2.5":
        return _load(name, _qwen_file(), _QWEN_SPLIT, _QWEN_N_IDS)
    split, n_ids = {"cl100k_base": (_CL100K_SPLIT, 100277), "o200k_base": (_O200K_SPLIT, 200019)}[name]
    return _load(name, _public_file(name), split, n_ids)


def _load(name: str, path: Path, split: str, n_ids: int) -> TiktokenTokenizer:
    try:
        ranks = {
            base64.b64decode(token): int(rank)
            for token, rank in (line.split() for line in path.read_bytes().splitlines() if line)
        }
    except (OSError, ValueError, binascii.Error) as exc:
        raise EngineError(f"tokenizer {name}: cannot read {path}: {exc}") from exc
    by_id = sorted((rank, token) for token, rank in ranks.items())
    if [rank for rank, _ in by_id] != list(range(len(by_id))) or len(by_id) > n_ids:
        raise EngineError(f"tokenizer {name}: {path} does not hold ranks 0 to {len(by_id) - 1} once each")
    bpe = tiktoken.Encoding(name, pat_str=split, mergeable_ranks=ranks, special_tokens={})
    return TiktokenTokenizer(name, digest(by_id), len(by_id), n_ids, bpe, [len(token) for _, token in by_id])


def _package_folder(package: str) -> Path | None:
    """Where a package lies, without running its code."""
    spec = importlib.util.find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        return None
    return Path(next(iter(spec.submodule_search_locations)))


def _qwen_file() -> Path:
    folder = _package_folder("dashscope")
    if folder is None or not (path := folder / "resources" / "qwen.tiktoken").is_file():
        raise EngineError("tokenizer qwen2.5: its vocabulary file is the package dashscope's: pip install dashscope")
    return path


def _public_file(name: str) -> Path:
    file_name = hashlib.sha1(_PUBLIC_URL.format(name).encode(), usedforsecurity=False).hexdigest()
    for folder in _cache_folders():
        if (path := folder / file_name).is_file():
            return path
    raise EngineError(
        f"tokenizer {name}: its file {file_name} is in no cache folder of tiktoken: "
        f"run tiktoken.get_encoding({name!r}) once, or set TIKTOKEN_CACHE_DIR"
    )


def _cache_folders() -> Iterator[Path]:
    for variable in ("TIKTOKEN_CACHE_DIR", "DATA_GYM_CACHE_DIR"):
        if value := os.environ.get(variable):
            yield Path(value)
    yield Path(tempfile.gettempdir()) / "data-gym-cache"
    if folder := _package_folder("litellm"):
        yield folder / "litellm_core_utils" / "tokenizers"
