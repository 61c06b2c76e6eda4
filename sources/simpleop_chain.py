"""SimpleOP's chains: two to eight operations in an order that matters, with the working of every step.

Start and first operand come from the member's number and appear in the text, so that no two members read the same;
later operations are drawn freely, so that every result stays a whole number.
"""

from collections.abc import Sequence
from functools import partial
from typing import NamedTuple

from sources.simpleop_family import Dice, Draft, Family, capital
from sources.simpleop_words import PEOPLE

MAX_VALUE = 9999
"""Chains stay below this, so that every number can be said in a breath."""
_DONE = {"+": "adding", "-": "subtracting", "*": "multiplying", "/": "dividing"}


class Move(NamedTuple):
    """One operation of a chain on the running value."""

    sign: str
    operand: int
    reverse: bool = False
    """Whether the running value is the right-hand operand: "subtract it from 90"."""

    def apply(self, value: int) -> int:
        """The next value; divisions are exact by construction."""
        left, right = (self.operand, value) if self.reverse else (value, self.operand)
        if self.sign == "+":
            return left + right
        if self.sign == "-":
            return left - right
        return left * right if self.sign == "*" else left // right

    def equation(self, value: int) -> str:
        """The operation and its result: "48 - 19 = 29"."""
        left, right = (self.operand, value) if self.reverse else (value, self.operand)
        shown = f"({right})" if right < 0 else str(right)
        return f"{left} {self.sign} {shown} = {self.apply(value)}"


_TERMS = 98
_FIRST_MOVES = (
    *(Move("+", n) for n in range(2, 2 + _TERMS)),
    *(Move("-", n) for n in range(2, 2 + _TERMS)),
    *(Move("-", n, reverse=True) for n in range(2, 2 + _TERMS)),
    *(Move("*", n) for n in range(2, 13)),
)
"""The operand of a reversed subtraction is counted from the start upwards: "subtract it from 90" is usual when 90 is
the larger."""


def _next(value: int, before: Move, dice: Dice) -> Move:
    """A further operation; never the sort of the last one, so that the order of the two matters."""
    divisors = [n for n in range(2, 13) if value % n == 0] if value else []
    choice = dice.below(10)
    if choice < 4 and divisors and before.sign not in "*/":
        return Move("/", divisors[dice.below(len(divisors))])
    largest = min(9, MAX_VALUE // max(1, abs(value)))
    if choice < 7 and largest >= 2 and before.sign not in "*/":
        return Move("*", dice.between(2, largest))
    if before.sign in "+-":
        # No room to multiply, nothing to divide by: turning the subtraction round does not commute either.
        return Move("-", value + dice.between(1, 90), reverse=True) if value > 0 else Move("*", 2)
    if choice == 9 and value > 0:
        return Move("-", value + dice.between(1, 90), reverse=True)
    if value > 2 and choice % 2:
        return Move("-", dice.between(1, min(99, value - 1)))
    return Move("+", dice.between(1, 99))


def _moves(length: int, start: int, first: Move, dice: Dice) -> tuple[Move, ...]:
    moves = [first]
    value = first.apply(start)
    while len(moves) < length:
        move = _next(value, moves[-1], dice)
        value = move.apply(value)
        moves.append(move)
    return tuple(moves)


_WORDS = {
    ("+", False): ("add {n}", "add {n}"),
    ("-", False): ("subtract {n}", "take away {n}"),
    ("*", False): ("multiply by {n}", "multiply the result by {n}"),
    ("/", False): ("divide by {n}", "divide the result by {n}"),
    ("-", True): ("subtract the result from {n}", "take the result away from {n}"),
}
FRAMES = (
    "Start with {start}, {moves}. What do you get?",
    "Take {start}. {Moves}. What is the result?",
    "Begin at {start}, {moves}. Where do you end up?",
    "{name} thinks of the number {start}. Now {moves}. What number comes out?",
    "Enter {start} into a calculator, {moves}. What does it show?",
    "Work this out step by step: take {start}, {moves}. What is left at the end?",
    "What is the result if you start at {start}, {moves}?",
    "Let the number be {start}. {Moves}. What number do you have now?",
)


def _phrase(move: Move, style: int) -> str:
    return _WORDS[move.sign, move.reverse][style].format(n=move.operand)


def _sentence(moves: Sequence[Move], dice: Dice) -> str:
    """The moves in words: "subtract 19, then divide by 5, and finally add 7"."""
    phrases = [f"subtract it from {moves[0].operand}" if moves[0].reverse else _phrase(moves[0], 0)]
    style = dice.below(2)
    for number, move in enumerate(moves[1:], start=2):
        joint = "and finally " if number == len(moves) and number > 2 else "then "
        phrases.append(joint + _phrase(move, style))
    return ", ".join(phrases)


def _chain(length: int, digits: Sequence[int], dice: Dice) -> Draft:
    frame, start, first = digits[0], digits[1] + 10, _FIRST_MOVES[digits[2]]
    if first.reverse:
        first = first._replace(operand=first.operand + start)
    return drafted(frame, start, _moves(length, start, first, dice), dice)


def drafted(frame: int, start: int, moves: Sequence[Move], dice: Dice) -> Draft:
    """The question and working of a chain.

    Args:
        frame: index in `FRAMES`.
        start: the number that it begins with.
        moves: at least one; none divides with a remainder.
        dice: chooses words that make no difference.
    """
    sentence = _sentence(moves, dice)
    question = FRAMES[frame].format(
        start=start, moves=sentence, Moves=capital(sentence), name=PEOPLE[dice.below(len(PEOPLE))].name
    )
    value, steps = start, []
    for move in moves:
        steps.append(f"After {_DONE[move.sign]}: {move.equation(value)}")
        value = move.apply(value)
    return Draft(question, tuple(steps), str(value))


def _families(slots: dict[int, int]) -> tuple[Family, ...]:
    return tuple(
        Family(
            f"chain/{length}", "chain", "chain", share, (len(FRAMES), 490, len(_FIRST_MOVES)), partial(_chain, length)
        )
        for length, share in slots.items()
    )


MIXED = _families({2: 14, 3: 14, 4: 10, 5: 6, 6: 3, 7: 2, 8: 1})
"""The chains among all other rows: short ones mostly."""
ALONE = _families({2: 200, 3: 220, 4: 200, 5: 140, 6: 100, 7: 80, 8: 60})
"""The mix of `kind=chain`."""
