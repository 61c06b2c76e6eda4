r"""Environments -> nodes with cells: matrices, cases, aligned lines, tables of prose.

What stands in a cell is read by the parser that is handed in (`core.latex_parse`), which in turn comes here.
"""

import re
from collections.abc import Callable

from pipeline.core.latex_node import Kind, Node, Row
from pipeline.core.latex_tokens import PROSE_ENVIRONMENTS, Token, TokenKind, UnreadableLatexError, tokens
from pipeline.core.mathtext import segments

Parse = Callable[[tuple[Token, ...]], Row]
"""What makes a row of the tokens of a cell."""
_MATRICES = frozenset(("matrix", "pmatrix", "bmatrix", "Bmatrix", "vmatrix", "Vmatrix", "smallmatrix", "array"))
_LINES = frozenset(
    ("align", "align*", "aligned", "alignedat", "eqnarray", "eqnarray*", "gather", "gather*", "gathered",
    "split",
     "equation", "equation*", "multline", "multline*", "alignat", "alignat*", "displaymath", "math",
     "flalign*",
     "center", "subequations", "flushleft", "enumerate", "itemize", "table")
)  # fmt: skip
_WITH_ARGUMENT = frozenset(("array", "alignat", "alignat*", "alignedat"))
_COLUMNS = re.compile(r"\A\s*(?:\[\w\])?\s*(?:\{[^{}]*(?:\{[^{}]*\}[^{}]*)*\}\s*)+")
_RULES = re.compile(r"\\(?:hline|toprule|midrule|bottomrule|cline\{[^}]*\}|multicolumn\{[^}]*\}\{[^}]*\})")


def environment(token: Token, parse: Parse) -> Node:
    """The rows and cells of an environment.

    Raises:
        UnreadableLatexError: it has no spoken form, or one of its cells has none.
    """
    name, inner = token.text, token.inner
    if name in PROSE_ENVIRONMENTS:
        return _table(inner[0].text, parse)
    if name in _WITH_ARGUMENT and inner and inner[0].kind is TokenKind.GROUP:
        inner = inner[1:]
    rows = _rows(inner, parse, aligned=name in _LINES)
    width = max((len(r) for r in rows), default=0)
    cells = tuple(cell for row in rows for cell in (*row, *((),) * (width - len(row))))
    if name in _MATRICES:
        return Node(Kind.MATRIX, name, cells, columns=width)
    if name in ("cases", "dcases", "rcases"):
        return Node(Kind.CASES, name, cells, columns=width)
    if name in _LINES:
        return Node(Kind.LINES, name, cells, columns=width)
    raise UnreadableLatexError(f"no spoken form for the environment {name}")


def _table(source: str, parse: Parse) -> Node:
    """A table, whose cells are prose with formulas in it."""
    body = _RULES.sub("", _COLUMNS.sub("", source))
    lines = [re.split(r"(?<!\\)&", line) for line in re.split(r"\\\\(?:\[[^\]]*\])?", body) if line.strip()]
    width = max((len(line) for line in lines), default=0)
    cells = [prose(cell, parse) for line in lines for cell in (*line, *[""] * (width - len(line)))]
    return Node(Kind.MATRIX, "table", tuple(cells), columns=width)


def prose(source: str, parse: Parse) -> Row:
    """Words with formulas in them, as a table's cell or a text holds them."""
    row: list[Node] = []
    for part in segments(source.strip()):
        if part.is_math:
            row += parse(tokens(part.text))
        elif part.text.strip():
            row.append(Node(Kind.TEXT, part.text))
    return tuple(row)


def _rows(inner: tuple[Token, ...], parse: Parse, *, aligned: bool) -> list[list[Row]]:
    """Rows of cells; in aligned lines the signs of alignment divide nothing."""
    rows: list[list[list[Token]]] = [[[]]]
    in_length = False
    for before, token in zip((None, *inner), inner, strict=False):
        in_length = _is_length(before, token, in_length)
        if in_length:
            continue
        if token.kind is TokenKind.COMMAND and token.text in ("\\", "tabularnewline", "cr"):
            rows.append([[]])
        elif token.kind is TokenKind.CHAR and token.text == "&":
            if aligned:
                continue
            rows[-1].append([])
        else:
            rows[-1][-1].append(token)
    parsed = [[parse(tuple(cell)) for cell in row] for row in rows]
    return [row for row in parsed if any(row)]


def _is_length(before: Token | None, token: Token, in_length: bool) -> bool:
    """Whether a token belongs to the optional length after a line break."""
    if in_length:
        return before is None or before.text != "]"
    return token.text == "[" and before is not None and before.text == "\\"
