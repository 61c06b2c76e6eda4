from pathlib import Path

import pyarrow as pa
import pytest

from schemas import derive
from schemas.rejected import RejectedTable
from schemas.rows import Rejected
from schemas.table import arrow_schema, to_table, violations

ROOT = Path(__file__).parents[2]


def refusal(**changes: object) -> Rejected:
    row = {
        "id": "a" * 32,
        "source": "gsm8k",
        "source_id": "0",
        "stage": "collect",
        "reason": "empty",
        "detail": "question is empty",
        "attempt": 0,
        "payload_json": "{}",
    }
    return Rejected(**(row | changes))  # type: ignore[arg-type]


def test_a_valid_batch_has_no_violations() -> None:
    assert violations(RejectedTable, to_table(RejectedTable, [refusal(), refusal()])) == []


def test_a_violation_names_row_column_and_value() -> None:
    table = to_table(RejectedTable, [refusal(), refusal(reason="bored"), refusal(attempt=-1)])
    found = violations(RejectedTable, table)
    assert [violation.row for violation in found] == [1, 2]
    assert "reason" in found[0].detail
    assert "'bored'" in found[0].detail
    assert "attempt" in found[1].detail


def test_another_column_type_is_a_bug_and_raises() -> None:
    table = to_table(RejectedTable, [refusal()])
    widened = table.set_column(6, "attempt", pa.array([0], pa.int64()))
    with pytest.raises(ValueError, match="RejectedTable"):
        violations(RejectedTable, widened)


@pytest.mark.parametrize("model", derive.TABLES, ids=lambda model: model.__name__)
def test_an_empty_table_of_every_kind_is_valid(model: type) -> None:
    assert violations(model, arrow_schema(model).empty_table()) == []


def test_row_classes_are_what_the_tables_derive_to() -> None:
    assert (ROOT / "schemas/rows.py").read_text() == derive.rows_source(), "run `make fix`"


def test_the_readmes_data_dictionary_is_what_the_tables_derive_to() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert readme == derive.with_dictionary(readme), "run `make fix`"
