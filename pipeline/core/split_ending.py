"""Whether a spoken response ends with an answer that is no plain number: an expression, an option, a word."""

import re

from pipeline.core.answer import Answer, AnswerKind
from pipeline.core.latex import speak_math
from pipeline.core.outcome import Unreadable
from pipeline.core.speak import speak

_WORD = re.compile(r"[a-z]+")
_FORMULA = re.compile(r"[^\w\s.,'-]|_")
"""What plain words and numbers never hold."""


def answer_start(response: str, answer: Answer) -> int | None:
    """Where the answer begins that ends the response, None for a number or where it does not end so."""
    if answer.kind is AnswerKind.NUMBER:
        return None
    spoken = spoken_answer(answer)
    wanted = _WORD.findall(spoken.lower()) if spoken else []
    words = list(_WORD.finditer(response.lower()))
    if not wanted or [match[0] for match in words[-len(wanted) :]] != wanted:
        return None
    return words[-len(wanted)].start()


def spoken_answer(answer: Answer) -> str | None:
    """The answer in words, None where it has no spoken form."""
    spoken = speak_math(answer.text) if _FORMULA.search(answer.text) else speak(answer.text)
    return None if isinstance(spoken, Unreadable) else spoken.strip(" .")
