"""Finds the final answer of a solution that marks none, and says how sure it is.

The confidences are the shares of right answers that each rule reached on GSM8K train with its
marks taken away. It does not know when two answers are equal (`core.answer`).
"""

import re
from fractions import Fraction
from typing import NamedTuple

from pipeline.core import canonical
from pipeline.core.canonical import AnswerKind, Form
from pipeline.core.outcome import Unreadable
from pipeline.errors import Reason


class Found(NamedTuple):
    """An answer's text and how often the rule that found it is right."""

    text: str
    confidence: float


ANSWER_IS = re.compile(r"[Tt]he answer is:?[ \t]*\n?[ \t]*([^\n]*)")
_SENTENCE_END = re.compile(r"(?<=[.!?])\s+(?=[A-Z\\$(])|\n+")
_NUMBER = re.compile(
    r"(?<![\w.])[-−]?\\?[$£€]?\s?-?(?:\d{1,3}(?:,\d{3})+|\d+)?(?:\.\d+|(?<=\d))(?:\s?\d*/\d+)?(?:\s?\\?%)?(?![\w])"
)
_COPULA = re.compile(r"\b(?:is|are|was|were|be|has|have|had|costs?|equals?|gets?|got|needs?|makes?)\b|=", re.I)
_CONFIDENCE = {"boxed": 0.99, "marked": 0.98, "only": 0.97, "confirmed": 0.99, "equation": 0.95, "last": 0.42}
"""Measured on GSM8K train with the `####` line taken away."""


def find(solution: str, question: str = "") -> Found | Unreadable:
    """The likeliest answer of the solution; numbers that `question` holds are less likely ones."""
    sentences = [s for s in _SENTENCE_END.split(solution) if s and s.strip()]
    if not sentences:
        return Unreadable(Reason.NO_ANSWER, "the solution is empty")
    boxed = canonical.boxed(solution)
    if boxed:
        return Found(boxed, _CONFIDENCE["boxed"])
    marked = ANSWER_IS.search(sentences[-1])
    if marked and not _NUMBER.sub("", marked.group(1)).strip(" ."):
        return Found(marked.group(1), _CONFIDENCE["marked"])
    return _from_sentence(sentences, question)


def _from_sentence(sentences: list[str], question: str) -> Found | Unreadable:
    last = sentences[-1]
    result = _last_result(sentences)
    numbers = [m.group().strip() for m in _NUMBER.finditer(last)]
    new = [n for n in numbers if n.strip("$ ") not in question] if question else numbers
    if len(numbers) == 1:
        agreed = result is None or _agree(numbers[0], result)
        return Found(numbers[0], _CONFIDENCE["only" if agreed else "equation"])
    if result is not None and any(_agree(n, result) for n in numbers):
        return Found(next(n for n in reversed(numbers) if _agree(n, result)), _CONFIDENCE["confirmed"])
    if numbers:
        candidates = new or numbers
        return Found(_after_copula(last, candidates), _CONFIDENCE["last"])
    if result is not None:
        return Found(result, _CONFIDENCE["equation"])
    return Unreadable(Reason.NO_ANSWER, f"no number in the last sentence: {last[:80]!r}")


def _after_copula(sentence: str, candidates: list[str]) -> str:
    """The candidate nearest after the last verb that states a value, else the last one."""
    for verb in reversed(list(_COPULA.finditer(sentence))):
        after = [(sentence.find(c, verb.end()), c) for c in candidates if sentence.find(c, verb.end()) >= 0]
        if after:
            return min(after)[1]
    return candidates[-1]


def _last_result(sentences: list[str]) -> str | None:
    """What stands right of the last "=" of the solution, if it is a number."""
    for sentence in reversed(sentences):
        if "=" in sentence:
            found = _NUMBER.search(sentence, sentence.rindex("=") + 1)
            return found.group().strip() if found else None
    return None


def _agree(a: str, b: str) -> bool:
    x, y = canonical.read(canonical.undelimited(a)), canonical.read(canonical.undelimited(b))
    return x.kind is y.kind is AnswerKind.NUMBER and _value(x) == _value(y)


def _value(form: Form) -> Fraction:
    return Fraction(form.value) * (100 if form.unit == "percent" else 1)
