"""What a model may do to a text besides getting its numbers wrong: another language, another story, a copied example.

Words alone are compared; whether they say the same is for a judge.
"""

import re
from collections.abc import Iterator

from pipeline.core.numwords import DIGITS, SCALES, TEENS, TENS
from pipeline.core.wordset import wordset

_COMMAND = re.compile(r"\\[A-Za-z]+")
_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)?")
_LONG = 4
"""Letters from which on a word is taken to be one that reading aloud leaves alone."""
_FUNCTION_WORDS = wordset(
    "the of and an to in is are was were be been that this these those it its he she they we you i his her their our "
    "your my for on with at by from as or but so if then than when which who what how many much each per all both not "
    "has have had do does did will would can could there here now after before into out up over more less left us let "
    "get gets make makes made let's that's it's there's"
)
_NUMBER_WORDS = frozenset((*DIGITS, *TEENS, *TENS, *SCALES, "hundred"))
_LEAST_FUNCTION_WORDS = 0.18
"""Grade-school English measured 0.23 to 0.6, German, Spanish and French with English numbers up to 0.12."""
_FORMULA = re.compile(r"\$\$?[^$]*\$\$?|\\\[.*?\\\]|\\\(.*?\\\)|\\[A-Za-z]+", re.DOTALL)
_LEAST_IN_QUESTION = 0.13
"""The least of GSM8K's questions was 0.15, of SVAMP's 0.25, of SimpleOP's 0.21."""
_TELLING = 12
"""Words from which on their kinds say which language a question is in: "Simplify cos 36 minus cos 72" has few."""
_LEAST_KEPT = 0.75
_RUN = 7
"""So many words in a row are no accident."""


def foreign(text: str) -> str | None:
    """What is said of a text that is not English, None of one that is.

    Numbers are left out: they are English in any text that core has put into words.
    """
    found = [word for word in _words(text) if word not in _NUMBER_WORDS]
    known = sum(word in _FUNCTION_WORDS for word in found)
    if known >= _LEAST_FUNCTION_WORDS * len(found):
        return None
    return f"it is not English: {known} of {len(found)} words are among the commonest of English"


def foreign_question(written: str) -> str | None:
    """What is said of a written question that is not English, None of one that is or is too short to tell."""
    # Nearly all are, and most of their words stand free: the look that takes no time comes first.
    if len(_FUNCTION_WORDS.intersection(pieces := written.lower().split())) >= _LEAST_IN_QUESTION * len(pieces):
        return None
    found = [word for word in _words(_FORMULA.sub(" ", written)) if word not in _NUMBER_WORDS]
    known = sum(word in _FUNCTION_WORDS for word in found)
    if len(found) < _TELLING or known >= _LEAST_IN_QUESTION * len(found):
        return None
    return f"the question is not English: {known} of {len(found)} words are among the commonest of English"


def lost(written: str, spoken: str) -> str | None:
    """The words of a written text that its spoken form has not, where they are more than reading aloud explains."""
    meant = {word for word in _words(_COMMAND.sub(" ", written)) if len(word) >= _LONG}
    gone = sorted(meant - set(_words(spoken)))
    if len(meant) - len(gone) >= _LEAST_KEPT * len(meant):
        return None
    return f"it is not the same text: {len(gone)} of {len(meant)} words are gone, such as {', '.join(gone[:5])}"


def copied(text: str, example: str, own: str) -> str | None:
    """The first words in a row that a text shares with an example and not with what it should be about."""
    examples, owned = set(_runs(example)), set(_runs(own))
    for run in _runs(text):
        if run in examples and run not in owned:
            return f"it is copied from an example: {' '.join(run)}"
    return None


def _runs(text: str) -> Iterator[tuple[str, ...]]:
    found = _words(text)
    return (tuple(found[start : start + _RUN]) for start in range(len(found) - _RUN + 1))


def _words(text: str) -> list[str]:
    return [word.replace("’", "'") for word in _WORD.findall(text.casefold())]
