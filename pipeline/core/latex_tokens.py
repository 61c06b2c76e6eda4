r"""LaTeX source -> nested tokens, by pylatexenc: what is a command, a group, an environment, a number.

It knows LaTeX's lexical rules, not mathematics: what a command takes or means is `core.latex_parse`.
"""

import re
from dataclasses import dataclass
from enum import Enum

from pylatexenc.latexwalker import (
    LatexCharsNode,
    LatexCommentNode,
    LatexEnvironmentNode,
    LatexGroupNode,
    LatexMacroNode,
    LatexMathNode,
    LatexNode,
    LatexWalker,
    LatexWalkerParseError,
)
from pylatexenc.macrospec import LatexContextDb


class UnreadableLatexError(ValueError):
    """The source breaks LaTeX's rules or uses a command without a spoken form; the message names it.

    Never leaves `core.latex`, which turns it into a value.
    """


class TokenKind(Enum):
    """What a token is."""

    CHAR = "char"
    NUMBER = "number"
    COMMAND = "command"
    GROUP = "group"
    ENVIRONMENT = "environment"


@dataclass(frozen=True, slots=True)
class Token:
    """One token; groups and environments hold theirs."""

    kind: TokenKind
    text: str
    """The character, the digits, the command's name, the group's source, the environment's name."""
    inner: tuple["Token", ...] = ()


_CONTEXT = LatexContextDb()
"""Empty: no command takes arguments here, since \\frac12 is read by `core.latex_parse`."""
PROSE_ENVIRONMENTS = frozenset(("tabular", "tabular*"))
_DEEPEST = 40
_GROUPED = re.compile(r"(?<=\d)(?:,\s?\\!\s?|\{,\}\s?|\\!,|\{,\\!\}|\\,)(?=\d{3}(?!\d))")
_THOUSANDS = re.compile(r"(?<![\d.,_^{])\d{1,3}(?:,\d{3})+(?![\d,]|\s*,)")
_THREE_DOTS = re.compile(r"\.{3,}|(?:\. ){2,}\.")
_BEFORE_REPETEND = re.compile(r"(?<=\d\.)(?=\\overline)")
_UNESCAPED_PERCENT = re.compile(r"(?<!\\)%")
_PIECE = re.compile(r"(?P<number>\d+(?:\x01\d{3})*(?:\.\d+|\.(?=\x02))?|\.\d+)|[\s\x02]+|(?P<char>.)", re.DOTALL)


def tokens(source: str) -> tuple[Token, ...]:
    """The tokens of a math fragment.

    Raises:
        UnreadableLatexError: braces or environments do not match, or nest absurdly deep.
    """
    source = _THREE_DOTS.sub(r"\\ldots ", source)
    source = _BEFORE_REPETEND.sub("\x02", source)
    source = _UNESCAPED_PERCENT.sub(r"\\%", _GROUPED.sub("\x01", source))
    if "," in source:
        source = _THOUSANDS.sub(lambda m: _thousands(source, m), source)
    if source.count("{") > _DEEPEST and _depth(source) > _DEEPEST:
        raise UnreadableLatexError(f"braces nest deeper than {_DEEPEST}")
    try:
        nodes, _, _ = LatexWalker(source, latex_context=_CONTEXT, tolerant_parsing=False).get_latex_nodes()
    except LatexWalkerParseError as exc:
        raise UnreadableLatexError(f"broken LaTeX in {source[:60]!r}") from exc
    return _convert(nodes)


def _thousands(source: str, found: re.Match[str]) -> str:
    """A comma between digit groups, unless it separates the members of a tuple or set."""
    before = source[: found.start()]
    closed = sum(before.count(c) for c in ")]") + before.count("\\}")
    inside = sum(before.count(c) for c in "([") + before.count("\\{") > closed
    return found.group() if inside else found.group().replace(",", "\x01")


def _depth(source: str) -> int:
    depth = deepest = 0
    for c in source:
        depth += (c == "{") - (c == "}")
        deepest = max(deepest, depth)
    return deepest


def _convert(nodes: list[LatexNode]) -> tuple[Token, ...]:
    found: list[Token] = []
    for node in nodes:
        if isinstance(node, LatexCharsNode):
            found.extend(_pieces(node.chars))
        elif isinstance(node, LatexMacroNode):
            found.append(Token(TokenKind.COMMAND, node.macroname))
        elif isinstance(node, LatexGroupNode):
            inner = _convert(node.nodelist)
            found.append(Token(TokenKind.GROUP, node.latex_verbatim()[1:-1].replace("\x01", ","), inner))
        elif isinstance(node, LatexEnvironmentNode):
            found.append(_environment(node))
        elif isinstance(node, LatexMathNode):
            found.append(Token(TokenKind.GROUP, node.latex_verbatim(), _convert(node.nodelist)))
        elif not isinstance(node, LatexCommentNode):
            raise UnreadableLatexError(f"LaTeX {node.latex_verbatim()[:40]!r}")
    return tuple(found)


def _environment(node: LatexEnvironmentNode) -> Token:
    """An environment; one whose cells hold prose keeps its source, as one group."""
    name = node.environmentname
    if name not in PROSE_ENVIRONMENTS:
        return Token(TokenKind.ENVIRONMENT, name, _convert(node.nodelist))
    source = node.latex_verbatim().removeprefix(f"\\begin{{{name}}}").removesuffix(f"\\end{{{name}}}")
    return Token(TokenKind.ENVIRONMENT, name, (Token(TokenKind.GROUP, source.replace("\x01", ",")),))


def _pieces(chars: str) -> list[Token]:
    found = []
    for piece in _PIECE.finditer(chars):
        if piece["number"]:
            found.append(Token(TokenKind.NUMBER, piece["number"].replace("\x01", "")))
        elif piece["char"]:
            found.append(Token(TokenKind.CHAR, piece["char"]))
    return found
