"""The value that the readers hand to one another: a number, where it ends, and the words for its digits.

It knows no English.
"""

from dataclasses import dataclass
from fractions import Fraction

from pipeline.core.quantity import Kind
from pipeline.core.tokens import Tokens


@dataclass(slots=True)
class Number:
    """A number as read: its value, the token after its last one, and how its digits are said."""

    value: Fraction
    end: int
    kind: Kind = Kind.CARDINAL
    spoken: str | None = None
    """Words for a number in digits; None where the text has words already."""
    second: Fraction | None = None
    unit: str = ""
    symbol: str = ""
    whole: bool = True
    """An integer in one piece: what may take a fraction, a scale or minutes after it."""


def said(t: Tokens, i: int, number: Number) -> str:
    """How the number that begins at token `i` is said."""
    return t.text[t.starts[i] : t.ends[number.end - 1]] if number.spoken is None else number.spoken


def take(t: Tokens, number: Number, end: int, kind: Kind | None = None, unit: str = "") -> Number:
    """Let the number span the words up to token `end`, which stay as they are; they may name its kind and unit."""
    spoken = number.spoken
    if spoken is not None:
        joint = "" if t.words[number.end] == "-" else " "
        spoken = f"{spoken}{joint}{t.text[t.starts[number.end] : t.ends[end - 1]]}"
    return Number(
        number.value, end, kind or number.kind, spoken, number.second, unit or number.unit, number.symbol, number.whole
    )
