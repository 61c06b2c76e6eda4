"""The expression tree of a formula: its nodes, and what is often asked about rows of them."""

from dataclasses import dataclass
from enum import Enum


class Kind(Enum):
    """What a node is."""

    NUMBER = "number"
    LETTER = "letter"
    NAME = "name"
    """A thing that is said by its name: a Greek letter, infinity, a set of numbers."""
    FUNCTION = "function"
    BIG = "big"
    SUM = "sum"
    PRODUCT = "product"
    RELATION = "relation"
    COMMA = "comma"
    COLON = "colon"
    GROUP = "group"
    """text = opening and closing sign; "" is an invisible pair of braces."""
    FRACTION = "fraction"
    ROOT = "root"
    CHOOSE = "choose"
    ACCENT = "accent"
    ENCLOSED = "enclosed"
    """text = what is drawn around it, in words."""
    TEXT = "text"
    MATRIX = "matrix"
    CASES = "cases"
    LINES = "lines"
    DOTS = "dots"
    PERCENT = "percent"
    MONEY = "money"
    SHAPE = "shape"
    FACTORIAL = "factorial"
    MODULO = "modulo"
    DEGREE = "degree"
    BLANK = "blank"


Row = tuple["Node", ...]


@dataclass(frozen=True, slots=True)
class Node:
    """One sign or construction with its scripts."""

    kind: Kind
    text: str = ""
    args: tuple[Row, ...] = ()
    sub: Row | None = None
    sup: Row | None = None
    primes: int = 0
    bold: bool = False
    columns: int = 0
    """Cells per row of a MATRIX, CASES or LINES, whose `args` are its cells row by row."""


OPERANDS = frozenset(
    (Kind.NUMBER, Kind.LETTER, Kind.NAME, Kind.GROUP, Kind.FRACTION, Kind.ROOT, Kind.CHOOSE,
    Kind.ACCENT, Kind.ENCLOSED, Kind.TEXT,
     Kind.MATRIX, Kind.PERCENT, Kind.FACTORIAL, Kind.DEGREE, Kind.DOTS, Kind.FUNCTION, Kind.BLANK)
)  # fmt: skip


def is_bare(node: Node) -> bool:
    """Whether nothing hangs on a node."""
    return not (node.sub or node.sup or node.primes)


def has(row: Row, kind: Kind) -> bool:
    """Whether a row holds a node of a kind."""
    return any(n.kind is kind for n in row)


def numeric(row: Row) -> bool:
    """Whether a row holds numbers alone."""
    return all(n.kind in (Kind.NUMBER, Kind.COMMA, Kind.SUM, Kind.FRACTION) for n in row)


def split(row: Row, kind: Kind) -> list[Row]:
    """The stretches of a row between nodes of a kind."""
    parts: list[list[Node]] = [[]]
    for node in row:
        if node.kind is kind:
            parts.append([])
        else:
            parts[-1].append(node)
    return [tuple(p) for p in parts]


def is_invisible(node: Node) -> bool:
    """Whether a node is a pair of braces that cannot be seen."""
    return node.kind is Kind.GROUP and not node.text


def is_integer(row: Row | tuple[Node, ...], value: int | None = None) -> bool:
    """Whether a row is one plain integer, -1 for instance."""
    if len(row) == 2 and row[0].kind is Kind.SUM and row[0].text in "-−":
        return is_integer(row[1:], None if value is None else -value)
    if len(row) != 1 or row[0].kind is not Kind.NUMBER or row[0].sub or row[0].sup:
        return False
    digits = row[0].text.replace(",", "")
    return digits.isdigit() and (value is None or (value >= 0 and digits == str(value)))
