"""Written arithmetic, evaluated exactly: "$36 / 2 badges", "70(.30)", "1 1/2 x 4", "25% of 80", "9(8) - 5".

Words are units or asides and weigh nothing (`core.scan` says which words are operators). It does not know what an
equation or a sentence is (`core.equations`).
"""

from collections.abc import Mapping, Sequence
from fractions import Fraction
from functools import lru_cache
from math import ceil, comb, factorial, floor, gcd, isqrt, lcm

from pipeline.core.outcome import Unreadable
from pipeline.core.scan import scan
from pipeline.core.scan_brackets import CALLS
from pipeline.core.scan_token import CLOSE, NUMBER, OPEN, OPERATOR, VARIABLE, WORD, Token
from pipeline.errors import Reason

MAX_POWER_BITS = 4096
"""Powers with more bits than this are refused: no textbook needs them and they cost seconds."""
MAX_FACTORIAL = 3000
MAX_ROOT = 12
ROUGH = 10**40
"""What an irrational root is scaled by before it is cut to an integer."""
MAX_DEPTH = 40
"""Nested brackets beyond this are refused instead of exhausting the stack."""


class _NotArithmeticError(Exception):
    """Inside this module only: the tokens form no expression."""


class _Reader:
    """Recursive descent over the tokens that weigh something.

    `tight` reads "48 / 1/2" as 48 / (1/2): a fraction written without blanks binds first.
    `percent_as_is` reads "40%" as 40, `rough` an irrational root as a rational close to it.
    """

    def __init__(
        self, tokens: Sequence[Token], env: Mapping[str, Fraction], *, tight: bool, percent_as_is: bool, rough: bool
    ) -> None:
        self.tokens = tokens
        self.env = env
        self.tight = tight
        self.percent_as_is = percent_as_is
        self.rough = rough
        self.at = 0
        self.depth = 0

    def peek(self) -> Token | None:
        return self.tokens[self.at] if self.at < len(self.tokens) else None

    def operator(self, wanted: str) -> str | None:
        token = self.peek()
        if token is not None and token.sort is OPERATOR and token.text in wanted:
            self.at += 1
            return token.text
        return None

    def whole(self) -> Fraction:
        value = self.modulo()
        if self.at != len(self.tokens):
            raise _NotArithmeticError
        return value

    def named(self, names: frozenset[str]) -> str | None:
        token = self.peek()
        if token is None or token.sort is not OPERATOR or token.text not in names:
            return None
        self.at += 1
        return token.text

    def modulo(self) -> Fraction:
        """A sum, its remainder, or the choices from it: "10 + 5 mod 4" is 15 mod 4."""
        value = self.sum()
        while name := self.named(_LOOSE):
            other = self.sum()
            if name == "choose":
                value = _counted("C", [value, other])
            elif other == 0:
                raise _NotArithmeticError
            else:
                value %= other
        return value

    def sum(self) -> Fraction:
        value = self.product()
        while sign := self.operator("+-"):
            other = self.product()
            value = value + other if sign == "+" else value - other
        return value

    def product(self) -> Fraction:
        value = self.signed()
        while True:
            sign = self.operator("*/")
            if sign is None:
                if not self._juxtaposed():
                    return value
                value *= self.power()
            elif sign == "*":
                value *= self.signed()
            else:
                value = _divide(value, self._tight_fraction() if self.tight else self.signed())

    def _tight_fraction(self) -> Fraction:
        value = self.signed()
        sign, top, bottom = (
            self.tokens[self.at + k] if 0 <= self.at + k < len(self.tokens) else None for k in (0, -1, 1)
        )
        if sign is None or top is None or bottom is None or sign.text != "/":
            return value
        if top.end == sign.start and sign.end == bottom.start and bottom.sort is NUMBER:
            self.at += 1
            return _divide(value, self.signed())
        return value

    def _juxtaposed(self) -> bool:
        """Whether the next operand touches the last one: 70(.30), 3(4), 2x, (a)(b)."""
        token, last = self.peek(), self.tokens[self.at - 1]
        if token is None or self.at == 0:
            return False
        if token.sort is OPEN:
            return True
        if token.text == "sqrt":
            return last.sort in (NUMBER, CLOSE)
        if token.sort is VARIABLE:
            return last.sort in (NUMBER, CLOSE, VARIABLE)
        return token.sort is NUMBER and (last.sort is CLOSE or last.text == "!")

    def signed(self) -> Fraction:
        negative = False
        while sign := self.operator("+-"):
            negative ^= sign == "-"
        value = self.power()
        return -value if negative else value

    def power(self) -> Fraction:
        base = self.atom()
        bangs = 0
        while self.operator("!"):
            bangs += 1
        if bangs:
            base = _factorial(base, bangs)
        if self.depth == 0 and self.named(_CHOOSE):
            base = _counted("C", [base, self.atom()])
        if self.operator("^"):
            self._descend()
            base = _power(base, self.signed(), rough=self.rough)
            self.depth -= 1
        return base

    def atom(self) -> Fraction:
        token = self.peek()
        if token is None:
            raise _NotArithmeticError
        self.at += 1
        if token.sort is NUMBER:
            return token.value * 100 if token.percent and self.percent_as_is else token.value
        if token.sort is VARIABLE and token.text in self.env:
            return self.env[token.text]
        if token.sort is OPERATOR and token.text == "sqrt":
            self._descend()
            root = _root(self.power(), 2, rough=self.rough)
            self.depth -= 1
            return root
        if token.sort is OPEN:
            return self._bracket(token.text)
        if token.sort is OPERATOR and token.text in CALLS:
            return _counted(token.text, self._arguments())
        raise _NotArithmeticError

    def _arguments(self) -> list[Fraction]:
        self._descend()
        opening = self.peek()
        if opening is None or opening.sort is not OPEN:
            raise _NotArithmeticError
        self.at += 1
        values = [self.modulo()]
        while self.operator(","):
            values.append(self.modulo())
        self._close()
        return values

    def _descend(self) -> None:
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise _NotArithmeticError

    def _close(self) -> None:
        closing = self.peek()
        if closing is None or closing.sort is not CLOSE:
            raise _NotArithmeticError
        self.at += 1
        self.depth -= 1

    def _bracket(self, opening: str) -> Fraction:
        self._descend()
        value = self.modulo()
        self._close()
        if opening == "|":
            return abs(value)
        if opening in "⌊⌈":
            return Fraction(floor(value) if opening == "⌊" else ceil(value))
        following = self.peek()
        if following is not None and following.text == "%":
            self.at += 1
        return value


def _divide(value: Fraction, by: Fraction) -> Fraction:
    if by == 0:
        raise _NotArithmeticError
    return value / by


BINOMIAL = 2
_LOOSE = frozenset({"mod", "choose"})
_CHOOSE = frozenset({"choose"})


def _whole(value: Fraction) -> int:
    if value.denominator != 1 or not 0 <= value <= MAX_FACTORIAL:
        raise _NotArithmeticError
    return value.numerator


def _factorial(value: Fraction, bangs: int) -> Fraction:
    """ "5!", and "5!!" with every second factor."""
    last = _whole(value)
    if bangs == 1:
        return Fraction(factorial(last))
    if bangs > 2:
        raise _NotArithmeticError
    product = 1
    for factor in range(last, 1, -2):
        product *= factor
    return Fraction(product)


def _counted(name: str, values: Sequence[Fraction]) -> Fraction:
    """A function of several numbers by its name in `CALLS`."""
    if len(values) == 1:
        raise _NotArithmeticError  # "gcd(120,180)" may hold one number or two
    if name in ("max", "min"):
        return max(values) if name == "max" else min(values)
    wholes = [_whole(value) for value in values]
    if name in ("gcd", "lcm"):
        return Fraction(gcd(*wholes) if name == "gcd" else lcm(*wholes))
    if len(wholes) != BINOMIAL:
        raise _NotArithmeticError
    return Fraction(comb(*wholes))


def _power(base: Fraction, exponent: Fraction, *, rough: bool) -> Fraction:
    if base == 0 and exponent < 0:
        raise _NotArithmeticError
    bits = max(base.numerator.bit_length(), base.denominator.bit_length()) * abs(exponent.numerator)
    if bits > MAX_POWER_BITS:
        raise _NotArithmeticError
    power = base**exponent.numerator
    return power if exponent.denominator == 1 else _root(power, exponent.denominator, rough=rough)


def _root(value: Fraction, degree: int, *, rough: bool) -> Fraction:
    if value < 0 or degree > MAX_ROOT:
        raise _NotArithmeticError
    top, bottom = _integer_root(value.numerator, degree), _integer_root(value.denominator, degree)
    if top**degree == value.numerator and bottom**degree == value.denominator:
        return Fraction(top, bottom)
    if not rough:
        raise _NotArithmeticError
    scaled = value.numerator * ROUGH**degree // value.denominator
    return Fraction(_integer_root(scaled, degree), ROUGH)


def _integer_root(value: int, degree: int) -> int:
    """The largest integer whose power is at most `value`, by Newton's method."""
    if degree == 2 or value < 2:
        return isqrt(value) if value > 1 else value
    root = 1 << -(-value.bit_length() // degree)
    while True:
        better = ((degree - 1) * root + value // root ** (degree - 1)) // degree
        if better >= root:
            return root
        root = better


BINARY = 3
"""Tokens of two numbers and an operator."""
_PLAIN_SIGNS = frozenset("+-*/")


def _is_flat(tokens: Sequence[Token]) -> bool:
    """Whether these are numbers and the four operators by turns: most of the arithmetic of word problems."""
    return (
        len(tokens) % 2 == 1
        and all(token.sort is NUMBER for token in tokens[::2])
        and all(token.sort is OPERATOR and token.text in _PLAIN_SIGNS for token in tokens[1::2])
    )


def _flat(tokens: Sequence[Token]) -> Fraction | None:
    """The value of numbers and operators by turns, in integers up to the last step; None where zero divides."""
    total, over = 0, 1
    first = tokens[0].value
    top, bottom = first.numerator, first.denominator
    for at in range(1, len(tokens), 2):
        sign, number = tokens[at].text, tokens[at + 1].value
        a, b = number.numerator, number.denominator
        if sign == "*":
            top, bottom = top * a, bottom * b
        elif sign == "/":
            if not a:
                return None
            top, bottom = top * b, bottom * a
        else:
            total, over = total * bottom + top * over, over * bottom
            top, bottom = (a if sign == "+" else -a), b
    return Fraction(total * bottom + top * over, over * bottom)


def is_result(left: Fraction, sign: str, right: Fraction, value: Fraction) -> bool:
    """Whether "left sign right" is this value; by integers alone, for no Fraction is made to be thrown away."""
    a, b, v = left.numerator, right.numerator, value.numerator
    p, q, r = left.denominator, right.denominator, value.denominator
    if sign == "+":
        return (a * q + b * p) * r == v * p * q
    if sign == "-":
        return (a * q - b * p) * r == v * p * q
    if sign == "*":
        return a * b * r == v * p * q
    return sign == "/" and b != 0 and a * q * r == v * p * b


_NOTHING: dict[str, Fraction] = {}


def value_of(
    tokens: Sequence[Token],
    env: Mapping[str, Fraction] = _NOTHING,
    *,
    tight: bool = False,
    percent_as_is: bool = False,
    rough: bool = False,
) -> Fraction | None:
    """Exact value of a token sequence, None where it is no expression of known values.

    `tight`, `percent_as_is` and `rough` choose how divisions, percentages and irrational roots are read.
    """
    weighty = [token for token in tokens if token.sort is not WORD]
    if len(weighty) == 1 and weighty[0].sort is NUMBER:
        return weighty[0].value * 100 if percent_as_is and weighty[0].percent else weighty[0].value
    if not tight and not percent_as_is and not rough and _is_flat(weighty):
        return _flat(weighty)
    try:
        return _Reader(weighty, env, tight=tight, percent_as_is=percent_as_is, rough=rough).whole()
    except _NotArithmeticError:
        return None


@lru_cache(maxsize=4096)
def evaluate(expr: str) -> Fraction | Unreadable:
    """Exact value of written arithmetic; a percentage counts as its hundredth, unit words are passed over."""
    value = value_of(scan(expr))
    if value is None:
        return Unreadable(Reason.UNREADABLE, f"no arithmetic expression: {expr[:80]!r}")
    return value
