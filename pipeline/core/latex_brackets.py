"""What stands in brackets: quantities, absolute values, tuples, intervals, sets, matrices, cases, aligned lines."""

import re
from dataclasses import replace

from pipeline.core import numwords
from pipeline.core.latex_node import Kind, Node, Row, is_integer
from pipeline.core.latex_said import Level, Said, Says, joined, quantity
from pipeline.core.latex_tokens import UnreadableLatexError


def group(node: Node, says: Says) -> Said:
    """Whatever stands in brackets."""
    inner = node.args[0] if node.args else ()
    if not inner:
        return Said("", Level.ATOM)
    if node.text in ("absolute", "norm", "floor", "ceiling"):
        return _wrapped(node, inner, says)
    if node.text == "angle":
        return Said(f"the vector {_members(inner, says)}", Level.ATOM, tail=True)
    if node.text == "{}":
        return Said(_set(inner, says), Level.ATOM, tail=True)
    if any(n.kind is Kind.COMMA for n in inner) and node.text:
        return Said(_tuple(node.text, inner, says), Level.ATOM, tail=True)
    return _operand_group(node, inner, says)


def _operand_group(node: Node, inner: Row, says: Says) -> Said:
    """Brackets that only hold together: said as "the quantity" where the words would fall apart."""
    if len(inner) == 1 and inner[0].text == "array":
        inner = (replace(inner[0], text="pmatrix"),)
    said = says.row(inner)
    if node.text == "" and (len(inner) == 1 or said.level <= Level.PRODUCT):
        return said
    raised = bool(node.sup or node.primes)
    if raised and len(inner) == 1 and inner[0].kind is Kind.FRACTION:
        return quantity(said)
    if said.level is Level.ATOM or (said.level is Level.SIGNED and not raised):
        return said._replace(level=Level.ATOM)
    return quantity(said)


def _wrapped(node: Node, inner: Row, says: Says) -> Said:
    if len(inner) == 1 and inner[0].kind is Kind.MATRIX:
        return Said(f"the determinant of {says.row(inner).words}", Level.ATOM, tail=True)
    name = {"absolute": "absolute value", "norm": "norm"}.get(node.text, node.text)
    return Said(f"the {name} of {says.argument(inner).words}", Level.ATOM, tail=True)


def _parts(inner: Row) -> list[Row]:
    parts: list[list[Node]] = [[]]
    for node in inner:
        if node.kind is Kind.COMMA:
            parts.append([])
        else:
            parts[-1].append(node)
    return [tuple(p) for p in parts if p]


def _members(inner: Row, says: Says) -> str:
    return " comma ".join(w.rstrip(",") for w in says.with_dots(_parts(inner)))


def _tuple(brackets: str, inner: Row, says: Says) -> str:
    parts = _parts(inner)
    infinite = any(n.kind is Kind.NAME and n.text == "infinity" for p in parts for n in p)
    if len(parts) == 2 and (infinite or brackets != "()"):
        low, high = (says.relation(p).words.rstrip(",") for p in parts)
        if brackets in ("()", "open"):
            return f"the open interval from {low} to {high}"
        if brackets == "[]":
            return f"the closed interval from {low} to {high}"
        end = low if brackets[0] == "[" else high
        return f"the interval from {low} to {high}, including {end}"
    words = _members(inner, says)
    if len(parts) == 1:
        return words
    label = {2: "the pair", 3: "the triple"}.get(len(parts), "the tuple")
    if len(parts) in (2, 3) and _POINTS.search(says.before):
        label = "the point"
    return words if _is_announced(says.before) else f"{label} {words}"


_ANNOUNCING = ("point", "points", "pair", "pairs", "triple", "triples", "vertex", "vertices", "center",
"coordinates",
               "origin", "tuple", "tuples", "interval", "vector", "at", "through", "focus", "foci",
               "quadruple",
               "quadruples", "centered")  # fmt: skip


_POINTS = re.compile(
    r"\b(?:points?|cent(?:er|re)s?|vert(?:ex|ices)|coordinates?|origin|lines?|plane|segments?|triangle|endpoints?)\b",
    re.IGNORECASE,
)


def _is_announced(before: str) -> bool:
    words = before.replace(",", " ").split()
    return bool(words) and words[-1].lower() in _ANNOUNCING


def _set(inner: Row, says: Says) -> str:
    for i, node in enumerate(inner):
        if (node.kind is Kind.RELATION and node.text in ("|", "mid")) or node.kind is Kind.COLON:
            of, such = says.row(inner[:i]).words, says.row(inner[i + 1 :]).words
            return f"the set of all {of} such that {such}"
    return f"the set {', '.join(w.rstrip(',') for w in says.with_dots(_parts(inner)))}"


def _cells(node: Node) -> list[tuple[Row, ...]]:
    width = max(1, node.columns)
    return [node.args[i : i + width] for i in range(0, len(node.args), width)]


_UNLABELLED = 3
"""Entries of a vector up to which a listener needs no count."""


def _special(rows: list[tuple[Row, ...]]) -> str | None:
    """Whether a square matrix is known by name."""
    if len(rows) < 2 or len(rows) != len(rows[0]):
        return None
    found = [[cell[0].text if len(cell) == 1 and is_integer(cell) else "" for cell in row] for row in rows]
    size = range(len(rows))
    if all(found[i][j] == "0" for i in size for j in size):
        return "zero"
    return "identity" if all(found[i][j] == ("1" if i == j else "0") for i in size for j in size) else None


def matrix(node: Node, says: Says) -> Said:
    """A matrix row by row, a vector entry by entry, or a name where it has one."""
    rows = _cells(node)
    if node.text == "array" and any(n.kind is Kind.RELATION for row in rows for cell in row for n in cell):
        return lines(node, says)
    said = [[says.row(cell).words.rstrip(",") or "blank" for cell in row] for row in rows]
    if node.text == "array" and any("blank" in r for r in said):
        raise UnreadableLatexError("an array laid out as a drawing")
    vector = _vector(node, said) if 1 in (node.columns, len(rows)) and node.text != "table" else None
    return vector or Said(_rows(node, rows, said), Level.ATOM)


def _rows(node: Node, rows: list[tuple[Row, ...]], said: list[list[str]]) -> str:
    listed = _labelled("row", [", ".join(r) for r in said])
    if node.text == "table":
        return f"the table with {listed}"
    size = f"{numwords.cardinal(len(rows))} by {numwords.cardinal(node.columns)}"
    special = _special(rows) if node.text in ("matrix", "pmatrix", "bmatrix") else None
    if special:
        return f"the {size} {special} matrix"
    determinant = "the determinant of " if node.text == "vmatrix" else ""
    return f"{determinant}the {size} matrix with {listed}"


def _labelled(what: str, entries: list[str]) -> str:
    return "; ".join(f"{what} {numwords.cardinal(i)}: {entry}" for i, entry in enumerate(entries, 1)) + ";"


def _vector(node: Node, said: list[list[str]]) -> Said | None:
    """A single row or column; a long one with its entries counted."""
    what, along = ("column", "row") if len(said) > 1 else ("row", "column")
    entries = [entry for row in said for entry in row]
    if len(entries) == 1:
        named = node.text in ("pmatrix", "bmatrix", "matrix")
        return Said(f"the one by one matrix with entry {entries[0]}", Level.ATOM, tail=True) if named else None
    if len(entries) > _UNLABELLED:
        return Said(f"the {what} vector with {_labelled(along, entries)}", Level.ATOM)
    return Said(f"the {what} vector {' comma '.join(entries)}", Level.ATOM, tail=True)


def cases(node: Node, says: Says) -> Said:
    """A definition by cases."""
    parts = []
    for row in _cells(node):
        value = says.row(row[0]).words.rstrip(",")
        condition = says.row(row[1]).words.rstrip(",") if len(row) > 1 and row[1] else ""
        if condition and not condition.startswith(("if", "when", "for", "otherwise", "where")):
            condition = f"if {condition}"
        parts.append(f"{value} {condition}".strip())
    return Said(", and ".join(parts), Level.LIST, tail=True)


def lines(node: Node, says: Says) -> Said:
    """Aligned equations: the sign at the end of a line says how they follow each other."""
    parts = [says.row(tuple(n for cell in row for n in cell)).words.rstrip(",.;") for row in _cells(node)]
    parts = [p for p in parts if p]
    if len(parts) > 1 and all(" equals " in p or " is " in p for p in parts):
        return Said(", ".join(parts[:-1]) + f", and {parts[-1]}", Level.LIST, tail=True)
    return Said(joined([", ".join(parts)]), Level.LIST, tail=True)
