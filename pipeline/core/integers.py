"""Read integers in words ("two hundred and fifty thousand") and digits said one by one ("five five five").

It knows no fraction, sign or unit.
"""

from fractions import Fraction

from pipeline.core.lexicon import LEXICON, Word
from pipeline.core.number import Number
from pipeline.core.quantity import Kind
from pipeline.core.tokens import Tokens

NOTHING = (None, 0)
SMALL = (Word.DIGIT, Word.TEEN, Word.TENS)
_FRACTION_WORDS = (Word.HALF, Word.QUARTER, Word.PARTS)
_RUN_LENGTH = 3


def integer(t: Tokens, i: int) -> tuple[int, int]:
    """Value and end of the longest well-formed integer at `i`; end is `i` when there is none."""
    total, last_scale = 0, 0
    group: int | None = None
    j = end = i
    while True:
        word, n = LEXICON.get(t.words[j], NOTHING)
        if word == Word.SCALE:
            if group == 0 or (last_scale and (n >= last_scale or group is None)):
                break
            total += (group or 1) * n
            group, last_scale = None, n
        else:
            grown = _grown(group, word, n)
            if grown is None or (group is None and n == 0 and total):
                break
            group = grown
        end = j + 1
        j = t.joined(j)
        if t.words[j] == "and" and word in (Word.HUNDRED, Word.SCALE):
            j = t.count if i and t.words[i - 1] == "between" else _after_and(t, j, last_scale)
    return total + (group or 0), end


def _grown(group: int | None, word: int | None, n: int) -> int | None:
    """The part below a thousand with one more word, None when the word does not go on with it."""
    if word in SMALL:
        if group is None:
            return n
        return group + n if _fits(group, n, word) else None
    if word == Word.HUNDRED and (group is None or 0 < group < 100):
        return (group or 1) * 100
    return None


def _fits(group: int, n: int, word: int | None) -> bool:
    if n == 0:
        return False
    if group and group % 100 == 0:
        return True
    return word == Word.DIGIT and group % 10 == 0 and group % 100 >= 20


def _after_and(t: Tokens, j: int, scale: int) -> int:
    """The word after "and" when the same integer goes on: "hundred and five", not "hundred and one half"."""
    k = t.joined(j)
    word, n = LEXICON.get(t.words[k], NOTHING)
    if word not in SMALL or n == 0 or (scale and integer(t, k)[0] >= scale):
        return t.count
    last = k
    following = t.joined(k)
    if word == Word.TENS and LEXICON.get(t.words[following], NOTHING)[0] == Word.DIGIT:
        last, following = following, t.joined(following)
    after, m = LEXICON.get(t.words[following], NOTHING)
    if t.words[following] == "over" and integer(t, k)[0] < integer(t, t.joined(following))[0]:
        return t.count  # five hundred and one over eleven: a mixed number
    if after in _FRACTION_WORDS or (after == Word.HUNDRED and not scale):
        return t.count
    if after == Word.ORDINAL and last == k and n == 1 and m > 2:
        return t.count
    return k


def digit_run(t: Tokens, i: int) -> Number | None:
    """Three or more digits said one by one: a code, a telephone number."""
    digits: list[str] = []
    j = i
    while True:
        word, n = LEXICON.get(t.words[j], NOTHING)
        if word != Word.DIGIT and not (word == Word.OH and digits):
            break
        digits.append(str(n))
        j = t.joined(j)
        if j != i + len(digits):
            break
    least = 2 if digits[0] == "0" else _RUN_LENGTH
    if len(digits) < least or (len(digits) == _RUN_LENGTH and t.words[i + 1] == "oh"):
        return None
    text = "".join(digits)
    return Number(Fraction(int(text)), i + len(digits), Kind.DIGITS, symbol=text, whole=False)
