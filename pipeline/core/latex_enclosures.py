r"""What is drawn around or through a term: \boxed changes nothing that is said, a struck-out term is not the term.

The notations are those of MathML's `menclose`, which TeX has as \enclose{notations}{term}; the words are ClearSpeak's.
"""

_STRIKES = (
    ("updiagonalstrike", "up diagonal"), ("downdiagonalstrike", "down diagonal"), ("verticalstrike", "vertical"),
    ("horizontalstrike", "horizontal"),
)  # fmt: skip
_CROSSED = frozenset(("updiagonalstrike", "downdiagonalstrike"))
_SIDES = ("left", "right", "top", "bottom")
_OUTLINES = {"box": "box", "roundedbox": "round box", "circle": "circle"}
_MARKS = {
    "uparrow": "up arrow", "downarrow": "down arrow", "leftarrow": "left arrow", "rightarrow": "right arrow",
    "northeastarrow": "northeast arrow", "southeastarrow": "southeast arrow", "southwestarrow": "southwest arrow",
    "northwestarrow": "northwest arrow", "updownarrow": "double ended vertical arrow",
    "leftrightarrow": "double ended horizontal arrow",
    "northeastsouthwestarrow": "double ended up diagonal arrow",
    "northwestsoutheastarrow": "double ended down diagonal arrow", "updiagonalarrow": "up diagonal arrow",
    "actuarial": "actuarial symbol",
    "madruwb": "Arabic factorial symbol", "phasorangle": "phasor angle", "longdiv": "long division symbol",
    "radical": "square root",
}  # fmt: skip
CANCELLATIONS = {
    "cancel": "updiagonalstrike",
    "bcancel": "downdiagonalstrike",
    "xcancel": "updiagonalstrike downdiagonalstrike",
}
"""Commands of TeX for the commonest of them."""
_DEFAULT = "longdiv"
"""What MathML draws where nothing is named."""


def enclosure(notations: str) -> str | None:
    """The words for what is drawn, "up diagonal, cross out"; None for a notation that has none.

    Args:
        notations: names that blanks divide.
    """
    drawn = set(notations.split()) or {_DEFAULT}
    words = [words for name, words in _OUTLINES.items() if name in drawn]
    sides = [side for side in _SIDES if side in drawn]
    if sides:
        words.append(f"line on {', '.join(sides)}")
    struck = [words for name, words in _STRIKES if name in drawn]
    if struck:
        crossed = drawn >= _CROSSED
        words += (["x", *struck[2:]] if crossed else struck) + ["cross out"]
    words += [words for name, words in _MARKS.items() if name in drawn]
    known = {*_OUTLINES, *_SIDES, *_MARKS, *(name for name, _ in _STRIKES)}
    return ", ".join(words) if drawn <= known else None
