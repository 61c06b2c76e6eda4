"""Whether the values that a derivation finds for its letters satisfy the equations it states: 11x = 286 and x = 26.

A letter counts that is given one value in the whole text; a letter given several, or none, proves nothing.
"""

from collections.abc import Mapping, Sequence
from fractions import Fraction
from itertools import pairwise

from pipeline.core.equality import agree
from pipeline.core.equations import Equation, Side
from pipeline.core.expression import value_of
from pipeline.core.scan_token import VARIABLE


def unsatisfied(equations: Sequence[Equation]) -> Equation | None:
    """The first equation in letters that the values found for them make false, None where there is none."""
    if all(not _has_letters(side) for equation in equations for side in equation.sides):
        return None
    values = _values(equations)
    if not values:
        return None
    return next((equation for equation in equations if _fails(equation, values)), None)


def _has_letters(side: Side) -> bool:
    return side.value is None and any(token.sort is VARIABLE for token in side.tokens)


def _values(equations: Sequence[Equation]) -> dict[str, Fraction]:
    """The letters that one value is found for; "p = $1000" finds one, "y = 3x" none."""
    found: dict[str, set[Fraction]] = {}
    for equation in equations:
        for one, other in pairwise(equation.sides):
            for letter, number in ((one, other), (other, one)):
                if len(letter.tokens) == 1 and letter.tokens[0].sort is VARIABLE and number.value is not None:
                    found.setdefault(letter.tokens[0].text, set()).add(number.value)
    return {letter: values.pop() for letter, values in found.items() if len(values) == 1}


def _fails(equation: Equation, values: Mapping[str, Fraction]) -> bool:
    if equation.approximate or not any(_has_letters(side) for side in equation.sides):
        return False
    known = [value_of(side.tokens, values) if _has_letters(side) else side.value for side in equation.sides]
    if any(value is None for value in known):
        return False
    return any(
        not agree([a], [b], side.tokens, approximate=False)
        for (a, _), (b, side) in pairwise(zip(known, equation.sides, strict=True))
        if a is not None and b is not None
    )
