"""SimpleOP's plain sums on decimal numbers; no number range overlaps with that of the whole-number families."""

from collections.abc import Sequence
from fractions import Fraction
from functools import partial

from sources.simpleop_asking import ADD, DIVIDE, MULTIPLY, SUBTRACT, sum_draft
from sources.simpleop_family import Dice, Draft, Family, exact_digits

DIVIDE_DECIMAL = tuple(text for text in DIVIDE if "go into" not in text)
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


def _as_decimal(digits: Sequence[int], _: Dice) -> Draft:
    """Never a whole result: the remainder is one of those that the divisor leaves."""
    rest, divisor = _PROPER[digits[2]]
    return sum_draft(AS_DECIMAL, digits[0], "/", Fraction(digits[1] * divisor + rest), Fraction(divisor))


def _decimals(texts: Sequence[str], sign: str, places: tuple[int, int], digits: Sequence[int], _: Dice) -> Draft:
    a, b = exact_digits(digits[1], places[0]), exact_digits(digits[2], places[1])
    return sum_draft(texts, digits[0], sign, a, b)


def _decimal_difference(places: tuple[int, int], digits: Sequence[int], _: Dice) -> Draft:
    """The result and the second number are free, so that the result is never negative."""
    result, b = exact_digits(digits[1], places[0]), exact_digits(digits[2], places[1])
    return sum_draft(SUBTRACT, digits[0], "-", b + result, b)


def _decimal_times_whole(digits: Sequence[int], _: Dice) -> Draft:
    return sum_draft(MULTIPLY, digits[0], "*", exact_digits(digits[1], 1), Fraction(2 + digits[2]))


def _divided_by_decimal(digits: Sequence[int], _: Dice) -> Draft:
    quotient, divisor = Fraction(2 + digits[1]), exact_digits(digits[2], 1)
    return sum_draft(DIVIDE_DECIMAL, digits[0], "/", quotient * divisor, divisor)


def _decimal_quotient(places: int, digits: Sequence[int], _: Dice) -> Draft:
    quotient, divisor = exact_digits(digits[1], places), Fraction(2 + digits[2])
    return sum_draft(DIVIDE_DECIMAL, digits[0], "/", quotient * divisor, divisor)


FAMILIES = (
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
