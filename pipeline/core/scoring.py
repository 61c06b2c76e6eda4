"""Whether a model's spoken or written answer to a word problem is right, by two conventions side by side.

`official` does what the published scorer of Spoken-MQA does (AudioBench's, which is MAmmoTH's for GSM8K), weaknesses
included: it reads digits alone, so "seventy-two" scores nothing and "minus 14" reads 14; it compares texts, so a gold
"12.0" that it does not shorten is never met; and a prediction that is missing gets the answer of the item before.
`normalised` reads numbers however they are said, one answer at a time.
"""

import ast
import re
from collections.abc import Sequence

from pipeline.core.answer import Answer, AnswerKind, equal, from_text, stated
from pipeline.core.outcome import Unreadable
from pipeline.core.quantities import read
from pipeline.core.speak import speak

EMPTY = "empty"
"""What the published scorer writes for nothing."""

_TRIGGERS = ("The answer is:", "The answer is", "the answer is", "####")
_TRIGGER = re.compile("|".join(_TRIGGERS))
_OFFICIAL_NUMBER = re.compile(r"-?\d+/?\.?\d*")
_QUOTIENT = re.compile(r"(-?(?:0|[1-9]\d*))/((?:0|[1-9]\d*)(?:\.\d*)?|\.\d+)")
_LONGEST = 100
_ANNOUNCED = re.compile(r"\banswer(?:\s+is|\s*:)|####", re.IGNORECASE)
_OPTION = re.compile(r"\(?\b([A-J])\b\)?")


def official(prediction: str) -> str:
    """The number that the published scorer takes from a prediction, "empty" where it finds none.

    The first after the last trigger ("The answer is", "####", ...), else the last of all. A prediction that repeats a
    trigger is cut at its first blank line, as an answer that goes on with a next question would be.
    """
    text = prediction.strip("\n")
    if any(text.count(trigger) > 1 for trigger in _TRIGGERS):
        text = text.split("\n\n")[0]
    *before, rest = _TRIGGER.split(text)
    rest = rest.strip("\n").rstrip(".").rstrip("/").strip(" ").replace(",", "")
    found = _OFFICIAL_NUMBER.findall(rest)
    if not found:
        return EMPTY
    taken = _shortened(found[0] if before else found[-1]) or ""
    return taken.rstrip(".").rstrip("/")[:_LONGEST] or EMPTY


def official_gold(answer: str, *, arithmetic: bool = False) -> str:
    """The text that a prediction's number must equal.

    Args:
        answer: as the data set writes it, the solution with its "####" where that is all there is.
        arithmetic: whether the item is of the digit subsets, whose answers the published scorer takes as they are.
    """
    if arithmetic:
        return answer or EMPTY
    if "####" in answer:
        answer = _shortened(answer.split("#### ")[-1].replace(",", "")) or ""
    return _shortened(answer) or EMPTY


def official_all(predictions: Sequence[str | None], golds: Sequence[str]) -> list[bool]:
    """Right or wrong for every item in order, golds as `official_gold` gives them.

    A prediction that is None (the model gave nothing) takes the answer of the item before it; the published scorer
    fails where the first is None, here that is wrong.
    """
    results: list[bool] = []
    taken = EMPTY
    for prediction, gold in zip(predictions, golds, strict=True):
        if prediction is not None:
            taken = official(prediction)
        results.append(taken.lower() == gold.replace("\\text{", "").rstrip("}").lower())
    return results


def normalised(prediction: str | None, gold: Answer) -> bool:
    """Whether a prediction states the answer, in digits or words.

    What follows the last "the answer is" decides, else the last quantity of the whole. An option is right by its
    letter, an expression where it is written alone after the announcement, or said as we would say it.
    """
    if prediction is None:
        return False
    announced = list(_ANNOUNCED.finditer(prediction))
    tail = prediction[announced[-1].end() :] if announced else prediction
    if gold.number is not None:
        quantities = read(tail)
        if announced and quantities:
            return stated(quantities[:1], gold)
        return stated(read(prediction), gold)
    if gold.kind is AnswerKind.OPTION:
        letters = _OPTION.findall(tail)
        return bool(letters) and (letters[0] if announced else letters[-1]) == gold.value
    return _same_expression(tail, gold)


def _same_expression(tail: str, gold: Answer) -> bool:
    alone = from_text(tail.strip(" :\n").rstrip("."))
    if not isinstance(alone, Unreadable) and equal(alone, gold):
        return True
    said = speak(gold.text)
    return not isinstance(said, Unreadable) and _words(said) in _words(tail)


def _words(text: str) -> str:
    """Words between single blanks, so that one text is found in another only at whole words."""
    return f" {' '.join(re.findall(r'[a-z0-9]+', text.lower()))} "


def _shortened(text: str) -> str | None:
    """A number as the published scorer writes it, "4/8" as "0.5"; other text as it is, None for what it loses.

    The scorer evaluates what is no float as Python; only what answers hold, numbers and quotients, is evaluated here.
    """
    try:
        value = float(text)
    except ValueError:
        return _evaluated(text)
    # Its own way to drop zeros: of 1e+20 it makes 100.
    shown = str(value).rstrip("0")
    return str(int(shown.rstrip("."))) if shown.endswith(".") else str(float(shown))


def _evaluated(text: str) -> str | None:
    quotient = _QUOTIENT.fullmatch(text)
    if quotient is not None:
        try:
            value = int(quotient[1]) / float(quotient[2])
        except ArithmeticError:
            return text
        return _shortened(str(value))
    try:
        ast.literal_eval(text)
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        return text
    return None  # "1,234" is a pair to Python, and no number
