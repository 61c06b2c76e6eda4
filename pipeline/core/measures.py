"""Read the unit of a number: "5kg", "6-foot", "60 km/h", "5 sq ft", "30°C", and letters that are unknowns.

It knows names of measures from `core.units`; money before its sign is `core.money`.
"""

from dataclasses import replace
from fractions import Fraction

from pipeline.core import money
from pipeline.core.number import Number, said, take
from pipeline.core.powers import exponent, power_at, power_words
from pipeline.core.quantity import Kind
from pipeline.core.tokens import NUMBER, SIGN, WORD, Tokens
from pipeline.core.units import ABBREVIATIONS, ONE_LETTER, SINGULARS, plural, singular, words

VARIABLES = frozenset("bcdefghjklmnopqrstuvwxyz")
_SQUARE = {"square": "square", "sq": "square", "cubic": "cubic", "cu": "cubic", "fluid": "fluid", "fl": "fluid"}
_LENGTHS = words("foot inch mile meter centimeter millimeter kilometer yard decimeter")
_NEVER_APART = frozenset(("newton", "joule"))
_SELDOM_APART = frozenset(("second", "hour"))
_IN_EQUATIONS = frozenset(("gram", "meter", "liter"))
_SECOND_WORDS = {
    ("degree", "celsius"): "degree Celsius",
    ("degree", "fahrenheit"): "degree Fahrenheit",
    ("kilowatt", "hour"): "kilowatt hour",
    ("fluid", "ounce"): "fluid ounce",
}
_TURNS = frozenset(("angle", "angles", "turn", "turns", "rotation", "arc", "arcs"))
_AFTER_TIMES = frozenset(("as", "more", "the", "faster", "$", "(", "larger", "bigger", "longer", "taller", "older"))

_OPENS_UNIT = frozenset(SINGULARS) | frozenset(ABBREVIATIONS) | frozenset(_SQUARE) | {"in", "st"}


def may_measure(word: str) -> bool:
    """Whether a word after a number can be a unit or a letter; a cheap test that spares most words `with_unit`."""
    return word in _OPENS_UNIT or len(word) == 1


def counted(number: Number, name: str) -> str:
    """The name of the unit in the number that the value asks for."""
    return name if number.value == 1 or number.kind is Kind.FRACTION else plural(name)


def degrees(t: Tokens, i: int, number: Number) -> Number:
    """The number with its degree sign and, where one follows, the scale."""
    j = number.end + 1
    single = number.value == 1 or t.words[j] in _TURNS
    scale = {"c": " Celsius", "f": " Fahrenheit"}.get(t.words[j], "") if t.near(j) else ""
    spoken = f"{said(t, i, number)} {'degree' if single else 'degrees'}{scale}"
    return replace(number, end=j + 1 if scale else j, unit=f"degree{scale}", spoken=spoken)


def marked(t: Tokens, i: int, number: Number, sign: str) -> Number:
    """Feet and inches by their marks, when no quotation is open."""
    j = number.end
    if not t.glued(j) or number.spoken is None:
        return number
    if sign == "'" and not (t.glued(j + 1) and t.kinds[j + 1] == WORD) and not _quoted(t, j):
        return replace(number, end=j + 1, unit="foot", spoken=f"{number.spoken} {counted(number, 'foot')}")
    if sign == '"' and not _in_quotation(t, j):
        return replace(number, end=j + 1, unit="inch", spoken=f"{said(t, i, number)} {counted(number, 'inch')}")
    return number


def _in_quotation(t: Tokens, j: int) -> bool:
    """Whether a double quotation mark is open before token `j`; outside one, a mark behind a number means inches."""
    is_open = False
    for k in range(j):
        if t.words[k] == '"':
            is_open = not is_open and not (k and t.glued(k) and t.kinds[k - 1] == NUMBER)
    return is_open


def _quoted(t: Tokens, j: int) -> bool:
    """Whether a single quotation mark was opened before token `j`."""
    return any(t.words[k] == "'" and not t.glued(k) and t.glued(k + 1) for k in range(j))


def with_unit(t: Tokens, i: int, number: Number, j: int, *, hyphen: bool) -> Number:
    """The number with the unit that begins at word `j`, or as the factor of a letter there."""
    word = t.words[j]
    glued = t.glued(j) and not hyphen
    power = _SQUARE.get(word, "")
    k = j
    if power:
        k = j + 1 + (t.words[j + 1] == ".")
        if t.words[k] == "-":
            k += 1
    name, spoken, end = _unit_name(t, number, k, hyphen=hyphen, glued=glued and not power)
    if name is None:
        return number if power or hyphen else _variable_product(t, i, number, j, glued=glued)
    raised = exponent(t, end) or _glued_exponent(t, end, abbreviated=spoken is not None)
    if raised is not None and name in _LENGTHS and raised[0] in (2, 3):
        power, end = ("square", "cubic")[raised[0] - 2], raised[1]
        spoken = spoken or t.raw(k)
    second_word = _SECOND_WORDS.get((name, singular(t.words[end]) or t.words[end]))
    if second_word is not None:
        name, end = second_word, end + 1
        spoken = spoken and counted(number, name)
    if name in money.NAMES and not power:
        return take(t, number, end, Kind.MONEY, name)
    name = f"{power} {name}".strip()
    per, end, spoken_per = ("", end, "") if " per " in name else _rate(t, end)
    if spoken is None and not (power and t.words[j] in ("sq", "cu", "fl")) and raised is None and not spoken_per:
        return take(t, number, end, unit=number.unit or name + per)
    words = f"{power} {spoken or t.raw(k)}".strip()
    joint = "-" if hyphen else " "
    return replace(number, end=end, unit=name + per, spoken=f"{said(t, i, number)}{joint}{words}{per}")


def _glued_exponent(t: Tokens, end: int, *, abbreviated: bool) -> tuple[int, int] | None:
    """The 2 of "8 m2", where nothing goes on."""
    if not abbreviated or t.words[end] not in ("2", "3") or not t.glued(end):
        return None
    if t.glued(end + 1) and t.words[end + 1] not in (".", ",", "?", ";", ")"):
        return None
    return int(t.words[end]), end + 1


def _unit_name(t: Tokens, number: Number, k: int, *, hyphen: bool, glued: bool) -> tuple[str | None, str | None, int]:
    """Canonical name, the words for it where it is abbreviated, and the token after it."""
    word = t.words[k]
    if t.kinds[k] != WORD:
        return None, None, k
    name = singular(word)
    if name:
        if name == "second" and word == "second" and number.value != 1 and not hyphen:
            return None, None, k
        return name, None, k + 1
    name = ABBREVIATIONS.get(word)
    if name and name.endswith("bit per second") and "Bp" in t.raw(k):
        name = name.replace("bit", "byte")
    if name is None and (glued or hyphen or not t.glued(k)):
        name = _shortwith_unit(t, k, glued=glued, hyphen=hyphen)
    if name is None:
        return None, None, k
    end = k + 1
    if t.words[end] == "." and t.glued(end) and t.near(end + 1) and _goes_on(t, end + 1):
        end += 1
    single = hyphen or money.attributive(t, k - 2, end)
    return name, name if single else counted(number, name), end


def _goes_on(t: Tokens, j: int) -> bool:
    """Whether the sentence goes on at token `j`, so that the stop before it ended an abbreviation."""
    raw = t.raw(j)
    return bool(raw) and (raw[0].islower() or raw in ",;)/" or t.kinds[j] == NUMBER)


def _shortwith_unit(t: Tokens, k: int, *, glued: bool, hyphen: bool) -> str | None:
    if t.words[k] == "in":
        dotted = t.words[k + 1] == "." and t.glued(k + 1) and _goes_on(t, k + 2)
        behind_feet = (k > 1 and singular(t.words[k - 2]) == "foot") or t.words[k - 2] in ("ft", "'")
        squared = t.words[k - 1] in ("sq", "cu") or (t.words[k - 1] == "." and t.words[k - 2] in ("sq", "cu"))
        ends = t.words[k + 1] == "." and t.glued(k + 1) and not hyphen  # no preposition ends a sentence so
        good = squared or hyphen or glued or dotted or behind_feet or ends or t.words[k + 1] == "^"
        return "inch" if good else None
    if t.words[k] == "st" and t.words[k + 2] in ("lb", "lbs"):
        return "stone"
    name = ONE_LETTER.get(t.raw(k))
    if name is None or t.kinds[k - 1] == WORD or t.words[k + 1] == "&":
        return None
    if not glued and (
        name in _NEVER_APART or (name in _SELDOM_APART and (k == t.count - 1 or _is_algebra(t, t.words[k])))
    ):
        return None
    if "=" in t.text and (name not in _IN_EQUATIONS or _is_algebra(t, t.words[k])):
        return None
    return name


def _is_algebra(t: Tokens, letter: str) -> bool:
    """Whether this letter, or any that is no unit, stands for an unknown somewhere in the text."""
    for j in range(t.count):
        word = t.words[j]
        if len(word) == 1 and t.kinds[j] == WORD and word not in "aix":
            before = j and t.kinds[j - 1] in (NUMBER, WORD)
            if word not in ONE_LETTER or (word == letter and not before and t.words[j - 1] not in ("/", ".", "'")):
                return True
    return False


def _rate(t: Tokens, end: int) -> tuple[str, int, str]:
    """The " per hour" after a unit, the token after it, and its words where a slash writes it."""
    slash = t.words[end] == "/"
    if not slash and t.words[end] != "per":
        return "", end, ""
    word = t.words[end + 1]
    if t.kinds[end + 1] != WORD:
        return "", end, ""
    name = singular(word) or ABBREVIATIONS.get(word) or (ONE_LETTER.get(t.raw(end + 1)) if slash else None)
    if not name or name in money.NAMES:
        return "", end, ""
    return f" per {name}", end + 2, f" per {name}" if slash or singular(word) is None else ""


def _variable_product(t: Tokens, i: int, number: Number, j: int, *, glued: bool) -> Number:
    """A factor before a letter: "3x", "three x"; in "3x as many", "4x5" the letter is a times sign."""
    word = t.words[j]
    if len(word) != 1 or number.unit or glued == (number.spoken is None):
        return number
    if number.spoken is None and word not in VARIABLES:
        return number
    if word == "x" and number.spoken is not None and (t.kinds[j + 1] == NUMBER or t.words[j + 1] in _AFTER_TIMES):
        return number
    if t.words[j + 1] in ("-", ".") and t.glued(j + 1) and t.glued(j + 2) and t.kinds[j + 2] == WORD:
        return number  # three t-shirts, four x-rays, half a.m.
    product = replace(take(t, number, j + 1), kind=Kind.VARIABLE, symbol=t.raw(j))
    power = power_at(t, j + 1)
    if power is None:
        return product
    n, end = power
    if t.kinds[j + 1] == SIGN:
        product = replace(product, end=end, spoken=f"{said(t, i, product)} {power_words(n)}")
    else:
        product = take(t, product, end)
    return replace(product, second=Fraction(n))
