"""The final answer of a problem: what it is, where a solution states it, and when two answers are the same.

Plain rationals (almost every answer of word problems) never leave `fractions`; sympy is asked only
for what is left (`core.symbolic`). It does not know how an answer
is spoken (`core.speak`) nor scored (`core.scoring`).
"""

import re
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from functools import lru_cache

from pipeline.core import canonical, unmarked
from pipeline.core.canonical import AnswerKind
from pipeline.core.conversions import scale_of
from pipeline.core.outcome import Unreadable
from pipeline.core.quantity import Kind, Quantity
from pipeline.errors import Reason

__all__ = ["Answer", "AnswerKind", "Convention", "equal", "extract", "from_text", "stated"]


class Convention(StrEnum):
    """Where a source's solutions put their final answer."""

    GSM8K = "gsm8k"
    """Last line `#### 1,234`."""
    METAMATH = "metamath"
    """`The answer is: X` at the very end, with or without a newline before it; GSM rows have `#### X` too."""
    ORCA_MATH = "orca_math"
    """Prose without a marked answer."""
    SIMPLEOP = "simpleop"
    """Last line `#### 3/4`, written by this project."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A final answer in the source's words and in canonical form."""

    text: str
    """As the source writes it, without delimiters: "1,234", "\\frac{3}{4}", "(B)"."""
    value: str
    """Reduced "a/b" ("72/1" is "72"), canonical sympy text, option letter, or lower-case words."""
    kind: AnswerKind
    unit: str = ""
    """"percent", "dollar", "degree" or the words after the number, "" without one."""
    confidence: float = 1.0
    """How often an answer found by the same rule is right, 1 for marked ones."""

    @property
    def number(self) -> Fraction | None:
        """The exact value of a NUMBER, None for every other kind."""
        return _exact(self.value) if self.kind is AnswerKind.NUMBER else None


@lru_cache(maxsize=1024)
def _exact(value: str) -> Fraction:
    """A reduced "a/b"; the text of a fraction takes longer to parse than a row's claims to compare."""
    return Fraction(value)


_INTEGER = re.compile(r"[0-9]{1,15}")
_LONGEST = 1_000
"""Longer than any answer; Python itself reads numbers of at most 4,300 digits."""
_MARKED = re.compile(r"####[ \t]*([^\n]*)")


def extract(solution: str, convention: Convention, question: str = "") -> Answer | Unreadable:
    """The final answer of a solution.

    `question` helps only where the source marks no answer: a number that the question already holds is a less
    likely answer. Returns Unreadable(NO_ANSWER) where nothing is found.
    """
    if convention is Convention.ORCA_MATH:
        found_at = unmarked.find(solution, question)
        if isinstance(found_at, Unreadable):
            return found_at
        return from_text(found_at.text, found_at.confidence)
    pattern = unmarked.ANSWER_IS if convention is Convention.METAMATH else _MARKED
    found = _last(pattern, solution)
    if found is None and convention is Convention.METAMATH:
        found = _last(_MARKED, solution)
    if not found:
        return Unreadable(Reason.NO_ANSWER, f"no {convention.value} answer mark in {solution[-60:]!r}")
    return from_text(found)


def _last(pattern: re.Pattern[str], solution: str) -> str | None:
    found = pattern.findall(solution)
    return str(found[-1]).strip() if found else None


def from_text(text: str, confidence: float = 1.0) -> Answer | Unreadable:
    """Read an answer written alone, in plain text or LaTeX, with or without `$` around it."""
    if len(text) > _LONGEST:
        return Unreadable(Reason.NO_ANSWER, f"an answer of {len(text)} characters: {text[:40]}")
    if _INTEGER.fullmatch(text):
        return Answer(text, str(int(text)), AnswerKind.NUMBER, "", confidence)
    bare = canonical.undelimited(text)
    if not bare:
        return Unreadable(Reason.NO_ANSWER, f"the answer is empty: {text!r}")
    form = canonical.read(bare)
    return Answer(bare, form.value, form.kind, form.unit, confidence)


def equal(a: Answer, b: Answer) -> bool:
    """Whether two answers are the same: numbers exactly, expressions as functions, options by letter.

    Where only one of them has a unit it is ignored; 25 and 25% are the same answer, as are 1/4 and 25%.
    """
    if a.number is not None and b.number is not None:
        return _same_number(a, b, a.number, b.number)
    if a.value == b.value:
        return True
    if a.kind is AnswerKind.OPTION or b.kind is AnswerKind.OPTION:
        return canonical.option_letter(a.text) == canonical.option_letter(b.text) is not None
    return canonical.same(a.text, b.text)


def _same_number(a: Answer, b: Answer, x: Fraction, y: Fraction) -> bool:
    if "percent" in {a.unit, b.unit} and a.unit != b.unit:
        return x == y or (100 * x if a.unit == "percent" else x) == (100 * y if b.unit == "percent" else y)
    if a.unit and b.unit and a.unit != b.unit:
        return False
    return x == y


def stated(quantities: tuple[Quantity, ...], answer: Answer) -> bool:
    """Whether the last quantity that a spoken response states is the answer (a NUMBER)."""
    if not quantities or answer.number is None:
        return False
    last, value = quantities[-1], answer.number
    if last.value == value or last.value.as_integer_ratio() == scale_of(answer.unit.partition(" ")[0], value):
        return True
    if last.kind is Kind.PERCENT or answer.unit == "percent":
        return last.value * 100 == value or last.value == value * 100
    # "five dollars and ten cents" answers 510 cents
    return last.kind is Kind.MONEY and last.unit == "dollar" and answer.unit == "cent" and last.value * 100 == value
