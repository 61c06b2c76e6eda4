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
from pipeline.core.equation_windows import RELATION_SIGN, windows
from pipeline.core.expression import BINARY, is_result, value_of
from pipeline.core.rounding import APPROXIMATELY, declares_rounding
from pipeline.core.scan import FUNCTIONS, scan
from pipeline.core.scan_brackets import CALLS
from pipeline.core.scan_token import Sort, Token
from pipeline.core.short_equations import CONJUNCTIONS, Short, short_equation

MAX_UNIT_WORDS = 8
"""Words that may stand between a number and the operator after it ("4 tickets for the late show * 2")."""
MAX_TUPLE_TOKENS = 40


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


_RELATIONS = (Sort.EQUALS, Sort.APPROX)
_STOPS = (Sort.EQUALS, Sort.APPROX, Sort.BREAK)
_OPERANDS = (Sort.NUMBER, Sort.VARIABLE)
# tuples: an enum member hashes in Python, comparing two of them is one pointer
_ELISIONS = frozenset({".", "…", "|", "⌊", "⌋", "⌈", "⌉", "±", "∓", "!", "∠", "△", "∞"})
_PREFIXES = frozenset({"-", "+", "sqrt", *FUNCTIONS, *CALLS})
"""Operators that may open an expression."""
_ARITHMETIC = (Sort.NUMBER, Sort.OPERATOR, Sort.OPEN, Sort.CLOSE, Sort.VARIABLE)
CHAIN = 3
"""Sides of the shortest chain: its last link may hold where its first side is unknown."""
_UNIT_LETTERS = frozenset("gmLlhsAWVkKMJNCFBG")


class _Scope:
    """Whether the next token may still belong to one side; both directions of reading share these rules."""

    def __init__(self, opening: Sort, closing: Sort) -> None:
        self.opening, self.closing = opening, closing
        self.depth = self.words = 0
        self.need_operand = True

    def takes(self, token: Token, *, touches: bool) -> bool:
        """Account for a token; False where the side ends before it."""
        sort = token.sort
        if sort is Sort.WORD:
            self.words += 1
            return self.words <= MAX_UNIT_WORDS
        if sort is self.opening:
            if not self.need_operand and self.words:
                return False
            self.depth += 1
            self.need_operand = True
        elif sort is self.closing:
            if self.depth == 0:
                return False
            self.depth -= 1
            self.need_operand = False
        elif sort is Sort.OPERATOR:
            self.need_operand = token.text != "!" or self.opening is Sort.CLOSE
        elif sort in _OPERANDS and (self.need_operand or touches):
            self.need_operand = False
        else:
            return False
        self.words = 0
        return True

    @property
    def complete(self) -> bool:
        """Whether what was taken so far is a whole expression by its shape."""
        return self.depth == 0 and not self.need_operand


def _touches(left: Token, right: Token) -> bool:
    if left.end != right.start:
        return False
    return right.sort in (Sort.VARIABLE, Sort.OPEN) or (right.sort is Sort.NUMBER and left.text == "!")


def _is_measured(left: Token, right: Token) -> bool:
    """ "18.5 m": a number and its unit in one letter."""
    near = left.sort is Sort.NUMBER and right.sort is Sort.VARIABLE and right.start - left.end == 1
    return near and right.text in _UNIT_LETTERS


def _left_start(tokens: Sequence[Token], floor: int, relation: int) -> int:
    """Index of the first token of the expression that ends at `relation`, or `relation` if there is none."""
    best = at = relation
    scope = _Scope(Sort.CLOSE, Sort.OPEN)
    if relation > floor and _elides(tokens[relation - 1]):
        return relation
    while at > floor:
        token = tokens[at - 1]
        touches = at < relation and (_touches(token, tokens[at]) or _is_measured(token, tokens[at]))
        if not scope.takes(token, touches=touches):
            break
        at -= 1
        if scope.complete and token.sort is not Sort.WORD:
            best = _with_sign(tokens, floor, at)
    dangles = 0 < at < relation and tokens[at].sort is Sort.OPERATOR and _elides(tokens[at - 1])
    rest = floor < best < relation and tokens[best - 1].sort is Sort.OPERATOR
    return relation if dangles or rest else best


def _is_cut(tokens: Sequence[Token], first: int, relation: int) -> bool:
    """Whether the arithmetic at `first` is only the end of what is written there: "1 + 2 + … + 9", "7 % 2"."""
    before = tokens[first - 1] if first else None
    if first < relation:
        lone = first + 1 == relation and tokens[first].sort is Sort.NUMBER
        if before is None:
            return False
        return before.sort in (Sort.VARIABLE, Sort.OPERATOR) or (lone and before.sort in (Sort.NUMBER, Sort.CLOSE))
    at = relation - 1
    while at >= 0 and tokens[at].sort is Sort.WORD:
        at -= 1
    return at >= 0 and (tokens[at].sort in _ARITHMETIC or _elides(tokens[at]))


def _elides(token: Token) -> bool:
    """Whether an expression that begins or ends at this token is only part of one: "1 + 2 + … + 9", "|x| + 3"."""
    return token.sort is Sort.BREAK and token.text in _ELISIONS


def _goes_on(tokens: Sequence[Token], at: int) -> bool:
    """Whether what was elided belongs to the expression: "0.333…", "1 + 2 + …", but not a full stop."""
    following = tokens[at + 1] if at + 1 < len(tokens) else None
    return tokens[at].text in "…|" or (following is not None and following.text == "." and tokens[at].text == ".")


def _with_sign(tokens: Sequence[Token], floor: int, at: int) -> int:
    """Take a leading minus or root in where nothing stands before that it could subtract from."""
    while at > floor and tokens[at - 1].sort is Sort.OPERATOR and tokens[at - 1].text in _PREFIXES:
        before = tokens[at - 2].sort if at - 1 > floor else Sort.BREAK
        if tokens[at - 1].text in "-+" and before in (Sort.NUMBER, Sort.VARIABLE, Sort.CLOSE):
            break
        if tokens[at - 1].text in "-+" and before is Sort.WORD and not _is_sign(*tokens[at - 2 : at + 1]):
            break
        at -= 1
    return at


def _is_sign(word: Token, sign: Token, operand: Token) -> bool:
    """ "we get -13 = -13b": the sign stands off the word and touches what it belongs to."""
    return word.end < sign.start and sign.end == operand.start


def _right_ends(tokens: Sequence[Token], start: int, ceiling: int) -> list[int]:
    """Ends of the expressions that begin at `start`, longest first; the shortest is one signed operand."""
    ends: list[int] = []
    scope = _Scope(Sort.OPEN, Sort.CLOSE)
    for at in range(start, min(ceiling + 1, len(tokens))):
        token = tokens[at]
        if at > start and _elides(token) and (scope.need_operand or _goes_on(tokens, at)):
            return []
        if token.sort is Sort.OPERATOR and scope.need_operand and token.text not in _PREFIXES:
            break
        if token.sort is Sort.WORD and ends and scope.depth == 0 and scope.need_operand:
            break
        if at == ceiling or not scope.takes(token, touches=at > start and _touches(tokens[at - 1], token)):
            break
        ended = scope.complete and token.sort is not Sort.WORD
        if ended and not (at + 1 < ceiling and _touches(token, tokens[at + 1])):
            ends.append(at + 1)
    ends.reverse()
    return ends


def _tuple_end(tokens: Sequence[Token], start: int) -> list[int]:
    """End of "(4, 1)", which has no value but is a result."""
    if start >= len(tokens) or tokens[start].sort is not Sort.OPEN:
        return []
    depth = 0
    for at in range(start, min(len(tokens), start + MAX_TUPLE_TOKENS)):
        sort = tokens[at].sort
        depth += (sort is Sort.OPEN) - (sort is Sort.CLOSE)
        if depth == 0:
            return [at + 1]
        if sort is Sort.BREAK and tokens[at].text not in ",;":
            return []
    return []


def _trim(tokens: Sequence[Token]) -> Tokens:
    first, last = 0, len(tokens)
    while first < last and tokens[first].sort is Sort.WORD:
        first += 1
    while last > first and tokens[last - 1].sort is Sort.WORD:
        last -= 1
    return tuple(tokens[first:last])


@lru_cache(maxsize=512)
def equations(text: str) -> tuple[Equation, ...]:
    """Every equation of a text in order, true, false or symbolic."""
    found: list[Equation] = []
    for start, end in windows(text):
        short = short_equation(text, start, end) if len(RELATION_SIGN.findall(text, start, end)) == 1 else None
        if short is None:
            found.extend(_in_window(text, start, end))
            continue
        equation = _exact(short) or _judge(text, [short.left, short.right], short.following, approximate=False)
        if equation is not None:
            found.append(equation)
    return tuple(found)


def _in_window(text: str, start: int, end: int) -> list[Equation]:
    tokens = [
        Token(Sort.BREAK, *token[1:]) if token.sort is Sort.WORD and token.text in CONJUNCTIONS else token
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
        if sort is Sort.BREAK:
            floor = at + 1
        at += 1
    return found


def _chain(text: str, tokens: list[Token], floor: int, relation: int) -> tuple[Equation | None, int]:
    """The chain whose first relation is at index `relation`, and the index to go on from."""
    first = _left_start(tokens, floor, relation)
    left = _trim(tokens[first:relation])
    sides: list[Tokens] = [left] if left else []
    cut = _is_cut(tokens, first, relation)
    approximate = False
    while True:
        approximate |= tokens[relation].sort is Sort.APPROX
        stop = relation + 1
        while stop < len(tokens) and tokens[stop].sort not in _STOPS:
            stop += 1
        ends = _right_ends(tokens, relation + 1, stop) or _tuple_end(tokens, relation + 1)
        if not ends:
            word = _word_at(tokens, relation)
            judged = _judge(text, sides, word, approximate=approximate, cut=cut) if len(sides) > 1 else None
            return judged, relation + 1
        approximate |= any(
            token.sort is Sort.WORD and token.text.lower() in APPROXIMATELY for token in tokens[relation + 1 : ends[-1]]
        )
        continues = stop < len(tokens) and tokens[stop].sort in _RELATIONS
        if continues or not sides or len(ends) == 1:
            end = ends[0]
        else:
            end = _best_end(tokens, sides[-1], relation + 1, ends, approximate=approximate)
        if continues and sides and _opens_another(tokens, end, stop):
            continues = False
            end = _best_end(tokens, sides[-1], relation + 1, ends, approximate=approximate)
        elif continues and any(token.sort is not Sort.WORD for token in tokens[end:stop]):
            end = stop  # what is only part of a middle side has no value
        sides.append(_trim(tokens[relation + 1 : end]))
        if not continues:
            return _judge(text, sides, _word_at(tokens, end), approximate=approximate, cut=cut), end
        relation = stop


def _opens_another(tokens: list[Token], end: int, stop: int) -> bool:
    """Whether after a result and some words another equation begins: "= 36 marbles in 4 bags with 5 * 9 = 45"."""
    first = _left_start(tokens, end, stop)
    between = tokens[end:first]
    weighty = sum(token.sort is not Sort.WORD for token in tokens[first:stop])
    return weighty > 1 and bool(between) and all(token.sort is Sort.WORD for token in between)


def _best_end(tokens: list[Token], left: Tokens, start: int, ends: list[int], *, approximate: bool) -> int:
    """The longest right-hand side that makes the equation true, else the shortest."""
    known = readings(left)
    if not known or any(token.sort is Sort.VARIABLE for token in tokens[start : ends[0]]):
        return ends[0]
    for end in ends:
        side = tokens[start:end]
        if agree(known, readings(side), side, approximate=approximate):
            return end
    return ends[-1]


def _word_at(tokens: list[Token], at: int) -> str:
    """The word at this index, which may be the unit of what ends before it; "" where there is none."""
    after = tokens[at] if at < len(tokens) else None
    return after.text.lower() if after is not None and after.sort is Sort.WORD and after.text.isalpha() else ""


def _exact(short: Short) -> Equation | None:
    """The verdict on an equation that holds as it stands, None where more has to be weighed."""
    left, right = short.left, short.right
    value = right[0].value
    if len(left) == BINARY:
        if not is_result(left[0].value, left[1].text, left[2].value, value):
            return None
    elif value_of(left) != value:
        return None
    return Equation((Side(left, value), Side(right, value)), False, _unit(right, short.following), "")


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
        _unit(sides[-1], following),
        "" if true else text[sides[0][0].start : sides[-1][-1].end],
    )


def _without_unit_letters(side: Tokens) -> Tokens:
    return tuple(
        token
        for k, token in enumerate(side)
        if not (k and token.sort is Sort.VARIABLE and token.text in _UNIT_LETTERS and side[k - 1].sort is Sort.NUMBER)
    )


def _is_label(side: Tokens) -> bool:
    """Whether the first of several sides only names what follows: "2 baths = 2 * 48 = 96", "Week 1 + Week 2 = …"."""
    if all(token.sort in (Sort.NUMBER, Sort.WORD) for token in side):
        return True
    return any(a.sort is Sort.OPERATOR and b.sort is Sort.WORD for a, b in pairwise(side))


def _unit(result: Tokens, following: str) -> str:
    if following in SCALES:
        return following  # "$4.5 million": it says more of the amount than the sign does
    number = next((token for token in reversed(result) if token.sort is Sort.NUMBER), None)
    if number is not None and number.currency:
        return CURRENCY_UNITS.get(number.currency, "")
    if number is not None and number.percent:
        return "percent"
    return following
