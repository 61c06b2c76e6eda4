"""Algebra for the few answers that are no plain rationals: canonical text and equality of LaTeX expressions.

The only module of `core` that needs sympy, which it imports at the first call (0.3 s). Equality is decided by
exact evaluation to 30 digits at fixed points, never by `simplify`, which may run for minutes and whose usual
time limit needs signals and so the main thread. It does not know what an answer is (`core.answer`).
"""

from __future__ import annotations

from fractions import Fraction
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sympy import Basic

_DIGITS = 30
_TOLERANCE = 1e-20
_MAX_EXPONENT = 200
"""Powers beyond it stay unevaluated: 2**(3**9**9) has more digits than memory."""
_MAX_FACTORIAL = 1000
_MAX_EXPANDED_POWER = 12
_POINTS = (
    (Fraction(1318, 907), Fraction(137, 211)),
    (Fraction(577, 1009), Fraction(911, 389)),
    (Fraction(2203, 997), Fraction(353, 1213)),
)
"""Start and stride of the values given to the symbols, in alphabetical order."""


def canonical(tex: str) -> str | None:
    """Sympy's text of a LaTeX expression in normal form, None where it cannot be parsed."""
    return _canonical(tex)


def equal(left: str, right: str) -> bool:
    """Whether two LaTeX expressions are equal as functions of their symbols; False if unparsable."""
    a, b = _parse(left), _parse(right)
    if a is None or b is None:
        return False
    if _is_relation(a) or _is_relation(b):
        return _is_relation(a) and _is_relation(b) and _same_relation(a, b)
    return _same(a, b)


@lru_cache(maxsize=4096)
def _canonical(tex: str) -> str | None:
    expression = _parse(tex)
    if expression is None:
        return None
    try:
        if _is_relation(expression):
            return f"Eq({_text(expression.lhs)}, {_text(expression.rhs)})"
        return _text(expression)
    except ArithmeticError:
        return None  # it has no value: something modulo zero, say


@lru_cache(maxsize=4096)
def _parse(tex: str) -> Basic:
    """The sympy expression of a LaTeX text, None where the parser refuses."""
    import sympy
    from latex2sympy2_extended import latex2sympy

    try:
        parsed = latex2sympy(tex)
    except Exception:  # noqa: BLE001 - the ANTLR visitor raises bare Exception and whatever sympy raises
        return None
    return parsed if isinstance(parsed, sympy.Expr | sympy.Eq) else None


def _is_relation(expression: Basic) -> bool:
    return bool(getattr(expression, "is_Relational", False))


def _text(expression: Basic) -> str:
    import sympy

    if _explodes(expression) or not isinstance(expression, sympy.Expr):
        return str(expression)  # a set, as x = ±4 has on its right
    value = expression.doit()
    if not hasattr(value, "expand"):
        return str(value)  # a set, say
    if not any(_beyond(node.exp, _MAX_EXPANDED_POWER) for node in value.atoms(sympy.Pow)):
        value = sympy.expand(value)
    return str(value)


def _explodes(expression: Basic) -> bool:
    """Whether evaluating the expression would build a number or polynomial too big to hold."""
    import sympy

    for node in sympy.preorder_traversal(expression):
        if node.is_Pow and _grows(node.exp):
            return True
        if node.func in (sympy.factorial, sympy.binomial) and _huge(node.args[0]):
            return True
    return False


def _huge(argument: Basic) -> bool:
    return bool(argument.args) or _beyond(argument, _MAX_FACTORIAL)


def _grows(exponent: Basic) -> bool:
    import sympy

    towers = (node for node in sympy.preorder_traversal(exponent) if node.is_Pow and node.exp != -1)
    return next(towers, None) is not None or _beyond(exponent, _MAX_EXPONENT)


def _beyond(expression: Basic, limit: int) -> bool:
    return any(abs(int(atom)) > limit for atom in expression.atoms() if atom.is_Integer)


def _same(a: Basic, b: Basic) -> bool:
    if a == b:
        return True
    if _explodes(a) or _explodes(b):
        return False
    symbols = sorted(a.free_symbols | b.free_symbols, key=str)
    compared = 0
    for start, stride in _POINTS:
        here = {s: _rational(start + i * stride) for i, s in enumerate(symbols)}
        x, y = _evaluate(a, here), _evaluate(b, here)
        if x is None or y is None:
            continue
        if abs(x - y) > _TOLERANCE * max(1, abs(x), abs(y)):
            return False
        compared += 1
        if not symbols:
            break
    return compared > 0


def _same_relation(a: Basic, b: Basic) -> bool:
    """Equal up to a constant factor: 2x = 4 is x = 2."""
    if type(a) is not type(b):
        return False
    import sympy

    ratio = sympy.Mul(a.lhs - a.rhs, sympy.Pow(b.lhs - b.rhs, -1))
    symbols = sorted(ratio.free_symbols, key=str)
    values = []
    for start, stride in _POINTS:
        value = _evaluate(ratio, {s: _rational(start + i * stride) for i, s in enumerate(symbols)})
        if value is None:
            return False
        values.append(value)
    return all(abs(v - values[0]) <= _TOLERANCE * max(1, abs(values[0])) for v in values)


def _rational(value: Fraction) -> Basic:
    import sympy

    return sympy.Rational(value.numerator, value.denominator)


def _evaluate(expression: Basic, values: dict[Basic, Basic]) -> Basic | None:
    """The value at a point as a high-precision number, None where it is no finite number."""
    try:
        number = expression.subs(values).evalf(_DIGITS)
    except (ArithmeticError, ValueError, TypeError, AttributeError, RecursionError, NotImplementedError):
        return None
    if not getattr(number, "is_number", False) or not number.is_finite:
        return None
    return number
