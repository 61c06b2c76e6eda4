"""What a listener could take for a quantity, found quickly and generously.

It is for choosing phrases, not for reading values:
`core.quantities` reads what is really stated; a phrase that passes here is sure to state nothing.
"""

import re

from pipeline.core.wordset import wordset

_SYMBOL = re.compile(r"[\d$%£€#=+*/<>\[\](){}|\\^_~]")
_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*")
WORDS = wordset(
    """
    one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen
    eighteen nineteen twenty thirty forty fifty sixty seventy eighty ninety hundred hundreds thousand thousands
    million millions half halves third thirds quarter quarters fourth fourths fifth fifths sixth sixths seventh
    sevenths eighth eighths ninth ninths tenth tenths twice thrice double doubles triple triples quadruple
    quintuple singles dozen dozens once first second pair pairs couple single zero percent midnight noon nickel
    nickels dime dimes penny pennies
    """
)
"""Every word, in lower case, that a listener could take for a quantity."""
_LETTERS = frozenset("bcdefghjklmnopqrstuvwxyz")


def numberless(text: str) -> bool:
    """Whether a text states nothing that a listener could take for a quantity or a variable."""
    if _SYMBOL.search(text) is not None:
        return False
    words = _WORD.findall(text.lower())
    return WORDS.isdisjoint(words) and _LETTERS.isdisjoint(words)


def number_words(text: str) -> list[str]:
    """The words of a text that a listener could take for a quantity, in lower case."""
    return [word for word in _WORD.findall(text.lower()) if word in WORDS]
