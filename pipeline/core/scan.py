"""Written arithmetic cut into tokens: numbers with their signs, operators, brackets, letters, words, breaks.

"$36 / 2 badges", "70(.30)", "1 1/2 x 4", "25% of 80". Words are told from operators ("of", "times", "x") and from
letters that stand for numbers by their neighbours. What the tokens are worth is `core.expression`.
"""

import re
import sys
from collections.abc import Sequence
from fractions import Fraction
from functools import lru_cache
from typing import NamedTuple

from pipeline.core.scan_brackets import BARS, call, paired
from pipeline.core.scan_token import APPROX, BREAK, CLOSE, EQUALS, NUMBER, OPEN, OPERATOR, VARIABLE, WORD, Sort, Token
from pipeline.core.units import is_measure
from pipeline.core.wordset import wordset

VULGAR = {
    "½": Fraction(1, 2), "⅓": Fraction(1, 3), "⅔": Fraction(2, 3), "¼": Fraction(1, 4), "¾": Fraction(3, 4),
    "⅕": Fraction(1, 5), "⅖": Fraction(2, 5), "⅗": Fraction(3, 5), "⅘": Fraction(4, 5), "⅙": Fraction(1, 6),
    "⅚": Fraction(5, 6), "⅐": Fraction(1, 7), "⅛": Fraction(1, 8), "⅜": Fraction(3, 8), "⅝": Fraction(5, 8),
    "⅞": Fraction(7, 8), "⅑": Fraction(1, 9), "⅒": Fraction(1, 10),
}  # fmt: skip

_VULGAR_CLASS = "".join(VULGAR)
_SCAN = re.compile(
    r"""
    [^\S\n]*(?:
    (?P<clock>\d{1,2}:\d\d(?!\d))
  | (?P<indexed>[^\W_]+_\w+)
  | (?P<number>
        (?:[$£€¥]\ ?)?
        (?: (?:\d{1,3}(?:,\d{3})+(?!\d)|\d+)
            (?: \.\d+ | \ ?[VULGAR] | \ +\d+\ ?/\ ?[1-9]\d*(?![\d.,]\d|\d) )?
          | \.\d+ | [VULGAR] )
        (?: \ ?% | \ percent\b | \ per\ cent\b | [¢£€] | \$(?!\ ?[\d.]) )?
    )
  | (?P<exponent>[²³])
  | (?P<word>[^\W\d_²³]+(?:['’][^\W\d_]+)*)
  | (?P<operator>\*\*|[-+*/^×÷−–—⋅·∙•∗✕✖])
  | (?P<equals>=+(?!>))
  | (?P<open>[(\[{])
  | (?P<close>[)\]}])
  | (?P<approx>≈|≅|≃|=~|~=|≐)
  | (?P<root>√)
  | (?P<spare>['"`’‘“”_$£€¥%°])
  | (?P<other>.|\n)
    )
    """.replace("VULGAR", _VULGAR_CLASS),
    re.VERBOSE,
)
"""`spare` marks may stand among units without ending an expression (`"8" boxes`, a lone `$`)."""
_NUMBER = re.compile(
    r"""
    (?P<currency>[$£€¥]\ ?)?
    (?: (?P<whole>\d[\d,]*) (?: (?P<point>\.\d+) | \ ?(?P<vulgar>[VULGAR])
          | \ +(?P<top>\d+)\ ?/\ ?(?P<bottom>\d+) )?
      | (?P<bare>\.\d+) | (?P<lone>[VULGAR]) )
    (?P<suffix>.*)
    """.replace("VULGAR", _VULGAR_CLASS),
    re.VERBOSE,
)
_CANONICAL = {
    "**": "^", "×": "*", "⋅": "*", "·": "*", "∙": "*", "•": "*", "∗": "*", "✕": "*", "✖": "*",
    "÷": "/", "√": "sqrt", "−": "-", "–": "-", "—": "-",
}  # fmt: skip
_SORTS = {
    "word": WORD, "equals": EQUALS, "open": OPEN, "close": CLOSE, "approx": APPROX,
    "operator": OPERATOR, "root": OPERATOR, "indexed": VARIABLE,
}  # fmt: skip
_WORD_OPERATORS = {"of": "*", "times": "*", "plus": "+", "minus": "-", "x": "*", "X": "*", "choose": "choose"}
FUNCTIONS = wordset(
    """
    arccos arcsin arctan cos cot csc det exp lim ln log mod sec sin tan
    """
)
"""What they are applied to is no factor: with them an expression has no value here."""
SPECIAL_WORDS = frozenset({*_WORD_OPERATORS, *FUNCTIONS, "by", "sqrt", "Sqrt", "SQRT", "gcd", "lcm", "max", "min"})
ARTICLES = frozenset({"a", "A", "I"})
_BARS = frozenset(BARS)


class _Number(NamedTuple):
    value: Fraction
    percent: bool
    currency: str
    decimals: int


@lru_cache(maxsize=8192)
def _number(text: str) -> _Number:
    match = _NUMBER.fullmatch(text)
    assert match is not None  # _SCAN has found it by the same pattern
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
    suffix = match["suffix"].strip()
    percent = suffix == "%" or suffix.startswith("per")
    currency = (match["currency"] or "").strip() or (suffix if suffix and not percent else "")
    return _Number(value / 100 if percent else value, percent, currency, decimals)


_ORDER = tuple(_SORTS.get(name, BREAK) for name in _SCAN.groupindex)
_WORD_GROUP, _NUMBER_GROUP, _SPARE_GROUP = (_SCAN.groupindex[name] for name in ("word", "number", "spare"))
_make = tuple.__new__
_NOTHING = (Fraction(0), False, "", 0)
"""The last four fields of a token that is no number. Filling the tuple directly halves the cost of scanning."""


def number_token(piece: str, start: int) -> Token:
    """The token of a written number."""
    token: Token = _make(Token, (NUMBER, piece, start, start + len(piece), *_number(piece)))
    return token


def operator_token(sign: str, start: int) -> Token:
    """The token of an operator of one character."""
    token: Token = _make(Token, (OPERATOR, sign, start, start + 1, *_NOTHING))
    return token


def word_token(word: str, start: int) -> Token:
    """The token of a word, or of a sign that joins words."""
    token: Token = _make(Token, (WORD, word, start, start + len(word), *_NOTHING))
    return token


def scan(text: str, start: int = 0, end: int = sys.maxsize) -> list[Token]:
    """Cut `text[start:end]` into tokens, words and breaks included; only blanks and quotation marks are left out."""
    raw: list[Token] = []
    for match in _SCAN.finditer(text, start, end):
        group = match.lastindex or 0
        if group == _SPARE_GROUP:
            continue
        first, last = match.span(group)
        piece = text[first:last]
        if group == _WORD_GROUP:
            raw.append(_make(Token, (WORD, piece, first, last, *_NOTHING)))
        elif group == _NUMBER_GROUP:
            raw.append(_make(Token, (NUMBER, piece, first, last, *_number(piece))))
        else:
            raw.extend(_sign(_ORDER[group - 1], piece, first, last))
    tokens = _resolve(_with_whole_units(raw))
    return paired(tokens) if not _BARS.isdisjoint(text) else tokens


def _sign(sort: Sort, piece: str, start: int, end: int) -> tuple[Token, ...]:
    if piece in ("²", "³"):
        exponent = "2" if piece == "²" else "3"
        power = Token(NUMBER, exponent, start, end, Fraction(int(exponent)))
        return Token(OPERATOR, "^", start, start), power
    if sort is VARIABLE and piece.split("_")[0] in FUNCTIONS:
        return (Token(OPERATOR, piece.split("_")[0], start, end),)
    if sort is OPERATOR:
        piece = _CANONICAL.get(piece, piece)
    return (Token(sort, piece, start, end),)


_ENDS_OPERAND = (NUMBER, CLOSE, VARIABLE, WORD)
_STARTS_OPERAND = (NUMBER, OPEN)


def _resolve(raw: list[Token]) -> list[Token]:
    """Tell words, variables and operators apart by their neighbours."""
    out: list[Token] = []
    word, number, operator = WORD, NUMBER, OPERATOR
    last = len(raw) - 1
    for index, token in enumerate(raw):
        sort = token.sort
        if sort is number:
            out.append(token)
            continue
        following = raw[index + 1] if index < last else None
        resolved = token
        if sort is word:
            before = out[-1] if out else None
            if len(token.text) == 1 or token.text in SPECIAL_WORDS or (before and before.sort is operator):
                resolved = _resolve_word(token, before, following, raw[index + 2] if index + 1 < last else None)
        elif sort is operator:
            if token.text in "-/" and following is not None and _joins_words(following):
                resolved = Token(word, token.text, token.start, token.end)
            elif out and out[-1].sort is word and _is_segment(out, token):
                out[-1] = out[-1]._replace(sort=VARIABLE)
        elif sort is BREAK and token.text == "!" and _is_factorial(out, following):
            resolved = Token(operator, "!", token.start, token.end)
        out.append(resolved)
        if sort is CLOSE:
            _flatten_aside(out)
            call(out)
    return out


def _joins_words(following: Token) -> bool:
    """ "miles/hour", "4-pound": a joint of words, no arithmetic; "5 - x" and "/sqrt(4)" stay."""
    return following.sort is WORD and len(following.text) > 1 and following.text.lower() != "sqrt"


SEGMENT = 2
"""Letters that name a segment by its ends."""


def _is_segment(before: Sequence[Token], operator: Token) -> bool:
    """ "AB^2", "= DC-5": a segment's name where its length is reckoned with; "3 PM-1" is none."""
    name = before[-1]
    if len(name.text) != SEGMENT or not name.text.isupper() or name.end != operator.start:
        return False
    return len(before) == 1 or before[-2].sort is not NUMBER


_RATE_LETTERS = frozenset("hsdm")


def _with_whole_units(raw: list[Token]) -> list[Token]:
    """Take the sign and what follows into the unit before them: "31 cm²", "6 km/h"."""
    for at in range(len(raw) - 2, 1, -1):
        sign, unit = raw[at], raw[at - 1]
        if sign.text in "^/" and unit.sort is WORD and _is_one_unit(raw[at - 2], unit, sign, raw[at + 1]):
            whole = unit._replace(text=f"{unit.text}{sign.text}{raw[at + 1].text}", end=raw[at + 1].end)
            raw[at - 1 : at + 2] = [whole]
    return raw


def _is_one_unit(number: Token, unit: Token, sign: Token, last: Token) -> bool:
    if number.sort is not NUMBER or unit.end != sign.start or last.start != sign.end or len(unit.text) < 2:
        return False
    if not is_measure(unit.text.lower()):
        return False
    if sign.text == "^":
        return last.text in ("2", "3")
    return last.sort is WORD and last.text in _RATE_LETTERS


def _flatten_aside(out: list[Token]) -> None:
    """Turn "(width)" at the end of `out` into words: a bracket without a number weighs nothing."""
    at = len(out) - 2
    while at >= 0 and out[at].sort is WORD:
        at -= 1
    if not 0 <= at < len(out) - 2 or out[at].sort is not OPEN:
        return
    if at == 0 or out[at - 1].sort is not NUMBER or out[at - 1].end < out[at].start:
        for index in (at, len(out) - 1):
            out[index] = out[index]._replace(sort=WORD)


_AFTER_MARK = frozenset("!.,;:")
_AFTER_FACTORIAL = (OPERATOR, EQUALS, APPROX, CLOSE, OPEN)


def _is_factorial(before: Sequence[Token], following: Token | None) -> bool:
    if not before or following is None:
        return False
    if before[-1].sort not in (NUMBER, CLOSE, VARIABLE) and before[-1].text != "!":
        return False
    if following.sort is NUMBER:
        return following.start == before[-1].end + 1
    if following.sort is WORD:  # "5! ways", and no "That makes 5! So …"
        return following.text.islower()
    return following.sort in _AFTER_FACTORIAL or following.text in _AFTER_MARK


def _resolve_word(token: Token, before: Token | None, following: Token | None, after: Token | None) -> Token:
    text = token.text
    operand_next = following is not None and following.sort in _STARTS_OPERAND
    if text in _WORD_OPERATORS and operand_next and _multiplies(text, before):
        return Token(OPERATOR, _WORD_OPERATORS[text], token.start, token.end)
    if _is_function(text, following):
        return Token(OPERATOR, text.lower(), token.start, token.end)
    if text == "by" and before is not None and before.text == "divided":
        return Token(OPERATOR, "/", token.start, token.end)
    if len(text) == 1 and not _is_article(token, before, following) and not _is_prefix(token, following, after):
        return Token(VARIABLE, text, token.start, token.end)
    # "60 - losses", "2 * Dexter": a word where an operand must stand is a name for a number.
    if before is not None and before.sort is OPERATOR and not operand_next and following is not None:
        named = following.sort in (OPERATOR, EQUALS, CLOSE, APPROX)
        return Token(VARIABLE, text, token.start, token.end) if named else token
    return token


def _is_prefix(token: Token, following: Token | None, after: Token | None) -> bool:
    """ "t-shirts", "x-axis": a letter that a hyphen joins to a word."""
    if following is None or after is None or following.text != "-" or after.sort is not WORD:
        return False
    return token.end == following.start and following.end == after.start and len(after.text) > 1


def _is_function(text: str, following: Token | None) -> bool:
    if text in FUNCTIONS:
        return True
    applied = following is not None and following.sort is OPEN
    root = text.lower() == "sqrt" and following is not None and following.sort in _STARTS_OPERAND
    return root or (applied and text in ("gcd", "lcm", "max", "min"))


def _multiplies(text: str, before: Token | None) -> bool:
    """ "3/4 of 20" multiplies, "a total of 20" does not; "4 pens x 3" does."""
    if before is None or before.sort not in _ENDS_OPERAND:
        return False
    return before.sort is not WORD or text not in ("of", "choose")


def _is_article(token: Token, before: Token | None, following: Token | None) -> bool:
    if token.text not in ARTICLES:
        return False
    touching = before is not None and before.sort in (OPERATOR, NUMBER, CLOSE)
    if touching or following is None:
        return not touching
    applied = following.sort is OPEN and following.start == token.end
    return not applied and following.sort not in (OPERATOR, EQUALS, APPROX)
