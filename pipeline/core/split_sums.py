"""An equation as it is said where the solution has no words for it: "four times twelve is forty eight buns".

Only for two operands that the listener already has, given in the question or told before: a bare result means nothing.
Numbers stay written; `core.speak` says them.
"""

import re
from collections.abc import Set as AbstractSet
from fractions import Fraction

from pipeline.core.numberish import numberless
from pipeline.core.split_beats import Working
from pipeline.core.split_phrases import Chooser
from pipeline.core.split_reasoning import tail_of

_AMOUNT = r"[$£€]?\d[\d,]*(?:\.\d+)?%?|[$£€]?\.\d+%?"
_TWO = re.compile(rf"(?P<a>{_AMOUNT}|\d+/\d+) ?(?P<op>[-+*/]) ?(?P<b>{_AMOUNT}|\d+/\d+)")
_HUNDREDTHS = re.compile(r"0?\.(\d\d?)0*")
_MONEY = "$£€"
MAX_NOUN_WORDS = 3
_NO_NOUN = re.compile(
    r"\b(?:is|are|was|were|has|have|had|will|would|can|left|more|less|fewer|in|on|at|to|for|from|by|each|every|who|"
    r"that|which|he|she|they|it|did|do|does|go|went|get|got|needed|total|altogether|remaining|saved|spent|later|old)\b"
)

_SAID = {
    "+": ("{a} plus {b} is {c}", "{a} and {b} make {c}", "{a} plus {b} makes {c}", "adding {a} and {b} gives {c}"),
    "-": ("{a} minus {b} is {c}", "{a} minus {b} leaves {c}", "{b} from {a} leaves {c}", "taking {b} from {a} leaves {c}"),
    "*": ("{a} times {b} is {c}", "{a} times {b} makes {c}", "{a} times {b} gives {c}", "{a} times {b} comes to {c}"),
    "/": ("{a} divided by {b} is {c}", "{a} divided by {b} gives {c}", "dividing {a} by {b} gives {c}"),
}  # fmt: skip
_GOING_ON = {
    "+": ("adding {b} makes {c}", "adding {b} gives {c}", "plus {b}, that's {c}", "with {b} added, it's {c}"),
    "-": ("taking away {b} leaves {c}", "subtracting {b} leaves {c}", "minus {b}, that's {c}", "less {b}, it's {c}"),
    "*": ("multiplying by {b} gives {c}", "times {b}, that's {c}", "multiplying that by {b} makes {c}"),
    "/": ("dividing by {b} gives {c}", "divided by {b}, that's {c}", "dividing that by {b} leaves {c}"),
}  # fmt: skip
_TURNED = ("taking that away from {a} leaves {c}", "{a} minus that is {c}", "subtracting that from {a} leaves {c}")
_BRIDGES = (
    "the earlier steps bring us to {}", "working through the earlier steps, we reach {}",
    "going through it in order, we get as far as {}", "the steps before that take us to {}",
    "following the steps along, we come to {}", "step by step, that takes us to {}",
)  # fmt: skip


def bridge(working: Working, choose: Chooser) -> str:
    """Where a long run of unnamed steps has come to."""
    return choose.pick("bridge", _BRIDGES).format(working.result)


def said(working: Working, text: str, known: AbstractSet[Fraction], choose: Chooser, purpose: str) -> str:
    """The equation in words, "" where a listener lacks an operand or it is no plain sum of two numbers."""
    match = _TWO.fullmatch(working.expression)
    if match is None or len(working.operands) != 2 or not known.issuperset(working.operands):
        return ""
    result = _with_noun(working, text)
    if not result:
        return ""
    sign = match["op"]
    part = _HUNDREDTHS.fullmatch(match["b"]) or _HUNDREDTHS.fullmatch(match["a"])
    if sign == "*" and part:
        whole = match["a"] if part[0] == match["b"] else match["b"]
        return f"{int(f'{part[1]:0<2}')}% of {whole} is {result}"
    if sign == "*" and "/" in match["a"]:
        return f"{match['a']} of {match['b']} is {result}"
    if sign == "*" and ("/" in match["b"] or match["b"].endswith("%")):
        return f"{match['b']} of {match['a']} is {result}"
    if sign == "*" and match["a"].endswith("%"):
        return f"{match['a']} of {match['b']} is {result}"
    return choose.pick(purpose, _SAID[sign]).format(a=match["a"], b=match["b"], c=result)


def going_on(
    working: Working, text: str, last: Fraction, known: AbstractSet[Fraction], choose: Chooser, purpose: str
) -> str:
    """The equation as the next step from the value just said, "" where it is none."""
    match = _TWO.fullmatch(working.expression)
    if match is None or len(working.operands) != 2:
        return ""
    first, second = working.operands
    result = _with_noun(working, text)
    if not result:
        return ""
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
        return working.result if _UNWORDED.match(text[: working.start]) else ""
    if len(noun.split()) > MAX_NOUN_WORDS or _NO_NOUN.search(noun.lower()) or not numberless(noun):
        return ""
    if noun.startswith("/"):
        return ""
    return f"{working.result} {noun}"
