"""When two quantities are one thing said differently: 90 minutes and 1.5 hours, 25% and one quarter.

It knows values and unit names, not texts.
"""

from fractions import Fraction
from typing import NamedTuple

from pipeline.core.quantity import Kind, Quantity
from pipeline.core.step import Step


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
    dimension: tuple(Fraction(factor) for factor in set(units.values()))
    for dimension, units in _DIMENSIONS.items()
}

_CONVERSIONS = frozenset(
    (small, factors[large] / Fraction(factors[small]))
    for factors in _DIMENSIONS.values()
    for small in factors
    for large in factors
    if factors[large] > factors[small]
) | {
    ("day", Fraction(365)),
    ("day", Fraction(366)),
    ("day", Fraction(30)),
    ("week", Fraction(52)),
    ("week", Fraction(4)),
}
"""What "one hour" and the like are in smaller units: they explain a unit and state nothing about the
problem."""


def is_conversion(quantity: Quantity) -> bool:
    """Whether it only says what a unit is: "sixty minutes", "twelve inches", "one hundred percent"."""
    if quantity.kind is Kind.PERCENT:
        return quantity.value == 1
    if not quantity.unit or quantity.unit not in MEASURES:
        return False
    return quantity.value == 1 or (quantity.unit, quantity.value) in _CONVERSIONS


def same(claim: Quantity, source: Quantity) -> bool:
    """Whether both state one value, in any notation or unit of one dimension."""
    if claim.unit != source.unit:
        here, there = MEASURES.get(claim.unit), MEASURES.get(source.unit)
        if here is not None and there is not None and here.dimension == there.dimension:
            return claim.value * here.factor == source.value * there.factor
    return claim.value == source.value


def states(claim: Quantity, step: Step) -> bool:
    """Whether a claim states a step's result.

    Equations often leave the unit out: then any of its dimension may be meant.
    """
    value = step.value
    if value is None:
        return False
    if claim.kind is Kind.PERCENT:
        return value in (claim.value, 100 * claim.value)
    if not claim.unit and claim.value == value:
        return True  # "she has sixty two" after "= 62 pairs"
    here = MEASURES.get(claim.unit)
    there = MEASURES.get(step.unit) if step.unit else None
    if here is not None and there is not None and here.dimension == there.dimension:
        return claim.value * here.factor == value * there.factor
    if claim.value == value or here is None or not claim.unit or there is not None:
        return claim.value == value
    amount = claim.value * here.factor
    if here.dimension == "count":
        return amount == value
    return not step.unit and any(amount == value * factor for factor in _FACTORS[here.dimension])
