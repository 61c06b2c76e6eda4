"""The value type of written arithmetic: one piece of it, and what it is to arithmetic.

How a text is cut into them is `core.scan`.
"""

from enum import Enum, auto
from fractions import Fraction
from typing import NamedTuple


class Sort(Enum):
    """What a token is to arithmetic."""

    NUMBER = auto()
    VARIABLE = auto()
    OPERATOR = auto()
    OPEN = auto()
    CLOSE = auto()
    WORD = auto()
    EQUALS = auto()
    APPROX = auto()
    BREAK = auto()


NUMBER, VARIABLE, OPERATOR, OPEN, CLOSE, WORD, EQUALS, APPROX, BREAK = Sort
"""The members by their own names: before Python 3.12 a look into an enumeration takes as long as a small function."""


class Token(NamedTuple):
    """One piece of written arithmetic; `text[start:end]` is its span."""

    sort: Sort
    text: str
    start: int
    end: int
    value: Fraction = Fraction(0)
    """Of a NUMBER, a percentage as its hundredth."""
    percent: bool = False
    currency: str = ""
    decimals: int = 0
    """Digits after the decimal point as written: what a rounding declares."""
