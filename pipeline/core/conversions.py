"""When two quantities are one thing said differently: 90 minutes and 1.5 hours, 25% and one quarter.

It knows values and unit names, not texts.
"""

from collections.abc import Iterable
from fractions import Fraction
from functools import lru_cache
from typing import NamedTuple

from pipeline.core.quantity import Kind, Quantity


class Measure(NamedTuple):
    """A unit as a multiple of its dimension's base."""

    dimension: str
    factor: Fraction


_DIMENSIONS: dict[str, dict[str, int | Fraction]] = {
    "time": {"second": 1, "minute": 60, "hour": 3600, "day": 86400, "week": 604800},
    "calendar": {"month": 1, "year": 12, "decade": 120, "century": 1200},
    "money": {"cent": 1, "penny": 1, "dollar": 100},
    "length": {"millimeter": 1, "centimeter": 10, "decimeter": 100, "meter": 1000, "kilometer": 1_000_000},
    "imperial length": {"inch": 1, "foot": 12, "yard": 36, "mile": 63360},
    "mass": {"milligram": 1, "gram": 1000, "kilogram": 1_000_000, "tonne": 1_000_000_000},
    "imperial mass": {"ounce": 1, "pound": 16, "ton": 32000},
    "volume": {"milliliter": 1, "centiliter": 10, "deciliter": 100, "liter": 1000},
    "imperial volume": {
        "teaspoon": 1,
        "tablespoon": 3,
        "fluid ounce": 6,
        "cup": 48,
        "pint": 96,
        "quart": 192,
        "gallon": 768,
    },
    "share": {"percent": Fraction(1, 100)},
    "count": {"": 1, "pair": 2, "dozen": 12, "score": 20},
}
_IRREGULAR_PLURALS = {
    "foot": "feet",
    "inch": "inches",
    "century": "centuries",
    "penny": "pennies",
    "percent": "%",
    "": "",
}

MEASURES: dict[str, Measure] = {
    form: Measure(dimension, Fraction(factor))
    for dimension, units in _DIMENSIONS.items()
    for unit, factor in units.items()
    for form in (unit, _IRREGULAR_PLURALS.get(unit, unit + "s"))
}
"""By singular and plural name."""

_FACTORS = {
    dimension: tuple(Fraction(factor) for factor in set(units.values())) for dimension, units in _DIMENSIONS.items()
}

UNIT_RATIOS = frozenset(a / b for factors in _FACTORS.values() for a in factors for b in factors)
"""By what a number may change when it is said in another unit of its dimension."""

_CONVERSIONS: dict[tuple[str, Fraction], str] = {
    (small, factors[large] / Fraction(factors[small])): large
    for factors in _DIMENSIONS.values()
    for small in factors
    for large in factors
    if small and factors[large] > factors[small]
} | {
    ("day", Fraction(365)): "year",
    ("day", Fraction(366)): "year",
    ("day", Fraction(30)): "month",
    ("week", Fraction(52)): "year",
    ("week", Fraction(4)): "month",
}
"""What a larger unit is in a smaller one."""

CONSTANTS = frozenset(value for _, value in _CONVERSIONS)
"""Numbers that may only say what a unit is."""


_PERCENT = Kind.PERCENT


def is_conversion(quantity: Quantity, text: str) -> bool:
    """Whether it only says what a unit is: "sixty minutes in an hour", "one hundred percent", "one day".

    A larger unit that the text does not name is not being explained.
    """
    if quantity.kind is _PERCENT:
        return quantity.value == 1
    if not quantity.unit or quantity.unit not in MEASURES:
        return False
    if quantity.value == 1:
        return True
    large = _CONVERSIONS.get((quantity.unit, quantity.value))
    return large is not None and (large in text or _IRREGULAR_PLURALS.get(large, large) in text)


Ratio = tuple[int, int]
"""Numerator and denominator: compared some fifty times a row, and ten times as fast as a Fraction."""


class Amount(NamedTuple):
    """A quantity as `same` and `states` compare it."""

    plain: Ratio
    """The value as it stands."""
    unit: str
    dimension: str | None
    """None for a unit that converts to no other."""
    base: Ratio
    """The value in the dimension's base unit."""


def amount(value: Fraction, unit: str) -> Amount:
    """Prepare a value for comparison."""
    return _amount(value.as_integer_ratio(), unit)


@lru_cache(maxsize=8192)
def _amount(plain: Ratio, unit: str) -> Amount:
    measure = MEASURES.get(unit)
    if measure is None:
        return Amount(plain, unit, None, plain)
    return Amount(plain, unit, measure.dimension, _times(plain, measure.factor))


def same(a: Amount, b: Amount) -> bool:
    """Whether both state one value, in any notation or unit of one dimension; a unit may be left unsaid."""
    if a.dimension is not None and a.dimension == b.dimension:
        return a.base == b.base or (a.plain == b.plain and not (a.unit and b.unit))
    return a.plain == b.plain


class Amounts:
    """Amounts among which another is looked for, not one by one."""

    __slots__ = ("_bases", "plain")

    def __init__(self, amounts: Iterable[Amount]) -> None:
        self.plain: dict[Ratio, list[Amount]] = {}
        """By the value as it stands."""
        self._bases: set[tuple[str, Ratio]] = set()
        for one in amounts:
            self.plain.setdefault(one.plain, []).append(one)
            if one.dimension is not None:
                self._bases.add((one.dimension, one.base))

    def hold(self, other: Amount) -> bool:
        """Whether one of them is the `same` as another."""
        if other.dimension is not None and (other.dimension, other.base) in self._bases:
            return True
        return any(same(one, other) for one in self.plain.get(other.plain, ()))


def states(claim: Amount, result: Amount, *, percent: bool) -> bool:
    """Whether a claim states a step's result.

    Equations often leave the unit out: then any of its dimension may be meant, and 25 may be 25%.
    """
    if percent:
        top, bottom = claim.plain
        return result.plain in (claim.plain, Fraction(100 * top, bottom).as_integer_ratio())
    if claim.dimension is not None and claim.dimension == result.dimension and result.unit:
        return claim.base == result.base or (claim.plain == result.plain and not claim.unit)
    if claim.plain == result.plain:
        return True
    if claim.dimension is None or not claim.unit or (result.dimension is not None and result.unit):
        return False
    if claim.dimension == "count":
        return claim.base == result.plain
    return not result.unit and any(_times(result.plain, factor) == claim.base for factor in _FACTORS[claim.dimension])


def _times(ratio: Ratio, factor: Fraction) -> Ratio:
    return (Fraction(*ratio) * factor).as_integer_ratio()


SCALES = {"hundred": 100, "thousand": 10**3, "million": 10**6, "billion": 10**9, "trillion": 10**12}
"""Words after a number that multiply it."""


def scale_of(unit: str, value: Fraction) -> Ratio | None:
    """The whole amount where the word after a number is its scale: 4.5 "million"; None for any other word."""
    factor = SCALES.get(unit)
    return None if factor is None else (value * factor).as_integer_ratio()
