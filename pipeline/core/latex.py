r"""Reads a LaTeX formula aloud in plain English, and knows which problems need their picture.

"\frac{x+1}{2} = 3" becomes "the quantity x plus one, over two equals three". Names no bracket where a pause
or "the quantity" will do. It does not find formulas in texts (`core.mathtext`).
"""

import re
from fractions import Fraction

from pipeline.core.latex_node import Kind, Node, Row
from pipeline.core.latex_parse import parse
from pipeline.core.latex_read import Context, read
from pipeline.core.latex_tokens import UnreadableLatexError, tokens
from pipeline.core.outcome import Unreadable
from pipeline.errors import Reason

_DRAWN = "figure|diagram|picture|drawing|graph"
_PICTURES = (
    (re.compile(r"\[asy\]|\[/asy\]"), "a drawing in Asymptote"),
    (re.compile(r"\\includegraphics|\\begin\{(?:picture|tikzpicture|asy)\}|!\[[^\]]*\]\("), "an image"),
    (re.compile(r"\b(?:as shown|shown (?:here|below|above)|pictured)\b", re.IGNORECASE), "a picture"),
    (
        re.compile(
            rf"\b(?:(?:{_DRAWN}|map) (?:below|above|shown|to the (?:right|left))"
            rf"|(?:following|accompanying|adjacent|given) (?:figure|diagram|picture|drawing)"
            r"|(?:in|from|of|to|on) th(?:e|is) (?:figure|diagram)\b"
            r"|is (?:graphed|drawn|illustrated|depicted) (?:below|above|here)"
            r"|(?:figure|diagram|picture) (?:shows|represents|consists))",
            re.IGNORECASE,
        ),
        "a picture",
    ),
)
_TABLES = re.compile(r"\b(?:table|chart|plot) (?:below|above|shown)|data shown", re.IGNORECASE)


def needs_figure(text: str) -> str | None:
    """What picture a problem refers to, None when its words suffice."""
    for pattern, name in _PICTURES:
        found = pattern.search(text)
        if found:
            return f"{name}: {found.group()!r}"
    missing = None if "\\begin{" in text else _TABLES.search(text)
    return f"a table: {missing.group()!r}" if missing else None


def speak_math(tex: str, before: str = "", after: str = "") -> str | Unreadable:
    r"""The words of one formula without its delimiters.

    `before` and `after` are the prose around it: before a "grid", 3 \times 4 is "three by four", and after
    "the point" (1,2) needs no name.
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
    letters = {n.text for n in _nodes(row) if n.kind in (Kind.LETTER, Kind.NAME)}
    return frozenset(
        n for n in letters if (len(n) == 1 and n.upper() != n and n.upper() in letters) or f"capital {n}" in letters
    )


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
