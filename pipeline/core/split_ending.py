"""Whether a spoken response ends with an answer that is no plain number: an expression, an option, a word."""

import re

from pipeline.core.answer import Answer, AnswerKind
from pipeline.core.outcome import Unreadable
from pipeline.core.speak import speak

_WORD = re.compile(r"[a-z]+")


def ends_with_answer(response: str, answer: Answer) -> bool:
    """Whether the last words of the response are the answer as it is spoken."""
    if answer.kind is AnswerKind.NUMBER:
        return False
    spoken = spoken_answer(answer)
    if spoken is None:
        return False
    wanted, said = _WORD.findall(spoken.lower()), _WORD.findall(response.lower())
    return bool(wanted) and said[-len(wanted) :] == wanted


def spoken_answer(answer: Answer) -> str | None:
    """The answer in words, None where it has no spoken form."""
    spoken = speak(answer.text)
    return None if isinstance(spoken, Unreadable) else spoken.strip(" .")
