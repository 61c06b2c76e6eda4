"""How far the sides of an equation reach: leftward as far as arithmetic does, rightward to each end there may be."""

from collections.abc import Sequence

from pipeline.core.scan import FUNCTIONS
from pipeline.core.scan_brackets import CALLS
from pipeline.core.scan_token import BREAK, CLOSE, NUMBER, OPEN, OPERATOR, VARIABLE, WORD, Sort, Token

MAX_UNIT_WORDS = 8
"""Words that may stand between a number and the operator after it ("4 tickets for the late show * 2")."""
MAX_TUPLE_TOKENS = 40
UNIT_LETTERS = frozenset("gmLlhsAWVkKMJNCFBG")
"""Units of one letter, which may be variables too."""
# tuples: an enum member hashes in Python, comparing two of them is one pointer
_OPERANDS = (NUMBER, VARIABLE)
_ELISIONS = frozenset({".", "…", "|", "⌊", "⌋", "⌈", "⌉", "±", "∓", "!", "∠", "△", "∞"})
_PREFIXES = frozenset({"-", "+", "sqrt", *FUNCTIONS, *CALLS})
"""Operators that may open an expression."""
_ARITHMETIC = (NUMBER, OPERATOR, OPEN, CLOSE, VARIABLE)


class _Scope:
    """Whether the next token may still belong to one side; both directions of reading share these rules."""

    def __init__(self, opening: Sort, closing: Sort) -> None:
        self.opening, self.closing = opening, closing
        self.depth = self.words = 0
        self.need_operand = True

    def takes(self, token: Token, *, touches: bool) -> bool:
        """Account for a token; False where the side ends before it."""
        sort = token.sort
        if sort is WORD:
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
        elif sort is OPERATOR:
            self.need_operand = token.text != "!" or self.opening is CLOSE
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
    return right.sort in (VARIABLE, OPEN) or (right.sort is NUMBER and left.text == "!")


def _is_measured(left: Token, right: Token) -> bool:
    """ "18.5 m": a number and its unit in one letter."""
    near = left.sort is NUMBER and right.sort is VARIABLE and right.start - left.end == 1
    return near and right.text in UNIT_LETTERS


def left_start(tokens: Sequence[Token], floor: int, relation: int) -> int:
    """Index of the first token of the expression that ends at `relation`, or `relation` if there is none."""
    best = at = relation
    scope = _Scope(CLOSE, OPEN)
    if relation > floor and _elides(tokens[relation - 1]):
        return relation
    while at > floor:
        token = tokens[at - 1]
        touches = at < relation and (_touches(token, tokens[at]) or _is_measured(token, tokens[at]))
        if not scope.takes(token, touches=touches):
            break
        at -= 1
        if scope.complete and token.sort is not WORD:
            best = _with_sign(tokens, floor, at)
    dangles = 0 < at < relation and tokens[at].sort is OPERATOR and _elides(tokens[at - 1])
    rest = floor < best < relation and tokens[best - 1].sort is OPERATOR
    return relation if dangles or rest else best


def is_cut(tokens: Sequence[Token], first: int, relation: int) -> bool:
    """Whether the arithmetic at `first` is only the end of what is written there: "1 + 2 + … + 9", "7 % 2"."""
    before = tokens[first - 1] if first else None
    if first < relation:
        lone = first + 1 == relation and tokens[first].sort is NUMBER
        if before is None:
            return False
        return before.sort in (VARIABLE, OPERATOR) or (lone and before.sort in (NUMBER, CLOSE))
    at = relation - 1
    while at >= 0 and tokens[at].sort is WORD:
        at -= 1
    return at >= 0 and (tokens[at].sort in _ARITHMETIC or _elides(tokens[at]))


def _elides(token: Token) -> bool:
    """Whether an expression that begins or ends at this token is only part of one: "1 + 2 + … + 9", "|x| + 3"."""
    return token.sort is BREAK and token.text in _ELISIONS


def _goes_on(tokens: Sequence[Token], at: int) -> bool:
    """Whether what was elided belongs to the expression: "0.333…", "1 + 2 + …", but not a full stop."""
    following = tokens[at + 1] if at + 1 < len(tokens) else None
    return tokens[at].text in "…|" or (following is not None and following.text == "." and tokens[at].text == ".")


def _with_sign(tokens: Sequence[Token], floor: int, at: int) -> int:
    """Take a leading minus or root in where nothing stands before that it could subtract from."""
    while at > floor and tokens[at - 1].sort is OPERATOR and tokens[at - 1].text in _PREFIXES:
        before = tokens[at - 2].sort if at - 1 > floor else BREAK
        if tokens[at - 1].text in "-+" and before in (NUMBER, VARIABLE, CLOSE):
            break
        if tokens[at - 1].text in "-+" and before is WORD and not _is_sign(*tokens[at - 2 : at + 1]):
            break
        at -= 1
    return at


def _is_sign(word: Token, sign: Token, operand: Token) -> bool:
    """ "we get -13 = -13b": the sign stands off the word and touches what it belongs to."""
    return word.end < sign.start and sign.end == operand.start


def right_ends(tokens: Sequence[Token], start: int, ceiling: int) -> list[int]:
    """Ends of the expressions that begin at `start`, longest first; the shortest is one signed operand."""
    ends: list[int] = []
    scope = _Scope(OPEN, CLOSE)
    for at in range(start, min(ceiling + 1, len(tokens))):
        token = tokens[at]
        if at > start and _elides(token) and (scope.need_operand or _goes_on(tokens, at)):
            return []
        if token.sort is OPERATOR and scope.need_operand and token.text not in _PREFIXES:
            break
        if token.sort is WORD and ends and scope.depth == 0 and scope.need_operand:
            break
        if at == ceiling or not scope.takes(token, touches=at > start and _touches(tokens[at - 1], token)):
            break
        ended = scope.complete and token.sort is not WORD
        if ended and not (at + 1 < ceiling and _touches(token, tokens[at + 1])):
            ends.append(at + 1)
    ends.reverse()
    return ends


def tuple_end(tokens: Sequence[Token], start: int) -> list[int]:
    """End of "(4, 1)", which has no value but is a result."""
    if start >= len(tokens) or tokens[start].sort is not OPEN:
        return []
    depth = 0
    for at in range(start, min(len(tokens), start + MAX_TUPLE_TOKENS)):
        sort = tokens[at].sort
        depth += (sort is OPEN) - (sort is CLOSE)
        if depth == 0:
            return [at + 1]
        if sort is BREAK and tokens[at].text not in ",;":
            return []
    return []
