"""The equations of a text: "36 / 2 = 18 badges" among labels and words, chains a = b = c, each with its verdict.

Sides are found outward from each "=": leftward as far as arithmetic reaches, rightward to the longest side that
holds. It does not know which text it reads nor what the results are for.
"""

from collections.abc import Sequence
from fractions import Fraction
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple

from pipeline.core.conversions import SCALES
from pipeline.core.equality import CURRENCY_UNITS, Tokens, agree, holds, readings
from pipeline.core.equation_sides import UNIT_LETTERS, is_cut, left_start, right_ends, tuple_end
from pipeline.core.equation_windows import windows
from pipeline.core.expression import BINARY, is_result, value_of
from pipeline.core.rounding import APPROXIMATELY, declares_rounding
from pipeline.core.scan import scan
from pipeline.core.scan_token import APPROX, BREAK, EQUALS, NUMBER, OPERATOR, VARIABLE, WORD, Token
from pipeline.core.short_equations import CONJUNCTIONS, Short, short_equation


class Side(NamedTuple):
    """One side of an equation without the units at its ends, and its value."""

    tokens: Tokens
    value: Fraction | None
    """None where it is symbolic."""

    @property
    def start(self) -> int:
        """First character of the side."""
        return self.tokens[0].start

    @property
    def end(self) -> int:
        """One past its last character."""
        return self.tokens[-1].end


class Equation(NamedTuple):
    """A chain of sides, as a text states it."""

    sides: tuple[Side, ...]
    approximate: bool
    unit: str
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
        """Whether no left-hand side has a known value."""
        return all(side.value is None for side in self.sides[:-1])


# tuples: an enum member hashes in Python, comparing two of them is one pointer
_RELATIONS = (EQUALS, APPROX)
_STOPS = (EQUALS, APPROX, BREAK)
CHAIN = 3
"""Sides of the shortest chain: its last link may hold where its first side is unknown."""


def _trim(tokens: Sequence[Token]) -> Tokens:
    first, last = 0, len(tokens)
    while first < last and tokens[first].sort is WORD:
        first += 1
    while last > first and tokens[last - 1].sort is WORD:
        last -= 1
    return tuple(tokens[first:last])


@lru_cache(maxsize=512)
def equations(text: str) -> tuple[Equation, ...]:
    """Every equation of a text in order, true, false or symbolic."""
    found: list[Equation] = []
    for start, end, single in windows(text):
        short = short_equation(text, start, end) if single else None
        if short is None:
            found.extend(_in_window(text, start, end))
            continue
        equation = _exact(short) or _judge(text, [short.left, short.right], short.following, approximate=False)
        if equation is not None:
            found.append(equation)
    return tuple(found)


def _in_window(text: str, start: int, end: int) -> list[Equation]:
    tokens = [
        Token(BREAK, *token[1:]) if token.sort is WORD and token.text in CONJUNCTIONS else token
        for token in scan(text, start, end)
    ]
    found: list[Equation] = []
    at = floor = 0
    while at < len(tokens):
        sort = tokens[at].sort
        if sort in _RELATIONS:
            equation, at = _chain(text, tokens, floor, at)
            if equation is not None:
                found.append(equation)
            floor = at
            continue
        if sort is BREAK:
            floor = at + 1
        at += 1
    return found


def _chain(text: str, tokens: list[Token], floor: int, relation: int) -> tuple[Equation | None, int]:
    """The chain whose first relation is at index `relation`, and the index to go on from."""
    first = left_start(tokens, floor, relation)
    left = _trim(tokens[first:relation])
    sides: list[Tokens] = [left] if left else []
    cut = is_cut(tokens, first, relation)
    approximate = False
    while True:
        approximate |= tokens[relation].sort is APPROX
        stop = relation + 1
        while stop < len(tokens) and tokens[stop].sort not in _STOPS:
            stop += 1
        ends = right_ends(tokens, relation + 1, stop) or tuple_end(tokens, relation + 1)
        if not ends:
            word = _word_at(tokens, relation)
            judged = _judge(text, sides, word, approximate=approximate, cut=cut) if len(sides) > 1 else None
            return judged, relation + 1
        approximate |= any(
            token.sort is WORD and token.text.lower() in APPROXIMATELY for token in tokens[relation + 1 : ends[-1]]
        )
        continues = stop < len(tokens) and tokens[stop].sort in _RELATIONS
        if continues or not sides or len(ends) == 1:
            end = ends[0]
        else:
            end = _best_end(tokens, sides[-1], relation + 1, ends, approximate=approximate)
        if continues and sides and _opens_another(tokens, end, stop):
            continues = False
            end = _best_end(tokens, sides[-1], relation + 1, ends, approximate=approximate)
        elif continues and any(token.sort is not WORD for token in tokens[end:stop]):
            end = stop  # what is only part of a middle side has no value
        sides.append(_trim(tokens[relation + 1 : end]))
        if not continues:
            return _judge(text, sides, _word_at(tokens, end), approximate=approximate, cut=cut), end
        relation = stop


def _opens_another(tokens: list[Token], end: int, stop: int) -> bool:
    """Whether after a result and some words another equation begins: "= 36 marbles in 4 bags with 5 * 9 = 45"."""
    first = left_start(tokens, end, stop)
    between = tokens[end:first]
    weighty = sum(token.sort is not WORD for token in tokens[first:stop])
    return weighty > 1 and bool(between) and all(token.sort is WORD for token in between)


def _best_end(tokens: list[Token], left: Tokens, start: int, ends: list[int], *, approximate: bool) -> int:
    """The longest right-hand side that makes the equation true, else the shortest."""
    known = readings(left)
    if not known or any(token.sort is VARIABLE for token in tokens[start : ends[0]]):
        return ends[0]
    for end in ends:
        side = tokens[start:end]
        if agree(known, readings(side), side, approximate=approximate):
            return end
    return ends[-1]


def _word_at(tokens: list[Token], at: int) -> str:
    """The word at this index, which may be the unit of what ends before it; "" where there is none."""
    after = tokens[at] if at < len(tokens) else None
    return after.text.lower() if after is not None and after.sort is WORD and after.text.isalpha() else ""


def _exact(short: Short) -> Equation | None:
    """The verdict on an equation that holds as it stands, None where more has to be weighed."""
    left, right = short.left, short.right
    value = right[0].value
    if len(left) == BINARY:
        if not is_result(left[0].value, left[1].text, left[2].value, value):
            return None
    elif value_of(left) != value:
        return None
    return Equation((Side(left, value), Side(right, value)), False, _unit(right[0], short.following), "")


def _judge(text: str, sides: list[Tokens], following: str, *, approximate: bool, cut: bool = False) -> Equation | None:
    """The verdict on a chain; of one whose first side was `cut` nothing follows, and its result has no value."""
    sides = [side for side in sides if side]
    if not sides:
        return None
    approximate = approximate or declares_rounding(text, sides[0][0].start, sides[-1][-1].end)
    if len(sides) > 2 and _is_label(sides[0]):
        sides = sides[1:]
    values = [readings(side) for side in sides]
    if len(sides) > 1 and not all(values):
        bare = [_without_unit_letters(side) for side in sides]
        unlettered = [readings(side) for side in bare]
        if all(unlettered) and holds(bare, unlettered, "", approximate=approximate):
            # "200g + 100g = 300g" is grams where that makes it true; else the letters are algebra.
            sides, values = bare, unlettered
    true = holds(sides, values, following, approximate=approximate)
    if cut and len(sides) < CHAIN:
        values[-1] = []
    return Equation(
        tuple(Side(side, value[0] if value else None) for side, value in zip(sides, values, strict=True)),
        approximate,
        _unit(next((token for token in reversed(sides[-1]) if token.sort is NUMBER), None), following),
        "" if true else text[sides[0][0].start : sides[-1][-1].end],
    )


def _without_unit_letters(side: Tokens) -> Tokens:
    return tuple(
        token
        for k, token in enumerate(side)
        if not (k and token.sort is VARIABLE and token.text in UNIT_LETTERS and side[k - 1].sort is NUMBER)
    )


def _is_label(side: Tokens) -> bool:
    """Whether the first of several sides only names what follows: "2 baths = 2 * 48 = 96", "Week 1 + Week 2 = …"."""
    if all(token.sort in (NUMBER, WORD) for token in side):
        return True
    return any(a.sort is OPERATOR and b.sort is WORD for a, b in pairwise(side))


def _unit(number: Token | None, following: str) -> str:
    """The unit of a result whose last number and following word these are."""
    if following in SCALES:
        return following  # "$4.5 million": it says more of the amount than the sign does
    if number is not None and number.currency:
        return CURRENCY_UNITS.get(number.currency, "")
    if number is not None and number.percent:
        return "percent"
    return following
