"""The stated mix is the generated one."""

from collections import Counter

import pytest

from sources import simpleop
from sources.simpleop_report import shares, table


@pytest.mark.parametrize("kind", sorted(simpleop.MIXES))
def test_shares_by_operation_are_what_is_generated(kind: str) -> None:
    stated = {share.name: share.rows for share in shares(kind, lambda family: family.operation)}
    rows = simpleop.generate(4, 7000, 7000 + simpleop.PERIOD, kind)
    assert stated == Counter(str(row["operation"]) for row in rows)


def test_the_table_names_every_kind_and_the_capacity() -> None:
    text = table("mixed")
    assert f"{simpleop.capacity():,}" in text
    for family in simpleop.MIXES["mixed"]:
        assert f"| {family.kind} |" in text
        assert f"| {family.operation} |" in text
