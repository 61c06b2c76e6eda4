"""Names of measures: abbreviation -> singular, singular <-> plural, and how a rate is said.

It does not decide where an abbreviation is meant as one: `core.phrases` does.
"""

import re


def words(text: str) -> frozenset[str]:
    """The set of the words that a text lists."""
    return frozenset(text.split())


_REGULAR = (
    "dollar cent euro penny pound yen rupee peso "
    "second minute hour day week month year decade "
    "millimeter centimeter decimeter meter kilometer micrometer nanometer mile yard "
    "milligram gram kilogram microgram ton tonne ounce "
    "milliliter centiliter deciliter liter gallon quart pint cup tablespoon teaspoon "
    "acre hectare degree radian watt kilowatt megawatt joule kilojoule calorie kilocalorie volt ampere ohm "
    "newton pascal "
    "byte bit kilobyte megabyte gigabyte terabyte megabit gigabit megapixel pixel knot decibel mole"
)

_IRREGULAR = {
    "foot": "feet",
    "inch": "inches",
    "penny": "pennies",
    "century": "centuries",
    "hertz": "hertz",
    "kilohertz": "kilohertz",
    "megahertz": "megahertz",
    "gigahertz": "gigahertz",
    "fluid ounce": "fluid ounces",
    "kilowatt hour": "kilowatt hours",
    "horsepower": "horsepower",
    "yen": "yen",
    "stone": "stone",
    "mile per hour": "miles per hour",
    "kilometer per hour": "kilometers per hour",
    "mile per gallon": "miles per gallon",
    "degree Celsius": "degrees Celsius",
    "degree Fahrenheit": "degrees Fahrenheit",
    "kelvin": "kelvin",
    "people": "people",
}

PLURALS: dict[str, str] = {name: name + "s" for name in _REGULAR.split()} | _IRREGULAR

SINGULARS: dict[str, str] = (
    {plural: singular for singular, plural in PLURALS.items()}
    | {name: name for name in PLURALS}
    | {
        "metre": "meter",
        "metres": "meter",
        "centimetre": "centimeter",
        "centimetres": "centimeter",
        "millimetre": "millimeter",
        "millimetres": "millimeter",
        "kilometre": "kilometer",
        "kilometres": "kilometer",
        "litre": "liter",
        "litres": "liter",
        "millilitre": "milliliter",
        "millilitres": "milliliter",
        "kilo": "kilogram",
        "kilos": "kilogram",
        "buck": "dollar",
        "bucks": "dollar",
        "pence": "penny",
        "people": "",
    }
)
"""Lower-case word -> canonical singular name."""

ABBREVIATIONS: dict[str, str] = {
    "lb": "pound",
    "lbs": "pound",
    "oz": "ounce",
    "kg": "kilogram",
    "kgs": "kilogram",
    "mg": "milligram",
    "km": "kilometer",
    "kms": "kilometer",
    "cm": "centimeter",
    "cms": "centimeter",
    "mm": "millimeter",
    "dm": "decimeter",
    "nm": "nanometer",
    "ml": "milliliter",
    "cl": "centiliter",
    "cc": "cubic centimeter",
    "dl": "deciliter",
    "ft": "foot",
    "yd": "yard",
    "yds": "yard",
    "mi": "mile",
    "hr": "hour",
    "hrs": "hour",
    "min": "minute",
    "mins": "minute",
    "sec": "second",
    "secs": "second",
    "wk": "week",
    "wks": "week",
    "mo": "month",
    "yr": "year",
    "yrs": "year",
    "gal": "gallon",
    "gals": "gallon",
    "qt": "quart",
    "qts": "quart",
    "pt": "pint",
    "pts": "point",
    "tbsp": "tablespoon",
    "tbsps": "tablespoon",
    "tsp": "teaspoon",
    "tsps": "teaspoon",
    "mph": "mile per hour",
    "kph": "kilometer per hour",
    "kmh": "kilometer per hour",
    "kmph": "kilometer per hour",
    "mpg": "mile per gallon",
    "kbps": "kilobit per second",
    "mbps": "megabit per second",
    "gbps": "gigabit per second",
    "kwh": "kilowatt hour",
    "kw": "kilowatt",
    "mw": "megawatt",
    "hz": "hertz",
    "khz": "kilohertz",
    "mhz": "megahertz",
    "ghz": "gigahertz",
    "kb": "kilobyte",
    "mb": "megabyte",
    "gb": "gigabyte",
    "tb": "terabyte",
    "kcal": "kilocalorie",
    "ha": "hectare",
    "hp": "horsepower",
    "deg": "degree",
    "db": "decibel",
}
"""Lower-case abbreviation -> canonical singular; meant as a unit wherever it follows a number."""
PLURALS |= {"point": "points", "cubic centimeter": "cubic centimeters"}
PLURALS |= {
    f"{size}{what} per second": f"{size}{what}s per second"
    for size in ("kilo", "mega", "giga")
    for what in ("bit", "byte")
}

ANYWHERE = words(
    "lbs oz kg kgs km kms cm mm ml ft yds hrs hr mins tbsp tsp tbsps tsps mph kph kmh kmph mpg kwh khz mhz ghz kcal yrs"
)
"""Abbreviations that are a unit without a number before them too."""

ONE_LETTER = {
    "m": "meter",
    "g": "gram",
    "l": "liter",
    "L": "liter",
    "h": "hour",
    "s": "second",
    "V": "volt",
    "W": "watt",
    "J": "joule",
    "N": "newton",
}
"""Only where the text is plainly no algebra."""

PER = frozenset(PLURALS) | words(
    "person people item piece pair pack dozen book box bag ticket page car kid child student unit "
    "square game shirt tile bottle card lesson visit night ride class classroom plate glass tree "
    "plant room floor bus bowl pie cake jar can shift slice serving setting table row shelf basket "
    "barrel bunch egg cow chicken dog cat horse trip lap set side word question point job house apple "
    "orange cookie shoe roll case crate carton tray load guest family team player step session "
    "customer door wheel seat section stop watt lamp pound sandwich meal package tank gift brick bale "
    "lawn"
)
"""Words that after a slash mean a rate: "miles/hour", "$5/ticket"."""


def plural(name: str) -> str:
    """The name for several: "feet", "miles per hour"; a name unknown here gets an s."""
    known = PLURALS.get(name)
    if known is not None:
        return known
    head, space, rest = name.partition(" per ")
    if space:
        return f"{plural(head)} per {rest}"
    power, space, base = name.partition(" ")
    if space and power in ("square", "cubic"):
        return f"{power} {plural(base)}"
    return name + "s"


def singular(word: str) -> str | None:
    """Canonical name of a measure for a word in either number, None when it is no measure."""
    return SINGULARS.get(word)


_ALSO_WORDS = words("second point people min mi mo pt stone mole knot")
"""Measures that are as often another word."""


def is_measure(word: str) -> bool:
    """Whether a word or abbreviation alone is plainly a measure: "quarts", "cm"."""
    return word not in _ALSO_WORDS and (bool(SINGULARS.get(word)) or word in ABBREVIATIONS)


_ENDS_IN_ES = re.compile(r"(?:(?:ss|x|sh|tch|nch|rch|each|\bbus)|(?:potat|tomat|her|ech|mosquit|volcan|mang)o)es$")
_WITH_IE = words("cookies movies pies brownies ties smoothies hoodies selfies rookies zombies calories")
_WITH_F = {"knives": "knife", "loaves": "loaf", "leaves": "leaf", "shelves": "shelf", "scarves": "scarf"}


def one_of(noun: str) -> str:
    """One of what a plural in -s names: "clip", "box", "potato", "berry"; "shoe" and "house" keep their e."""
    known = SINGULARS.get(noun) or _WITH_F.get(noun)
    if known:
        return known
    if noun.endswith("ies") and noun not in _WITH_IE:
        return f"{noun[:-3]}y"
    return noun[:-2] if _ENDS_IN_ES.search(noun) else noun[:-1]
