"""The equations of a reasoning text, found, checked exactly and returned as `Step`s.

An equation is "48 / 2 = 24 clips": an expression, "=", a result, a unit; chains "a = b = c" are one step whose
result is right of the last "=". Labels and words around it are passed over. It does not know which text is spoken.
"""

from collections.abc import Mapping, Sequence
from fractions import Fraction
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple

from pipeline.core.expression import Sort, Token, scan, value_of
from pipeline.core.step import Step

MAX_UNIT_WORDS = 8
"""Words that may stand between a number and the operator after it ("4 tickets for the late show * 2")."""
_CURRENCY_UNITS = {"$": "dollar", "£": "pound", "€": "euro", "¥": "yen", "¢": "cent"}


class Side(NamedTuple):
    """One side of an equation: its tokens without units left and right, and the value it has."""

    tokens: tuple[Token, ...]
    value: Fraction | None
    """None where it is symbolic or no expression at all."""

    @property
    def start(self) -> int:
        """First character of the side."""
        return self.tokens[0].start

    @property
    def end(self) -> int:
        """One past its last character."""
        return self.tokens[-1].end


class Equation(NamedTuple):
    """A chain of sides with equal values, as a text states it."""

    sides: tuple[Side, ...]
    approximate: bool
    unit: str
    unit_end: int
    """Where the result and its unit word end."""
    fault: str
    """The equation's text where it is false, else ""."""

    @property
    def start(self) -> int:
        """First character of the left-hand side."""
        return self.sides[0].start

    @property
    def end(self) -> int:
        """One past the last character of the result."""
        return self.sides[-1].end

    @property
    def result(self) -> Side:
        """What stands right of the last equals sign."""
        return self.sides[-1]

    @property
    def symbolic(self) -> bool:
        """Whether letters stand for numbers on every left-hand side."""
        return all(side.value is None for side in self.sides[:-1])


_RELATIONS = (Sort.EQUALS, Sort.APPROX)
_OPERANDS = (Sort.NUMBER, Sort.VARIABLE)


def _left_start(tokens: Sequence[Token], floor: int, relation: int) -> int:
    """Index of the first token of the expression that ends at `relation`, or `relation` if there is none."""
    best = at = relation
    depth = 0
    need_operand = True
    words = 0
    while at > floor:
        token = tokens[at - 1]
        sort = token.sort
        if sort is Sort.WORD:
            words += 1
            if words > MAX_UNIT_WORDS:
                break
        elif sort is Sort.CLOSE:
            if not need_operand and words:
                break
            depth += 1
            need_operand, words = True, 0
        elif sort is Sort.OPEN:
            if depth == 0:
                break
            depth -= 1
            need_operand, words = False, 0
        elif sort is Sort.OPERATOR:
            need_operand, words = True, 0
        elif sort in _OPERANDS:
            if not need_operand and not _touches(token, tokens[at]):
                break
            need_operand, words = False, 0
        else:
            break
        at -= 1
        if depth == 0 and not need_operand and sort is not Sort.WORD:
            best = _with_sign(tokens, floor, at)
    return best


def _with_sign(tokens: Sequence[Token], floor: int, at: int) -> int:
    """Take a leading minus or root in: it stands after nothing that it could subtract from."""
    while at > floor and tokens[at - 1].sort is Sort.OPERATOR and tokens[at - 1].text in ("-", "sqrt"):
        before = tokens[at - 2].sort if at - 1 > floor else Sort.BREAK
        if before in (Sort.NUMBER, Sort.VARIABLE, Sort.CLOSE, Sort.WORD):
            break
        at -= 1
    return at


def _touches(left: Token, right: Token) -> bool:
    return left.end == right.start and right.sort in (Sort.VARIABLE, Sort.OPEN)


def _right_ends(tokens: Sequence[Token], at: int, ceiling: int) -> list[int]:
    """Ends of the expressions that start at `at`, longest first; the shortest is one signed operand."""
    ends: list[int] = []
    depth = words = 0
    need_operand = True
    while at < ceiling:
        token = tokens[at]
        sort = token.sort
        if sort is Sort.WORD:
            if depth == 0 and need_operand and ends:
                break
            words += 1
            if words > MAX_UNIT_WORDS:
                break
        elif sort is Sort.OPEN:
            if not need_operand and words:
                break
            depth += 1
            need_operand, words = True, 0
        elif sort is Sort.CLOSE:
            if depth == 0:
                break
            depth -= 1
            need_operand, words = False, 0
        elif sort is Sort.OPERATOR:
            if need_operand and token.text not in ("-", "+", "sqrt"):
                break
            need_operand, words = True, 0
        elif sort in _OPERANDS:
            if not need_operand and not _touches(tokens[at - 1], token):
                break
            need_operand, words = False, 0
        else:
            break
        at += 1
        ended = depth == 0 and not need_operand and sort is not Sort.WORD
        if ended and not (at < ceiling and _touches(token, tokens[at])):
            ends.append(at)
    ends.reverse()
    return ends


def _trim(tokens: Sequence[Token]) -> tuple[Token, ...]:
    first, last = 0, len(tokens)
    while first < last and tokens[first].sort is Sort.WORD:
        first += 1
    while last > first and tokens[last - 1].sort is Sort.WORD:
        last -= 1
    return tuple(tokens[first:last])


_READINGS = ((False, False), (True, False), (False, True), (True, True))


def readings(tokens: Sequence[Token], env: Mapping[str, Fraction]) -> list[Fraction]:
    """The values a side may have: fractions without blanks may bind first, 40% may stand for 40."""
    values: list[Fraction] = []
    percent = any(token.percent for token in tokens)
    divides = sum(token.text == "/" for token in tokens) > 1
    for tight, as_is in _READINGS:
        if (tight and not divides) or (as_is and not percent):
            continue
        value = value_of(tokens, env, tight=tight, percent_as_is=as_is)
        if value is not None and value not in values:
            values.append(value)
    return values


def agree(left: Sequence[Fraction], right: Sequence[Fraction], result: Sequence[Token], *, approximate: bool) -> bool:
    """Whether two sides state one value: exactly, or rounded as the result's decimals or an "about" declare."""
    if any(value in right for value in left):
        return True
    numbers = [token for token in result if token.sort is Sort.NUMBER]
    if len(numbers) != 1:
        return False
    decimals = numbers[0].decimals
    return any(_rounds(a, b, numbers[0], decimals, approximate=approximate) for a in left for b in right)


def _rounds(exact: Fraction, stated: Fraction, token: Token, decimals: int, *, approximate: bool) -> bool:
    if decimals == 0 and not approximate:
        return False
    unit = Fraction(1, 10**decimals)
    if token.percent and stated == token.value:
        unit /= 100
    return abs(exact - stated) <= unit / 2 or (approximate and abs(exact - stated) < unit)


_UNIT_LETTERS = frozenset("gmLlhsAWVkKMJNCFBG")
_SIZES = {
    "cent": ("money", 1), "penny": ("money", 1), "nickel": ("money", 5), "dime": ("money", 10),
    "quarter": ("money", 25), "dollar": ("money", 100),
    "second": ("time", 1), "minute": ("time", 60), "hour": ("time", 3600), "day": ("time", 86400),
    "week": ("time", 604800), "month": ("age", 1), "year": ("age", 12),
    "inch": ("length", 1), "inches": ("length", 1), "foot": ("length", 12), "feet": ("length", 12),
    "yard": ("length", 36), "mile": ("length", 63360),
    "millimeter": ("metric", 1), "centimeter": ("metric", 10), "meter": ("metric", 1000),
    "kilometer": ("metric", 1000000), "mm": ("metric", 1), "cm": ("metric", 10), "m": ("metric", 1000),
    "km": ("metric", 1000000),
    "ounce": ("weight", 1), "pound": ("weight", 16), "gram": ("mass", 1), "kilogram": ("mass", 1000),
    "g": ("mass", 1), "kg": ("mass", 1000),
    "cup": ("volume", 1), "pint": ("volume", 2), "quart": ("volume", 4), "gallon": ("volume", 16),
    "milliliter": ("liquid", 1), "ml": ("liquid", 1), "liter": ("liquid", 1000),
}  # fmt: skip
"""Units of measure that an equation may change between, each in the smallest unit of its dimension."""
_CONJUNCTIONS = frozenset(
    """and so therefore thus because since then hence where when if but which giving gives meaning means leaving
    making makes is are was were equals or while""".split()
)
"""Words that end one equation and may open the next ("c + d = 21 and d = 2c")."""
_APPROXIMATELY = frozenset({"about", "approximately", "roughly", "around", "approx", "nearly", "rounded", "almost"})
_NO_ENV: dict[str, Fraction] = {}


def equations(text: str) -> tuple[Equation, ...]:
    """Every equation of a text in order, true, false or symbolic."""
    return _equations(text)


@lru_cache(maxsize=512)
def _equations(text: str) -> tuple[Equation, ...]:
    if "=" not in text and "≈" not in text:
        return ()
    tokens = [
        token._replace(sort=Sort.BREAK) if token.sort is Sort.WORD and token.text in _CONJUNCTIONS else token
        for token in scan(text)
    ]
    found: list[Equation] = []
    at = floor = 0
    while at < len(tokens):
        if tokens[at].sort not in _RELATIONS:
            if tokens[at].sort is Sort.BREAK:
                floor = at + 1
            at += 1
            continue
        equation, at = _chain(text, tokens, floor, at)
        if equation is not None:
            found.append(equation)
        floor = at
    return tuple(found)


def _chain(text: str, tokens: list[Token], floor: int, relation: int) -> tuple[Equation | None, int]:
    """The chain whose first relation is at index `relation`, and the index to go on from."""
    left = _trim(tokens[_left_start(tokens, floor, relation) : relation])
    sides: list[tuple[Token, ...]] = [left] if left else []
    approximate = False
    while True:
        approximate |= tokens[relation].sort is Sort.APPROX
        stop = relation + 1
        while stop < len(tokens) and tokens[stop].sort not in (*_RELATIONS, Sort.BREAK):
            stop += 1
        ends = _right_ends(tokens, relation + 1, stop)
        if not ends:
            return (_judge(text, tokens, sides, relation, approximate) if len(sides) > 1 else None), relation + 1
        approximate |= any(t.text.lower() in _APPROXIMATELY for t in tokens[relation + 1 : ends[-1]])
        continues = stop < len(tokens) and tokens[stop].sort in _RELATIONS
        end = ends[0] if continues or not sides else _best_end(tokens, sides[-1], relation + 1, ends, approximate)
        sides.append(_trim(tokens[relation + 1 : end]))
        if not continues:
            return _judge(text, tokens, sides, end, approximate), end
        relation = stop


def _best_end(tokens: list[Token], left: tuple[Token, ...], start: int, ends: list[int], approximate: bool) -> int:
    """The longest right-hand side that makes the equation true, else the shortest."""
    known = readings(left, _NO_ENV)
    for end in ends:
        side = tokens[start:end]
        if known and agree(known, readings(side, _NO_ENV), side, approximate=approximate):
            return end
    return ends[0] if not known else ends[-1]


def _judge(
    text: str, tokens: list[Token], sides: list[tuple[Token, ...]], at: int, approximate: bool
) -> Equation | None:
    sides = [side for side in sides if side]
    if not sides:
        return None
    if len(sides) > 2 and _is_label(sides[0]):
        sides = sides[1:]
    if not all(readings(side, _NO_ENV) for side in sides):
        sides = _without_unit_letters(sides, approximate)
    values = [readings(side, _NO_ENV) for side in sides]
    holds = _holds(sides, values, approximate)
    fault = "" if holds else text[sides[0][0].start : sides[-1][-1].end]
    unit, unit_end = _unit(tokens, sides[-1], at)
    return Equation(
        tuple(Side(side, value[0] if value else None) for side, value in zip(sides, values, strict=True)),
        approximate,
        unit,
        unit_end,
        fault,
    )


def _without_unit_letters(sides: list[tuple[Token, ...]], approximate: bool) -> list[tuple[Token, ...]]:
    """Read "200g + 100g = 300g" as grams where that makes the equation true, else keep the letters' algebra."""
    bare = [
        tuple(token for k, token in enumerate(side) if not (k and _is_unit_letter(side[k - 1], token)))
        for side in sides
    ]
    values = [readings(side, _NO_ENV) for side in bare]
    if all(values) and len(sides) > 1 and _holds(bare, values, approximate):
        return bare
    return sides


def _is_unit_letter(before: Token, token: Token) -> bool:
    return token.sort is Sort.VARIABLE and token.text in _UNIT_LETTERS and before.sort is Sort.NUMBER


def _is_label(side: tuple[Token, ...]) -> bool:
    """Whether the first of several sides only names what follows: "2 baths = 2 * 48 = 96", "Week 1 + Week 2 = …"."""
    if all(token.sort in (Sort.NUMBER, Sort.WORD) for token in side):
        return True
    return any(a.sort is Sort.OPERATOR and b.sort is Sort.WORD for a, b in pairwise(side))


def _holds(sides: list[tuple[Token, ...]], values: list[list[Fraction]], approximate: bool) -> bool:
    known = [(side, value) for side, value in zip(sides, values, strict=True) if value]
    for (left_side, left), (side, right) in pairwise(known):
        if not agree(left, right, side, approximate=approximate) and not _converts(left_side, left, side, right):
            return False
    return True


def _measure(side: tuple[Token, ...]) -> tuple[str, int] | None:
    """Dimension and size of a side's last unit, in the smallest unit of its dimension."""
    for token in reversed(side):
        if token.sort is Sort.NUMBER:
            name = _CURRENCY_UNITS.get(token.currency, "")
        elif token.sort is Sort.WORD:
            name = token.text.lower()
        else:
            continue
        found = _SIZES.get(name) or _SIZES.get(name.removesuffix("s"))
        if found or token.sort is Sort.NUMBER:
            return found
    return None


def _converts(
    left_side: tuple[Token, ...], left: list[Fraction], side: tuple[Token, ...], right: list[Fraction]
) -> bool:
    """Whether two sides are one amount in two units: "150 cents = $1.50"."""
    one, other = _measure(left_side), _measure(side)
    if one is None or other is None or one[0] != other[0]:
        return False
    return any(a * one[1] == b * other[1] for a in left for b in right)


def _unit(tokens: list[Token], result: tuple[Token, ...], at: int) -> tuple[str, int]:
    number = next((token for token in reversed(result) if token.sort is Sort.NUMBER), None)
    end = result[-1].end
    if number is not None and number.currency:
        return _CURRENCY_UNITS.get(number.currency, ""), end
    if number is not None and number.percent:
        return "percent", end
    if at < len(tokens) and tokens[at].sort is Sort.WORD and tokens[at].text.isalpha():
        return tokens[at].text.lower(), tokens[at].end
    return "", end


def read_steps(reasoning: str) -> tuple[Step, ...]:
    """The results of a reasoning text in order, one for each equation or chain of equations.

    The value of a percentage is its hundredth, as in `Quantity`; it is None where the result is symbolic.
    """
    steps: list[Step] = []
    for equation in equations(reasoning):
        if len(equation.sides) < 1:
            continue
        operands = tuple(
            token.value for side in equation.sides[:-1] for token in side.tokens if token.sort is Sort.NUMBER
        )
        result = equation.result
        steps.append(Step(result.value, result.start, result.end, operands, equation.unit))
    return tuple(steps)


def false_equation(reasoning: str) -> str | None:
    """The first equation whose known sides differ, None when all hold.

    A declared rounding holds: "≈", "= about", or a result with k decimals that is within half a unit of the last.
    """
    return next((equation.fault for equation in equations(reasoning) if equation.fault), None)
