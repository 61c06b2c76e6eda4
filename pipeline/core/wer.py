"""Was a text understood? Word errors between what was spoken and what was heard, numbers by value.

"48", "forty-eight" and "forty eight" are one number to it. Both texts are read into plain words and
quantities. Word errors are counted with every quantity said in one way; then words and quantities are aligned
as wholes, with the fewest errors and, among those alignments, the fewest quantities apart. A quantity counts
as heard when the one at its place has its value; a missing, replaced or added one is a disagreement, however
few word errors it makes.

No ear can tell homophones apart, so they are no errors at their place: "for" heard as "4" or "four", "to" as
"2", "a" as "one", "their" as "there", and the other way round. Elsewhere they are: an added "four" is an
added quantity.

It knows no audio and sets no limits: what is too much is the caller's.
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
_SHOWN = 5
_REACH = 8
"""Places off the diagonal that are looked at first: an error moves the rest by one place at most."""


class Heard(NamedTuple):
    """How well a spoken text was understood."""

    wer: float
    """Word errors per word of the written text; above 1 when much was added."""
    quantities_agree: bool
    """Every quantity was heard at its place, and no other."""
    detail: str
    """One line: the first quantity that differs, then some words that differ; "" when nothing does."""


@dataclass(frozen=True, slots=True)
class _Item:
    """A word, or a quantity as the words it is said with."""

    shown: str
    words: tuple[str, ...]
    quantity: Quantity | None = None


class _Cost(NamedTuple):
    """Ordered: word errors first, then quantities apart."""

    words: int
    quantities: int


_NONE = _Cost(0, 0)
_Move = tuple[int, int, _Cost]
_Step = tuple[_Cost, _Item | None, _Item | None]


def compare(written: str, heard: str) -> Heard:
    """Compare the text that was given to a voice with what an ear wrote down."""
    left, right = _items(written), _items(_cents(written, heard))
    left_words, right_words = _words(left), _words(right)
    apart = [_apart(a, b) for cost, a, b in _align(left, right) if cost.quantities]
    errors = [(cost.words, a, b) for cost, a, b in _align(left_words, right_words) if cost.words]
    unlike = " ".join(f"{_show(a)}/{_show(b)}" for _, a, b in errors[:_SHOWN])
    detail = "; ".join(part for part in (*apart[:1], unlike) if part)
    return Heard(sum(cost for cost, _, _ in errors) / max(1, len(left_words)), not apart, detail)


def _items(text: str) -> list[_Item]:
    text = _HALF_DAY.sub(r"\1m", clean(text))
    items: list[_Item] = []
    end = 0
    for quantity in quantities.read(text):
        items += _plain(text[end : quantity.start])
        items.append(_Item(text[quantity.start : quantity.end], tuple(_said(quantity)), quantity))
        end = quantity.end
    return items + _plain(text[end:])


def _plain(text: str) -> list[_Item]:
    return [_Item(word, (_sound(word.casefold()),)) for word in _WORD.findall(text)]


def _words(items: list[_Item]) -> list[_Item]:
    return [
        _Item(word if item.quantity else item.shown, (_sound(word),)) for item in items for word in item.words
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


def _said(quantity: Quantity) -> list[str]:
    """The words of a quantity, in one way whatever its text was."""
    value = quantities.amount(quantity)
    whole = Fraction(value.numerator // value.denominator)
    part = value - whole
    if quantity.kind is Kind.PERCENT:
        said = f"{numwords.number(value * 100)} percent"
    elif quantity.kind is Kind.CLOCK:
        said = f"{numwords.number(whole)} {numwords.number(part * 60) if part else 'clock'}"
    elif quantity.kind is Kind.ORDINAL and part == 0 and value >= 0:
        said = numwords.ordinal(whole.numerator)
    elif quantity.unit in _MONEY and (part * 100).denominator == 1:
        bills = f"{numwords.number(whole)} {quantity.unit}s" if whole or not part else ""
        said = f"{bills} {numwords.number(part * 100)} cents" if part else bills
    else:
        said = f"{numwords.number(value)} {_plural(quantity.unit)} {quantity.symbol}"
    return said.split() + (numwords.number(quantity.second).split() if quantity.second is not None else [])


def _plural(unit: str) -> str:
    name, rest = unit.partition(" ")[::2]
    if not name:
        return ""
    return f"{_PLURALS.get(name, name + 's')} {rest}"


def _cents(written: str, heard: str) -> str:
    """Read "fifty sense" as fifty cents where cents were said: a homophone that changes a value."""
    if "cent" not in written.casefold() or "sense" in written.casefold():
        return heard
    return re.sub(r"\b(sense|scents)\b", "cents", heard, flags=re.IGNORECASE)


def _align(left: list[_Item], right: list[_Item]) -> list[_Step]:
    """Pair items with the least cost; None stands for nothing. Equal ones are left out."""
    start, end = 0, 0
    shorter = min(len(left), len(right))
    while start < shorter and _between(left[start], right[start]) == _NONE:
        start += 1
    while end < shorter - start and _between(left[-1 - end], right[-1 - end]) == _NONE:
        end += 1
    left, right = left[start : len(left) - end], right[start : len(right) - end]
    reach = _REACH
    while (steps := _within(reach, left, right)) is None:
        reach *= 4
    return steps


def _within(reach: int, left: list[_Item], right: list[_Item]) -> list[_Step] | None:
    """Align within `reach` places of the diagonal; None when that may have missed the best."""
    drift = len(right) - len(left)
    low, high = min(0, drift) - reach, max(0, drift) + reach
    best: dict[tuple[int, int], _Cost] = {(0, 0): _NONE}
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


def _sum(a: _Cost, b: _Cost) -> _Cost:
    return _Cost(a.words + b.words, a.quantities + b.quantities)


def _moves(left: list[_Item], right: list[_Item], i: int, j: int) -> list[_Move]:
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


def _walk(back: dict[tuple[int, int], _Move], left: list[_Item], right: list[_Item]) -> list[_Step]:
    i, j = len(left), len(right)
    steps: list[_Step] = []
    while i or j:
        di, dj, cost = back[i, j]
        steps.append((cost, left[i - 1] if di else None, right[j - 1] if dj else None))
        i, j = i - di, j - dj
    return steps[::-1]


def _alone(item: _Item) -> _Cost:
    return _Cost(len(item.words), int(item.quantity is not None))


def _between(a: _Item, b: _Item) -> _Cost:
    if a.quantity is None and b.quantity is None:
        return _Cost(int(a.words != b.words), 0)
    if a.quantity is not None and b.quantity is not None:
        same = quantities.differ((a.quantity,), (b.quantity,)) is None
        return _Cost(_word_errors(a.words, b.words), int(not same))
    number, word = (a, b) if a.quantity is not None else (b, a)
    if number.quantity is not None and _could_be(number.quantity, word.shown.casefold()):
        return _NONE
    return _Cost(max(len(number.words), 1), 1)


def _could_be(quantity: Quantity, word: str) -> bool:
    bare = not quantity.unit and quantity.second is None and quantity.kind is Kind.CARDINAL
    return bare and word in _SOUNDS_LIKE.get(quantity.value, ())


def _joined(one: _Item, first: _Item, second: _Item) -> bool:
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


def _show(item: _Item | None) -> str:
    return item.shown if item else "-"


def _apart(written: _Item | None, heard: _Item | None) -> str:
    if heard is None:
        return f"{_show(written)!r} was not heard"
    if written is None:
        return f"{heard.shown!r} was heard and not written"
    return f"{written.shown!r} was heard as {heard.shown!r}"
