"""What SimpleOP's mix is made of: exact shares by kind and operation, phrasings and capacity, as a table.

The shares are those of every period of rows, not an estimate from generated ones.
"""

from collections.abc import Callable, Iterable
from typing import NamedTuple

from sources.simpleop import MIXES, PERIOD, timetable
from sources.simpleop_family import Family


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
        sum(family.radices[0] for family in members),
        sum(family.members for family in members),
    )


def table(kind: str) -> str:
    """The distribution of a mix as a Markdown table: kinds, then operations."""
    lines = [
        f"Every {PERIOD} rows of `{kind}`; {timetable(0, kind).capacity:,} rows before a family runs out.",
        "",
        "| | share | phrasings | different questions |",
        "|---|---|---|---|",
    ]
    for by in (lambda family: family.kind, lambda family: family.operation):
        lines += [
            f"| {share.name} | {100 * share.rows / PERIOD:.1f}% | {share.phrasings} | {share.questions:.3g} |"
            for share in shares(kind, by)
        ]
    return "\n".join(lines)
