"""The derivation that a reasoning text holds: one `Step` for each equation, and whether all are true.

An equation is "36 / 2 = 18 badges": an expression, "=", a result, a unit; a chain "a = b = c" is one step whose result
is right of the last "=". Labels and words around it are passed over (`core.equations`).
"""

from functools import lru_cache

from pipeline.core.equations import equations
from pipeline.core.remembered import OF_A_SHARD
from pipeline.core.scan_token import NUMBER
from pipeline.core.step import Step
from pipeline.core.substitution import unsatisfied


@lru_cache(maxsize=OF_A_SHARD)
def read_steps(reasoning: str) -> tuple[Step, ...]:
    """The results of a reasoning text in order, one for each equation or chain of equations.

    The value of a percentage is its hundredth, as in `Quantity`; it is None where the result is symbolic.
    """
    steps: list[Step] = []
    for equation in equations(reasoning):
        result = equation.result
        # "x = (1 + sqrt(65))/2" has no value that could be claimed, but its numbers may be said from then on
        stated = equation.sides if result.value is None else equation.sides[:-1]
        operands = tuple(token.value for side in stated for token in side.tokens if token.sort is NUMBER)
        steps.append(Step(result.value, result.start, result.end, operands, equation.unit))
    return tuple(steps)


def false_equation(reasoning: str) -> str | None:
    """The first equation whose known sides differ, None when all hold.

    A declared rounding holds: "≈", "= about", or a result with k decimals that is within half a unit of the last.
    So does one amount in two units ("150 cents = $1.50"). An equation in letters is false where the values that the
    text finds for them do not satisfy it.
    """
    found = equations(reasoning)
    fault = next((equation.fault for equation in found if equation.fault), None)
    if fault is not None:
        return fault
    broken = unsatisfied(found)
    return None if broken is None else reasoning[broken.start : broken.end]
