"""The phrasings of SimpleOP's plain sums: how one operation on two numbers is asked for and worked out.

Families of one operation share them; what numbers they are filled with is up to the families.
"""

from collections.abc import Callable, Sequence
from fractions import Fraction

from sources.simpleop_family import Draft, decimal, grouped

ADD = (
    "What is {a} plus {b}?",
    "What is {a} + {b}?",
    "Calculate {a} + {b}.",
    "Work out {a} plus {b}.",
    "Add {a} and {b}.",
    "Find the sum of {a} and {b}.",
    "What do you get when you add {b} to {a}?",
    "How much is {a} plus {b}?",
    "What is the total of {a} and {b}?",
    "If you add {a} and {b}, what do you get?",
    "{a} plus {b} equals what number?",
    "What number is {b} more than {a}?",
    "Increase {a} by {b}. What is the result?",
    "Can you tell me what {a} plus {b} is?",
    "Evaluate {a} + {b}.",
    "Please add {b} to {a}.",
    "{a} and {b} make how much together?",
)
SUBTRACT = (
    "What is {a} minus {b}?",
    "What is {a} - {b}?",
    "Calculate {a} - {b}.",
    "Work out {a} minus {b}.",
    "Subtract {b} from {a}.",
    "Find the difference between {a} and {b}.",
    "What do you get when you take {b} away from {a}?",
    "How much is {a} minus {b}?",
    "What is left when {b} is taken from {a}?",
    "If you subtract {b} from {a}, what do you get?",
    "{a} minus {b} equals what number?",
    "What number is {b} less than {a}?",
    "Decrease {a} by {b}. What is the result?",
    "Can you tell me what {a} minus {b} is?",
    "Evaluate {a} - {b}.",
    "Please take {b} from {a}.",
)
SUBTRACT_SIGNED = tuple(text for text in SUBTRACT if "difference" not in text and "left" not in text)
"""What may end below zero: nobody asks what is left, or for a difference, then."""
MULTIPLY = (
    "What is {a} times {b}?",
    "What is {a} × {b}?",
    "Calculate {a} × {b}.",
    "Work out {a} times {b}.",
    "Multiply {a} by {b}.",
    "Find the product of {a} and {b}.",
    "What do you get when you multiply {a} by {b}?",
    "How much is {a} times {b}?",
    "What is {a} multiplied by {b}?",
    "If you multiply {a} by {b}, what do you get?",
    "{a} times {b} equals what number?",
    "Can you tell me what {a} times {b} is?",
    "Evaluate {a} × {b}.",
    "Please multiply {a} by {b}.",
)
DIVIDE = (
    "What is {a} divided by {b}?",
    "What is {a} ÷ {b}?",
    "Calculate {a} ÷ {b}.",
    "Work out {a} divided by {b}.",
    "Divide {a} by {b}.",
    "Find the quotient of {a} and {b}.",
    "What do you get when you divide {a} by {b}?",
    "How much is {a} divided by {b}?",
    "How many times does {b} go into {a}?",
    "If you divide {a} by {b}, what do you get?",
    "{a} divided by {b} equals what number?",
    "Can you tell me what {a} divided by {b} is?",
    "Evaluate {a} ÷ {b}.",
    "Please divide {a} by {b}.",
)
REMAINDER = (
    "What is the remainder when {a} is divided by {b}?",
    "Find the remainder of {a} divided by {b}.",
    "Divide {a} by {b}. What remainder is left?",
    "What remains when {a} is split into groups of {b}?",
    "If you divide {a} by {b}, what is the remainder?",
    "How much is left over when {a} is divided by {b}?",
)


def _bracketed(value: Fraction) -> str:
    return f"({decimal(value)})" if value < 0 else decimal(value)


def _shown(value: Fraction) -> str:
    return grouped(value.numerator) if value.denominator == 1 else decimal(value)


_RESULT: dict[str, tuple[str, Callable[[Fraction, Fraction], Fraction]]] = {
    "+": ("Sum", lambda a, b: a + b),
    "-": ("Difference", lambda a, b: a - b),
    "*": ("Product", lambda a, b: a * b),
    "/": ("Quotient", lambda a, b: a / b),
}


def sum_draft(texts: Sequence[str], template: int, sign: str, a: Fraction, b: Fraction) -> Draft:
    """The question in one of its phrasings with its one-line working."""
    label, compute = _RESULT[sign]
    result = decimal(compute(a, b))
    step = f"{label}: {decimal(a)} {sign} {_bracketed(b)} = {result}"
    return Draft(ask(texts[template], a, b), (step,), result)


def ask(text: str, a: Fraction, b: Fraction) -> str:
    """The question; "300 and 45" could be heard as one number, "300 and the number 45" cannot."""
    if a % 100 == 0 and a:
        text = text.replace("{a} and {b}", "{a} and the number {b}")
    return text.format(a=_shown(a), b=_shown(b))
