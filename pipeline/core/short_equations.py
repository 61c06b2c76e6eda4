"""The commonest equations by far, found with one pattern: "sold 36 / 2 = 18 badges": numbers, operators, one result.

Whatever is not plainly of this form is left to `core.equations`, which reads it token by token and would read these
just so, in five times the time. What an equation is worth is judged there for both.
"""

import re
from typing import NamedTuple

from pipeline.core.scan import ARTICLES, SPECIAL_WORDS, number_token, operator_token, word_token
from pipeline.core.scan_token import Token
from pipeline.core.wordset import wordset

CONJUNCTIONS = wordset(
    """
    and are because but equals gives giving hence if is leaving makes making meaning means or since so then
    therefore thus was were when where which while
    """
)
"""Words that end one equation and may open the next ("c + d = 21 and d = 2c")."""
_NUMBER = r"\$?(?:(?:\d{1,3}(?:,\d{3})+(?!\d)|\d+)(?:\.\d+)?|\.\d+)%?"
_UNIT = r"(?:[ /][A-Za-z]{2,}){0,4}"
_SIGN = r"(?:[-–−+*/×÷]|(?<![A-Za-z])x)"
_SHORT = re.compile(
    rf"(?<!\S){_NUMBER}{_UNIT}(?:[ ]?{_SIGN}[ ]?{_NUMBER}{_UNIT}){{1,5}}[ ]?=[ ]?"
    rf"(?P<result>{_NUMBER})(?=[ /]|[.,;:](?![.\d])|$|\n)"
)
_BINARY = re.compile(rf"({_NUMBER})[ ]?({_SIGN})[ ]?({_NUMBER})[ ]?=")
_BARE = re.compile(
    rf"[\n;:,.?!]?[ ]*((?:[A-Za-z]{{2,}} )*)(?<!\S)({_NUMBER})[ ]?({_SIGN})[ ]?({_NUMBER})[ ]?=[ ]?"
    rf"({_NUMBER})((?: [A-Za-z]{{2,}})*)(?=[.,;:](?:\s|$)|\n|$)"
)
"""Two numbers and their result between words, from one break of a text to the next."""
_PIECE = re.compile(rf"({_NUMBER})|([A-Za-z]{{2,}})|({_SIGN})")
_BEFORE = re.compile(r"(?:.*[\d,:;.?!\n])?([A-Za-z'’/ -]*)", re.DOTALL)
_AFTER = re.compile(r"([A-Za-z'’/ -]*)(?=\.(?![^\s\w])|[,;:]|\$?\d|\n|$)")
_WORD = re.compile(r"[A-Za-z'’]+|[-/]")
_APOSTROPHE = re.compile(r"[A-Za-z]{2,}['’][A-Za-z]+")
_OPERATORS = {"x": "*", "×": "*", "÷": "/", "–": "-", "−": "-"}
_JOINTS = ("-", "/")
_NOT_A_UNIT = SPECIAL_WORDS | CONJUNCTIONS
_WEIGHTY = SPECIAL_WORDS | {"per"}
"""Beside an equation of which these may become a part any other word weighs nothing."""
_ODD_WORDS = SPECIAL_WORDS - {"of", "by", "times", "plus", "minus"}


class Short(NamedTuple):
    """An equation of two sides."""

    left: tuple[Token, ...]
    right: tuple[Token, ...]
    following: str
    """The word after the result, in lower case, "" where none is."""


def short_equation(text: str, start: int, end: int) -> Short | None:
    """The one equation of `text[start:end]`, None where it has another form than the commonest.

    The window holds one equals sign and no other relation.
    """
    return _bare(text, start, end) or _among_words(text, start, end)


def _among_words(text: str, start: int, end: int) -> Short | None:
    """The equation of several numbers, or of numbers with units."""
    found = _SHORT.search(text, start, end)
    if found is None:
        return None
    first, last = found.span()
    before = _BEFORE.fullmatch(text, start, first)
    after = _AFTER.match(text, last, end)
    if before is None or after is None:
        return None
    label, words = _WORD.findall(before[1]), _WORD.findall(after[1])
    if not _is_label(label, text[before.start(1) - 1] if before.start(1) > start else ""):
        return None
    if not _is_tail(words, text[after.end() : after.end() + 1]):
        return None
    left = _left(text, first, found.start("result"))
    if left is None:
        return None
    right = (number_token(found["result"], found.start("result")),)
    following = words[0].lower() if words and words[0] not in CONJUNCTIONS and words[0].isalpha() else ""
    return Short(left, right, following)


def _bare(text: str, start: int, end: int) -> Short | None:
    """The equation where nothing but words stands around it, None where it has another form."""
    found = _BARE.match(text, start, end)
    if found is None:
        return None
    label, left, sign, right, result, tail = found.groups()
    if label and not (_WEIGHTY.isdisjoint(words := label.split()) or _is_label(words, "")):
        return None
    following = ""
    if tail:
        words = tail.split()
        if not (_WEIGHTY.isdisjoint(words) and not words[0].startswith("percent")) and not _is_tail(words, ""):
            return None
        following = words[0].lower() if words[0] not in CONJUNCTIONS else ""
    return Short(
        (
            number_token(left, found.start(2)),
            operator_token(_OPERATORS.get(sign, sign), found.start(3)),
            number_token(right, found.start(4)),
        ),
        (number_token(result, found.start(5)),),
        following,
    )


def _left(text: str, start: int, end: int) -> tuple[Token, ...] | None:
    """The left side's tokens up to its last number, None where a word in it is no unit."""
    binary = _BINARY.match(text, start)
    if binary is not None:
        number, sign, other = binary.groups()
        return (
            number_token(number, start),
            operator_token(_OPERATORS.get(sign, sign), binary.start(2)),
            number_token(other, binary.start(3)),
        )
    tokens: list[Token] = []
    numbers = 0
    after_number = False
    for piece in _PIECE.finditer(text, start, end):
        number, word, sign = piece.groups()
        at = piece.start()
        if number:
            tokens.append(number_token(number, at))
            numbers = len(tokens)
            after_number = True
        elif word:
            if word in _NOT_A_UNIT or (after_number and word in ("percent", "per")):
                return None
            tokens.append(word_token(word, at))
            after_number = False
        else:
            joint = text[piece.end() : piece.end() + 1].isalpha()
            tokens.append(word_token(sign, at) if joint else operator_token(_OPERATORS.get(sign, sign), at))
    return tuple(tokens[:numbers])


def _is_label(words: list[str], opened_by: str) -> bool:
    """Whether words before an equation are no more than that; `opened_by` is the sign or digit before them."""
    if not words:
        return not opened_by.isdigit()
    last = len(words) - 1
    if words[last] in ("times", "plus", "minus") or (words[last] == "of" and (last == 0 or words[-2] in _JOINTS)):
        return False
    return _plain(words)


def _is_tail(words: list[str], stop: str) -> bool:
    """Whether words after an equation are no more than that; `stop` is the sign or digit that ends them."""
    if not words:
        return not (stop.isdigit() or stop == "$")
    if words[-1] in ("of", "times", "plus", "minus") and (stop.isdigit() or stop == "$"):
        return False
    if words[0].startswith("percent") or (words[0] == "per" and words[1:] and words[1].startswith("cent")):
        return False  # the number would take it in
    return _plain(words)


def _plain(words: list[str]) -> bool:
    last = len(words) - 1
    before = ""
    for at, word in enumerate(words):
        if word in _JOINTS:
            if at == last or before in _JOINTS:
                return False
        elif len(word) == 1:
            if not (word in ARTICLES and 0 < at < last) or before in _JOINTS or words[at + 1] in _JOINTS:
                return False
        elif word in _ODD_WORDS or (word == "by" and before == "divided") or not _is_word(word):
            return False
        before = word
    return True


def _is_word(word: str) -> bool:
    return word.isalpha() or _APOSTROPHE.fullmatch(word) is not None
