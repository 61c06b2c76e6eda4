r"""Factors that stand side by side in a formula: `2ab` is 2a * b, `\frac{4}{3} \pi (9^3)` has three of them.

In TeX a blank means nothing and letters in a row are a product; in plain text a blank ends an expression and letters
in a row are a word. It rewrites the one as the other and knows nothing of what is equal to what.
"""

import re

from pipeline.core.scan import SPECIAL_WORDS
from pipeline.core.units import is_measure
from pipeline.core.wordset import wordset

_RUN = re.compile(
    r"\\(?:text\w*|mbox|math[a-z]+|operatorname|begin|end)\*?\s*\{[^{}]*\}|\\[A-Za-z]+"
    r"|(?<![A-Za-z])(?P<letters>[a-z]{2,4})(?![A-Za-z'’])"
)
"""A run of letters, or what is passed over because its letters are no variables."""
_WORDS = wordset(
    """
    am an and area arg as at base be but by can cis deg for from has how if in is it its let not now of on or so sum
    than that the then thus to up us was we when with
    """
)
"""What is sometimes written inside a formula and is no product."""
_BLANK_BEFORE_LETTER = re.compile(r"(?<=[\d)]) +(?=[A-Za-z](?![A-Za-z]))")
_BLANK_BETWEEN = re.compile(
    r"(?:(?<=[\dα-ω)])|(?<=(?<![A-Za-z])[A-Za-z])) +(?=\((?![^()]*[A-Za-z]{2}))"
    r"|(?<=[\d)]) +(?=(?:sqrt|root_\d+)\(|[α-ω])"
)
_BLANK_AFTER_LETTER = re.compile(
    r"(?:(?<=(?<![A-Za-z])[A-Za-z])|(?<=[α-ω])) +(?=(?:sqrt|root_\d+)\(|[α-ω])|(?<=[α-ω]) +(?=[A-Za-z](?![A-Za-z]))"
)


def multiplied(tex: str) -> str:
    """A formula in TeX with its runs of lower-case letters as products: `ab + 2cd` as `a*b + 2c*d`.

    Runs of capitals are segments and angles, which have one value, and stay; so do units and names of functions.
    """
    return _BLANK_BEFORE_LETTER.sub("", _RUN.sub(_product, tex))


def _product(found: re.Match[str]) -> str:
    letters = found["letters"]
    if letters is None or letters in _WORDS or letters in SPECIAL_WORDS or is_measure(letters):
        return found[0]
    return "*".join(letters)


def joined(text: str) -> str:
    """Plain mathematics without the blanks between factors: `20 (1/4)^3 (2/3)^3 π` as `20(1/4)^3(2/3)^3π`.

    What would run together into one word is multiplied: `r sqrt(3)` as `r*sqrt(3)`.
    """
    return _BLANK_AFTER_LETTER.sub("*", _BLANK_BETWEEN.sub("", text))
