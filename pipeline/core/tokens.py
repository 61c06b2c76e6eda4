"""Cut a text into words, written numbers and signs, once, for all readers.

It knows no English: only what letters, digits and signs are.
"""

import re

WORD, NUMBER, SIGN, LINE = 1, 2, 3, 4

# Letters, without the numerals that Unicode counts among them: superscripts, vulgar fractions.
_LETTER = r"[^\W\d_²³¹¼-¾\u2070-\u209f\u2150-\u218b]"
_TOKEN = re.compile(
    rf"({_LETTER}+(?:'{_LETTER}+)*)"
    r"|([1-9][0-9]{0,2}(?: 0[0-9]{2})+(?![0-9.,])|[0-9]{1,3}(?:,[0-9]{3})+(?!,?[0-9])(?:\.[0-9]+)?"
    r"|[0-9]+(?:\.[0-9]+)?|(?<![0-9.])\.[0-9]+)"
    r"|([^\s])"
    r"|(\n)",
)


class Tokens:
    """The tokens of one text; a token is an index into the parallel lists.

    The lists end with one empty token, so that looking one ahead is always allowed.
    """

    __slots__ = ("count", "ends", "kinds", "starts", "text", "words")

    def __init__(self, text: str) -> None:
        self.text = text
        self.kinds: list[int] = []
        self.words: list[str] = []
        self.starts: list[int] = []
        self.ends: list[int] = []
        add_kind, add_word, add_start, add_end = (
            self.kinds.append,
            self.words.append,
            self.starts.append,
            self.ends.append,
        )
        for match in _TOKEN.finditer(text):
            kind = match.lastindex or 0
            word = match.group()
            add_kind(kind)
            add_word(word.lower() if kind == WORD else word.replace(" ", "") if kind == NUMBER else word)
            start, end = match.span()
            add_start(start)
            add_end(end)
        self.count = len(self.kinds)
        for _ in range(2):
            add_kind(0)
            add_word("")
            add_start(len(text) + 1)
            add_end(len(text) + 1)

    def glued(self, i: int) -> bool:
        """Whether token `i` begins where the one before it ends."""
        return i > 0 and self.starts[i] == self.ends[i - 1]

    def near(self, i: int) -> bool:
        """Whether only blanks, at most two, divide token `i` from the one before it."""
        return i > 0 and self.starts[i] - self.ends[i - 1] <= 2

    def raw(self, i: int) -> str:
        """Token `i` as the text writes it."""
        return self.text[self.starts[i] : self.ends[i]]

    def joined(self, i: int) -> int:
        """The word after token `i`, over a blank or a hyphen; `count` when there is none."""
        j = i + 1
        if self.words[j] == "-" and self.glued(j) and self.glued(j + 1):
            j += 1
        elif not self.near(j) or self.glued(j):
            return self.count
        return j if self.kinds[j] == WORD else self.count
