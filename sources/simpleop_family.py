"""What SimpleOP's question families share: mixed-radix parameters, number text, and the form of a draft.

A family is a block of questions of one sort with a known number of members: member k is written from the mixed-radix
digits of k. Two different members never have the same question; tests hold every family to it.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import prod
from typing import NamedTuple, TypeAlias

from sources.simpleop_permute import mix


class Draft(NamedTuple):
    """A question with its working and exact answer."""

    question: str
    steps: tuple[str, ...]
    """Lines "label: expression = result unit"; every equation is exact."""
    value: str


class Dice:
    """Pseudo-random choices that follow from one number; they never decide whether two questions differ."""

    __slots__ = ("_state",)

    def __init__(self, seed: int) -> None:
        self._state = seed

    def below(self, size: int) -> int:
        """A number in range(size)."""
        self._state = mix(self._state)
        return self._state % size

    def between(self, low: int, high: int) -> int:
        """A number from low to high, both included."""
        return low + self.below(high - low + 1)


Write: TypeAlias = Callable[[Sequence[int], Dice], Draft]


@dataclass(frozen=True, slots=True)
class Family:
    """One sort of question."""

    name: str
    kind: str
    """Becomes the row's subset."""
    operation: str
    slots: int
    """Rows of this family in every period of the mix."""
    radices: tuple[int, ...]
    """How many values each parameter of `write` takes."""
    write: Write

    @property
    def members(self) -> int:
        """How many different questions the family has."""
        return prod(self.radices)

    def member(self, index: int, dice: Dice) -> Draft:
        """The question with this number."""
        digits: list[int] = []
        for radix in self.radices:
            index, digit = divmod(index, radix)
            digits.append(digit)
        return self.write(digits, dice)


def grouped(value: int) -> str:
    """An integer as written in a question: thousands commas from five digits on."""
    return f"{value:,}" if abs(value) >= 10_000 else str(value)


_WORDS = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"]


def spelled(value: int) -> str:
    """A small number as a word, a larger one in digits: "seven", "347"."""
    return _WORDS[value] if 0 <= value < len(_WORDS) else grouped(value)


def decimal(value: Fraction) -> str:
    """A terminating decimal in its shortest form: 5/2 is "2.5", 3 is "3".

    Raises:
        ValueError: the value has no finite decimal expansion.
    """
    places, scaled = 0, value
    while scaled.denominator != 1:
        scaled, places = scaled * 10, places + 1
        if places > 12:
            raise ValueError(f"{value} is no terminating decimal")
    if places == 0:
        return str(scaled.numerator)
    digits = str(abs(scaled.numerator)).rjust(places + 1, "0")
    return f"{'-' if value < 0 else ''}{digits[:-places]}.{digits[-places:]}"


def fraction(value: Fraction) -> str:
    """A reduced fraction "3/4", or an integer."""
    return str(value.numerator) if value.denominator == 1 else f"{value.numerator}/{value.denominator}"


def money(cents: int) -> str:
    """An amount as a price tag shows it: 250 is "$2.50", 300 is "$3"."""
    dollars, rest = divmod(cents, 100)
    return f"${grouped(dollars)}" if rest == 0 else f"${grouped(dollars)}.{rest:02d}"


def exact_digits(index: int, places: int) -> Fraction:
    """The index-th positive decimal with exactly `places` decimal places and no trailing zero."""
    whole, last = divmod(index, 9)
    return Fraction(whole * 10 + last + 1, 10**places)


def capital(text: str) -> str:
    """The text with its first letter in upper case."""
    return text[:1].upper() + text[1:]
