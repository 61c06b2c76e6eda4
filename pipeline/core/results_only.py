"""What comes out of the equations of a sentence: "so she reads 36 / 2 = 18 pages" as "so she reads 18 pages".

A model that is asked for speech writes equations all the same. Their words, "... divided by ... equals ...", nobody
says in a sentence; the result is what a listener needs. Only what holds exactly is shortened.
"""

import re

from pipeline.core.equations import equations
from pipeline.core.outcome import Unreadable
from pipeline.errors import Reason

_MARK = re.compile(r"<<[^<>]*>>")
"""A calculator's note of GSM8K, which models copy; what it yields stands behind it."""


def results_only(text: str) -> str | Unreadable:
    """The text with the result alone of each equation whose sides are numbers; others stay as they are."""
    text = _MARK.sub("", text)
    for equation in reversed(equations(text)):
        if equation.fault:
            return Unreadable(Reason.WRONG_ARITHMETIC, equation.fault)
        if not equation.symbolic:
            text = text[: _with_dollar(text, equation.start)] + text[_with_dollar(text, equation.result.start) :]
    return text


def _with_dollar(text: str, start: int) -> int:
    return start - 1 if text[:start].endswith("$") else start
