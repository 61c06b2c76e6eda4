"""What a sign between words is called: "/" is "per", "or" or "divided by", "-" a hyphen, "to" or "minus".

It decides from the tokens around the sign; quantities themselves are `core.phrases`.
"""

from pipeline.core.brackets import open_bracket, shut_bracket
from pipeline.core.codes import in_chain
from pipeline.core.math_signs import MATH_SPEAKERS
from pipeline.core.operands import Said, ends_operand, in_equation, is_mathematical, line_start, opens_operand
from pipeline.core.phrases import Phrase, phrase_at
from pipeline.core.powers import exponent, power_words
from pipeline.core.quantity import Kind
from pipeline.core.tokens import LINE, NUMBER, SIGN, WORD, Tokens
from pipeline.core.units import ABBREVIATIONS, ONE_LETTER, PER, singular
from pipeline.core.written_numbers import SUPERSCRIPTS, ratio_is_meant

PLAIN = frozenset(".,;:?!'")

_WORDS = {
    "×": " times ",
    "·": " times ",
    "÷": " divided by ",
    "±": " plus or minus ",
    "≈": " is about ",
    "≠": " is not equal to ",
    "∞": " infinity ",
    "∠": " angle ",
    "△": " triangle ",
    "⊥": " is perpendicular to ",
    "∥": " is parallel to ",
    "≅": " is congruent to ",
    "∼": " is similar to ",
    "∴": " therefore ",
    "∈": " is in ",
    "∑": " the sum of ",
    "→": " to ",
    "⇒": ", so ",
    "&": " and ",
    "@": " at ",
    "%": " percent ",
    "°": " degrees ",
    "¢": " cents ",
    "§": " section ",
    "—": ", ",
    "≡": " is equivalent to ",
    "∪": " union ",
    "∩": " intersection ",
    "$": " dollars ",
    "€": " euros ",
    "£": " pounds ",
    "¥": " yen ",
    "₹": " rupees ",
    "[": ", ",
    "]": ", ",
    "{": ", ",
    "}": ", ",
    ")": ", ",
}
_DROPPED = frozenset('"`•▪●◦‣■□✓✔™®©†‡*#>')
BULLETS = frozenset("-*•–·▪●◦‣■□>+")
_SCORES = ("score", "scored", "won", "beat", "vote", "lead")


def say(t: Tokens, i: int, before: Phrase | None) -> Said | None:
    """The words for the sign at `i`, after the quantity `before` if one ends there; None when it has none."""
    sign = t.words[i]
    speaker = _SPEAKERS.get(sign)
    if speaker is not None:
        return speaker(t, i, before)
    if sign in _DROPPED:
        return Said(" ", i + 1)
    if sign in SUPERSCRIPTS:
        power = exponent(t, i)
        return Said(f" {power_words(power[0])} ", power[1]) if power else None
    words = _WORDS.get(sign)
    return Said(words, i + 1) if words is not None else None


def _hyphen(t: Tokens, i: int, before: Phrase | None) -> Said | None:
    j = i + 1
    if t.words[j] in ("-", ">") and t.glued(j):
        return Said(" to " if t.words[j] == ">" else ", ", j + 1)
    if line_start(t, i) and not t.glued(j):
        return Said("", j)
    if t.glued(i) and t.glued(j) and not _algebra(t, i):
        if t.kinds[j] == WORD:
            chained = before is not None and before.start > 0 and t.text[before.start - 1] == "-"
            return Said(" " if chained else "-", j)
        if t.kinds[i - 1] == WORD and before is None:
            return Said(" ", j)
    return Said(_minus(t, i, before), j)


def _minus(t: Tokens, i: int, before: Phrase | None) -> str:
    """The word for a hyphen that joins no word: " minus ", " to ", or a pause."""
    j = i + 1
    if t.words[j] == "=" or not t.near(j) or j >= t.count:
        return ", " if t.glued(i) or not ends_operand(t, i - 1) else " minus "
    if _is_name(t, i):
        return ", "
    if (before is not None or ends_operand(t, i - 1)) and opens_operand(t, j):
        return _between(t, i, before)
    if t.kinds[j] in (NUMBER, SIGN) and opens_operand(t, j) and in_equation(t, i):
        return " minus "
    return ", "


def _is_name(t: Tokens, i: int) -> bool:
    """Whether the hyphen at `i` is one of several in a name made of numbers: "a 5-12-13 triangle"."""
    first = last = i
    while first > 2 and t.words[first - 2] == "-" and t.glued(first - 1) and t.glued(first):
        first -= 2
    while t.words[last + 2] == "-" and t.glued(last + 1) and t.glued(last + 2):
        last += 2
    if first == last or not (t.glued(first) and t.glued(last + 1)):
        return False
    numbers = all(t.kinds[k] == NUMBER for k in range(first - 1, last + 2, 2))
    return numbers and t.kinds[last + 2] == WORD and not is_mathematical(t.words[last + 2]) and not in_equation(t, i)


def _algebra(t: Tokens, i: int) -> bool:
    """Whether a single letter beside the hyphen at `i` is a variable: "x-5", "10-x"."""
    left, right = t.words[i - 1] if i else "", t.words[i + 1]
    letter = (len(right) == 1 and t.kinds[i + 1] == WORD) or (len(left) == 1 and t.kinds[i - 1] == WORD)
    return letter and (ends_operand(t, i - 1) and opens_operand(t, i + 1)) and in_equation(t, i)


def _between(t: Tokens, i: int, before: Phrase | None) -> str:
    """The word between two amounts: " to " for a range, " minus " for a subtraction."""
    after = phrase_at(t, i + 1)
    if before is None or after is None or before.quantity is None or after.quantity is None:
        return " minus " if t.kinds[i - 1] != WORD or before or len(t.words[i - 1]) == 1 or in_equation(t, i) else ", "
    low, high = before.quantity, after.quantity
    if Kind.VARIABLE in (low.kind, high.kind):
        return " minus "
    if low.kind in (Kind.CLOCK, Kind.YEAR, Kind.DATE, Kind.ORDINAL):
        return " to "
    value = high.value * 100 if high.kind is Kind.PERCENT and low.kind is not Kind.PERCENT else high.value
    if not in_equation(t, i) and any(word in t.words for word in _SCORES):
        return " to "
    if in_equation(t, i) or low.value >= value or t.words[after.next] == "-" or _subtracts(t, i, before, after):
        return " minus "
    return " to "


_WORKED_OUT = frozenset(("compute", "evaluate", "calculate", "simplify", "solve", "subtract"))


def _subtracts(t: Tokens, i: int, before: Phrase, after: Phrase) -> bool:
    """Whether two bare numbers that grow are still a subtraction: "1 - 117" alone, "Compute 1-117"."""
    if before.quantity is None or after.quantity is None or before.quantity.unit or after.quantity.unit:
        return False
    if t.kinds[after.next] == WORD:
        return False
    first = next((k for k in range(i - 1, -1, -1) if t.starts[k] <= before.start), 0)
    head = t.words[first - 1] if first else ""
    asked = head in _WORKED_OUT or (head == "is" and t.words[max(0, first - 2)] == "what")
    spaced = t.words[i] == "-" and not t.glued(i) and not t.glued(i + 1)
    alone = first == 0 and t.kinds[after.next] != WORD
    return asked or (spaced and (alone or head == "("))


def _dash(t: Tokens, i: int, before: Phrase | None) -> Said | None:
    if line_start(t, i) and not t.glued(i + 1):
        return Said("", i + 1)
    if ends_operand(t, i - 1) and opens_operand(t, i + 1) and t.words[i + 1] != "-":
        return Said(_between(t, i, before), i + 1)
    return Said(", ", i + 1)


def _slash(t: Tokens, i: int, before: Phrase | None) -> Said | None:
    j = i + 1
    left, right = t.words[i - 1] if i else "", t.words[j]
    if t.kinds[j] == WORD:
        name = _rate_name(t, i, j, measured=before is not None)
        if name is not None:
            return Said(f" per {name}", j + 1 + (t.words[j] in ("sq", "cu")))
        if len(right) == 1 and (before is not None or len(left) == 1 or left in "()"):
            return Said(" divided by ", j)
        return (
            Said(" or ", j)
            if before is None and left not in ("and", ")")
            else Said(" per " if left != "and" else " ", j)
        )
    if opens_operand(t, j):
        return Said(" divided by ", j)
    return Said(", ", j)


def _rate_name(t: Tokens, i: int, j: int, *, measured: bool) -> str | None:
    right = t.words[j]
    name = ABBREVIATIONS.get(right)
    if name is not None:
        return name
    left = t.words[i - 1]
    unit_before = singular(left) is not None or left in ABBREVIATIONS
    letter = ONE_LETTER.get(t.raw(j))
    if letter and (unit_before or t.raw(i - 1) in ONE_LETTER) and t.raw(j) not in "VWJN":
        return letter
    if right in ("sq", "square", "cubic", "cu"):
        return _area_name(t, j)
    counted = left.endswith("s") and i > 1 and t.kinds[i - 2] == NUMBER
    rate = (
        (right in PER and (measured or left.endswith("s") or unit_before or left == "$"))
        or (singular(right) is not None and singular(left) is not None)
        or (counted and len(right) > 1 and not right.endswith(("s", "ing", "ed")))
    )
    return t.raw(j) if rate else None


def _area_name(t: Tokens, j: int) -> str:
    word, unit = t.words[j], t.words[j + 1]
    if word not in ("sq", "cu"):
        return word
    name = ABBREVIATIONS.get(unit) or ONE_LETTER.get(unit) or singular(unit) or unit
    return f"{'square' if word == 'sq' else 'cubic'} {name}"


def _star(t: Tokens, i: int, before: Phrase | None) -> Said | None:
    del before
    if t.words[i + 1] == "*" and t.glued(i + 1):
        return Said(" ", i + 2)
    if line_start(t, i) or i + 1 >= t.count or t.kinds[i + 1] == LINE:
        return Said(" ", i + 1)
    if t.near(i + 1) and (ends_operand(t, i - 1) or opens_operand(t, i + 1) or not t.glued(i)):
        return Said(" times ", i + 1)
    return Said(" ", i + 1)


def _plus(t: Tokens, i: int, before: Phrase | None) -> Said | None:
    del before
    return Said("" if line_start(t, i) and not t.glued(i + 1) else " plus ", i + 1)


def _equals(t: Tokens, i: int, before: Phrase | None) -> Said | None:
    del before
    if t.words[i + 1] == ">" and t.glued(i + 1):
        return Said(", so ", i + 2)
    j = i + 1
    while t.words[j] in ("=", "<", ">") and t.glued(j):
        j += 1
    return Said(" equals ", j)


def _hash(t: Tokens, i: int, before: Phrase | None) -> Said | None:
    del before
    j = i + 1
    while t.words[j] == "#":
        j += 1
    if j == i + 1 and t.kinds[j] == NUMBER and t.near(j):
        return Said(" number ", j)
    return Said(" ", j)


def _caret(t: Tokens, i: int, before: Phrase | None) -> Said | None:
    del before
    power = exponent(t, i)
    if power is not None:
        return Said(f" {power_words(power[0])} ", power[1])
    return Said(" to the power of ", i + 1) if opens_operand(t, i + 1) else None


def _underscore(t: Tokens, i: int, before: Phrase | None) -> Said | None:
    del before
    j = i + 1
    while t.words[j] == "_":
        j += 1
    if j == i + 1:
        return Said(" sub " if t.glued(i) and t.glued(j) and ends_operand(t, i - 1) else " ", j)
    return Said(" blank ", j)


def _quote(t: Tokens, i: int, before: Phrase | None) -> Said | None:
    """An apostrophe that no word took in: kept after a letter ("James' "), else a quotation mark."""
    del before
    owned = t.glued(i) and t.kinds[i - 1] == WORD and not t.glued(i + 1)
    return Said("'" if owned and "'" not in t.words[:i] else "", i + 1)


def _colon(t: Tokens, i: int, before: Phrase | None) -> Said | None:
    ratio = (
        t.kinds[i + 1] == NUMBER and before is not None and ((t.glued(i) and t.glued(i + 1)) or ratio_is_meant(t, i))
    )
    if ratio:
        return Said(" to ", i + 1)
    if ratio_is_meant(t, i) and t.kinds[i - 1] == WORD and t.kinds[i + 1] == WORD and (t.glued(i) == t.glued(i + 1)):
        return Said(" to ", i + 1)
    return Said(":" if t.near(i + 1) and not t.glued(i + 1) else ": ", i + 1)


def _stop(t: Tokens, i: int, before: Phrase | None) -> Said | None:
    del before
    if t.glued(i) and t.glued(i + 1) and t.words[i + 1] in ("com", "org", "net", "edu", "gov", "io"):
        return Said(" dot ", i + 1)
    if t.kinds[i + 1] == NUMBER and in_chain(t, i + 1):
        return Said(" dot ", i + 1)
    return Said(".", i + 1)


_SPEAKERS = MATH_SPEAKERS | {
    "-": _hyphen,
    "–": _dash,
    "—": _dash,
    "/": _slash,
    "*": _star,
    "+": _plus,
    "=": _equals,
    "#": _hash,
    "^": _caret,
    "_": _underscore,
    "'": _quote,
    ":": _colon,
    ".": _stop,
    "(": open_bracket,
    "[": open_bracket,
    ")": shut_bracket,
    "]": shut_bracket,
}
