"""Two texts side by side: words and quantities of what was spoken paired with those of what was heard.

Items are aligned with the fewest word errors and, among those alignments, the fewest quantities apart. No
ear can tell homophones apart, so they pair without error at their place: "for" heard as "4" or "four",
"to" as "2", "a" as "one", "their" as "there", and the other way round.
"""

import re
from dataclasses import dataclass
from fractions import Fraction
from typing import NamedTuple

from pipeline.core import numwords, quantities
from pipeline.core.quantity import Kind, Quantity
from pipeline.core.text import clean

_HOMOPHONES = (
    "one won a an", "two to too", "four for fore", "eight ate", "their there theyre", "by buy bye",
    "hour our", "hours ours", "feet feat", "week weak", "weeks weaks", "pair pear pare", "pairs pears",
    "some sum", "sums somes", "whole hole", "son sun", "flour flower", "flowers flours", "meat meet",
    "mail male", "sale sail", "sales sails", "piece peace", "right write", "bread bred", "roll role",
    "rolls roles", "sell cell", "sells cells", "new knew", "no know", "rows rose", "road rode",
    "see sea", "wear where", "plane plain", "read red", "made maid", "mr mister", "mrs misses missus",
    "dr doctor", "ok okay", "gray grey", "weigh way", "weighs ways", "great grate", "steak stake",
    "passed past", "blue blew", "and &", "threw through", "which witch", "wood would", "bare bear",
    "beat beet", "beats beets", "lead led", "pi pie", "vs versus", "tire tyre", "tires tyres",
    "check cheque", "program programme", "cents sense scents", "whose whos",
)  # fmt: skip
_SAME_SOUND = {word: group.split()[0] for group in _HOMOPHONES for word in group.split()}

_SOUNDS_LIKE: dict[Fraction, frozenset[str]] = {
    Fraction(1): frozenset(("one", "won", "a", "an")),
    Fraction(2): frozenset(("two", "to", "too")),
    Fraction(4): frozenset(("four", "for", "fore")),
    Fraction(8): frozenset(("eight", "ate")),
}
"""Words that are no quantity where they stand and sound like this one."""

_MONEY = ("dollar", "cent", "euro", "pound")
_PLURALS = {"foot": "feet", "inch": "inches"}

_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*|&")
_HALF_DAY = re.compile(r"\b([ap])(?:\. ?| )m\b\.?", re.IGNORECASE)
_DOUBLED = re.compile(r"(.)\1")
_REACH = 8
"""Places off the diagonal that are looked at first: an error moves the rest by one place at most."""


@dataclass(frozen=True, slots=True)
class Item:
    """A word, or a quantity as the words it is said with; `start` and `end` count in the prepared text."""

    shown: str
    words: tuple[str, ...]
    start: int
    end: int
    quantity: Quantity | None = None


class Cost(NamedTuple):
    """Ordered: word errors first, then quantities apart."""

    words: int
    quantities: int


class Step(NamedTuple):
    """A pair of an alignment; None stands for nothing, and two words that are one make up one item."""

    cost: Cost
    written: Item | None
    heard: Item | None


_NONE = Cost(0, 0)
_Move = tuple[int, int, Cost]


def prepare(text: str) -> str:
    """The text that items' positions count in."""
    return _HALF_DAY.sub(r"\1m", clean(text))


def items(text: str) -> list[Item]:
    """Words and quantities of a prepared text."""
    found: list[Item] = []
    end = 0
    for quantity in quantities.read(text):
        found += _plain(text, end, quantity.start)
        shown = text[quantity.start : quantity.end]
        found.append(Item(shown, said(quantity), quantity.start, quantity.end, quantity))
        end = quantity.end
    return found + _plain(text, end, len(text))


def words(found: list[Item]) -> list[Item]:
    """The same with every quantity taken apart into the words it is said with."""
    return [
        Item(word if item.quantity else item.shown, (_sound(word),), item.start, item.end)
        for item in found
        for word in item.words
    ]


def align(left: list[Item], right: list[Item]) -> list[Step]:
    """Pair what was spoken with what was heard, in order, at the least cost."""
    start, end = 0, 0
    shorter = min(len(left), len(right))
    while start < shorter and _between(left[start], right[start]) == _NONE:
        start += 1
    while end < shorter - start and _between(left[-1 - end], right[-1 - end]) == _NONE:
        end += 1
    inner_left, inner_right = left[start : len(left) - end], right[start : len(right) - end]
    reach = _REACH
    while (steps := _within(reach, inner_left, inner_right)) is None:
        reach *= 4
    before = [Step(_NONE, a, b) for a, b in zip(left[:start], right[:start], strict=True)]
    after = [Step(_NONE, a, b) for a, b in zip(left[len(left) - end :], right[len(right) - end :], strict=True)]
    return before + steps + after


def said(quantity: Quantity) -> tuple[str, ...]:
    """The words of a quantity, in one way whatever its text was."""
    value = quantities.amount(quantity)
    whole = Fraction(value.numerator // value.denominator)
    part = value - whole
    if quantity.kind is Kind.PERCENT:
        spoken = f"{numwords.number(value * 100)} percent"
    elif quantity.kind is Kind.CLOCK:
        spoken = f"{numwords.number(whole)} {numwords.number(part * 60) if part else 'clock'}"
    elif quantity.kind is Kind.ORDINAL and part == 0 and value >= 0:
        spoken = numwords.ordinal(whole.numerator)
    elif quantity.unit in _MONEY and (part * 100).denominator == 1:
        bills = f"{numwords.number(whole)} {quantity.unit}s" if whole or not part else ""
        spoken = f"{bills} {numwords.number(part * 100)} cents" if part else bills
    else:
        spoken = f"{numwords.number(value)} {_plural(quantity.unit)} {quantity.symbol}"
    second = numwords.number(quantity.second) if quantity.second is not None else ""
    return tuple(f"{spoken} {second}".split())


def _plain(text: str, start: int, end: int) -> list[Item]:
    return [
        Item(found[0], (_sound(found[0].casefold()),), found.start(), found.end())
        for found in _WORD.finditer(text, start, end)
    ]


def _sound(word: str) -> str:
    """One spelling for words that sound alike: homophones, British spellings, apostrophes."""
    word = word.replace("'", "").replace("’", "")
    word = _SAME_SOUND.get(word, word)
    if len(word) > 4:
        word = re.sub(r"our(s|ed|ing|ite|ites)?$", r"or\1", word)
        word = re.sub(r"([^aeiou])re(s?)$", r"\1er\2", word)
        word = re.sub(r"is(e|es|ed|ing)$", r"iz\1", word)
        word = re.sub(r"ll(ed|ing|er|ers)$", r"l\1", word)
    return word


def _plural(unit: str) -> str:
    name, rest = unit.partition(" ")[::2]
    if not name:
        return ""
    return f"{_PLURALS.get(name, name + 's')} {rest}"


def _within(reach: int, left: list[Item], right: list[Item]) -> list[Step] | None:
    """Align within `reach` places of the diagonal; None when that may have missed the best."""
    drift = len(right) - len(left)
    low, high = min(0, drift) - reach, max(0, drift) + reach
    best: dict[tuple[int, int], Cost] = {(0, 0): _NONE}
    back: dict[tuple[int, int], _Move] = {}
    for i in range(len(left) + 1):
        for j in range(max(0, i + low), min(len(right), i + high) + 1):
            ways = [
                (_sum(best[cell], move[2]), move)
                for move in _moves(left, right, i, j)
                if (cell := (i - move[0], j - move[1])) in best
            ]
            if ways:
                best[i, j], back[i, j] = min(ways, key=lambda way: way[0])
    widest = max(len(left), len(right))
    if reach < widest and best[len(left), len(right)].words > reach:
        return None
    return _walk(back, left, right)


def _sum(a: Cost, b: Cost) -> Cost:
    return Cost(a.words + b.words, a.quantities + b.quantities)


def _moves(left: list[Item], right: list[Item], i: int, j: int) -> list[_Move]:
    """The ways to reach a cell: how many items of each side they take, and their cost."""
    moves: list[_Move] = []
    if i and j:
        moves.append((1, 1, _between(left[i - 1], right[j - 1])))
    if i:
        moves.append((1, 0, _alone(left[i - 1])))
    if j:
        moves.append((0, 1, _alone(right[j - 1])))
    if i and j > 1 and _joined(left[i - 1], right[j - 2], right[j - 1]):
        moves.append((1, 2, _NONE))
    if i > 1 and j and _joined(right[j - 1], left[i - 2], left[i - 1]):
        moves.append((2, 1, _NONE))
    return moves


def _walk(back: dict[tuple[int, int], _Move], left: list[Item], right: list[Item]) -> list[Step]:
    i, j = len(left), len(right)
    steps: list[Step] = []
    while i or j:
        di, dj, cost = back[i, j]
        steps.append(Step(cost, _as_one(left[i - di : i]), _as_one(right[j - dj : j])))
        i, j = i - di, j - dj
    return steps[::-1]


def _as_one(taken: list[Item]) -> Item | None:
    """What a move took of one side: nothing, an item, or two words that are one."""
    if len(taken) <= 1:
        return taken[0] if taken else None
    first, last = taken
    return Item(f"{first.shown} {last.shown}", first.words + last.words, first.start, last.end)


def _alone(item: Item) -> Cost:
    return Cost(len(item.words), int(item.quantity is not None))


def _between(a: Item, b: Item) -> Cost:
    if a.quantity is None and b.quantity is None:
        return Cost(int(a.words != b.words), 0)
    if a.quantity is not None and b.quantity is not None:
        same = quantities.differ((a.quantity,), (b.quantity,)) is None
        return Cost(_word_errors(a.words, b.words), int(not same))
    number, word = (a, b) if a.quantity is not None else (b, a)
    if number.quantity is not None and _could_be(number.quantity, word.shown.casefold()):
        return _NONE
    return Cost(max(len(number.words), 1), 1)


def _could_be(quantity: Quantity, word: str) -> bool:
    bare = not quantity.unit and quantity.second is None and quantity.kind is Kind.CARDINAL
    return bare and word in _SOUNDS_LIKE.get(quantity.value, ())


def _joined(one: Item, first: Item, second: Item) -> bool:
    """Whether two words are one: "all together", "altogether"."""
    if one.quantity or first.quantity or second.quantity:
        return False
    return _DOUBLED.sub(r"\1", one.words[0]) == _DOUBLED.sub(r"\1", first.words[0] + second.words[0])


def _word_errors(a: tuple[str, ...], b: tuple[str, ...]) -> int:
    if a == b:
        return 0
    row = list(range(len(b) + 1))
    for i, word in enumerate(a, 1):
        diagonal, row[0] = row[0], i
        for j, other in enumerate(b, 1):
            diagonal, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, diagonal + (word != other))
    return row[-1]
