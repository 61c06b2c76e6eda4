"""The value type that the whole project reasons with: an exact quantity found in a text.

It does not know how texts are read (`core.quantities`) or spoken (`core.speak`).
"""

from enum import StrEnum
from fractions import Fraction
from typing import NamedTuple


class Kind(StrEnum):
    """What sort of expression a quantity was read from."""

    CARDINAL = "cardinal"
    ORDINAL = "ordinal"
    MONEY = "money"
    PERCENT = "percent"
    FRACTION = "fraction"
    MIXED = "mixed"
    RATIO = "ratio"
    CLOCK = "clock"
    DATE = "date"
    YEAR = "year"
    RANGE = "range"
    SCIENTIFIC = "scientific"
    POWER = "power"
    VARIABLE = "variable"
    DIGITS = "digits"


class Quantity(NamedTuple):
    """One quantity as a text states it.

    `text[start:end]` is the span it was read from, in characters of the text that was given to the reader.
    """

    value: Fraction
    """Exact value in `unit`: 25% is 1/4 with kind PERCENT, "$2.50" is 5/2 dollars, "half past five" is 5 1/2 hours."""
    kind: Kind
    start: int
    end: int
    unit: str = ""
    """Canonical singular name ("dollar", "hour", "kilometer per hour"), "" without one."""
    second: Fraction | None = None
    """Second term of a ratio, upper end of a range, exponent of a power."""
    symbol: str = ""
    """The letter of a VARIABLE, the digits of a DIGITS run as written."""

    def __hash__(self) -> int:
        """Of the span alone: no two quantities of a text share it, and hashing a Fraction takes long."""
        return hash((self.start, self.end))
