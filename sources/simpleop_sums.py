"""SimpleOP's plain sums on whole numbers: "What is 347 plus 58?".

Families of one operation share their phrasings; the ranges of their numbers never overlap.
"""

from collections.abc import Callable, Sequence
from fractions import Fraction
from functools import partial

from sources.simpleop_asking import ADD, DIVIDE, MULTIPLY, REMAINDER, SUBTRACT, SUBTRACT_SIGNED, ask, sum_draft
from sources.simpleop_family import Dice, Draft, Family, grouped


def _whole(texts: Sequence[str], sign: str, low: tuple[int, int], digits: Sequence[int], _: Dice) -> Draft:
    return sum_draft(texts, digits[0], sign, Fraction(low[0] + digits[1]), Fraction(low[1] + digits[2]))


def _difference(low: tuple[int, int], digits: Sequence[int], _: Dice) -> Draft:
    """The second number and the result are free, so that the result is never negative."""
    b = Fraction(low[0] + digits[2])
    return sum_draft(SUBTRACT, digits[0], "-", b + low[1] + digits[1], b)


def _quotient(low: tuple[int, int], digits: Sequence[int], _: Dice) -> Draft:
    """The divisor and the quotient are free, so that the division is exact."""
    divisor = low[1] + digits[2]
    return sum_draft(DIVIDE, digits[0], "/", Fraction(divisor * (low[0] + digits[1])), Fraction(divisor))


def _long_product(low: tuple[int, int], digits: Sequence[int], _: Dice) -> Draft:
    """Worked out by partial products, one for each digit of the second number."""
    a, b = low[0] + digits[1], low[1] + digits[2]
    parts = [int(digit) * 10**power for power, digit in enumerate(reversed(str(b))) if digit != "0"][::-1]
    steps = [f"Partial product: {a} * {part} = {a * part}" for part in parts]
    if len(parts) > 1:
        steps.append(f"Product: {' + '.join(str(a * part) for part in parts)} = {a * b}")
    else:
        steps = [f"Product: {a} * {b} = {a * b}"]
    return Draft(ask(MULTIPLY[digits[0]], Fraction(a), Fraction(b)), tuple(steps), str(a * b))


def _remainder(low: tuple[int, int], digits: Sequence[int], _: Dice) -> Draft:
    a, b = low[0] + digits[1], low[1] + digits[2]
    times, rest = divmod(a, b)
    steps = (f"Whole groups: {b} * {times} = {b * times}", f"Remainder: {a} - {b * times} = {rest}")
    return Draft(REMAINDER[digits[0]].format(a=grouped(a), b=b), steps, str(rest))


def _signed(texts: Sequence[str], sign: str, signs: tuple[int, int], digits: Sequence[int], _: Dice) -> Draft:
    a, b = signs[0] * (1 + digits[1]), signs[1] * (1 + digits[2])
    return sum_draft(texts, digits[0], sign, Fraction(a), Fraction(b))


def _below_zero(digits: Sequence[int], _: Dice) -> Draft:
    """The first number and the amount below zero are free."""
    a = Fraction(digits[1])
    return sum_draft(SUBTRACT_SIGNED, digits[0], "-", a, a + 1 + digits[2])


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

FAMILIES = (*_SHORT, *_LONG, *_SIGNED)
