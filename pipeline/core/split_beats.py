"""A written solution as beats: sentences, each with the equations it works and the same sentence without them.

Calculator marks (`<<48/2=24>>`) are read and taken out; an equation that is false is reported, never mended, unless
its own mark states the arithmetic that the prose garbled. It knows no question and chooses no words.
"""

import re
from fractions import Fraction
from typing import NamedTuple

from pipeline.core.equality import agree, readings
from pipeline.core.equations import Equation, Side, equations
from pipeline.core.expression import value_of
from pipeline.core.outcome import Unreadable
from pipeline.core.scan import scan
from pipeline.core.scan_token import NUMBER, OPERATOR, WORD, Token
from pipeline.errors import Reason


class Working(NamedTuple):
    """One equation of a solution in plain form."""

    expression: str
    """"48 / 2"; chains keep their middle: "2 * 8 + 1 = 16 + 1"."""
    result: str
    """As written, with its currency or percent sign: "$1,200"."""
    value: Fraction | None
    """Exact value of the result, None where letters are left."""
    operands: tuple[Fraction, ...]
    start: int
    """Where the expression starts in the beat's text."""
    end: int
    """Where the result ends in it."""
    relation: str = "="
    """"≈" where the result is exact only after a declared rounding."""


class Beat(NamedTuple):
    """One sentence of a solution."""

    text: str
    """The sentence with its equations, without calculator marks."""
    told: str
    """The same with every equation replaced by its result."""
    workings: tuple[Working, ...]


_MARK = re.compile(r"(?P<before>\$?)\s*<<(?P<expr>[^<>]*?)=(?P<result>[^<>=]*)>>\s*(?P<after>\$?)")
_ABBREVIATION = re.compile(
    r"\b(?:Mr|Mrs|Ms|Dr|St|Jr|Sr|No|vs|etc|approx|lbs?|oz|ft|in|hrs?|mins?|Prof|Rs)\.$", re.IGNORECASE
)
_SENTENCE_END = re.compile(r"(?<=[.!?;])\s+(?=[A-Z$(\"“\d‘'£€])")
_THOUSANDS_BLANK = re.compile(r"(\$\d{1,3}) (?=\d{3}\b)")
_BULLET = re.compile(r"^\s*(?:[-*•]\s+(?=[A-Za-z])|\d{1,2}[.)]\s+(?=[A-Z]))")
_SPACED = frozenset("+-*/^")


def beats(solution: str) -> tuple[Beat, ...] | Unreadable:
    """Cut a solution into beats; Unreadable names the first equation that is false."""
    found: list[Beat] = []
    for line in solution.splitlines():
        for sentence in _sentences(_BULLET.sub("", line)):
            beat = _beat(sentence)
            if isinstance(beat, Unreadable):
                return beat
            if beat.text:
                found.append(beat)
    return tuple(found)


def _sentences(line: str) -> list[str]:
    parts: list[str] = []
    for part in _SENTENCE_END.split(_THOUSANDS_BLANK.sub(r"\1,", line.strip())):
        if parts and (_ABBREVIATION.search(parts[-1]) or re.fullmatch(r"\(?\d{1,2}\.", parts[-1])):
            parts[-1] += " " + part
        else:
            parts.append(part)
    return [part for part in (p.strip() for p in parts) if part]


def _unmark(sentence: str) -> tuple[str, list[tuple[int, str, str]]]:
    """Take calculator marks out; return each as (position in the new text, expression, result)."""
    if "<<" not in sentence:
        return sentence, []
    pieces: list[str] = []
    marks: list[tuple[int, str, str]] = []
    at = length = 0
    for match in _MARK.finditer(sentence):
        head = sentence[at : match.start()]
        pieces.append(head)
        length += len(head)
        written = "".join(pieces).rstrip()
        blank = " " if head and match[0].lstrip("$").startswith(" ") else ""
        sign = match["before"] or match["after"]
        bare = not written.endswith("=")
        shown = f"{match['expr'].strip()} = " if bare and not _trivial(match["expr"]) else ""
        pieces.append(blank + shown + sign)
        length += len(pieces[-1])
        marks.append((length, match["expr"].strip(), match["result"].strip()))
        at = match.end()
    pieces.append(sentence[at:])
    return "".join(pieces), marks


def _trivial(expr: str) -> bool:
    return re.fullmatch(r"[-\s$]*[\d.,]*\s*", expr) is not None


def _beat(sentence: str) -> Beat | Unreadable:
    text, marks = _unmark(sentence)
    found = equations(text)
    workings: list[Working] = []
    for equation in found:
        if equation.fault and _corresponds(equation):
            continue
        mark = next((m for m in marks if equation.start <= m[0] <= equation.end), None)
        working = _working(equation, mark)
        if isinstance(working, Unreadable):
            return working
        if "°" in text:
            working = working._replace(expression=_with_degrees(working.expression, text, equation))
        workings.append(working)
    told = text
    for working in reversed(workings):
        told = told[: working.start] + working.result + told[working.end :]
    return Beat(text, told, tuple(workings))


def _with_degrees(expression: str, text: str, equation: Equation) -> str:
    """The expression with the degree signs of its numbers: "sin30" is another value than "sin30°"."""
    numbers = [token for side in equation.sides[:-1] for token in side.tokens if token.sort is NUMBER]
    signed = {token.text for token in numbers if text.startswith("°", token.end)}
    return _NUMBER.sub(lambda found: f"{found[0]}°" if found[0] in signed else found[0], expression)


_NUMBER = re.compile(r"\d[\d,]*(?:\.\d+)?|\.\d+")


def _corresponds(equation: Equation) -> bool:
    """ "20 gallons = 160 pounds": one amount beside another, no arithmetic that could be false."""
    return len(equation.sides) == 2 and all(len(side.tokens) == 1 for side in equation.sides)


def plain(tokens: tuple[Token, ...]) -> str:
    """An expression as compact text: numbers with their signs, blanks around operators, no units."""
    pieces: list[str] = []
    for index, token in enumerate(tokens):
        if token.sort is WORD:
            continue
        text = token.text.replace("$ ", "$") if token.sort is NUMBER else token.text
        if text == "/" and 0 < index < len(tokens) - 1 and _joined(*tokens[index - 1 : index + 2]):
            pieces.append("/")
        elif token.sort is OPERATOR and text in _SPACED:
            unary = text == "-" and (not pieces or pieces[-1].endswith((" ", "(")))
            pieces.append("-" if unary else f" {text} ")
        else:
            pieces.append(text)
    return "".join(pieces).strip()


def _joined(top: Token, stroke: Token, bottom: Token) -> bool:
    """Whether a fraction is written without blanks: then it may bind first, and must stay so."""
    return top.end == stroke.start and stroke.end == bottom.start


def _operands(sides: tuple[Side, ...]) -> tuple[Fraction, ...]:
    return tuple(token.value for side in sides for token in side.tokens if token.sort is NUMBER)


def _working(equation: Equation, mark: tuple[int, str, str] | None) -> Working | Unreadable:
    result = equation.result
    shown = plain(result.tokens)
    if mark is not None and (equation.fault or equation.symbolic) and not _trivial(mark[1]):
        marked = _from_mark(equation, mark, shown)
        if marked is not None:
            return marked
    if equation.fault:
        run_on = _run_on(equation) if len(equation.sides) > 1 else None
        if run_on is None:
            return Unreadable(Reason.WRONG_ARITHMETIC, equation.fault[:160])
        return run_on
    sign = " ≈ " if equation.approximate else " = "
    expression = sign.join(filter(None, (plain(side.tokens) for side in equation.sides[:-1])))
    relation = "≈" if equation.approximate and _needs_rounding(equation) else "="
    operands = _operands(equation.sides[:-1])
    return Working(expression, shown, result.value, operands, equation.start, equation.end, relation)


def _needs_rounding(equation: Equation) -> bool:
    """Whether the last link of a chain does not hold as it stands."""
    if len(equation.sides) == 1:
        return False
    last, result = equation.sides[-2:]
    values = readings(last.tokens)
    return bool(values) and not agree(values, readings(result.tokens), result.tokens, approximate=False)


def _from_mark(equation: Equation, mark: tuple[int, str, str], shown: str) -> Working | None:
    """The equation that the calculator mark states, where the prose around it is no arithmetic."""
    tokens = tuple(scan(mark[1]))
    exact = value_of(tokens)
    stated = tuple(scan(mark[2]))
    if exact is None or not agree([exact], readings(stated), stated, approximate=False):
        return None
    value = equation.result.value if equation.result.value is not None else exact
    if value != exact and not agree([exact], [value], equation.result.tokens, approximate=True):
        return None
    return Working(plain(tokens), shown, value, _operands((Side(tokens, exact),)), equation.start, equation.end)


def _run_on(equation: Equation) -> Working | None:
    """ "7 x 60 = 420 + 23 = 443", as people write: every link goes on from the last result."""
    pieces: list[str] = []
    last: Fraction | None = None
    for index, side in enumerate(equation.sides[:-1]):
        head = value_of(side.tokens[:1])
        following = equation.sides[index + 1]
        if side.value is None or (last is not None and head != last):
            return None
        target = value_of(following.tokens[:1]) if index + 2 < len(equation.sides) else following.value
        if target is None or target != side.value:
            return None
        last = target
        pieces.append(f"{plain(side.tokens)} = {plain(following.tokens[:1])}")
    pieces[-1] = pieces[-1].rsplit(" = ", 1)[0]
    return Working(
        "; ".join(pieces), plain(equation.result.tokens), equation.result.value,
        _operands(equation.sides[:-1]), equation.start, equation.end,
    )  # fmt: skip
