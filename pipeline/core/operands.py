"""Whether a token can end or open what an operator is applied to; what tells a minus from a dash.

It decides nothing about the sign itself.
"""

from typing import NamedTuple

from pipeline.core.lexicon import LEXICON
from pipeline.core.money import CURRENCIES
from pipeline.core.tokens import LINE, NUMBER, SIGN, WORD, Tokens
from pipeline.core.units import ABBREVIATIONS, singular
from pipeline.core.written_numbers import VULGAR

_OPERAND_SIGNS = frozenset(")%°²³$€£¢]") | frozenset(VULGAR)
_VARIABLE_NOT = frozenset("ai")


class Said(NamedTuple):
    """The words for a sign and the token to go on with."""

    words: str
    next: int


def line_start(t: Tokens, i: int) -> bool:
    """Whether token `i` opens a line."""
    return i == 0 or t.kinds[i - 1] == LINE


def ends_operand(t: Tokens, j: int) -> bool:
    """Whether token `j` can close what an operator is applied to."""
    if j < 0:
        return False
    kind, word = t.kinds[j], t.words[j]
    if kind == SIGN:
        return word in _OPERAND_SIGNS
    return kind == NUMBER or (kind == WORD and is_mathematical(word))


def opens_operand(t: Tokens, j: int) -> bool:
    """Whether token `j` can open what an operator is applied to."""
    kind, word = t.kinds[j], t.words[j]
    if kind == SIGN:
        return word in CURRENCIES or word in VULGAR or word in "([√-"
    return kind == NUMBER or (kind == WORD and is_mathematical(word))


def in_equation(t: Tokens, i: int) -> bool:
    """Whether an equals sign or another operator stands in the same sentence as token `i`."""
    for step in (1, -1):
        j = i + step
        while 0 <= j < t.count and t.kinds[j] != LINE and not (t.words[j] in (".", "?", ";") and not t.glued(j + 1)):
            if t.kinds[j] == SIGN and t.words[j] in "=+*×÷<>":
                return True
            j += step
    return False


def is_mathematical(word: str) -> bool:
    """Whether a word can be an operand: a variable, a number, a unit."""
    return (
        (len(word) == 1 and word not in _VARIABLE_NOT)
        or word in LEXICON
        or word in ABBREVIATIONS
        or word == "percent"
        or singular(word) is not None
    )
