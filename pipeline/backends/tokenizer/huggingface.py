"""Any `tokenizer.json`, read by the `tokenizers` library."""

import json
from dataclasses import dataclass, field
from itertools import accumulate
from pathlib import Path

from pipeline.backends.tokenizer.protocol import Encoding
from pipeline.backends.tokenizer.vocabulary import byte_level_alphabet, digest
from pipeline.errors import EngineError

try:
    import tokenizers
except ImportError as exc:
    raise EngineError("a tokenizer.json needs the package tokenizers: pip install tokenizers") from exc

_PROBE = "Well, let's see: the café sold twelve dozen, so “seventy two” are left."
"""What a vocabulary must give back unchanged, or the stored response would not be what its ids say."""


@dataclass(frozen=True)
class JsonTokenizer:
    """A `Tokenizer` on the `tokenizers` library."""

    name: str
    digest: str
    vocab_size: int
    n_ids: int
    _tokenizer: tokenizers.Tokenizer = field(repr=False)

    def encode(self, text: str) -> Encoding:
        """Encode NFC text; special tokens in the text are read as plain text."""
        encoding = self._tokenizer.encode(text, add_special_tokens=False)
        return Encoding(encoding.ids, list(accumulate((end for _, end in encoding.offsets), max)))

    def decode(self, ids: list[int]) -> str:
        """Inverse of `encode` on its own ids.

        Raises:
            ValueError: an id that is no text token.
        """
        if ids and (max(ids) >= self.vocab_size or min(ids) < 0):
            bad = next(i for i in ids if not 0 <= i < self.vocab_size)
            raise ValueError(f"id {bad} is no text token of {self.name} (0 to {self.vocab_size - 1})")
        return str(self._tokenizer.decode(ids, skip_special_tokens=False))


def load_json(name: str, path: Path) -> JsonTokenizer:
    """Load a `tokenizer.json`.

    Raises:
        EngineError: the file is damaged, or its vocabulary does not give back the text it encoded.
    """
    try:
        layout = json.loads(path.read_text(encoding="utf-8"))
        n_ids = 1 + max(token["id"] for token in [*layout["added_tokens"], {"id": -1}])
        known = layout["model"]["vocab"]
        # Added tokens beyond the model's own vocabulary would be cut out of any text that spells them.
        layout["added_tokens"] = [token for token in layout["added_tokens"] if token["content"] in known]
        layout |= {"post_processor": None, "padding": None, "truncation": None}
        tokenizer = tokenizers.Tokenizer.from_str(json.dumps(layout))
    except Exception as exc:  # tokenizers raises bare Exception on a file it cannot read
        raise EngineError(f"tokenizer {name}: cannot read {path}: {exc}") from exc
    tokenizer.encode_special_tokens = True
    vocabulary = tokenizer.get_vocab(with_added_tokens=False)
    vocab_size = 1 + max(vocabulary.values())
    loaded = JsonTokenizer(
        name,
        _digest(vocabulary, byte_level="ByteLevel" in json.dumps(layout["decoder"])),
        vocab_size,
        max(n_ids, vocab_size),
        tokenizer,
    )
    if (back := loaded.decode(loaded.encode(_PROBE).ids)) != _PROBE:
        raise EngineError(f"tokenizer {name}: gives back {back!r} for {_PROBE!r}: it cannot hold responses")
    return loaded


def _digest(vocabulary: dict[str, int], *, byte_level: bool) -> str:
    if not byte_level:
        return digest((i, token.encode()) for token, i in vocabulary.items())
    alphabet = byte_level_alphabet()
    return digest(
        # A special token among the byte-level ones is spelled as it is.
        (i, bytes(map(alphabet.__getitem__, token)) if alphabet.keys() >= set(token) else token.encode())
        for token, i in vocabulary.items()
    )
