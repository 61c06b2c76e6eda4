"""moonshine's vocabulary: 32,768 tokens of a byte-fallback BPE, read from its tokenizer.bin.

The file holds each token's bytes behind their length (one byte, or two where the first has its high bit set).
Merges are not listed: as in Llama's tokenizer, of all adjacent pairs the one whose union has the least id is
merged first.
"""

from itertools import pairwise
from pathlib import Path

START, END = 1, 2
_FIRST_BYTE, _FIRST_TEXT = 3, 259
_SPACE = "▁"


class Tokens:
    """Encodes text as the model was trained on it, decodes what it says."""

    def __init__(self, path: Path) -> None:
        """Read the vocabulary file."""
        self._tokens = _read(path.read_bytes())
        # Bytes come first and repeat one-character tokens; a character that has a token uses that.
        self._ids = {token: i for i, token in enumerate(self._tokens) if i >= _FIRST_TEXT and token}

    def encode(self, text: str) -> list[int]:
        """Ids of a text, without start and end."""
        pieces: list[bytes] = []
        for word in text.split():
            pieces += self._word((_SPACE + word).encode())
        return [self._ids.get(piece, _FIRST_BYTE + piece[0]) for piece in pieces]

    def decode(self, ids: list[int]) -> str:
        """The text of ids."""
        text = b"".join(self._tokens[i] for i in ids).decode(errors="replace")
        return text.replace(_SPACE, " ").strip()

    def _word(self, word: bytes) -> list[bytes]:
        """Merge a word's characters; no token spans two words, so that each is merged by itself."""
        pieces: list[bytes] = []
        for char in word.decode():
            raw = char.encode()
            pieces += [raw] if raw in self._ids else [bytes([b]) for b in raw]
        while len(pieces) > 1:
            ranks = [(self._ids.get(a + b, len(self._tokens)), i) for i, (a, b) in enumerate(pairwise(pieces))]
            rank, i = min(ranks)
            if rank == len(self._tokens):
                break
            pieces[i : i + 2] = [pieces[i] + pieces[i + 1]]
        return pieces


def _read(data: bytes) -> list[bytes]:
    tokens: list[bytes] = []
    i = 0
    while i < len(data):
        size = data[i]
        i += 1
        if size > 127:
            size = data[i] * 128 + size - 128
            i += 1
        tokens.append(data[i : i + size])
        i += size
    return tokens
