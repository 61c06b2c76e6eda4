r"""Finds the mathematics in a text: $..$, $$..$$, \(..\), \[..\], environments and bare commands.

A dollar sign may also be money ("$5 and $10", "$x a pound"): it opens mathematics only where a fitting
partner closes it. The result covers the whole text in order. How mathematics is read is `core.latex`; money
stays in the text segments, where `core.speak` reads it.
"""

import re
from typing import NamedTuple


class Segment(NamedTuple):
    """A stretch of a text; `text[start:end]` is what it covers, delimiters included."""

    text: str
    """The mathematics without its delimiters, or prose in which escaped signs are plain ones."""
    is_math: bool
    start: int
    end: int


_LONGEST_FORMULA = 3000
_OPENING = re.compile(
    r"\\\$|\\%|\\&|\\#|\\_"
    r"|(?P<dollars>\$\$)|(?P<dollar>\$)|(?P<paren>\\\()|(?P<bracket>\\\[)"
    r"|\\begin\s*\{(?P<environment>[A-Za-z]+\*?)\}|(?P<command>\\[A-Za-z]+)|\\."
)
_OPENING_DOLLAR = re.compile(r"\$(?:(?P<dollars>\$)|(?P<dollar>))")
"""The same where a text holds no backslash."""
_CLOSINGS = {"dollars": "$$", "paren": "\\)", "bracket": "\\]"}
_ESCAPED = re.compile(r"\\([$%&#_])")
_SPACING = re.compile(r"\\\\(?:\[[^\]]*\])?|\\[ ,;:!]|\\q?quad(?![A-Za-z])|\\(?:item|noindent|par)(?![A-Za-z])|~(?=\S)")
_CLOSING_DOLLAR = re.compile(r"(?<!\\)\$")
_PROSE = re.compile(r"(?<![A-Za-z\\{])(?:[A-Za-z]{3,}|or|of|is|to|in|at|so|by|on|he)(?![A-Za-z}])")
_GOES_ON = re.compile(r"\w|\.\d|[\\({]")
_AXIS = re.compile(r"[A-Za-z]-")
_ENGLISH = 5
"""Letters from which on a word is no product of variables."""
_FUNCTIONS = frozenset(
    (
        "sin",
        "cos",
        "tan",
        "cot",
        "sec",
        "csc",
        "log",
        "exp",
        "lim",
        "max",
        "min",
        "gcd",
        "lcm",
        "mod",
        "and",
        "det",
    )
)
_STRUCTURE = re.compile(r"[\\^_{}]")
_AROUND_COMMAND = frozenset("0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ^_{}[]()+-*/=<>|!'")


def segments(text: str) -> tuple[Segment, ...]:
    """Cut a text into prose and mathematics, in order and without gaps."""
    if "$" not in text and "\\" not in text:
        return (Segment(text, False, 0, len(text)),)
    found: list[Segment] = []
    prose_from = at = 0
    pattern = _OPENING if "\\" in text else _OPENING_DOLLAR
    while (opening := pattern.search(text, at)) is not None:
        math = _math_at(text, opening, prose_from)
        if math is None:
            at = opening.end()
            continue
        if math.start > prose_from:
            found.append(_prose(text, prose_from, math.start))
        found.append(math)
        prose_from = at = math.end
    if prose_from < len(text) or not found:
        found.append(_prose(text, prose_from, len(text)))
    return tuple(found)


def _prose(text: str, start: int, end: int) -> Segment:
    plain = text[start:end]
    if "\\" in plain:
        plain = _ESCAPED.sub(r"\1", _SPACING.sub(" ", plain))
    return Segment(plain, False, start, end)


def _math_at(text: str, opening: re.Match[str], prose_from: int) -> Segment | None:
    kind = opening.lastgroup
    if kind is None or _SPACING.match(text, opening.start()):
        return None
    if kind == "dollar":
        return _between_dollars(text, opening.start(), prose_from)
    if kind == "environment":
        closing = f"\\end{{{opening['environment']}}}"
        end = text.find(closing, opening.end())
        whole = text[opening.start() : end + len(closing)]
        return Segment(whole, True, opening.start(), end + len(closing)) if end >= 0 else None
    if kind == "command":
        return _bare(text, opening.start(), opening.end(), prose_from)
    closing = _CLOSINGS[kind]
    end = text.find(closing, opening.end())
    if end < 0:
        return None
    return Segment(text[opening.end() : end], True, opening.start(), end + len(closing))


def _between_dollars(text: str, start: int, prose_from: int) -> Segment | None:
    closing = _CLOSING_DOLLAR.search(text, start + 1, start + _LONGEST_FORMULA)
    if closing is None:
        return None
    inside = text[start + 1 : closing.start()]
    before = text[start - 1] if start > prose_from else " "
    after = text[closing.end() : closing.end() + 2]
    if not _is_formula(inside, before, after):
        return None
    return Segment(inside, True, start, closing.end())


def _is_formula(inside: str, before: str, after: str) -> bool:
    """Whether the stretch between two dollar signs is mathematics and not prose between two prices."""
    if not inside.strip() or "\n\n" in inside or "<<" in inside:
        return False
    spaced = inside[-1].isspace()
    if spaced and (inside.rstrip()[-1] in "+-*/=" or (not inside[0].isspace() and _GOES_ON.match(after))):
        return False
    if _STRUCTURE.search(inside):
        return not _reads_on(inside, spaced)
    if after[:1].isdigit() or before.isdigit():
        return False
    if inside[-1] in "+-*/=(":
        return len(inside) == 1 or (bool(_AXIS.fullmatch(inside)) and after.isalpha())
    return all(_is_product(word, inside) for word in _words(inside))


def _is_product(word: str, inside: str) -> bool:
    """Whether letters are variables side by side: "xyz = 32" but not "for" between two prices."""
    return len(word) < _ENGLISH and (" " not in inside or ("=" in inside and not inside[0].isdigit()))


def _reads_on(inside: str, spaced: bool) -> bool:
    """Whether prose runs from a price into the next formula: "5 for each ..."."""
    head = _STRUCTURE.split(inside, maxsplit=1)[0]
    return spaced and len(_words(head)) > 1


def _words(text: str) -> list[str]:
    return [word for word in _PROSE.findall(text) if word.lower() not in _FUNCTIONS and not word.isupper()]


def _bare(text: str, start: int, end: int, prose_from: int) -> Segment:
    """A command outside all delimiters, with its arguments and what is written on to it without a space."""
    while start > prose_from and text[start - 1] in _AROUND_COMMAND:
        start -= 1
    depth = 0
    while end < len(text):
        c = text[end]
        if c == "{":
            depth += 1
        elif c == "}":
            depth -= 1
            if depth < 0:
                break
        elif depth == 0 and c == "\\" and re.match(r"\\[A-Za-z]", text[end:]):
            pass
        elif depth == 0 and c not in _AROUND_COMMAND:
            break
        end += 1
    return Segment(text[start:end], True, start, end)
