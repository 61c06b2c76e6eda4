"""Expression tree -> words: how rows, relations, sums and products are joined so that no bracket is missed.

A compound operand is "the quantity ..." and ends with a comma, which is the pause that closes it. What single
constructions are called is `core.latex_terms`.
"""

from dataclasses import dataclass

from pipeline.core import latex_symbols as names
from pipeline.core.latex_functions import big_operator, call, function
from pipeline.core.latex_idioms import (
    POINTS,
    SILENT,
    chosen,
    clocked,
    coins,
    glue,
    intervals,
    is_connective,
    is_proper,
    is_repetend,
    is_vector,
    mapped,
    measured,
    repeating,
    slashed,
)
from pipeline.core.latex_node import OPERANDS, Kind, Node, Row, has, is_bare, is_invisible, split
from pipeline.core.latex_said import Level, Said, joined, quantity
from pipeline.core.latex_scripts import scripted
from pipeline.core.latex_terms import is_function_call, say_node
from pipeline.core.latex_tokens import UnreadableLatexError


@dataclass(frozen=True, slots=True)
class Context:
    """What stands around a formula and changes how it is said."""

    before: str = ""
    after: str = ""
    both_cases: frozenset[str] = frozenset()
    """Letters that the formula uses in both cases: their capitals are called so."""


_DIMENSIONED = (
    "grid",
    "rect",
    "board",
    "matri",
    "array",
    "square",
    "checker",
    "chess",
    "box",
    "block",
    "cube",
    "table",
    "sheet",
    "garden",
    "picture",
    "photo",
    "tile",
    "piece",
    "room",
    "page",
    "paper",
)


_APPLIED = {Kind.FUNCTION: function, Kind.BIG: big_operator}
"""What takes an argument that is not marked off."""


class Reader:
    """Says rows of one formula."""

    def __init__(self, context: Context) -> None:
        self.context = context

    @property
    def both_cases(self) -> frozenset[str]:
        """Letters whose capitals are called so."""
        return self.context.both_cases

    @property
    def before(self) -> str:
        """The prose before the formula."""
        return self.context.before

    def row(self, row: Row) -> Said:
        """A whole formula or argument: members, relations, sums, products."""
        if len(row) == 1 and row[0].kind is Kind.GROUP and row[0].text in ("()", "") and is_bare(row[0]):
            inner = row[0].args[0] if row[0].args else ()
            if not has(inner, Kind.COMMA):
                return self.row(inner)
        row = clocked(mapped(row))
        clauses = self._clauses(row)
        if clauses:
            return clauses
        members = split(row, Kind.COMMA)
        if len(members) == 1:
            return self.relation(members[0])
        return self._members(members)

    def _clauses(self, row: Row) -> Said | None:
        """Formulas joined by words: "x equals three, and y equals four"."""
        if not any(is_connective(n) for n in row[1:-1]) or not has(row, Kind.RELATION):
            return None
        parts: list[str] = []
        clause: list[Node] = []
        for node in row:
            if is_connective(node) and clause:
                parts += [self.row(tuple(clause)).words, ","]
                clause = []
            if is_connective(node):
                parts.append(self.node(node).words)
            else:
                clause.append(node)
        parts.append(self.row(tuple(clause)).words if clause else "")
        return Said(joined(parts), Level.LIST)

    def _members(self, members: list[Row]) -> Said:
        said = self.with_dots([m for m in members if m])
        if len(said) == 1:
            return self.relation(next(m for m in members if m))
        return Said(", ".join(w.rstrip(",") for w in said), Level.LIST)

    def with_dots(self, members: list[Row]) -> list[str]:
        """Say 1, 2, ..., n as "one, two, and so on up to n"."""
        said: list[str] = []
        for i, member in enumerate(members):
            if len(member) == 1 and member[0].kind is Kind.DOTS and is_bare(member[0]):
                last = i == len(members) - 1
                said.append("and so on" if last else "and so on up to")
                continue
            words = self.relation(member).words.rstrip(",")
            if said and said[-1].endswith(" up to"):
                said[-1] += f" {words}"
            else:
                said.append(words)
        return said

    def relation(self, row: Row) -> Said:
        """Sides joined by relations: "zero is less than x, which is less than one"."""
        parts: list[str] = []
        side: list[Node] = []
        count = 0
        for node in row:
            if node.kind is not Kind.RELATION:
                side.append(node)
                continue
            words = self._relation_words(node, row)
            if side:
                parts.append(self._placed(tuple(side), parts).words)
            if count and words.startswith(("is ", "does ")):
                parts.append(", which")
            parts.append(words)
            side, count = [], count + 1
        if not count:
            return self.side(row)
        if side:
            parts.append(self._placed(tuple(side), parts).words)
        return Said(joined(parts), Level.RELATION)

    def _placed(self, side: Row, parts: list[str]) -> Said:
        return self.side(intervals(side) if parts and parts[-1] in ("in", "not in") else side)

    def _relation_words(self, node: Node, row: Row) -> str:
        if node.text.startswith("not "):
            return names.NEGATED[node.text[4:]]
        if node.text == "|":
            return "divides"
        if node.text == "sim" and row[0] is node:
            return "approximately"
        if node.text != "equiv":
            return names.RELATIONS[node.text]
        return names.RELATIONS["equiv"] if has(row, Kind.MODULO) else "is equivalent to"

    def side(self, row: Row) -> Said:
        """A sum; a sign before its first term is "negative"."""
        if len(row) == 1 and row[0].text == "()" and is_bare(row[0]) and not has(row[0].args[0], Kind.COMMA):
            return self.row(row[0].args[0])
        if any(n.kind is Kind.SUM and n.text in ("cup", "cap") for n in row):
            row = intervals(row)
        parts: list[str] = []
        term: list[Node] = []
        level = Level.ATOM
        terms = 0
        for node in row:
            if node.kind is not Kind.SUM:
                term.append(node)
                continue
            if term and term[-1].kind is not Kind.PRODUCT:
                parts += self._term(term, more=True)
                terms += 1
                parts.append(names.SUMS.get(node.text, node.text))
                level, term = Level.SUM, []
            elif term:
                term.append(node)
            else:
                parts.append(names.SIGNS.get(node.text) or names.SUMS[node.text])
                level = max(level, Level.SIGNED)
        if not term:
            return Said(joined(parts), level)
        last = self.product(tuple(term))
        if level is Level.SIGNED and last.level >= Level.SUM:
            last = quantity(last)
        parts.append(last.words)
        return Said(joined(parts), max(level, last.level), tail=last.tail, of=last.of)

    def _term(self, term: list[Node], *, more: bool) -> list[str]:
        said = self.product(tuple(term))
        return [said.words, ","] if more and said.tail else [said.words]

    # ---- Products --------------------------------------------------------------------------

    def product(self, row: Row) -> Said:
        """Factors side by side or joined by signs."""
        row = measured(chosen(slashed(row)))
        if len(row) == 1:
            alone = row[0].kind in (Kind.FUNCTION, Kind.BIG) and not is_bare(row[0])
            return self._factor(row, 0)[0] if alone else self.node(row[0])
        parts: list[str] = []
        i, before = 0, None
        level, tail, of = Level.PRODUCT, False, False
        while i < len(row):
            node = row[i]
            if node.kind is Kind.PRODUCT:
                parts.append(self._sign(row, i))
                before, i = None, i + 1
                continue
            said, used = self._factor(row, i)
            if before is not None:
                parts.append(
                    "times"
                    if (before.of or (used > 1 and row[i - 1].kind is Kind.LETTER and node.kind is Kind.LETTER))
                    and node.kind in OPERANDS - SILENT
                    else glue(before, row[i - 1], node)
                )
            if said.level >= Level.SUM and node.kind is not Kind.TEXT and used == 1:
                said = quantity(said)
            parts.append(said.words)
            tail, of = said.tail, said.of
            before, i = said, i + used
        return Said(joined(parts), level, tail=tail, of=of)

    def _sign(self, row: Row, at: int) -> str:
        node = row[at]
        left, right = row[at - 1] if at else None, row[at + 1] if at + 1 < len(row) else None
        if node.text in ("cdot", "times") and left and right and is_vector(left) and is_vector(right):
            return "dot" if node.text == "cdot" else "cross"
        if node.text in ("times", "×") and self.context.after.lstrip("- ").lower().startswith(_DIMENSIONED):
            return "by"
        if node.text == "*" and not (left and right and left.kind is right.kind is Kind.NUMBER):
            return "star"
        return names.PRODUCTS[node.text]

    def _factor(self, row: Row, at: int) -> tuple[Said, int]:
        """One factor and how many nodes it takes: a function takes its argument, a shape its points."""
        node, after = row[at], row[at + 1] if at + 1 < len(row) else None
        applied = _APPLIED.get(node.kind)
        if applied:
            return applied(row, at, self)
        if node.kind in (Kind.MONEY, Kind.SHAPE):
            return self._money(row, at) if node.kind is Kind.MONEY else self._shape(row, at)
        if after and is_function_call(node, after):
            return call(node, after, self), 2
        if after and node.kind is Kind.NUMBER and is_proper(node, after):
            return Said(f"{self.node(node).words} and {self.node(after).words}", Level.ATOM), 2
        if after and node.kind is Kind.NUMBER and is_repetend(after):
            return repeating(node.text, after.args[0][0].text), 2
        return self._postfixed(row, at)

    def _shape(self, row: Row, at: int) -> tuple[Said, int]:
        node, end = row[at], at + 1
        while end < len(row) and (row[end].kind in POINTS or is_invisible(row[end])):
            end += 1
        letters = " ".join(self.node(n).words for n in row[at + 1 : end])
        named = at == 0 and self.before.rstrip().lower().endswith(node.text)
        return Said(f"{'' if named else self._scripted(node)} {letters}".strip(), Level.ATOM), end - at

    def _postfixed(self, row: Row, at: int) -> tuple[Said, int]:
        """A factor with the factorial, percent or degree signs after it."""
        said, end = self.node(row[at]), at + 1
        while end < len(row) and row[end].kind in (Kind.FACTORIAL, Kind.PERCENT, Kind.DEGREE, Kind.MODULO):
            mark = row[end]
            if mark.kind is Kind.MODULO:
                break
            word = {Kind.FACTORIAL: "factorial", Kind.PERCENT: "percent", Kind.DEGREE: "degrees"}[mark.kind]
            if said.level >= Level.SUM:
                said = quantity(said)
            said = Said(f"{said.words} {word}", Level.ATOM)
            if mark.sup or mark.sub:
                said = self._hang(said, mark)
            end += 1
        if said.words.endswith(("degrees", "degree")) and end < len(row):
            scale = {"F": "Fahrenheit", "C": "Celsius"}.get(row[end].text.strip(" {}"))
            if scale and row[end].kind in (Kind.LETTER, Kind.TEXT):
                return Said(f"{said.words} {scale}", Level.ATOM), end + 1 - at
        return said, end - at

    def _hang(self, said: Said, node: Node) -> Said:
        return scripted(said, node, self)

    def _scripted(self, node: Node) -> str:
        return self._hang(Said(node.text, Level.ATOM), node).words

    def node(self, node: Node) -> Said:
        """A single construction."""
        return say_node(node, self)

    def argument(self, row: Row) -> Said:
        """What follows "of": atoms as they are, all else as a quantity with its end marked."""
        if len(row) == 1 and row[0].kind is Kind.GROUP and row[0].text in ("()", "[]", "") and is_bare(row[0]):
            inner = row[0].args[0] if row[0].args else ()
            if not has(inner, Kind.COMMA):
                return self.argument(inner)
        said = self.row(row)
        if said.level is Level.FRACTION:
            return Said(f"the fraction {said.words},", Level.ATOM)
        if said.level >= Level.SUM or " times " in said.words:
            return quantity(said)
        return said

    def _money(self, row: Row, at: int) -> tuple[Said, int]:
        """Say "$5" as "five dollars", "$2.50" "two dollars and fifty cents"."""
        coin = row[at].text
        if at + 1 >= len(row):
            return Said(coin + "s", Level.ATOM), 1
        amount = row[at + 1]
        if amount.kind is Kind.NUMBER and amount.text.count(".") == 1 and len(amount.text.partition(".")[2]) == 2:
            whole, _, cents = amount.text.partition(".")
            return Said(coins(int(whole or "0"), int(cents), coin), Level.ATOM), 2
        said, used = self._factor(row, at + 1)
        if at + 1 + used < len(row) and row[at + 1 + used].kind is Kind.TEXT:
            scale = row[at + 1 + used].text.strip()
            if scale in ("million", "billion", "thousand", "trillion"):
                return Said(f"{said.words} {scale} {coin}s", Level.ATOM), used + 2
        return Said(f"{said.words} {coin}{'' if said.words == 'one' else 's'}", Level.ATOM), used + 1


def read(row: Row, context: Context) -> str:
    """The words of a whole formula.

    Raises:
        UnreadableLatexError: something in it has no spoken form.
    """
    said = Reader(context).row(row).words
    if not said:
        raise UnreadableLatexError("nothing to say in the formula")
    return said
