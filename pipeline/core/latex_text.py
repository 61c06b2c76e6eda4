r"""Words inside formulas: \text{ if x is even}, \text{ cm}^2.

Says plain words, units and numbers; a sign it does not know makes the formula unreadable.
"""

import re

from pipeline.core import latex_symbols as names
from pipeline.core import numwords
from pipeline.core.latex_tokens import UnreadableLatexError

_PIECE = re.compile(
    r"(?P<number>\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?|\.\d+)|(?P<word>[A-Za-zÀ-ÿ]+(?:['’][A-Za-z]+)?\.?)"
    r"|(?P<space>\s+|~|\\[ ,;:!]|\\q?quad(?![A-Za-z]))|(?P<mark>[.,;:?!])|(?P<other>.)",
    re.DOTALL,
)
_LOOKS = re.compile(
    r"\\(?:text|textbf|emph|mathrm|mathbf|textit|textrm|bf|rm|it|sf|sc|scriptsize|footnotesize|small|tiny|normalsize|large)\b"
)
_SILENT = frozenset("()\"'{}-[]`’“”_")
_SPOKEN = {
    "%": "percent",
    "&": "and",
    "=": "equals",
    "+": "plus",
    "/": "per",
    "$": "dollars",
    "°": "degrees",
    "<": "is less than",
    ">": "is greater than",
}
_ROMAN = {"II": "two", "III": "three", "IV": "four", "VI": "six", "VII": "seven", "VIII": "eight"}


def say_text(source: str) -> str:
    """The words of a text inside a formula.

    Raises:
        UnreadableLatexError: it holds a sign or command without a spoken form.
    """
    words: list[str] = []
    source = _LOOKS.sub("", source)
    for piece in _PIECE.finditer(source.replace("\\%", "%").replace("\\$", "$").replace("\\&", "&")):
        kind, value = piece.lastgroup, piece.group()
        if kind == "number":
            words.append(numwords.decimal(value))
        elif kind == "word":
            words.append(_word(value, bool(words) and piece.start() > 0))
        elif kind == "mark":
            words.append("," if value in ";:" else value)
        elif kind == "other":
            words += _other(value)
    return re.sub(r" ([.,?!])", r"\1", " ".join(words)).strip()


def _word(value: str, follows: bool) -> str:
    bare = value.rstrip(".")
    if bare in names.UNITS and (len(bare) > 1 or not follows):
        return names.UNITS[bare][1]
    return _ROMAN.get(value, value)


def _other(value: str) -> list[str]:
    if value in _SPOKEN:
        return [_SPOKEN[value]]
    if value in _SILENT:
        return []
    raise UnreadableLatexError(f"no spoken form for {value!r} in a text")
