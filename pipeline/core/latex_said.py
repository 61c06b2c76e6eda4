"""Words with what a neighbour must know about them: how loosely they bind, and whether their end is open."""

from enum import IntEnum
from typing import NamedTuple, Protocol

from pipeline.core.latex_node import Node, Row


class Level(IntEnum):
    """How loosely the words bind, from a single thing to a list."""

    ATOM = 0
    FRACTION = 1
    PRODUCT = 2
    SIGNED = 3
    """ "negative x"."""
    SUM = 4
    RELATION = 5
    LIST = 6


class Said(NamedTuple):
    """Spoken words of a part of a formula."""

    words: str
    level: Level
    tail: bool = False
    """Whether the words end inside a construction of open extent, so that what follows needs a pause."""
    of: bool = False
    """Whether they end in a function's argument: a pause before "over" and powers, "times" before a factor."""


def joined(parts: list[str]) -> str:
    """Words side by side; a comma leans on the word before it."""
    return " ".join(" ".join(p for p in parts if p).split()).replace(" ,", ",").replace(",,", ",")


def quantity(said: Said) -> Said:
    """Compound words as one operand: "the quantity x plus one,"."""
    words = said.words.rstrip(",")
    if "the quantity" in words:
        return Said(f"open parenthesis {words} close parenthesis", Level.ATOM)
    return Said(f"the quantity {words},", Level.ATOM)


class Says(Protocol):
    """The reader of rows, as far as terms need it."""

    @property
    def both_cases(self) -> frozenset[str]:
        """Letters whose capitals are called so."""
        ...

    @property
    def before(self) -> str:
        """The prose before the formula."""
        ...

    def row(self, row: Row) -> Said:
        """A whole formula."""
        ...

    def relation(self, row: Row) -> Said:
        """One member of a list."""
        ...

    def product(self, row: Row) -> Said:
        """Factors side by side."""
        ...

    def node(self, node: Node) -> Said:
        """A single construction."""
        ...

    def argument(self, row: Row) -> Said:
        """What follows "of"."""
        ...

    def with_dots(self, members: list[Row]) -> list[str]:
        """Members of a list, some of which may be dots."""
        ...
