"""A text cut and read once for all who ask: its tokens, and the quantity that begins at each of them.

A row's question is spoken and read, its response is composed, read by the gates and read again; all of them meet here.
What a token begins is `core.phrases`' judgement.
"""

from functools import lru_cache

from pipeline.core.phrases import STARTERS, Phrase, phrase_at
from pipeline.core.powers import POWER_WORDS
from pipeline.core.tokens import LINE, SIGN, WORD, Tokens, kind_of
from pipeline.core.written_numbers import SUPERSCRIPTS

_RAISED = frozenset((*POWER_WORDS, "^", *SUPERSCRIPTS))
_NEVER_OPENS = frozenset(".,?!;:'\"()")
"""The frequent signs that no quantity begins with."""
_MOST_REMEMBERED = 1 << 16


class _Openers(dict[str, int]):
    """1 for a token that a quantity may begin with, by its text; filled on first sight."""

    def __missing__(self, word: str) -> int:
        kind = kind_of(word)
        opens = word in STARTERS if kind == WORD else kind != LINE and not (kind == SIGN and word in _NEVER_OPENS)
        if len(self) >= _MOST_REMEMBERED:
            self.clear()
        self[word] = opens
        return opens


_OPENERS = _Openers()


class Reading:
    """The tokens of a text, and what begins at them."""

    __slots__ = ("_phrases", "opens", "tokens")

    def __init__(self, text: str) -> None:
        self.tokens = Tokens(text)
        words = self.tokens.words[: self.tokens.count]
        self.opens = bytearray(map(_OPENERS.__getitem__, words))
        """1 for every token that a quantity may begin with."""
        if not _RAISED.isdisjoint(words):
            for i, word in enumerate(words):
                self.opens[i] |= len(word) == 2  # a product of two letters may be raised: "ax^2"
        self._phrases: dict[int, Phrase | None] = {}

    def opener(self, i: int) -> int:
        """The first token from `i` on that a quantity may begin with, `tokens.count` where there is none."""
        found = self.opens.find(1, i)
        return self.tokens.count if found < 0 else found

    def phrase(self, i: int) -> Phrase | None:
        """The quantity that begins at token `i`; asked a second time, it is not read again."""
        try:
            return self._phrases[i]
        except KeyError:
            found = self._phrases[i] = phrase_at(self.tokens, i) if self.opens[i] else None
            return found


@lru_cache(maxsize=16)
def reading(text: str) -> Reading:
    """The reading of a text whose characters `core.text` has mended."""
    return Reading(text)
