"""The answer of a stored problem, as the gates take it."""

from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction
from typing import Any

from pipeline.core.answer import Answer, AnswerKind, from_text
from pipeline.core.outcome import Unreadable


def answer_of(problem: Mapping[str, Any]) -> Answer | Unreadable:
    """Read the answer as its source wrote it, else (Orca-Math has no answer field) its value as people write it."""
    text = problem["answer"] or _written(problem["answer_value"], problem["answer_kind"])
    return from_text(text)


def _written(value: str, kind: str) -> str:
    """A terminating decimal for a fraction that has one: 32293/50 is 645.86."""
    if kind != AnswerKind.NUMBER:
        return value
    exact = Fraction(value)
    rest = exact.denominator
    for prime in (2, 5):
        while rest % prime == 0:
            rest //= prime
    if rest != 1 or exact.denominator == 1:
        return value
    return format(Decimal(exact.numerator) / Decimal(exact.denominator), "f")
