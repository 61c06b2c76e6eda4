"""Tokenizers by name or path. Heavy imports happen in the module that needs them, at load."""

from functools import lru_cache
from pathlib import Path

from pipeline.backends.tokenizer.protocol import Tokenizer
from pipeline.core.control import QWEN_FIRST_ID, ControlIds, consecutive
from pipeline.errors import ContractError, UsageError

QWEN_DIGEST = "d810b6b8245d9aa5cc97dde9f76cf37e"
"""Digest of the Qwen2, Qwen2.5 and Qwen3 text vocabulary (151,643 entries)."""

TIKTOKEN_NAMES = ("qwen2.5", "o200k_base", "cl100k_base")


@lru_cache(maxsize=4)
def load(name_or_path: str) -> Tokenizer:
    """Load `qwen2.5`, `o200k_base`, `cl100k_base`, or a `tokenizer.json` (or the folder that holds one).

    Raises:
        UsageError: neither a known name nor an existing file.
        EngineError: the vocabulary's file is missing, damaged, or decodes to another text than it encoded.
    """
    if name_or_path in TIKTOKEN_NAMES:
        from pipeline.backends.tokenizer.tiktoken import load_named

        return load_named(name_or_path)
    path = Path(name_or_path)
    if path.is_dir():
        path /= "tokenizer.json"
    if not path.is_file():
        known = ", ".join(TIKTOKEN_NAMES)
        raise UsageError(f"tokenizer {name_or_path!r} is neither one of {known} nor a tokenizer.json")
    from pipeline.backends.tokenizer.huggingface import load_json

    return load_json(name_or_path, path)


def control_ids(tokenizer: Tokenizer) -> ControlIds:
    """Where this vocabulary keeps the control tokens: free ids of Qwen, else appended after its last id."""
    first = QWEN_FIRST_ID if tokenizer.digest == QWEN_DIGEST else tokenizer.n_ids
    return consecutive(first, tokenizer.vocab_size)


def require(tokenizer: Tokenizer, digest: str, what: str) -> None:
    """Refuse to read data with another vocabulary than it was made with.

    Raises:
        ContractError: the digests differ; `what` names the data.
    """
    if tokenizer.digest != digest:
        raise ContractError(
            f"{what} was made with vocabulary {digest[:12]}, {tokenizer.name} is {tokenizer.digest[:12]}: "
            "give the tokenizer it was made with, or build again"
        )
