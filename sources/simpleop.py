r"""SimpleOP: generated arithmetic and one-operation word problems, exact and all different.

A raw row:

    {"question": "Omar has 12 apples and gets 7 more. How many apples does he have now?",
     "solution": "Apples now: 12 + 7 = 19 apples\n#### 19", "kind": "word", "operation": "addition"}

Row number i follows from (seed, kind, i) alone: i names a family by a fixed timetable of `PERIOD` rows, which states
the mix exactly, and a member of that family by a seeded permutation, which makes every question different up to
`capacity`. The row number is the source_id.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

from pipeline.core import fingerprint
from pipeline.core.answer import Convention
from pipeline.core.outcome import Unreadable
from pipeline.errors import UsageError
from schemas.rows import Problem
from sources import (
    simpleop_chain,
    simpleop_decimals,
    simpleop_measures,
    simpleop_parts,
    simpleop_small,
    simpleop_stories,
    simpleop_sums,
)
from sources.files import RawRow, canonical_json
from sources.problem import problem, text_fields
from sources.simpleop_family import Dice, Family
from sources.simpleop_permute import Permutation, mix, permutation
from sources.source import Generated, Source

NAME = "simpleop"
LICENSE = "Apache-2.0"
VERSION = 1
"""Raised whenever the same seed and index give another row."""
FIELDS = ("question", "solution", "kind", "operation")
PERIOD = 1000
"""The mix is exact in every so many rows."""

MIXES: dict[str, tuple[Family, ...]] = {
    "mixed": (
        *simpleop_sums.FAMILIES,
        *simpleop_decimals.FAMILIES,
        *simpleop_parts.FAMILIES,
        *simpleop_stories.FAMILIES,
        *simpleop_measures.FAMILIES,
        *simpleop_chain.MIXED,
    ),
    "chain": simpleop_chain.ALONE,
    "small": simpleop_small.ALONE,
}


@dataclass(frozen=True, slots=True)
class Timetable:
    """Which family each row of a period belongs to, and how its number goes on from period to period."""

    families: tuple[Family, ...]
    permutations: tuple[Permutation, ...]
    slots: tuple[tuple[int, int], ...]
    """For each row of a period: the family's index and how many rows of that family stand before it."""
    seed: int

    @property
    def capacity(self) -> int:
        """How many rows can be generated before a family has no new question."""
        return min(
            shuffle.size // family.slots * PERIOD
            for family, shuffle in zip(self.families, self.permutations, strict=True)
        )

    def row(self, index: int) -> dict[str, object]:
        """The raw row with this number."""
        period, at = divmod(index, PERIOD)
        which, before = self.slots[at]
        family = self.families[which]
        member = self.permutations[which](period * family.slots + before)
        draft = family.member(member, Dice(mix(self.seed ^ mix(index))))
        return {
            "question": draft.question,
            "solution": "\n".join((*draft.steps, f"#### {draft.value}")),
            "kind": family.kind,
            "operation": family.operation,
        }


@lru_cache(maxsize=8)
def timetable(seed: int, kind: str) -> Timetable:
    """The timetable of a mix; rows of different seeds come in another order and from other members."""
    if kind not in MIXES:
        raise UsageError(f"sources.simpleop.kind={kind!r} is unknown: choose one of {', '.join(MIXES)}")
    families = MIXES[kind]
    key = int(fingerprint.digest([NAME, VERSION, kind, seed])[:16], 16)
    order = sorted(range(PERIOD), key=lambda at: mix(key ^ mix(at)))
    named = [which for which, family in enumerate(families) for _ in range(family.slots)]
    slots: list[tuple[int, int]] = []
    seen = [0] * len(families)
    for at in order:
        which = named[at]
        slots.append((which, seen[which]))
        seen[which] += 1
    shuffles = tuple(
        permutation(family.members, int(fingerprint.digest([key, family.name])[:16], 16)) for family in families
    )
    return Timetable(families, shuffles, tuple(slots), key)


def capacity(kind: str = "mixed") -> int:
    """How many different questions one seed gives."""
    return timetable(0, kind).capacity


def generate(seed: int, start: int, stop: int, kind: str = "mixed") -> Iterator[dict[str, object]]:
    """Raw rows number start to stop-1; any range gives what the whole run would give there.

    Raises:
        UsageError: `kind` is unknown or `stop` is beyond the capacity.
    """
    table = timetable(seed, kind)
    if stop > table.capacity:
        raise UsageError(f"simpleop has {table.capacity} different {kind} questions: row {stop} is asked for")
    return map(table.row, range(start, stop))


def raw_rows(seed: int, start: int, stop: int, kind: str = "mixed") -> Iterator[RawRow]:
    """The same rows with their number and payload, as `sources.reading` gives them of other sources."""
    for index, raw in enumerate(generate(seed, start, stop, kind), start=start):
        yield RawRow(index, raw, "", canonical_json(raw))


def parse(raw: Mapping[str, object], source_id: str) -> Problem | Unreadable:
    """One raw row to a Problem; the subset is the row's kind."""
    texts = text_fields(raw, FIELDS)
    if isinstance(texts, Unreadable):
        return texts
    question, solution, kind, _ = texts
    return problem(
        source=NAME,
        subset=kind,
        source_id=source_id,
        license_name=LICENSE,
        question=question,
        solution=solution,
        original_question=None,
        convention=Convention.SIMPLEOP,
    )


SOURCE = Source(
    name=NAME,
    origin=Generated(VERSION),
    license=LICENSE,
    convention=Convention.SIMPLEOP,
    fields=FIELDS,
    parse=parse,
)
