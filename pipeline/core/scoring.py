"""Whether a model's spoken or written answer to a word problem is right, by two conventions side by side.

`official` does what the Spoken-MQA scorer does, weaknesses included: it reads digits alone, so "seventy-two" scores
nothing and "minus 14" reads 14. `normalised` reads numbers however they are said. It knows one answer at a time:
that the official scorer gives an item without a number the answer of the item before it is `official_all`.
"""

import re
from collections.abc import Sequence
from fractions import Fraction

from pipeline.core.answer import Answer, from_text, stated
from pipeline.core.outcome import Unreadable
from pipeline.core.quantities import read

_ANSWER_IS = "The answer is"
_OFFICIAL_NUMBER = re.compile(r"-?\d+/?\.?\d*")
_ANNOUNCED = re.compile(r"\banswer(?:\s+is|\s*:)", re.IGNORECASE)


def official(prediction: str) -> str | None:
    """The number that the official scorer takes from a prediction, None where it finds none.

    The first after the last "The answer is", else the last of all.
    """
    _, announced, rest = prediction.replace(",", "").rpartition(_ANSWER_IS)
    found = _OFFICIAL_NUMBER.findall(rest)
    if not found:
        return None
    return str(found[0] if announced else found[-1])


def official_all(predictions: Sequence[str], golds: Sequence[str]) -> list[bool]:
    """Right or wrong for every item in order; an item without a number is given the one before it."""
    results = []
    taken: str | None = None
    for prediction, gold in zip(predictions, golds, strict=True):
        taken = official(prediction) or taken
        results.append(taken is not None and _as_number(taken) == _as_number(gold) is not None)
    return results


def normalised(prediction: str, gold: Answer) -> bool:
    """Whether a prediction states the answer, in digits or words.

    What follows the last "the answer is" decides, else the last quantity of the whole.
    """
    announced = list(_ANNOUNCED.finditer(prediction))
    if announced:
        tail = read(prediction[announced[-1].end() :])
        if tail:
            return stated(tail[:1], gold)
    if gold.number is None:
        return not isinstance(from_text(prediction), Unreadable) and gold.text.lower() in prediction.lower()
    return stated(read(prediction), gold)


def _as_number(text: str) -> Fraction | None:
    try:
        return Fraction(text.replace(",", "").strip("$ ").rstrip(".").rstrip("/"))
    except (ValueError, ZeroDivisionError):
        return None
