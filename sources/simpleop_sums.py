"""SimpleOP's plain sums on whole and decimal numbers: "What is 347 plus 58?".

Families of one operation share their phrasings; the ranges of their numbers never overlap.
"""

from collections.abc import Callable, Sequence
from fractions import Fraction
from functools import partial

from sources.simpleop_family import Dice, Draft, Family, decimal, exact_digits, grouped

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
DIVIDE_DECIMAL = tuple(text for text in DIVIDE if "go into" not in text)
REMAINDER = (
    "What is the remainder when {a} is divided by {b}?",
    "Find the remainder of {a} divided by {b}.",
    "Divide {a} by {b}. What remainder is left?",
    "What remains when {a} is split into groups of {b}?",
    "If you divide {a} by {b}, what is the remainder?",
    "How much is left over when {a} is divided by {b}?",
)
AS_DECIMAL = (
    "Write {a} divided by {b} as a decimal.",
    "What is {a} ÷ {b} as a decimal?",
    "Divide {a} by {b} and give the answer as a decimal.",
    "What decimal do you get when {a} is divided by {b}?",
    "Work out {a} divided by {b}, giving a decimal.",
)

TERMINATING_DIVISORS = (2, 4, 5, 8, 10, 16, 20, 25, 40, 50)
"""Divisors without prime factors other than 2 and 5."""
_PROPER = tuple((rest, divisor) for divisor in TERMINATING_DIVISORS for rest in range(1, divisor))


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


def _sum(texts: Sequence[str], template: int, sign: str, a: Fraction, b: Fraction) -> Draft:
    label, compute = _RESULT[sign]
    result = decimal(compute(a, b))
    step = f"{label}: {decimal(a)} {sign} {_bracketed(b)} = {result}"
    return Draft(_ask(texts[template], a, b), (step,), result)


def _ask(text: str, a: Fraction, b: Fraction) -> str:
    """The question; "300 and 45" could be heard as one number, "300 and the number 45" cannot."""
    if a % 100 == 0 and a:
        text = text.replace("{a} and {b}", "{a} and the number {b}")
    return text.format(a=_shown(a), b=_shown(b))


def _whole(texts: Sequence[str], sign: str, low: tuple[int, int], digits: Sequence[int], _: Dice) -> Draft:
    return _sum(texts, digits[0], sign, Fraction(low[0] + digits[1]), Fraction(low[1] + digits[2]))


def _difference(low: tuple[int, int], digits: Sequence[int], _: Dice) -> Draft:
    """The second number and the result are free, so that the result is never negative."""
    b = Fraction(low[0] + digits[2])
    return _sum(SUBTRACT, digits[0], "-", b + low[1] + digits[1], b)


def _quotient(low: tuple[int, int], digits: Sequence[int], _: Dice) -> Draft:
    """The divisor and the quotient are free, so that the division is exact."""
    divisor = low[1] + digits[2]
    return _sum(DIVIDE, digits[0], "/", Fraction(divisor * (low[0] + digits[1])), Fraction(divisor))


def _long_product(low: tuple[int, int], digits: Sequence[int], _: Dice) -> Draft:
    """Worked out by partial products, one for each digit of the second number."""
    a, b = low[0] + digits[1], low[1] + digits[2]
    parts = [int(digit) * 10**power for power, digit in enumerate(reversed(str(b))) if digit != "0"][::-1]
    steps = [f"Partial product: {a} * {part} = {a * part}" for part in parts]
    if len(parts) > 1:
        steps.append(f"Product: {' + '.join(str(a * part) for part in parts)} = {a * b}")
    else:
        steps = [f"Product: {a} * {b} = {a * b}"]
    return Draft(_ask(MULTIPLY[digits[0]], Fraction(a), Fraction(b)), tuple(steps), str(a * b))


def _remainder(low: tuple[int, int], digits: Sequence[int], _: Dice) -> Draft:
    a, b = low[0] + digits[1], low[1] + digits[2]
    times, rest = divmod(a, b)
    steps = (f"Whole groups: {b} * {times} = {b * times}", f"Remainder: {a} - {b * times} = {rest}")
    return Draft(REMAINDER[digits[0]].format(a=grouped(a), b=b), steps, str(rest))


def _as_decimal(digits: Sequence[int], _: Dice) -> Draft:
    """Never a whole result: the remainder is one of those that the divisor leaves."""
    rest, divisor = _PROPER[digits[2]]
    return _sum(AS_DECIMAL, digits[0], "/", Fraction(digits[1] * divisor + rest), Fraction(divisor))


def _signed(texts: Sequence[str], sign: str, signs: tuple[int, int], digits: Sequence[int], _: Dice) -> Draft:
    a, b = signs[0] * (1 + digits[1]), signs[1] * (1 + digits[2])
    return _sum(texts, digits[0], sign, Fraction(a), Fraction(b))


def _below_zero(digits: Sequence[int], _: Dice) -> Draft:
    """The first number and the amount below zero are free."""
    a = Fraction(digits[1])
    return _sum(SUBTRACT_SIGNED, digits[0], "-", a, a + 1 + digits[2])


def _decimals(texts: Sequence[str], sign: str, places: tuple[int, int], digits: Sequence[int], _: Dice) -> Draft:
    a, b = exact_digits(digits[1], places[0]), exact_digits(digits[2], places[1])
    return _sum(texts, digits[0], sign, a, b)


def _decimal_difference(places: tuple[int, int], digits: Sequence[int], _: Dice) -> Draft:
    """The result and the second number are free, so that the result is never negative."""
    result, b = exact_digits(digits[1], places[0]), exact_digits(digits[2], places[1])
    return _sum(SUBTRACT, digits[0], "-", b + result, b)


def _decimal_times_whole(digits: Sequence[int], _: Dice) -> Draft:
    return _sum(MULTIPLY, digits[0], "*", exact_digits(digits[1], 1), Fraction(2 + digits[2]))


def _divided_by_decimal(digits: Sequence[int], _: Dice) -> Draft:
    quotient, divisor = Fraction(2 + digits[1]), exact_digits(digits[2], 1)
    return _sum(DIVIDE_DECIMAL, digits[0], "/", quotient * divisor, divisor)


def _decimal_quotient(places: int, digits: Sequence[int], _: Dice) -> Draft:
    quotient, divisor = exact_digits(digits[1], places), Fraction(2 + digits[2])
    return _sum(DIVIDE_DECIMAL, digits[0], "/", quotient * divisor, divisor)


def _span(digits: int) -> tuple[int, int]:
    """Least number with so many digits, and how many such numbers there are."""
    low = 10 ** (digits - 1)
    return low, 9 * low


def _long(
    operation: str, slots: int, texts: Sequence[str], lengths: tuple[int, int], write: Callable[..., Draft]
) -> Family:
    (low_a, size_a), (low_b, size_b) = _span(lengths[0]), _span(lengths[1])
    name = f"{operation}/{lengths[0]}x{lengths[1]}"
    return Family(name, "long_digit", operation, slots, (len(texts), size_a, size_b), partial(write, (low_a, low_b)))


_SHORT = (
    Family(
        "addition/short",
        "short_digit",
        "addition",
        23,
        (len(ADD), 100, 100),
        partial(_whole, ADD, "+", (0, 0)),
    ),
    Family(
        "subtraction/short",
        "short_digit",
        "subtraction",
        20,
        (len(SUBTRACT), 100, 100),
        partial(_difference, (0, 0)),
    ),
    Family(
        "multiplication/short",
        "short_digit",
        "multiplication",
        18,
        (len(MULTIPLY), 100, 100),
        partial(_whole, MULTIPLY, "*", (0, 0)),
    ),
    Family(
        "division/short",
        "short_digit",
        "division",
        6,
        (len(DIVIDE), 200, 12),
        partial(_quotient, (0, 1)),
    ),
    Family(
        "division/remainder",
        "short_digit",
        "remainder",
        9,
        (len(REMAINDER), 990, 10),
        partial(_remainder, (10, 3)),
    ),
)

_LONG = (
    *(
        _long("addition", slots, ADD, lengths, partial(_whole, ADD, "+"))
        for lengths, slots in {
            (3, 2): 8,
            (3, 3): 12,
            (4, 3): 10,
            (4, 4): 10,
            (5, 4): 7,
            (5, 5): 7,
            (6, 5): 4,
            (6, 6): 4,
            (7, 7): 2,
            (9, 9): 2,
        }.items()
    ),
    *(
        # The second number has at least 4 digits or the result at least 3: never a pair of the short family.
        Family(
            f"subtraction/{b}+{r}",
            "long_digit",
            "subtraction",
            slots,
            (len(SUBTRACT), _span(r)[1], _span(b)[1]),
            partial(_difference, (_span(b)[0], _span(r)[0])),
        )
        for (b, r), slots in {
            (2, 3): 10,
            (3, 3): 12,
            (3, 4): 10,
            (4, 3): 8,
            (4, 4): 8,
            (5, 4): 6,
            (5, 5): 6,
            (6, 6): 4,
        }.items()
    ),
    *(
        _long("multiplication", slots, MULTIPLY, lengths, _long_product)
        for lengths, slots in {(3, 1): 6, (3, 2): 14, (4, 1): 10, (4, 2): 10, (5, 1): 6, (3, 3): 6}.items()
    ),
    *(
        Family(
            f"division/{q}x{d}",
            "long_digit",
            "division",
            slots,
            (len(DIVIDE), _span(q)[1], size),
            partial(_quotient, (_span(q)[0], low)),
        )
        for (q, d), (low, size, slots) in {
            (4, 1): (3, 7, 10),
            (5, 1): (3, 7, 6),
            (2, 2): (13, 87, 12),
            (3, 2): (13, 87, 10),
            (3, 3): (100, 900, 2),
        }.items()
    ),
)

_SIGNED = (
    Family(
        "subtraction/below zero",
        "signed",
        "subtraction",
        12,
        (len(SUBTRACT_SIGNED), 100, 200),
        _below_zero,
    ),
    Family(
        "addition/negative first",
        "signed",
        "addition",
        8,
        (len(ADD), 100, 100),
        partial(_signed, ADD, "+", (-1, 1)),
    ),
    Family(
        "subtraction/negative first",
        "signed",
        "subtraction",
        7,
        (len(SUBTRACT_SIGNED), 100, 100),
        partial(_signed, SUBTRACT_SIGNED, "-", (-1, 1)),
    ),
    Family(
        "multiplication/negative first",
        "signed",
        "multiplication",
        4,
        (len(MULTIPLY), 60, 60),
        partial(_signed, MULTIPLY, "*", (-1, 1)),
    ),
)

_DECIMAL = (
    *(
        Family(
            f"addition/decimals {places}",
            "decimal",
            "addition",
            slots,
            (len(ADD), 900, 900),
            partial(_decimals, ADD, "+", places),
        )
        for places, slots in {(1, 1): 8, (2, 1): 6, (2, 2): 8}.items()
    ),
    *(
        Family(
            f"subtraction/decimals {places}",
            "decimal",
            "subtraction",
            slots,
            (len(SUBTRACT), 900, 800),
            partial(_decimal_difference, places),
        )
        for places, slots in {(1, 1): 8, (2, 1): 6, (2, 2): 8}.items()
    ),
    *(
        Family(
            f"multiplication/decimals {places}",
            "decimal",
            "multiplication",
            slots,
            (len(MULTIPLY), 900, 90),
            partial(_decimals, MULTIPLY, "*", places),
        )
        for places, slots in {(1, 1): 8, (2, 1): 5}.items()
    ),
    Family(
        "multiplication/decimal by whole",
        "decimal",
        "multiplication",
        8,
        (len(MULTIPLY), 900, 98),
        _decimal_times_whole,
    ),
    Family("division/by a decimal", "decimal", "division", 5, (len(DIVIDE_DECIMAL), 98, 90), _divided_by_decimal),
    *(
        Family(
            f"division/decimals {places}",
            "decimal",
            "division",
            slots,
            (len(DIVIDE_DECIMAL), 900, 11),
            partial(_decimal_quotient, places),
        )
        for places, slots in {1: 7, 2: 7}.items()
    ),
    Family(
        "division/as a decimal",
        "decimal",
        "division",
        2,
        (len(AS_DECIMAL), 20, len(_PROPER)),
        _as_decimal,
    ),
)

FAMILIES = (*_SHORT, *_LONG, *_SIGNED, *_DECIMAL)
