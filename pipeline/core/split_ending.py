"""Whether a spoken response ends with an answer that is no plain number: an expression, an option, a word."""

import re

from pipeline.core.answer import Answer, AnswerKind
from pipeline.core.outcome import Unreadable
from pipeline.core.plain_math import plain_formula
from pipeline.core.speak import speak

_WORD = re.compile(r"[a-z]+")
_NOT_WORD = re.compile(r"[^a-z]+")


def answer_start(response: str, answer: Answer) -> int | None:
    """Where the answer begins that ends the response, None for a number or where it does not end so."""
    if answer.kind is AnswerKind.NUMBER:
        return None
    spoken = spoken_answer(answer)
    wanted = _NOT_WORD.sub(" ", spoken.lower()).split() if spoken else []
    words = list(_WORD.finditer(response.lower()))
    if not wanted or [match[0] for match in words[-len(wanted) :]] != wanted:
        return None
    return words[-len(wanted)].start()


def spoken_answer(answer: Answer) -> str | None:
    """The answer in words, None where it has no spoken form."""
    spoken = speak(plain_formula(answer.text))
    return None if isinstance(spoken, Unreadable) else spoken.strip(" .")
