"""A quick proof, on Arrow's columns, that a batch satisfies its table's contract.

pandera takes some eight milliseconds for any batch, however small; nearly all batches are sound, and Arrow can tell in
a tenth of that. It only says yes or "not proven": what is wrong with a batch, pandera says.
"""

from collections.abc import Callable, Mapping
from typing import Any

import pandas as pd
import pandera.pandas as pdr
import pyarrow as pa
import pyarrow.compute as pc


def proven(schema: pdr.DataFrameSchema, table: pa.Table) -> bool:
    """Whether every rule is seen to hold; False where one does not, or is of a kind that is not known here.

    Args:
        schema: the contract.
        table: a batch that has the contract's columns and types.
    """
    if schema.unique or schema.parsers or schema.index is not None:
        return False
    columns = (_column_holds(column, table.column(name)) for name, column in schema.columns.items())
    return all(columns) and _frame_holds(schema, table)


def _column_holds(rules: pdr.Column, column: pa.ChunkedArray) -> bool:
    if column.null_count and not rules.nullable:
        return False
    if rules.unique and pc.count_distinct(column, mode="all").as_py() != len(column):
        return False
    if not all(check.name in _HOLDS and check.ignore_na for check in rules.checks):
        return False
    return all(_HOLDS[check.name](column, check.statistics) for check in rules.checks)


def _frame_holds(schema: pdr.DataFrameSchema, table: pa.Table) -> bool:
    if not schema.checks:
        return True
    frame = table.to_pandas(types_mapper=pd.ArrowDtype)
    return all(bool(check(frame).check_passed) for check in schema.checks)


def _matches(column: pa.ChunkedArray, rule: Mapping[str, Any]) -> bool:
    # Only from the start: Arrow seeks a pattern anywhere, Python there. Arrow's "$" and "\d" match less than Python's.
    pattern = str(rule["pattern"])
    return pattern.startswith("^") and _all(pc.match_substring_regex(column, pattern))


def _is_as_long(column: pa.ChunkedArray, rule: Mapping[str, Any]) -> bool:
    if rule["exact_value"] is not None:
        return False
    least, most = rule["min_value"] or 0, rule["max_value"]
    lengths = pc.utf8_length(column)
    return _all(pc.greater_equal(lengths, least)) and (most is None or _all(pc.less_equal(lengths, most)))


def _is_one_of(column: pa.ChunkedArray, rule: Mapping[str, Any]) -> bool:
    allowed = pa.array([*rule["allowed_values"]], column.type)
    return _all(pc.is_in(column.drop_null(), value_set=allowed))


def _is_at_least(column: pa.ChunkedArray, rule: Mapping[str, Any]) -> bool:
    return _all(pc.greater_equal(column, rule["min_value"]))


def _is_above(column: pa.ChunkedArray, rule: Mapping[str, Any]) -> bool:
    return _all(pc.greater(column, rule["min_value"]))


def _all(true: pa.ChunkedArray) -> bool:
    """Of what is not null; nulls are for the rule that allows them or not."""
    return pc.all(true).as_py() is not False


_HOLDS: dict[str, Callable[[pa.ChunkedArray, Mapping[str, Any]], bool]] = {
    "str_matches": _matches,
    "str_length": _is_as_long,
    "isin": _is_one_of,
    "greater_than_or_equal_to": _is_at_least,
    "greater_than": _is_above,
}
"""By pandera's name of a rule."""
