r"""Reads a LaTeX formula aloud in plain English, and knows which problems cannot be told without their picture.

"\frac{x+1}{2} = 3" becomes "the quantity x plus one, over two equals three". Names no bracket where a pause or
"the quantity" will do. It does not find formulas in texts (`core.mathtext`).
"""

import re
from fractions import Fraction

from pipeline.core.latex_parse import Kind, Node, Row, parse
from pipeline.core.latex_read import Context, read
from pipeline.core.latex_tokens import UnreadableLatexError, tokens
from pipeline.core.outcome import Unreadable
from pipeline.errors import Reason

_PICTURES = (
    (re.compile(r"\[asy\]|\[/asy\]"), "a drawing in Asymptote"),
    (re.compile(r"\\includegraphics|\\begin\{(?:picture|tikzpicture|asy)\}|!\[[^\]]*\]\("), "an image"),
    (
        re.compile(
            r"\b(?:as shown|shown (?:here|below|above|in)|in the (?:figure|diagram|picture|drawing|graph) (?:below|above|shown)|"
            r"(?:figure|diagram|picture|drawing|graph|chart|table|map) (?:below|above|shown|to the right|to the left)|"
            r"(?:following|accompanying|adjacent) (?:figure|diagram|picture|drawing|graph|chart)|pictured|"
            r"(?:in|from|of|to|on) th(?:e|is) (?:figure|diagram|picture)\b|is (?:graphed|drawn|illustrated|depicted) (?:below|above|here)|"
            r"(?:figure|diagram|picture) (?:shows|represents|consists|is made))",
            re.IGNORECASE,
        ),
        "a picture",
    ),
)


def needs_figure(text: str) -> str | None:
    """What picture a problem refers to, None when its words suffice."""
    for pattern, name in _PICTURES:
        found = pattern.search(text)
        if found:
            return f"{name}: {found.group()!r}"
    return None


def speak_math(tex: str, before: str = "", after: str = "") -> str | Unreadable:
    """The words of one formula without its delimiters.

    `before` and `after` are the prose around it: before a "grid", 3 \\times 4 is "three by four", and after "the
    point" (1,2) needs no name.
    """
    try:
        row = parse(tokens(tex))
        words = read(row, Context(before, after, _both_cases(row)))
    except UnreadableLatexError as exc:
        return Unreadable(Reason.UNREADABLE, str(exc))
    return _polished(words)


def _polished(words: str) -> str:
    words = re.sub(r"\s+([,;.])", r"\1", " ".join(words.split()))
    words = re.sub(r"[,;]+([,;.])", r"\1", words)
    return words.strip(" ,;")


def _both_cases(row: Row) -> frozenset[str]:
    letters = {n.text for n in _nodes(row) if n.kind is Kind.LETTER}
    return frozenset(letter for letter in letters if letter.islower() and letter.upper() in letters)


def _nodes(row: Row) -> list[Node]:
    found: list[Node] = []
    for node in row:
        found.append(node)
        for part in (*node.args, node.sub or (), node.sup or ()):
            found += _nodes(part)
    return found


def numbers(tex: str) -> tuple[Fraction, ...] | Unreadable:
    """The number literals of a formula in reading order."""
    try:
        row = parse(tokens(tex))
    except UnreadableLatexError as exc:
        return Unreadable(Reason.UNREADABLE, str(exc))
    return tuple(Fraction(n.text) for n in _nodes(row) if n.kind is Kind.NUMBER)
