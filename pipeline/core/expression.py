"""Written arithmetic, evaluated exactly: "$48 / 2 clips", "70(.30)", "1 1/2 x 4", "25% of 80", "9(8) - 5".

Words are units or asides and weigh nothing, except "of", "times", "plus", "minus", "divided by" and "percent".
It does not know what an equation or a sentence is (`core.steps`).
"""

import re
from collections.abc import Mapping, Sequence
from enum import Enum, auto
from fractions import Fraction
from functools import lru_cache
from math import isqrt
from typing import NamedTuple

from pipeline.core.outcome import Unreadable
from pipeline.errors import Reason

MAX_POWER_BITS = 4096
"""Powers with more bits than this are refused: no textbook needs them and they cost seconds."""
MAX_FACTORIAL = 60
MAX_DEPTH = 40
"""Nested brackets beyond this are refused instead of exhausting the stack."""


class Sort(Enum):
    """What a token is to arithmetic."""

    NUMBER = auto()
    VARIABLE = auto()
    OPERATOR = auto()
    OPEN = auto()
    CLOSE = auto()
    WORD = auto()
    EQUALS = auto()
    APPROX = auto()
    BREAK = auto()


class Token(NamedTuple):
    """One piece of written arithmetic; `text[start:end]` is its span."""

    sort: Sort
    text: str
    start: int
    end: int
    value: Fraction = Fraction(0)
    """Of a NUMBER, a percentage as its hundredth."""
    percent: bool = False
    currency: str = ""
    decimals: int = 0
    """Digits after the decimal point as written: what a rounding declares."""


VULGAR = {
    "½": Fraction(1, 2), "⅓": Fraction(1, 3), "⅔": Fraction(2, 3), "¼": Fraction(1, 4), "¾": Fraction(3, 4),
    "⅕": Fraction(1, 5), "⅖": Fraction(2, 5), "⅗": Fraction(3, 5), "⅘": Fraction(4, 5), "⅙": Fraction(1, 6),
    "⅚": Fraction(5, 6), "⅐": Fraction(1, 7), "⅛": Fraction(1, 8), "⅜": Fraction(3, 8), "⅝": Fraction(5, 8),
    "⅞": Fraction(7, 8), "⅑": Fraction(1, 9), "⅒": Fraction(1, 10),
}  # fmt: skip

_VULGAR_CLASS = "".join(VULGAR)
_SCAN = re.compile(
    rf"""
    (?P<clock>\d{1, 2}:\d\d(?!\d))
  | (?P<number>
        (?P<currency>[$£€¥]\ ?)?
        (?: (?P<whole>\d{{1,3}}(?:,\d{{3}})+(?!\d)|\d+)
            (?: (?P<point>\.\d+) | \ ?(?P<vulgar>[{_VULGAR_CLASS}])
              | \ +(?P<top>\d+)\ ?/\ ?(?P<bottom>[1-9]\d*)(?![\d.,]\d|\d) )?
          | (?P<bare>\.\d+) | (?P<lone>[{_VULGAR_CLASS}]) )
        (?P<suffix>\ ?%|\ percent\b|\ per\ cent\b|[¢£€]|\$(?!\ ?[\d.]))?
    )
  | (?P<word>[^\W\d_]+(?:['’][^\W\d_]+)*)
  | (?P<operator>\*\*|[-+*/^×÷−–—⋅·∙•∗✕✖])
  | (?P<approx>≈|≅|≃|=~|~=|≐)
  | (?P<equals>=(?!>))
  | (?P<open>[(\[{{])
  | (?P<close>[)\]}}])
  | (?P<root>√)
  | (?P<bang>!)
  | (?P<space>[^\S\n]+)
  | (?P<other>.|\n)
    """,
    re.VERBOSE,
)
_CANONICAL = {
    "**": "^", "×": "*", "⋅": "*", "·": "*", "∙": "*", "•": "*", "∗": "*", "✕": "*", "✖": "*",
    "÷": "/", "−": "-", "–": "-", "—": "-",
}  # fmt: skip
_WORD_OPERATORS = {"of": "*", "times": "*", "plus": "+", "minus": "-", "x": "*", "X": "*"}
_ARTICLES = frozenset({"a", "A", "I"})
_SPARE = frozenset("'\"`’‘“”_$£€¥%")
"""Marks that may stand among units without ending an expression (`"8" boxes`, a lone `$`)."""


def _number(match: re.Match[str]) -> Token:
    whole, point = match["whole"], match["point"] or match["bare"]
    value = Fraction(int(whole.replace(",", ""))) if whole else Fraction(0)
    decimals = 0
    if point:
        decimals = len(point) - 1
        value += Fraction(int(point[1:]), 10**decimals)
    if match["top"]:
        value += Fraction(int(match["top"]), int(match["bottom"]))
    elif match["vulgar"] or match["lone"]:
        value += VULGAR[match["vulgar"] or match["lone"]]
    suffix = (match["suffix"] or "").strip()
    percent = suffix == "%" or suffix.startswith("per")
    currency = (match["currency"] or "").strip() or (suffix if suffix and not percent else "")
    if percent:
        value /= 100
    return Token(Sort.NUMBER, match[0], match.start(), match.end(), value, percent, currency, decimals)


def scan(text: str) -> list[Token]:
    """Cut a text into tokens, words and breaks included; only blanks are left out."""
    raw: list[Token] = []
    for match in _SCAN.finditer(text):
        kind = match.lastgroup
        if match["number"] is not None:
            raw.append(_number(match))
        elif kind == "space" or (kind == "other" and match[0] in _SPARE):
            continue
        else:
            raw.append(_plain(kind or "other", match))
    return _resolve(raw)


def _plain(kind: str, match: re.Match[str]) -> Token:
    piece, start, end = match[0], match.start(), match.end()
    if kind == "operator":
        return Token(Sort.OPERATOR, _CANONICAL.get(piece, piece), start, end)
    if kind == "root":
        return Token(Sort.OPERATOR, "sqrt", start, end)
    sort = {
        "word": Sort.WORD, "approx": Sort.APPROX, "equals": Sort.EQUALS, "open": Sort.OPEN, "close": Sort.CLOSE,
    }.get(kind, Sort.BREAK)  # fmt: skip
    return Token(sort, piece, start, end)


_ENDS_OPERAND = frozenset({Sort.NUMBER, Sort.CLOSE, Sort.VARIABLE, Sort.WORD})
_STARTS_OPERAND = frozenset({Sort.NUMBER, Sort.OPEN})


def _resolve(raw: list[Token]) -> list[Token]:
    """Tell words, variables and operators apart by their neighbours."""
    out: list[Token] = []
    for index, token in enumerate(raw):
        following = raw[index + 1] if index + 1 < len(raw) else None
        if token.sort is Sort.WORD:
            token = _resolve_word(token, out[-1] if out else None, following)  # noqa: PLW2901 - rebinding is the point
        elif token.sort is Sort.OPERATOR and token.text in "-/" and following is not None:
            # "miles/hour", "4-pound": a joint of words, no arithmetic; "5 - x" and "/sqrt(4)" stay.
            if following.sort is Sort.WORD and len(following.text) > 1 and following.text.lower() != "sqrt":
                token = Token(Sort.WORD, token.text, token.start, token.end)  # noqa: PLW2901
        elif token.sort is Sort.BREAK and token.text == "!" and _is_factorial(out, following):
            token = Token(Sort.OPERATOR, "!", token.start, token.end)  # noqa: PLW2901
        out.append(token)
        if token.sort is Sort.CLOSE:
            _flatten_aside(out)
    return out


def _flatten_aside(out: list[Token]) -> None:
    """Turn "(width)" at the end of `out` into words: a bracket without a number weighs nothing."""
    at = len(out) - 2
    while at >= 0 and out[at].sort is Sort.WORD:
        at -= 1
    if not 0 <= at < len(out) - 2 or out[at].sort is not Sort.OPEN:
        return
    if at == 0 or out[at - 1].sort is not Sort.NUMBER or out[at - 1].end < out[at].start:
        for index in (at, len(out) - 1):
            out[index] = out[index]._replace(sort=Sort.WORD)


def _is_factorial(before: Sequence[Token], following: Token | None) -> bool:
    if not before or before[-1].sort not in (Sort.NUMBER, Sort.CLOSE) or following is None:
        return False
    return following.sort in (Sort.OPERATOR, Sort.EQUALS, Sort.CLOSE, Sort.OPEN)


def _resolve_word(token: Token, before: Token | None, following: Token | None) -> Token:
    text = token.text
    operand_next = following is not None and following.sort in _STARTS_OPERAND
    if text in _WORD_OPERATORS and operand_next and _multiplies(text, before):
        return Token(Sort.OPERATOR, _WORD_OPERATORS[text], token.start, token.end)
    if text.lower() == "sqrt" and operand_next:
        return Token(Sort.OPERATOR, "sqrt", token.start, token.end)
    if text == "by" and before is not None and before.text == "divided":
        return Token(Sort.OPERATOR, "/", token.start, token.end)
    if len(text) == 1 and not _is_article(token, before, following):
        return Token(Sort.VARIABLE, text, token.start, token.end)
    # "60 - losses", "2 * Dexter": a word where an operand must stand is a name for a number.
    if before is not None and before.sort is Sort.OPERATOR and not operand_next and following is not None:
        named = following.sort in (Sort.OPERATOR, Sort.EQUALS, Sort.CLOSE, Sort.APPROX)
        return Token(Sort.VARIABLE, text, token.start, token.end) if named else token
    return token


def _multiplies(text: str, before: Token | None) -> bool:
    """ "3/4 of 20" multiplies, "a total of 20" does not; "4 pens x 3" does."""
    if before is None or before.sort not in _ENDS_OPERAND:
        return False
    return before.sort is not Sort.WORD or text != "of"


def _is_article(token: Token, before: Token | None, following: Token | None) -> bool:
    if token.text not in _ARTICLES:
        return False
    touching = before is not None and before.sort in (Sort.OPERATOR, Sort.NUMBER, Sort.CLOSE)
    return not touching and not (following is not None and following.sort in (Sort.OPERATOR, Sort.EQUALS, Sort.APPROX))


class _NotArithmeticError(Exception):
    """Inside this module only: the tokens form no expression."""


class _Reader:
    """Recursive descent over the tokens that weigh something.

    `tight` reads "48 / 1/2" as 48 / (1/2): a fraction written without blanks binds first.
    `percent_as_is` reads "40%" as 40.
    """

    def __init__(
        self, tokens: Sequence[Token], env: Mapping[str, Fraction], *, tight: bool, percent_as_is: bool
    ) -> None:
        self.tokens = [token for token in tokens if token.sort is not Sort.WORD]
        self.env = env
        self.tight = tight
        self.percent_as_is = percent_as_is
        self.at = 0
        self.depth = 0

    def peek(self) -> Token | None:
        return self.tokens[self.at] if self.at < len(self.tokens) else None

    def operator(self, wanted: str) -> str | None:
        token = self.peek()
        if token is not None and token.sort is Sort.OPERATOR and token.text in wanted:
            self.at += 1
            return token.text
        return None

    def whole(self) -> Fraction:
        value = self.sum()
        if self.at != len(self.tokens):
            raise _NotArithmeticError
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
        if top.end == sign.start and sign.end == bottom.start and bottom.sort is Sort.NUMBER:
            self.at += 1
            return _divide(value, self.signed())
        return value

    def _juxtaposed(self) -> bool:
        """Whether the next operand touches the last one: 70(.30), 3(4), 2x, (a)(b)."""
        token, last = self.peek(), self.tokens[self.at - 1]
        if token is None or self.at == 0:
            return False
        if token.sort is Sort.OPEN:
            return True
        if token.sort is Sort.VARIABLE:
            return last.sort in (Sort.NUMBER, Sort.CLOSE, Sort.VARIABLE)
        return token.sort is Sort.NUMBER and last.sort is Sort.CLOSE

    def signed(self) -> Fraction:
        negative = False
        while sign := self.operator("+-"):
            negative ^= sign == "-"
        value = self.power()
        return -value if negative else value

    def power(self) -> Fraction:
        base = self.atom()
        while self.operator("!"):
            base = _factorial(base)
        if self.operator("^"):
            self._descend()
            base = _power(base, self.signed())
            self.depth -= 1
        return base

    def atom(self) -> Fraction:
        token = self.peek()
        if token is None:
            raise _NotArithmeticError
        self.at += 1
        if token.sort is Sort.NUMBER:
            return token.value * 100 if token.percent and self.percent_as_is else token.value
        if token.sort is Sort.VARIABLE and token.text in self.env:
            return self.env[token.text]
        if token.sort is Sort.OPERATOR and token.text == "sqrt":
            self._descend()
            root = _root(self.power())
            self.depth -= 1
            return root
        if token.sort is Sort.OPEN:
            return self._bracket()
        raise _NotArithmeticError

    def _descend(self) -> None:
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise _NotArithmeticError

    def _bracket(self) -> Fraction:
        self._descend()
        value = self.sum()
        closing = self.peek()
        if closing is None or closing.sort is not Sort.CLOSE:
            raise _NotArithmeticError
        self.at += 1
        self.depth -= 1
        following = self.peek()
        if following is not None and following.text == "%":
            self.at += 1
        return value


def _divide(value: Fraction, by: Fraction) -> Fraction:
    if by == 0:
        raise _NotArithmeticError
    return value / by


def _factorial(value: Fraction) -> Fraction:
    if value.denominator != 1 or not 0 <= value <= MAX_FACTORIAL:
        raise _NotArithmeticError
    product = 1
    for factor in range(2, int(value) + 1):
        product *= factor
    return Fraction(product)


def _power(base: Fraction, exponent: Fraction) -> Fraction:
    if exponent == Fraction(1, 2):
        return _root(base)
    if exponent.denominator != 1 or (base == 0 and exponent < 0):
        raise _NotArithmeticError
    bits = max(base.numerator.bit_length(), base.denominator.bit_length()) * abs(exponent.numerator)
    if bits > MAX_POWER_BITS:
        raise _NotArithmeticError
    return base**exponent.numerator


def _root(value: Fraction) -> Fraction:
    if value < 0:
        raise _NotArithmeticError
    top, bottom = isqrt(value.numerator), isqrt(value.denominator)
    if top * top != value.numerator or bottom * bottom != value.denominator:
        raise _NotArithmeticError
    return Fraction(top, bottom)


_NOTHING: dict[str, Fraction] = {}


def value_of(
    tokens: Sequence[Token],
    env: Mapping[str, Fraction] = _NOTHING,
    *,
    tight: bool = False,
    percent_as_is: bool = False,
) -> Fraction | None:
    """Exact value of a token sequence, None where it is no expression of known values."""
    try:
        return _Reader(tokens, env, tight=tight, percent_as_is=percent_as_is).whole()
    except _NotArithmeticError:
        return None


@lru_cache(maxsize=4096)
def evaluate(expr: str) -> Fraction | Unreadable:
    """Exact value of written arithmetic; a percentage counts as its hundredth, unit words are passed over."""
    value = value_of(scan(expr))
    if value is None:
        return Unreadable(Reason.UNREADABLE, f"no arithmetic expression: {expr[:80]!r}")
    return value
