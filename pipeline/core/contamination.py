"""Whether a problem is one of an evaluation set: the same when spoken, or most of it in a row with the same numbers.

A problem that shares only an item's template, with other numbers, is another problem: it is told apart and counted. It
knows neither files nor what is done with what it finds.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import StrEnum
from fractions import Fraction
from functools import cached_property
from itertools import islice

import numpy as np

from pipeline.core.quantities import amount, read
from pipeline.core.wording import Wording

_MOST_CANDIDATES = 16
"""Of the items that share words in a row with a text, so many are compared with it, those that share most first; and
so many of those whose numbers it states in the same words: items of one template all share the same words."""


class Kind(StrEnum):
    """How a problem was recognised."""

    SAME = "same"
    """Both are said in the same words."""
    NGRAM = "ngram"
    """They share words in a row, most of the item's words in order, and all of its numbers."""
    TEMPLATE = "template"
    """They are worded alike and state other numbers: another problem, which is counted and kept."""


@dataclass(frozen=True, slots=True)
class Match:
    """An item that a problem is like."""

    kind: Kind
    item: int
    """Index of the item."""
    share: float
    """Share of the item's words that occur in the problem in the item's order."""
    span: str
    """The longest run of words of both, as spoken."""


class Items:
    """The items of evaluation sets, indexed by their templates and by the n-grams of these."""

    def __init__(self, wordings: Sequence[Wording], ngram: int, share: float) -> None:
        """Index the items.

        Args:
            wordings: the items.
            ngram: words in a row that a problem must share with an item that it is not the same as; shorter items are
                recognised only as a whole.
            share: least share of an item's words that must occur in order.
        """
        self._wordings = wordings
        self._ngram, self._share = ngram, share
        self._amounts: dict[int, tuple[Fraction, ...]] = {}
        self._numbers = [frozenset(item.numbers) for item in wordings]
        self._templates: dict[tuple[str, ...], list[int]] = {}
        grams: list[int] = []
        owners: list[int] = []
        for index, item in enumerate(wordings):
            if item.template:
                self._templates.setdefault(item.template, []).append(index)
            found = self._grams(item)
            grams += found
            owners += [index] * len(found)
        hashed = np.array(grams, np.int64)
        order = np.argsort(hashed, kind="stable")
        self._hashes, self._owners = hashed[order], np.array(owners, np.int32)[order]

    def match(self, problem: Wording) -> Match | None:
        """The item that a problem is, or else one whose template it has; None where it is like none."""
        stated = _Stated(problem)
        alike = self._templates.get(problem.template, [])
        for index in alike:
            if self._says_the_same(index, stated):
                return self._judged(Kind.SAME, index, problem)
        shared = self._sharing(problem)
        for index in shared:
            if self._states_numbers(index, stated):
                found = self._judged(Kind.NGRAM, index, problem)
                if found.share >= self._share:
                    return found
        for index in (*alike[:1], *shared[:1]):
            found = self._judged(Kind.TEMPLATE, index, problem)
            if found.share >= self._share:
                return found
        return None

    def _grams(self, wording: Wording) -> list[int]:
        """Hashes of the template's distinct n-grams; they differ from process to process and are never kept."""
        template, n = wording.template, self._ngram
        return list({hash(template[start : start + n]) for start in range(len(template) - n + 1)})

    def _sharing(self, problem: Wording) -> list[int]:
        """Items that share an n-gram, those that share most first."""
        grams = np.array(self._grams(problem), np.int64)
        begins = np.searchsorted(self._hashes, grams, side="left")
        ends = np.searchsorted(self._hashes, grams, side="right")
        counts: Counter[int] = Counter()
        for begin, end in zip(begins.tolist(), ends.tolist(), strict=True):
            if begin < end:
                counts.update(self._owners[begin:end].tolist())
        ranked = sorted(counts, key=lambda index: (-counts[index], index))
        if len(ranked) <= _MOST_CANDIDATES:
            return ranked
        stated = frozenset(problem.numbers)
        others = (index for index in ranked[_MOST_CANDIDATES:] if self._numbers[index] <= stated)
        return [*ranked[:_MOST_CANDIDATES], *islice(others, _MOST_CANDIDATES)]

    def _judged(self, kind: Kind, index: int, problem: Wording) -> Match:
        item = self._wordings[index]
        # Templates are alike up to their numbers: compared with them, numbers would hide it.
        a, b = (item.template, problem.template) if kind is Kind.TEMPLATE else (item.words, problem.words)
        blocks = SequenceMatcher(None, a, b, autojunk=False).get_matching_blocks()
        longest = max(blocks, key=lambda block: block.size)
        shared = sum(block.size for block in blocks) / len(a)
        return Match(kind, index, shared, " ".join(a[longest.a : longest.a + longest.size]))

    def _says_the_same(self, index: int, stated: "_Stated") -> bool:
        """Whether texts of one template state the same numbers in the same order."""
        item = self._wordings[index]
        if item.words == stated.problem.words:
            return True
        return self._all_read(index) and self._amounts_of(index) == stated.amounts

    def _states_numbers(self, index: int, stated: "_Stated") -> bool:
        if Counter(self._wordings[index].numbers) <= stated.numbers:
            return True
        return self._all_read(index) and Counter(self._amounts_of(index)) <= stated.counted

    def _all_read(self, index: int) -> bool:
        """Whether a value is known of each of an item's numbers; words such as "double" have none."""
        return len(self._amounts_of(index)) >= len(self._wordings[index].numbers)

    def _amounts_of(self, index: int) -> tuple[Fraction, ...]:
        if index not in self._amounts:
            self._amounts[index] = _amounts(self._wordings[index])
        return self._amounts[index]


class _Stated:
    """The numbers that a problem states, read when they are asked for, and once."""

    def __init__(self, problem: Wording) -> None:
        self.problem = problem

    @cached_property
    def numbers(self) -> Counter[str]:
        return Counter(self.problem.numbers)

    @cached_property
    def amounts(self) -> tuple[Fraction, ...]:
        return _amounts(self.problem)

    @cached_property
    def counted(self) -> Counter[Fraction]:
        return Counter(self.amounts)


def _amounts(wording: Wording) -> tuple[Fraction, ...]:
    """The values that a text states, in order, however they are written: a dozen is twelve."""
    return tuple(amount(quantity) for quantity in read(wording.text))
