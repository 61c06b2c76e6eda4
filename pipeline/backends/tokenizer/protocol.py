"""What a tokenizer is to the rest of the project."""

from typing import NamedTuple, Protocol


class Encoding(NamedTuple):
    """Token ids and where each token ends in the text."""

    ids: list[int]  # [n_tokens]
    ends: list[int]  # [n_tokens] exclusive end of each token, in characters of the text that it has begun


class Tokenizer(Protocol):
    """A vocabulary of the model that will be trained; text is NFC."""

    @property
    def name(self) -> str:
        """The name or path it was asked for by, as stored with the data."""
        ...

    @property
    def digest(self) -> str:
        """Hex digest of the vocabulary's content: data of another digest is refused."""
        ...

    @property
    def vocab_size(self) -> int:
        """Ids of text tokens are below this."""
        ...

    @property
    def n_ids(self) -> int:
        """One above the vocabulary's highest id, special tokens included: where new tokens are appended."""
        ...

    def encode(self, text: str) -> Encoding:
        """Encode NFC text; special tokens in the text are read as plain text."""
        ...

    def decode(self, ids: list[int]) -> str:
        """Inverse of `encode` on its own ids."""
        ...
