"""Cut a text into words, written numbers and signs, once, for all readers.

It knows no English: only what letters, digits and signs are.
"""

import re
from itertools import accumulate

WORD, NUMBER, SIGN, LINE = 1, 2, 3, 4

# Letters, without the numerals that Unicode counts among them: superscripts, vulgar fractions.
_LETTER = r"[^\W\d_²³¹¼-¾\u2070-\u209f\u2150-\u218b]"
_NUMBER = (
    r"[1-9][0-9]{0,2}(?: 0[0-9]{2})+(?![0-9.,])|[0-9]{1,3}(?:,[0-9]{3})+(?!,?[0-9])(?:\.[0-9]+)?"
    r"|[0-9]+(?:\.[0-9]+)?|(?<![0-9.])\.[0-9]+"
)
_TOKEN = re.compile(rf"({_LETTER}+(?:'{_LETTER}+)*|{_NUMBER}|\S|\n)")
_PLAIN_TOKEN = re.compile(rf"([a-z]+(?:'[a-z]+)*|[^\s0-9.]|(?=[0-9.])(?:{_NUMBER})|\S|\n)")
"""The same for lower-case ASCII, where it takes half of the time."""
_SPACED = re.compile(r"[0-9] 0")
"""What a number with blanks between its thousands holds."""
_EMPTY, _NO_KIND = ("", ""), (0, 0)
_IS_LETTER = re.compile(_LETTER)
_MOST_REMEMBERED = 1 << 16


class _Kinds(dict[str, int]):
    """Kind of a token by its text, filled on first sight; emptied when it holds too many numbers."""

    def __missing__(self, word: str) -> int:
        first = word[0]
        if first.isascii() and (first.isdigit() or (first == "." and len(word) > 1)):
            kind = NUMBER
        elif _IS_LETTER.match(word):
            kind = WORD
        else:
            kind = LINE if first == "\n" else SIGN
        if len(self) >= _MOST_REMEMBERED:
            self.clear()
        self[word] = kind
        return kind


_KINDS = _Kinds()


def kind_of(word: str) -> int:
    """The kind of a token with this text."""
    return _KINDS[word]


class Tokens:
    """The tokens of one text; a token is an index into the parallel lists.

    The lists end with one empty token, so that looking one ahead is always allowed.
    """

    __slots__ = ("count", "ends", "kinds", "starts", "text", "words")

    def __init__(self, text: str) -> None:
        self.text = text
        # One split gives gaps and tokens by turns, and sums of their lengths where each begins and ends: no loop in
        # Python, a fifth of the time of one that takes a match apart.
        ascii_only = text.isascii()
        pieces = _PLAIN_TOKEN.split(text.lower()) if ascii_only else _TOKEN.split(text)
        places = list(accumulate(map(len, pieces)))
        words = pieces[1::2]
        kinds = list(map(_KINDS.__getitem__, words))
        if not ascii_only:
            words = [word.lower() if kind == WORD else word for word, kind in zip(words, kinds, strict=True)]
        if " 0" in text and _SPACED.search(text):
            words = [word.replace(" ", "") for word in words]
        self.words: list[str] = words
        self.kinds: list[int] = kinds
        self.starts: list[int] = places[:-1:2]
        self.ends: list[int] = places[1::2]
        self.count = len(kinds)
        beyond = len(text) + 1
        words += _EMPTY
        kinds += _NO_KIND
        self.starts += (beyond, beyond)
        self.ends += (beyond, beyond)

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
        # asked some fifty times a row: one look at the gap instead of `glued` and `near`
        j = i + 1
        gap = self.starts[j] - self.ends[i]
        if gap == 0:
            if self.words[j] != "-" or self.starts[j + 1] != self.ends[j]:
                return self.count
            j += 1
        elif gap > 2:
            return self.count
        return j if self.kinds[j] == WORD else self.count
