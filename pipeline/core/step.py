"""The value type of a derivation: one result that a reasoning text reaches by an equation.

How steps are found in a text is `core.steps`.
"""

from fractions import Fraction
from typing import NamedTuple


class Step(NamedTuple):
    """One result of a reasoning text; `reasoning[start:end]` is the span of the result itself."""

    value: Fraction | None
    """Exact result, or None when it is symbolic ("x = 2a")."""
    start: int
    end: int
    operands: tuple[Fraction, ...]
    """Every number on the left-hand side of this step, in order."""
    unit: str = ""
