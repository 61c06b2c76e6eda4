"""An equation as it is said where the solution has no words for it: "four times twelve is forty eight buns".

Only for two operands that the listener already has, given in the question or told before: a bare result means nothing.
Numbers stay written; `core.speak` says them.
"""

import re
from fractions import Fraction

from pipeline.core.numberish import numberless
from pipeline.core.split_beats import Working
from pipeline.core.split_phrases import Chooser
from pipeline.core.split_reasoning import tail_of

_AMOUNT = r"[$£€]?\d[\d,]*(?:\.\d+)?%?|[$£€]?\.\d+%?"
_TWO = re.compile(rf"(?P<a>{_AMOUNT}|\d+/\d+) ?(?P<op>[-+*/]) ?(?P<b>{_AMOUNT}|\d+/\d+)")
_ADDENDS = re.compile(rf"(?:{_AMOUNT})(?: \+ (?:{_AMOUNT})){{2,3}}")
_FACTORS = re.compile(rf"(?:{_AMOUNT})(?: \* (?:{_AMOUNT})){{2}}")
_MULTIPLIED = ("is", "makes", "gives", "comes to")
_ADDED = ("{a}, and {b} make {c}", "adding {a}, and {b} gives {c}", "{a}, and {b} together make {c}")
_BRACKETED = re.compile(rf"(?P<factor>[\d)]?) ?\((?P<inner>{_AMOUNT}|\d+/\d+)\)(?= ?(?P<next>\d?))")
_HUNDREDTHS = re.compile(r"0?\.(\d\d?)0*")
_MONEY = "$£€"
MAX_NOUN_WORDS = 3
_NO_NOUN = re.compile(
    r"\b(?:is|are|was|were|has|have|had|will|would|can|left|more|less|fewer|in|on|at|to|for|from|by|each|every|who|per|an?|"
    r"of (?:the|these|those|his|her|their)|spent|worth|needed|because|after|before|with|if|when|during|across|over|"
    r"that|which|he|she|they|it|did|do|does|go|went|get|got|needed|total|altogether|remaining|saved|spent|later|old"
    r"|up|off|out|down|\w\w\w+ed)\b"
)

_SAID = {
    "+": ("{a} plus {b} is {c}", "{a} and {b} make {c}", "{a} plus {b} makes {c}", "adding {a} and {b} gives {c}"),
    "-": ("{a} minus {b} is {c}", "{a} minus {b} leaves {c}", "taking {b} from {a} leaves {c}"),
    "*": ("{a} times {b} is {c}", "{a} times {b} makes {c}", "{a} times {b} gives {c}", "{a} times {b} comes to {c}"),
    "/": ("{a} divided by {b} is {c}", "{a} divided by {b} gives {c}", "dividing {a} by {b} gives {c}"),
}  # fmt: skip
_GOING_ON = {
    "+": ("adding {b} makes {c}", "adding {b} gives {c}", "plus {b}, that's {c}", "with {b} added, it's {c}"),
    "-": ("taking away {b} leaves {c}", "subtracting {b} leaves {c}", "taking off {b} gives {c}"),
    "*": ("multiplying by {b} gives {c}", "times {b}, that's {c}", "multiplying that by {b} makes {c}"),
    "/": ("dividing by {b} gives {c}", "divided by {b}, that's {c}", "dividing that by {b} leaves {c}"),
}  # fmt: skip
_TURNED = ("taking that away from {a} leaves {c}", "{a} minus that is {c}", "subtracting that from {a} leaves {c}")
_BRIDGES = (
    "the earlier steps bring us to {}", "working through the earlier steps, we reach {}",
    "going through it in order, we get as far as {}", "the opening steps take us to {}",
    "following the steps along, we come to {}", "step by step, that takes us to {}",
)  # fmt: skip


def bridge(working: Working, choose: Chooser) -> str:
    """Where a long run of unnamed steps has come to."""
    return choose.pick("bridge", _BRIDGES).format(working.result)


def said(working: Working, text: str, known: frozenset[Fraction], choose: Chooser, purpose: str) -> str:
    """The equation in words, "" where a listener lacks an operand or it is no plain sum."""
    expression = _without_brackets(working.expression)
    match = _TWO.fullmatch(expression)
    # "2/3 * 12" has the operands 2, 3 and 12, and the listener heard of two thirds
    operands = working.operands if match is None else (_value(match["a"]), _value(match["b"]))
    if not known.issuperset(operands):
        return ""
    result = _with_noun(working, text)
    return _sum(expression, result, choose, purpose) if result else ""


def _value(amount: str) -> Fraction:
    number = Fraction(amount.strip("$£€%").replace(",", "") if amount else 0)
    return number / 100 if amount.endswith("%") else number


def _sum(expression: str, result: str, choose: Chooser, purpose: str) -> str:
    if _ADDENDS.fullmatch(expression):
        *others, last = expression.split(" + ")
        return choose.pick(purpose, _ADDED).format(a=", ".join(others), b=last, c=result)
    if _FACTORS.fullmatch(expression):
        return f"{expression.replace(' * ', ' times ')} {choose.pick(purpose, _MULTIPLIED)} {result}"
    match = _TWO.fullmatch(expression)
    if match is None or (match["op"] == "/" and "%" in expression):
        return ""  # "$90 / 75%" may count hundredths or not
    if match["op"] == "*":
        return _product(match["a"], match["b"], result, choose, purpose)
    return choose.pick(purpose, _SAID[match["op"]]).format(a=match["a"], b=match["b"], c=result)


def _without_brackets(expression: str) -> str:
    """ "14(2)" as "14 * 2", "$240 * (3/4)" as "$240 * 3/4"."""
    if "(" not in expression:
        return expression

    def bare(match: re.Match[str]) -> str:
        before = f"{match['factor']} * " if match["factor"] else match[0][: match[0].index("(")]
        return f"{before}{match['inner']}{' * ' if match['next'] else ''}"

    return _BRACKETED.sub(bare, expression)


def _product(a: str, b: str, result: str, choose: Chooser, purpose: str) -> str:
    """A part of a whole is said as one: "25% of 80 is 20", "2/3 of 12 is 8"."""
    for part, whole in ((a, b), (b, a)):
        hundredths = _HUNDREDTHS.fullmatch(part)
        if hundredths:
            return f"{_percent(hundredths)} of {whole} is {result}"
        if part.endswith("/100"):
            return f"{part.removesuffix('/100')}% of {whole} is {result}"
        if "/" in part or part.endswith("%"):
            return f"{part} of {whole} is {result}"
    return choose.pick(purpose, _SAID["*"]).format(a=a, b=b, c=result)


def _percent(hundredths: re.Match[str]) -> str:
    return f"{int(f'{hundredths[1]:0<2}')}%"


def going_on(
    working: Working, text: str, last: Fraction, known: frozenset[Fraction], choose: Chooser, purpose: str
) -> str:
    """The equation as the next step from the value just said, "" where it is none."""
    match = _TWO.fullmatch(working.expression)
    if match is None or len(working.operands) != 2:
        return ""
    first, second = working.operands
    result = _with_noun(working, text)
    if not result:
        return ""
    part = _HUNDREDTHS.fullmatch(match["b"])
    if part and match["op"] == "*" and first == last and second in known:
        return f"{_percent(part)} of that is {result}"
    if first == last and second in known:
        return choose.pick(purpose, _GOING_ON[match["op"]]).format(b=match["b"], c=result)
    if second == last and first in known and match["op"] == "-":
        return choose.pick(purpose, _TURNED).format(a=match["a"], c=result)
    return ""


_UNWORDED = re.compile(r"(?:After \w+ing:|Product:|Sum:|Difference:|Quotient:|[^A-Za-z]|so\b|then\b)*$", re.IGNORECASE)
"""What stands before an equation that is about plain numbers."""


def _with_noun(working: Working, text: str) -> str:
    """The result with the noun of its own line, "" where it has words and none of them is a plain noun."""
    if working.result[:1] in _MONEY or working.result.endswith("%"):
        return working.result
    noun = tail_of(text[working.end :])
    if not noun:
        return _labelled(working, text)
    joint = _NO_NOUN.search(noun.lower())
    noun = (noun[: joint.start()].strip() if joint else noun).removesuffix(" of")
    if not noun or len(noun.split()) > MAX_NOUN_WORDS or "/" in noun or not numberless(noun):
        return ""
    if working.value == 1 and noun.endswith("s"):
        return ""
    return f"{working.result} {noun}"


def _labelled(working: Working, text: str) -> str:
    """The result with the noun of a bare label, "Red buttons = 4 * 3 = 12"; alone where there are no words."""
    before = text[: working.start]
    if _UNWORDED.match(before):
        return working.result
    label = _NOUN_LABEL.fullmatch(before)
    noun = label["noun"].lower() if label else ""
    if not noun or not numberless(noun) or _NO_NOUN.search(noun) or working.value == 1:
        return ""
    return f"{working.result} {noun}"


_NOUN_LABEL = re.compile(r"\s*(?P<noun>(?:[A-Za-z][a-z]+ ){0,2}[a-z]*[a-rt-z]s)\s*[:=]\s*", re.IGNORECASE)


_INVERSE = {"+": "-", "-": "+", "*": "/", "/": "*"}


def proof(workings: list[Working], heard: set[Fraction]) -> str:
    """A line that checks the only sum of a solution by its inverse, "" where there is none.

    Not where the response states a number of the check's result: it would have to wait for the check.
    """
    match = _TWO.fullmatch(workings[0].expression) if len(workings) == 1 else None
    if match is None or len(workings[0].operands) != 2 or "%" in workings[0].expression:
        return ""
    first, second = workings[0].operands
    value = workings[0].value
    if (
        value is None
        or not second
        or first in heard
        or first in (value, second)
        or not _holds(first, second, value, match)
    ):
        return ""
    return f"Check: {workings[0].result} {_INVERSE[match['op']]} {match['b']} = {match['a']}."


def _holds(first: Fraction, second: Fraction, value: Fraction, match: re.Match[str]) -> bool:
    """Whether the sum is exact: a rounded quotient does not go back."""
    exact = {"+": first + second, "-": first - second, "*": first * second, "/": first / second}
    return exact[match["op"]] == value
