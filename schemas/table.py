"""What a table is: a pandera model, and what derives from it (Arrow schema, validation, Arrow tables from rows).

It does not know which tables there are; each has its own file beside this one.
"""

from collections.abc import Sequence
from functools import cache
from typing import Any, NamedTuple

import pandas as pd
import pandera.pandas as pdr
import pyarrow as pa
from pandera.errors import SchemaErrors

from schemas.proven import proven


class Table(pdr.DataFrameModel):
    """Base of all tables: exactly the declared columns, in the declared order."""

    class Config:
        """Nothing is coerced or added: a mismatch is refused."""

        strict = True
        ordered = True
        coerce = False


class Violation(NamedTuple):
    """One row that breaks its table's contract."""

    row: int
    """0-based row number in the table that was validated."""
    detail: str
    """One line naming column and value."""


@cache
def _pandera(model: type[Table]) -> pdr.DataFrameSchema:
    return model.to_schema()


@cache
def arrow_schema(model: type[Table]) -> pa.Schema:
    """Derive the Arrow schema; a nullable pandera column is a nullable Arrow field."""
    fields = []
    for name, column in _pandera(model).columns.items():
        dtype = column.dtype.type
        fields.append(pa.field(name, dtype.pyarrow_dtype, nullable=bool(column.nullable)))
    return pa.schema(fields)


def to_table(model: type[Table], rows: Sequence[Any]) -> pa.Table:
    """Build an Arrow table from row objects that have one attribute per column.

    Raises:
        pyarrow.ArrowInvalid, pyarrow.ArrowTypeError: a value does not fit its column's type (a bug in a stage).
    """
    schema = arrow_schema(model)
    columns = [pa.array([getattr(row, field.name) for row in rows], type=field.type) for field in schema]
    return pa.Table.from_arrays(columns, schema=schema)


def violations(model: type[Table], table: pa.Table) -> list[Violation]:
    """Validate a batch and name each offending row once, with the first column at fault.

    Raises:
        ValueError: the table as a whole has other columns or types than the model.
    """
    schema = arrow_schema(model)
    if not table.schema.equals(schema, check_metadata=False):
        raise ValueError(f"table {model.__name__}: has columns {table.schema}, its schema says {schema}")
    if not table.num_rows or proven(_pandera(model), table):
        return []
    frame = table.to_pandas(types_mapper=pd.ArrowDtype)
    try:
        _pandera(model).validate(frame, lazy=True)
    except SchemaErrors as exc:
        return _by_row(exc, table)
    return []


def _by_row(errors: SchemaErrors, table: pa.Table) -> list[Violation]:
    found: dict[int, Violation] = {}
    for case in errors.failure_cases.itertuples():
        if case.index is None or pd.isna(case.index):
            raise ValueError(f"column {case.column}: {case.check} ({case.failure_case})") from errors
        row = int(case.index)
        if row in found:
            continue
        if case.schema_context == "Column":
            value = str(table.column(case.column)[row].as_py())
            detail = f"column {case.column}: value {value[:80]!r} violates {case.check}"
        else:
            detail = f"row violates {case.check}"
        found[row] = Violation(row, detail)
    return [found[row] for row in sorted(found)]


@cache
def describe(model: type[Table]) -> dict[str, str]:
    """Column name -> its description, in column order."""
    return {name: str(column.description) for name, column in _pandera(model).columns.items()}
