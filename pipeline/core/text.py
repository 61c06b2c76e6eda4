"""Mend the characters of a text, so that every later part sees one spelling of each sign.

It knows characters, not words: nothing here reads a number or drops a letter that can be seen.
"""

import re
import unicodedata

_SPACE, _LINE, _GONE = " ", "\n", ""

_FIXED: dict[str, str] = {
    "\t": _SPACE,
    "\r": _LINE,
    "\v": _LINE,
    "\f": _LINE,
    "\x1c": _LINE,
    "\x1d": _LINE,
    "\x1e": _LINE,
    "\x1f": _SPACE,
    "\x85": _LINE,
    "\u2028": _LINE,
    "\u2029": _LINE,
    "‘": "'",
    "’": "'",
    "‛": "'",
    "ʼ": "'",
    "´": "'",
    "′": "'",
    "“": '"',
    "”": '"',
    "„": '"',
    "‟": '"',
    "«": '"',
    "»": '"',
    "″": '"',
    "‐": "-",
    "‑": "-",
    "‒": "–",
    "−": "-",
    "﹣": "-",
    "―": "—",
    "∕": "/",
    "⁄": "/",
    "∗": "*",
    "⋅": "·",
    "∙": "·",
    "✕": "×",
    "✖": "×",
    "⨯": "×",
    "➗": "÷",
    "➕": "+",
    "➖": "-",
    "∶": ":",
    "µ": "μ",
    "№": "No. ",
    "…": "...",
    "º": "°",
    "˚": "°",
    "℃": "°C",
    "℉": "°F",
    "\ufffc": _SPACE,
}

# Letters of other alphabets that look exactly like Latin ones.
_CYRILLIC = dict(zip("АВЕЅІЈКМНОРСТХУаесіјорхуѕ", "ABESIJKMHOPCTXYaecijopxys", strict=True))
_GREEK = dict(zip("ΑΒΕΖΗΙΚΜΝΟΡΤΥΧο", "ABEZHIKMNOPTYXo", strict=True))
_ALIKE = _CYRILLIC | _GREEK
_FOREIGN = re.compile("[\u0370-\u03ff\u0400-\u04ff]")
_MIXED_WORD = re.compile(
    f"[A-Za-z\u00c0-\u024f{''.join(_ALIKE)}]*[{''.join(_ALIKE)}][A-Za-z\u00c0-\u024f{''.join(_ALIKE)}]*"
)
GREEK_LETTER = re.compile("(?<![\u0370-\u03ff])[\u0370-\u03ff](?![\u0370-\u03ff])")
"""A Greek letter by itself is a name; a word of them is Greek."""
_LETTER = re.compile(r"[^\W\d_]")


def _mend(char: str) -> str:
    fixed = _FIXED.get(char)
    if fixed is not None:
        return fixed
    category = unicodedata.category(char)
    if category == "Zs":
        return _SPACE
    if category in {"Cf", "Cc"} or "\ufe00" <= char <= "\ufe0f":
        return _GONE
    if category == "Nd":
        return str(unicodedata.decimal(char))
    if (
        "\uff01" <= char <= "\uff5e"
        or "\U0001d400" <= char <= "\U0001d7ff"
        or "\ufb00" <= char <= "\ufb06"
        or category == "Nl"
    ):
        return unicodedata.normalize("NFKC", char)
    return char


class _Table(dict[int, str]):
    """Filled on first sight of a character, for `str.translate`."""

    def __missing__(self, code: int) -> str:
        char = chr(code)
        mended = char if (char.isascii() and char.isprintable()) or char == "\n" else _mend(char)
        self[code] = mended
        return mended


_TABLE = _Table()
_ODD_ASCII = re.compile(r"[\x00-\x09\x0b-\x1f\x7f]")


def _latin(match: re.Match[str]) -> str:
    word, text, (start, end) = match.group(), match.string, match.span()
    if (start and _LETTER.match(text[start - 1])) or (end < len(text) and _LETTER.match(text[end])):
        return word
    return "".join(_ALIKE.get(char, char) for char in word)


def _clean_once(text: str) -> str:
    text = unicodedata.normalize("NFC", text.replace("\r\n", "\n").translate(_TABLE))
    return _MIXED_WORD.sub(_latin, text) if _FOREIGN.search(text) else text


def clean(text: str) -> str:
    """Bring a text to NFC with plain spaces, line feeds, quotes, hyphens and digits; idempotent.

    Invisible characters go, letters of other alphabets that only look Latin become Latin where the whole word
    looks Latin, digits of any script become ASCII. En and em dashes stay: they tell a range from a hyphen.
    """
    if text.isascii() and not _ODD_ASCII.search(text):
        return text
    for _ in range(4):
        mended = _clean_once(text)
        if mended == text:
            break
        text = mended
    return text


def same_length(text: str) -> str:
    """`clean` for those characters that one character replaces, so that positions stay valid."""
    if text.isascii() and not _ODD_ASCII.search(text):
        return text
    return "".join(new if len(new := _TABLE[ord(char)]) == 1 else char for char in text)
