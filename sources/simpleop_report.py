"""What SimpleOP's mix is made of: exact shares by kind and operation, phrasings and capacity, as a table.

The shares are those of every period of rows, not an estimate from generated ones.
"""

import re
from collections.abc import Callable, Iterable
from typing import NamedTuple

from sources.simpleop import MIXES, PERIOD, timetable
from sources.simpleop_family import Dice, Family


class Share(NamedTuple):
    """One line of the mix."""

    name: str
    rows: int
    """Of every `PERIOD` rows."""
    phrasings: int
    questions: int
    """How many different ones there are."""


def shares(kind: str, by: Callable[[Family], str]) -> tuple[Share, ...]:
    """The mix grouped by anything that a family has, largest share first."""
    groups: dict[str, list[Family]] = {}
    for family in MIXES[kind]:
        groups.setdefault(by(family), []).append(family)
    lines = (_share(name, families) for name, families in groups.items())
    return tuple(sorted(lines, key=lambda share: (-share.rows, share.name)))


def _share(name: str, families: Iterable[Family]) -> Share:
    members = list(families)
    return Share(
        name,
        sum(family.slots for family in members),
        len({text for family in members for text in _phrasings(family)}),
        sum(family.members for family in members),
    )


_NUMBER = re.compile(r"-?\d[\d.,/:]*(?<![.,])")


def _phrasings(family: Family) -> Iterable[str]:
    """Each template filled once, numbers masked: the first parameter of every family is its template."""
    for template in range(family.radices[0]):
        yield _NUMBER.sub("#", family.member(template, Dice(0)).question)


def table(kind: str) -> str:
    """The distribution of a mix as Markdown: kinds, then operations."""
    lines = [f"Every {PERIOD} rows of `{kind}`; {timetable(0, kind).capacity:,} rows before a family runs out."]
    columns: dict[str, Callable[[Family], str]] = {
        "kind": lambda family: family.kind,
        "operation": lambda family: family.operation,
    }
    for column, by in columns.items():
        lines += ["", f"| {column} | share | phrasings | different questions |", "|---|---|---|---|"]
        lines += [
            f"| {share.name} | {100 * share.rows / PERIOD:.1f}% | {share.phrasings} | {share.questions:.3g} |"
            for share in shares(kind, by)
        ]
    return "\n".join(lines)
