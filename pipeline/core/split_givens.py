"""A reasoning that would run out before its response does: what is asked, what is given, and a check beside the sum.

Only where it is shorter than the response: nothing is said twice in a thought that is long enough.
"""

import re

from pipeline.core.count import count
from pipeline.core.quantities import read
from pipeline.core.split_asking import sentences
from pipeline.core.split_closing import Draft
from pipeline.core.split_question import asked
from pipeline.core.split_sums import proof

MAX_GIVEN_WORDS = 16
"""A longer sentence of the question is no note of what is given."""
_NUMBER = re.compile(r"[$£€]?\d[\d,]*(?:\.\d+)?(?:/\d+)?%?|[$£€]?\.\d+")


def not_shorter(reasoning: str, response: str, draft: Draft) -> str:
    """The reasoning with as many of these lines as it takes to be as long as the response."""
    said = count(response)
    if count(reasoning) >= said:
        return reasoning
    lines = reasoning.split("\n")
    clause = asked(draft.question).clause
    if clause:
        lines.insert(0, f"Asked: {clause}.")
    if count("\n".join(lines)) < said:
        heard = {quantity.value for quantity in read(response)}
        check = proof([working for beat in draft.beats for working in beat.workings], heard)
        if check:
            lines.insert(-1, check)
    if count("\n".join(lines)) < said:
        given = _given(draft.question)
        if given:
            lines.insert(0, given)
    return "\n".join(lines)


def _given(question: str) -> str:
    """The question's statements of its numbers, else the numbers alone, "" where it has none."""
    told = [one.rstrip(".! ") for one in sentences(question)[:-1] if not one.endswith("?") and _NUMBER.search(one)]
    if told and all(len(one.split()) <= MAX_GIVEN_WORDS and "=" not in one for one in told):
        return f"Given: {'; '.join(told)}."
    numbers = _NUMBER.findall(question)
    return f"Given: {'; '.join(numbers)}." if numbers else ""
