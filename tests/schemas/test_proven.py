"""The quick proof against pandera, which is the truth: it may say less, never more."""

from dataclasses import asdict, replace
from typing import Any

import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pandera.errors import SchemaErrors

from schemas.example import ExampleTable
from schemas.interleaved import InterleavedTable
from schemas.proven import proven
from schemas.rejected import RejectedTable
from schemas.rows import Interleaved, Rejected
from schemas.speech import SpeechTable
from schemas.table import Table, arrow_schema, to_table

ROW = Interleaved(
    id="a" * 32,
    response="Seven.",
    lead_in=[],
    tokenizer="toy",
    response_ids=[1, 2],
    reasoning_ids=[3],
    token_ids=[1, 2, 9, 3, 8],
    streams=[0, 0, 0, 1, 1],
    ratio="2:8",
    order="response_first",
    slack=None,
    repaired=False,
    claims=[],
    interleave="{}",
)


def sound(model: type[Table], table: pa.Table) -> bool:
    """What pandera says."""
    try:
        model.to_schema().validate(table.to_pandas(types_mapper=pd.ArrowDtype), lazy=True)
    except SchemaErrors:
        return False
    return True


def quick(model: type[Table], table: pa.Table) -> bool:
    return proven(model.to_schema(), table)


def test_sound_rows_are_proven() -> None:
    table = to_table(InterleavedTable, [ROW, replace(ROW, id="b" * 32, order=None, ratio="adaptive", slack=3)])
    assert sound(InterleavedTable, table)
    assert quick(InterleavedTable, table)


@pytest.mark.parametrize(
    "change",
    [
        {"id": "a" * 31},
        {"id": "A" * 32},
        {"id": "a" * 32 + "\n"},
        {"response": ""},
        {"ratio": "2:8 "},
        {"ratio": "x2:8"},
        {"order": "neither"},
        {"streams": [0, 0]},
        {"response_ids": []},
    ],
    ids=str,
)
def test_a_row_that_breaks_a_rule_is_not_proven(change: dict[str, Any]) -> None:
    bad = replace(ROW, **{"id": "b" * 32} | change)
    table = to_table(InterleavedTable, [ROW, bad])
    assert not quick(InterleavedTable, table)


def test_a_null_and_a_second_row_of_one_id_are_not_proven() -> None:
    assert not quick(InterleavedTable, to_table(InterleavedTable, [ROW, ROW]))
    loose = pa.schema([field.with_nullable(nullable=True) for field in arrow_schema(InterleavedTable)])
    without = pa.Table.from_pylist([asdict(ROW) | {"response": None}], schema=loose)
    assert not quick(InterleavedTable, without)


TEXTS = st.sampled_from(["a" * 32, "b" * 32, "", "a" * 33, "collect", "empty", "drift", "\n", "a" * 32 + "\n", "é"])
REFUSALS = st.builds(
    Rejected,
    id=TEXTS,
    source=TEXTS,
    source_id=TEXTS,
    stage=TEXTS,
    reason=TEXTS,
    detail=TEXTS,
    attempt=st.integers(-1, 1),
    payload_json=TEXTS,
)


@given(st.lists(REFUSALS, min_size=1, max_size=3))
def test_what_is_proven_is_sound(rows: list[Rejected]) -> None:
    table = to_table(RejectedTable, rows)
    assert sound(RejectedTable, table) or not quick(RejectedTable, table)


@pytest.mark.parametrize("model", [ExampleTable, InterleavedTable, RejectedTable, SpeechTable])
def test_every_rule_of_the_large_tables_is_known(model: type[Table]) -> None:
    assert quick(model, arrow_schema(model).empty_table())
