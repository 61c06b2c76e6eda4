"""What a response claims, and where each claim comes from: the question, a step of the reasoning, or nowhere.

It works on characters and steps; how many tokens are out when a claim is spoken is `core.drift`'s matter.
What numbers cannot show (a wrong reason, a conclusion in words) is left to the judge.

Alignment. A value that only one step yields comes from that step, wherever it is said. A value that could
also be a given, an operand or an earlier result is *coincident*: there the order decides. Of all ways to
pair claims with steps such that steps never go back, the one is taken that keeps most unambiguous pairs,
then pairs most steps, then prefers claims that stand where results stand ("twelve minus seven leaves
five"), then the earliest claims.
"""

import re
from collections.abc import Sequence
from enum import StrEnum
from fractions import Fraction
from functools import lru_cache
from typing import NamedTuple

from pipeline.core.conversions import Amount, Amounts, Ratio, amount, is_conversion, scale_of, states
from pipeline.core.quantities import read
from pipeline.core.quantity import Kind, Quantity
from pipeline.core.remembered import OF_A_SHARD
from pipeline.core.steps import read_steps


class Basis(StrEnum):
    """Where a claim comes from."""

    GIVEN = "given"
    """In the question, or a re-expression of it."""
    DERIVED = "derived"
    """The result of a step, and nothing else."""
    COINCIDENT = "coincident"
    """The result of a step whose value also occurs in the question or before: numbers alone cannot tell."""
    UNGROUNDED = "ungrounded"
    """Neither in the question nor a result; a mention as an operand derives nothing."""


class Claim(NamedTuple):
    """A quantity that the response states; `response[start:end]` states it."""

    value: Fraction
    kind: Kind
    basis: Basis
    start: int
    end: int
    step_end: int | None
    """Where its step's result ends in the reasoning, in characters; None where it is paired with no step."""


_PAIRS = (Kind.RATIO, Kind.RANGE)
_NEVER = (Kind.VARIABLE, Kind.DIGITS)
_ORDINAL, _PERCENT, _FRACTION = Kind.ORDINAL, Kind.PERCENT, Kind.FRACTION
_DERIVED, _COINCIDENT = Basis.DERIVED, Basis.COINCIDENT
"""Looked up once: before Python 3.12 a look into an enumeration takes as long as a small function."""
_SMALL_ORDINAL = 3
"""First, second, third number whatever is talked about; a higher ordinal counts."""

_SENTENCE_END = re.compile(r"[.!?…]+[\"')]*(?=\s|$)")


def sentence_ends(text: str) -> list[int]:
    """Exclusive ends of the sentences of a spoken text, the last one at its end."""
    ends = [found.end() for found in _SENTENCE_END.finditer(text)]
    if not ends or ends[-1] < len(text.rstrip()):
        ends.append(len(text))
    return ends


def stated(text: str, quantities: Sequence[Quantity]) -> list[Quantity]:
    """The quantities of a spoken text that state something; both terms of a ratio or range count.

    Ordinals that number steps or things, letters and digit strings state nothing.
    """
    out: list[Quantity] = []
    for quantity in quantities:
        if quantity.kind in _NEVER or (quantity.kind is _ORDINAL and _enumerates(text, quantity)):
            continue
        out.append(quantity)
        if quantity.second is not None and quantity.kind in _PAIRS:
            out.append(Quantity(quantity.second, quantity.kind, quantity.start, quantity.end, quantity.unit))
    return out


def _enumerates(text: str, ordinal: Quantity) -> bool:
    """Whether it numbers a step or a thing: "First, …", "the second box", "…. Fourth, …"."""
    if ordinal.value <= _SMALL_ORDINAL:
        return True
    before = text[: ordinal.start].rstrip()
    return not before or before[-1] in ".!?;:" or text[ordinal.end : ordinal.end + 1] == ","


@lru_cache(maxsize=OF_A_SHARD)
def claims(question_quantities: tuple[Quantity, ...], reasoning: str, response: str) -> tuple[Claim, ...]:
    """Every claim of a response, in order; remembered, for gates and drift check ask in turn.

    Args:
        question_quantities: what the reader finds in the question.
        reasoning: the silent text.
        response: the spoken text.
    """
    steps = read_steps(reasoning)
    said = stated(response, read(response))
    amounts = [amount(quantity.value, quantity.unit) for quantity in said]
    results = [None if step.value is None else amount(step.value, step.unit) for step in steps]
    operands = [[operand.as_integer_ratio() for operand in step.operands] for step in steps]
    known = [
        (k, result, scale_of(step.unit, step.value))
        for k, (step, result) in enumerate(zip(steps, results, strict=True))
        if result is not None and step.value is not None
    ]
    sources = [
        [k for k, result, scaled in known if states(own, result, percent=percent) or own.plain == scaled]
        for own, percent in zip(amounts, (quantity.kind is _PERCENT for quantity in said), strict=True)
    ]
    givens = Amounts(amount(quantity.value, quantity.unit) for quantity in stated("", question_quantities))
    given = [_is_given(quantity, own, givens, response) for quantity, own in zip(said, amounts, strict=True)]
    ambiguous = _ambiguous(results, operands)
    sure = [
        found[0] if len(found) == 1 and not is_given and not ambiguous[found[0]] else None
        for found, is_given in zip(sources, given, strict=True)
    ]
    paired = _align(response, said, sources, sure)
    out: list[Claim] = []
    for c, quantity in enumerate(said):
        found, step = sources[c], paired[c]
        if found:
            basis = _DERIVED if sure[c] is not None else _COINCIDENT
        elif given[c]:
            basis = Basis.GIVEN
        elif quantity.value == 1:
            continue  # "one" as an article or pronoun: the reader cannot always tell
        else:
            basis = Basis.UNGROUNDED
        if step is None and found and not (given[c] or _is_operand(amounts[c].plain, operands[: found[0] + 1])):
            step = found[0]  # no other source: it needs the first step that yields it, whatever the order
        end = None if step is None else steps[step].end
        out.append(Claim(quantity.value, quantity.kind, basis, quantity.start, quantity.end, end))
    return tuple(out)


def _is_given(quantity: Quantity, own: Amount, givens: Amounts, response: str) -> bool:
    if givens.hold(own) or is_conversion(quantity, response):
        return True
    top, bottom = own.plain
    # "Shared by four" gives "a quarter each", "a third" gives "three times".
    return quantity.kind is _FRACTION and (bottom, top) in givens.plain


def _is_operand(plain: Ratio, operands: Sequence[Sequence[Ratio]]) -> bool:
    return any(plain in of_step for of_step in operands)


def _ambiguous(results: Sequence[Amount | None], operands: Sequence[Sequence[Ratio]]) -> list[bool]:
    """For each step: whether its result is also an operand so far, or an earlier result."""
    before: set[Ratio] = set()
    out: list[bool] = []
    for result, of_step in zip(results, operands, strict=True):
        before.update(of_step)
        out.append(result is not None and result.plain in before)
        if result is not None:
            before.add(result.plain)
    return out


_ANCHOR, _STEP, _CUE = 1 << 40, 1 << 30, 1 << 20
"""Weights of an unambiguous pair, a step paired at all, and one cue: each outweighs all lesser ones
together."""

_RESULT_VERB = re.compile(
    r"\b(?:is|are|was|were|be|equals?|makes?|making|leaves?|leaving|gives?|giving|gets?|becomes?|"
    r"total(?:s|ing)?|has|have|had|comes? to|adds? up to)"
    r"(?: (?:a|an|the|total|of|about|just|only|exactly|left|with|us|her|him|them))*\s*$"
)
_VERB_WINDOW = 32
"""Characters before a claim in which its verb is sought."""


def _align(
    response: str, said: Sequence[Quantity], sources: Sequence[list[int]], sure: Sequence[int | None]
) -> list[int | None]:
    """The step each claim is paired with."""
    open_claims = [c for c, found in enumerate(sources) if found and sure[c] is None]
    paired = list(sure)
    if not open_claims:
        return paired
    cues = _Cues(response, said)
    # best[last] = (score, pairs so far) over the claims seen, when the last paired step is `last`
    best: dict[int, tuple[int, tuple[tuple[int, int], ...]]] = {-1: (0, ())}
    for c, found in enumerate(sources):
        if not found:
            continue
        anchor = sure[c]
        after = dict(best)
        for last, (score, pairs) in best.items():
            if anchor is not None:
                options = [(anchor, _ANCHOR)] if anchor >= last else []
            else:
                options = [(k, _STEP + _CUE * cues.count(c) - c) for k in found if k > last]
            for k, gain in options:
                if k not in after or score + gain > after[k][0]:
                    after[k] = (score + gain, pairs if anchor is not None else (*pairs, (c, k)))
        best = after
    for c, k in max(best.values(), key=lambda entry: entry[0])[1]:
        paired[c] = k
    return paired


class _Cues:
    """How much a claim looks like the result of its sentence."""

    def __init__(self, response: str, said: Sequence[Quantity]) -> None:
        self._response = response
        self._said = said
        self._ends = sentence_ends(response)

    def count(self, c: int) -> int:
        quantity = self._said[c]
        end = next(end for end in self._ends if end >= quantity.end)
        last = c + 1 == len(self._said) or self._said[c + 1].start >= end
        start = max((e for e in self._ends if e <= quantity.start), default=0)
        alone = last and (c == 0 or self._said[c - 1].end <= start)
        verb = _RESULT_VERB.search(self._response, max(start, quantity.start - _VERB_WINDOW), quantity.start)
        return int(last) + int(not alone) + int(verb is not None)
