"""Functions and what they take: "f of x", "sine x", "log base two of x", "the sum from i equals one to n of i".

Where an argument ends is `core.latex_idioms`; which letters are functions is `core.latex_terms`.
"""

from dataclasses import replace

from pipeline.core import latex_symbols as names
from pipeline.core import numwords
from pipeline.core.latex_idioms import INTEGRALS, argument_end, conditional, differentials, is_single
from pipeline.core.latex_node import Kind, Node, Row, has, is_bare, is_integer, numeric, split
from pipeline.core.latex_said import Level, Said, Says, joined, quantity
from pipeline.core.latex_scripts import ORDINAL_LIMIT, scripted

_APPROACHES = {
    " goes to ": " approaches ",
    " increases to ": " approaches from below ",
    " decreases to ": " approaches from above ",
}
"""What arrows are called below a limit."""


def call(node: Node, group: Node, says: Says) -> Said:
    """A letter applied to what stands in brackets after it: "f of x", "P at one comma two"."""
    inner = group.args[0]
    point = has(inner, Kind.COMMA)
    name = (says.row(node.args[0]) if node.kind is Kind.GROUP else says.node(node)).words
    if not point:
        given = conditional(inner)
        words = " given ".join(says.row(p).words for p in given) if given else says.argument(inner).words
        said = Said(f"{name} of {words}", Level.ATOM, of=True)
    else:
        members = [says.relation(m).words.rstrip(",") for m in split(inner, Kind.COMMA)]
        is_point = node.text.isupper() and len(members) <= 3 and node.text not in ("P", "F") and numeric(inner)
        said = Said(f"{name} {'at' if is_point else 'of'} {' comma '.join(members)}", Level.ATOM, of=True)
    return scripted(said, group, says) if not is_bare(group) else said


def function(row: Row, at: int, says: Says) -> tuple[Said, int]:
    """A named function with its argument, and how many nodes it takes."""
    node = row[at]
    end = argument_end(row, at)
    arguments = row[at + 1 : end]
    head = _head(node, says)
    if node.text in ("max", "min", "lim", "sup", "inf", "limsup", "liminf") and node.sub:
        end = len(row)
        rest = says.product(row[at + 1 :]) if at + 1 < len(row) else None
        return Said(joined([head, f"of {rest.words}" if rest else ""]), Level.PRODUCT, tail=True), end - at
    if not arguments:
        return Said(head, Level.ATOM), 1
    said = _members(arguments, says) or says.argument(tuple(arguments))
    of = "" if node.text in names.PLAIN_FUNCTIONS - {"ln"} and not node.sub and is_single(arguments) else "of "
    if node.sup and not _is_said_behind(node.sup):
        head = f"the {_place(node.sup, says)} power of {_head(replace(node, sup=None), says)}"
    return Said(f"{head} {of}{said.words}", Level.ATOM, of=True), end - at


def _is_said_behind(power: Row) -> bool:
    """Whether a power is said behind the function's name: "sine squared x", "inverse sine x"."""
    if any(is_integer(power, value) for value in (2, 3, -1)) or not _COUNTED.issuperset(n.kind for n in power):
        return True
    return power[-1].kind is Kind.SUM


_COUNTED = frozenset((Kind.NUMBER, Kind.LETTER, Kind.SUM))


def _place(power: Row, says: Says) -> str:
    """ "fourth", "nth", "n minus one": else "sine to the n x" would raise n x."""
    if is_integer(power) and power[-1] is power[0] and 0 < int(power[0].text) <= ORDINAL_LIMIT:
        return numwords.ordinal(int(power[0].text))
    if len(power) == 1 and power[0].kind is Kind.LETTER and is_bare(power[0]):
        return f"{says.row(power).words}th"
    return says.row(power).words


def _members(arguments: Row, says: Says) -> Said | None:
    """Members of gcd(a, b): "a and b"."""
    if len(arguments) != 1 or arguments[0].kind is not Kind.GROUP or not arguments[0].args:
        return None
    members = split(arguments[0].args[0], Kind.COMMA)
    if len(members) < 2:
        return None
    said = [says.relation(m).words.rstrip(",") for m in members if m]
    return Said(", ".join(said[:-1]) + f" and {said[-1]},", Level.ATOM)


def _head(node: Node, says: Says) -> str:
    name = names.FUNCTIONS.get(node.text, node.text)
    article = "" if node.text in names.PLAIN_FUNCTIONS else "the "
    if node.text == "ln":
        article = "the "
    if node.text == "lim" and node.sub:
        approached = says.row(node.sub).words
        for said, meant in _APPROACHES.items():
            approached = approached.replace(said, meant)
        return f"the limit as {approached}"
    if node.sub and node.text == "log":
        name += f" base {says.argument(node.sub).words}"
    elif node.sub and node.text in ("max", "min", "sup", "inf"):
        name += f" over {says.row(node.sub).words},"
    elif node.sub:
        name += f" sub {says.row(node.sub).words}"
    if node.sup and is_integer(node.sup, -1):
        return f"{article}inverse {name}"
    if node.sup:
        return f"{article}{scripted(Said(name, Level.ATOM), Node(node.kind, sup=node.sup), says).words}"
    return article + name


def big_operator(row: Row, at: int, says: Says) -> tuple[Said, int]:
    """A sum, product or integral with its bounds and all that it is taken of."""
    node = row[at]
    words = names.BIG[node.text]
    if node.sub and node.sup:
        words += f" from {says.row(node.sub).words} to {says.row(node.sup).words}"
    elif node.sub:
        words += f" over {says.row(node.sub).words}"
    rest = row[at + 1 :]
    if not rest:
        return Said(words, Level.ATOM), 1
    if node.text in INTEGRALS:
        rest = differentials(rest)
    said = says.product(rest)
    if said.level >= Level.SUM:
        said = quantity(said)
    return Said(f"{words} of {said.words}", Level.PRODUCT, tail=True), len(row) - at
