"""What abbreviated words mean where they stand: "Mr.", "lbs", "vs.", "No. 5", "w/", the x of "3 x 4"."""

from pipeline.core.lexicon import MONTH_NAMES
from pipeline.core.operands import opens_operand
from pipeline.core.phrases import Phrase
from pipeline.core.tokens import NUMBER, SIGN, Tokens
from pipeline.core.units import ABBREVIATIONS, ANYWHERE, ONE_LETTER, plural, words

_TITLES = {
    "mr": "Mister",
    "mrs": "Missus",
    "ms": "Miz",
    "dr": "Doctor",
    "prof": "Professor",
    "jr": "Junior",
    "sr": "Senior",
    "st": "Saint",
    "mt": "Mount",
    "approx": "approximately",
    "dept": "department",
    "ave": "Avenue",
    "blvd": "Boulevard",
    "vs": "versus",
    "etc": "et cetera",
    "pp": "pages",
    "ch": "chapter",
    "vol": "volume",
    "fig": "figure",
    "ext": "extension",
    "temp": "temperature",
    "mon": "Monday",
    "tues": "Tuesday",
    "wed": "Wednesday",
    "thurs": "Thursday",
    "fri": "Friday",
    "jan": "January",
    "feb": "February",
    "mar": "March",
    "apr": "April",
    "jun": "June",
    "jul": "July",
    "aug": "August",
    "sep": "September",
    "sept": "September",
    "oct": "October",
    "nov": "November",
    "dec": "December",
}
"""Only with the stop that marks them as shortened."""
_ONLY_BEFORE_DAYS = frozenset(("mar", "apr", "jun", "jul", "sep"))
_DAYS = frozenset(("mon", "tues", "wed", "thurs", "fri"))
_PERSONS = frozenset(("mr", "mrs", "ms", "dr", "prof"))
_WITHOUT_STOP = frozenset(("mr", "mrs", "dr", "vs", "etc"))
_BEFORE_MONTHS = words("in since until till by from to through of last next this early late mid every each")
_MAY_END = frozenset(("etc", "jr", "sr", "ave", "blvd", "dept", "temp")) | _DAYS
"""Their stop may be that of the sentence too; titles and "vs." go on."""
_LETTERS = {("e", "g"): "for example", ("i", "e"): "that is", ("a", "m"): "AM", ("p", "m"): "PM", ("a", "d"): "AD"}
_POWERS = {"sq": "square", "cu": "cubic"}
SHORT = frozenset(_TITLES) | frozenset(_POWERS) | {"x", "no", "w", "e", "i", "a", "p"} | set(ABBREVIATIONS)
SHORT_MEASURES = frozenset(_POWERS) | frozenset(ABBREVIATIONS) | {"fl"}
STOPPED = frozenset(_TITLES) | frozenset(_POWERS) | {"in", "no"}
"""Words that a stop after them may make an abbreviation."""
_AFTER_FACTOR = frozenset(("as", "more", "the", "faster", "larger", "bigger", "longer", "taller"))
_LENGTHS = words("foot feet inch inches meter meters cm ft in yard yards mm grid array rectangle photo rug")


def expand(t: Tokens, i: int, last: Phrase | None) -> tuple[str, int] | None:
    """The words for the abbreviation at `i` and the token after it, None when it is an ordinary word."""
    word = t.words[i]
    if word == "x":
        return _times(t, i, last)
    if len(word) == 2 and t.raw(i).isupper() and word in ANYWHERE:
        return None  # "in CM" may be initials; after a number it is read with it
    return _powered(t, i) if word in _POWERS else _short(t, i, word)


def _short(t: Tokens, i: int, word: str) -> tuple[str, int] | None:
    dotted = t.words[i + 1] == "." and t.glued(i + 1)
    if word in _TITLES:
        return _title(t, i, word, dotted=dotted)
    if word == "no":
        number = dotted and t.kinds[i + 2] == NUMBER and t.raw(i)[0] == "N"
        return ("number", i + 2) if number else None
    if word == "w":
        return _with(t, i)
    single = i > 0 and t.words[i - 1] in ("per", "a", "an", "each", "every", "/")
    if word in ANYWHERE or (word in ABBREVIATIONS and single and t.words[i - 1] == "per"):
        name = ABBREVIATIONS[word]
        return (name if single else plural(name)), i + 1 + (dotted and not _stops(t, i + 2))
    letters = _LETTERS.get((word, t.words[i + 2])) if dotted and t.glued(i + 2) else None
    if letters is None:
        return None
    return letters, i + 3 + (t.words[i + 3] == "." and t.glued(i + 3) and not _stops(t, i + 4))


def _powered(t: Tokens, i: int) -> tuple[str, int] | None:
    """ "sq ft" without a number before it: "$2 per sq ft"."""
    j = i + 1 + (t.words[i + 1] == "." and t.glued(i + 1))
    name = ABBREVIATIONS.get(t.words[j]) or ("inch" if t.words[j] == "in" else ONE_LETTER.get(t.raw(j)))
    if name is None or not t.near(j):
        return None
    single = i > 0 and t.words[i - 1] in ("per", "a", "an", "each", "every", "/", "one")
    stop = t.words[j + 1] == "." and t.glued(j + 1) and not _stops(t, j + 2)
    return f"{_POWERS[t.words[i]]} {name if single else plural(name)}", j + 1 + stop


def _stops(t: Tokens, j: int) -> bool:
    """Whether the sentence ends before token `j`."""
    raw = t.raw(j)
    return not raw or raw[0].isupper() or raw == "\n"


def _title(t: Tokens, i: int, word: str, *, dotted: bool) -> tuple[str, int] | None:
    if word in MONTH_NAMES and t.raw(i)[0].isupper() and t.kinds[i + 1 + dotted] == NUMBER and t.near(i + 1 + dotted):
        return _TITLES[word], i + 1 + dotted
    if not dotted:
        named = t.raw(i)[0].isupper() or word in ("vs", "etc")
        if word in ("ave", "blvd") and named and i and t.raw(i - 1)[:1].isupper():
            return _TITLES[word], i + 1
        return (_TITLES[word], i + 1) if word in _WITHOUT_STOP and named else None
    if word in _PERSONS and (not t.raw(i + 2)[:1].isupper() or _is_pair(t, i)):
        return None
    if word in _ONLY_BEFORE_DAYS or (word in _DAYS and not t.raw(i)[0].isupper()):
        return None
    return _stopped_title(t, i, word)


def _stopped_title(t: Tokens, i: int, word: str) -> tuple[str, int] | None:
    """The words for an abbreviation with its stop, which is kept where the sentence ends with it."""
    at_end = (word in _MAY_END or word in MONTH_NAMES) and _stops(t, i + 2)
    if at_end and word in MONTH_NAMES and (i == 0 or t.words[i - 1] not in _BEFORE_MONTHS):
        return None  # "She is older than Jan."
    said = _TITLES[word]
    if word == "st" and (i == 0 or t.raw(i - 1)[:1].isupper()) and i and t.kinds[i - 1] != SIGN:
        said, at_end = "Street", _stops(t, i + 2)
    return said, i + 1 if at_end else i + 2


def _is_pair(t: Tokens, i: int) -> bool:
    """Whether a single letter and "and" stand before: the Ms of "M&Ms" is no title."""
    return i > 1 and t.words[i - 1] in ("&", "and") and len(t.words[i - 2]) == 1


def _with(t: Tokens, i: int) -> tuple[str, int] | None:
    if t.words[i + 1] != "/" or not t.glued(i + 1):
        return None
    if t.words[i + 2] == "o" and t.glued(i + 2):
        return "without", i + 3
    return "with ", i + 2


def _in_digits(text: str) -> bool:
    return any(not character.isalpha() and not character.isspace() and character not in "-'" for character in text)


def _times(t: Tokens, i: int, last: Phrase | None) -> tuple[str, int] | None:
    """The letter x as a times sign, or "by" between lengths."""
    measured = last is not None and last.next == i
    if measured and last is not None and not (t.kinds[i + 1] == NUMBER or _in_digits(t.text[last.start : last.end])):
        return None  # in words the sign is "times": "the first x minus two" names a letter
    if not (measured or (i and t.words[i - 1] in (")", "%", "]"))):
        counted = t.kinds[i + 1] == NUMBER and not t.glued(i) and "=" in t.text
        return (" times ", i + 1) if counted else None
    if t.words[i + 1] in _AFTER_FACTOR and t.glued(i):
        return " times", i + 1
    if t.words[i + 1] == "-" or not (opens_operand(t, i + 1) or t.words[i + 1] == "."):
        return None
    if t.kinds[i + 1] == NUMBER and "=" not in t.text and (_measures_side(t, i + 2) or _is_one_thing(t, i)):
        return " by ", i + 1
    return " times ", i + 1


def _is_one_thing(t: Tokens, i: int) -> bool:
    """Whether an article stands before the two numbers around the x at `i`: "a 2x4"."""
    return t.glued(i) and t.glued(i + 1) and i > 1 and t.words[i - 2] in ("a", "an")


def _measures_side(t: Tokens, j: int) -> bool:
    """Whether a length or an area is named at token `j`, after the number there or one word later."""
    if t.words[j] in _LENGTHS or t.words[j + 1] in _LENGTHS or t.words[j] in ("'", '"'):
        return True
    return t.words[j] == "m" and t.words[j + 1] in ("2", "²", "^")
