"""SimpleOP's small chains: seven or eight operations on numbers below one hundred, in an order that matters.

For models that are too small for the arithmetic of `simpleop_chain`: a number of one digit added or taken away, then a
product, a quotient or what is missing to one hundred, and so on in turn. The start and the numbers added or taken away
come from the member's number and appear in the text; what stands between follows from the value reached, so that no
two members read the same.
"""

from collections.abc import Sequence
from functools import partial

from sources.simpleop_chain import FRAMES, Move, drafted
from sources.simpleop_family import Dice, Draft, Family
from sources.simpleop_permute import mix

HUNDRED = 100
"""Every value of a chain is above 0 and below it."""
_STARTS = range(10, HUNDRED)
_TERMS = range(2, 10)
_FACTORS = (2, 3, 4)
_DIVISORS = (2, 3, 4, 5)


def _added(value: int, term: int, luck: int) -> Move:
    """A term added or taken away, whichever keeps within the bounds; by luck where both do."""
    if value + term >= HUNDRED:
        return Move("-", term)
    return Move("+", term) if value <= term or luck % 2 else Move("-", term)


def _scaled(value: int, luck: int) -> Move:
    """A product or quotient within the bounds, or what is missing to one hundred."""
    moves = [Move("*", n) for n in _FACTORS if value * n < HUNDRED]
    moves += [Move("/", n) for n in _DIVISORS if value % n == 0 and value > n]
    moves.append(Move("-", HUNDRED, reverse=True))
    return moves[luck % len(moves)]


def _chain(length: int, digits: Sequence[int], dice: Dice) -> Draft:
    frame, start, *terms = digits
    value = _STARTS[start]
    moves: list[Move] = []
    # Drawn from what was said so far, never from the row: equal beginnings go on alike until a term differs.
    luck = mix(frame * HUNDRED + value)
    for number in range(length):
        luck = mix(luck)
        if number % 2:
            moves.append(_scaled(value, luck))
        else:
            moves.append(_added(value, _TERMS[terms[number // 2]], luck))
            luck ^= terms[number // 2]
        value = moves[-1].apply(value)
    return drafted(frame, _STARTS[start], moves, dice)


ALONE = tuple(
    Family(
        f"small/{length}",
        "chain",
        "chain",
        share,
        (len(FRAMES), len(_STARTS), *[len(_TERMS)] * ((length + 1) // 2)),
        partial(_chain, length),
    )
    for length, share in ((7, 500), (8, 500))
)
"""The mix of `kind=small`."""
