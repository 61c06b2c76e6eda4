"""Derive the typed row classes and the data dictionary from the tables.

    python -m schemas.derive rows > schemas/rows.py
    python -m schemas.derive dictionary < README.md > README.new

`schemas/rows.py` is kept in the repository so that type checkers see it; a test compares it with its source.
"""

import sys

import pyarrow as pa

from schemas.clean import CleanTable
from schemas.columns import AUDIO_TYPE, CLAIM_TYPE, LEAD_IN_TYPE, WORD_TIME_TYPE
from schemas.example import ExampleTable
from schemas.family import FamilyTable
from schemas.interleaved import InterleavedTable
from schemas.problem import ProblemTable
from schemas.rejected import RejectedTable
from schemas.response_speech import ResponseSpeechTable
from schemas.review import ReviewTable
from schemas.sketch import SketchTable
from schemas.speech import SpeechTable
from schemas.spoken import SpokenProblemTable
from schemas.table import Table, arrow_schema, describe
from schemas.verified import VerifiedTable

TABLES: tuple[type[Table], ...] = (
    ProblemTable,
    CleanTable,
    SketchTable,
    FamilyTable,
    SpokenProblemTable,
    SpeechTable,
    InterleavedTable,
    ResponseSpeechTable,
    VerifiedTable,
    RejectedTable,
    ReviewTable,
    ExampleTable,
)
BEGIN, END = "<!-- data dictionary: begin (make fix) -->", "<!-- data dictionary: end -->"
_SCALARS = {
    pa.string(): "str",
    pa.bool_(): "bool",
    pa.int32(): "int",
    pa.int8(): "int",
    pa.float32(): "float",
    pa.binary(): "bytes",
}


def rows_source() -> str:
    """Source text of `schemas/rows.py`: one frozen dataclass per table, one TypedDict per nested struct."""
    parts = [
        '"""Row classes of all tables. Derived from the models beside this file by `make fix`."""\n\n',
        "from dataclasses import dataclass\nfrom typing import TypedDict\n",
        _typed_dict("ClaimDict", "One element of `claims`.", CLAIM_TYPE),
        _typed_dict("LeadInDict", "One element of `lead_in`.", LEAD_IN_TYPE),
        _typed_dict("WordTimeDict", "One element of `response_words`.", WORD_TIME_TYPE),
        '\n\nclass AudioDict(TypedDict):\n    """Encoded audio as datasets.Audio stores it."""\n\n',
        "    bytes: bytes\n    path: str | None\n",
    ]
    parts += [_dataclass(model) for model in TABLES]
    return "".join(parts)


def data_dictionary() -> str:
    """Markdown table of the published columns."""
    lines = ["| column | type | what it holds |", "| --- | --- | --- |"]
    about = describe(ExampleTable)
    lines += [f"| `{f.name}` | {_arrow_name(f.type)} | {about[f.name]} |" for f in arrow_schema(ExampleTable)]
    return "\n".join(lines)


def with_dictionary(markdown: str) -> str:
    """Put the current data dictionary between the markers of a Markdown text."""
    head, _, rest = markdown.partition(BEGIN)
    _, _, tail = rest.partition(END)
    return f"{head}{BEGIN}\n{data_dictionary()}\n{END}{tail}"


def _arrow_name(dtype: pa.DataType) -> str:
    if dtype == AUDIO_TYPE:
        return "Audio"
    if pa.types.is_list(dtype):
        return f"list of {_element_name(dtype.value_type)}"
    return str(dtype)


def _element_name(dtype: pa.DataType) -> str:
    if pa.types.is_struct(dtype):
        return "(" + ", ".join(field.name for field in dtype) + ")"
    return str(dtype)


def _python_type(dtype: pa.DataType) -> str:
    if dtype in _SCALARS:
        return _SCALARS[dtype]
    if pa.types.is_list(dtype):
        return f"list[{_python_type(dtype.value_type)}]"
    structs = {CLAIM_TYPE: "ClaimDict", LEAD_IN_TYPE: "LeadInDict", WORD_TIME_TYPE: "WordTimeDict"}
    return structs.get(dtype, "AudioDict")


def _typed_dict(name: str, doc: str, struct: pa.StructType) -> str:
    optional = {"reas_end", "slack"}
    fields = (f"    {f.name}: {_python_type(f.type)}{' | None' if f.name in optional else ''}\n" for f in struct)
    return f'\n\nclass {name}(TypedDict):\n    """{doc}"""\n\n' + "".join(fields)


def _dataclass(model: type[Table]) -> str:
    name = model.__name__.removesuffix("Table")
    first_line = str(model.__doc__).splitlines()[0]
    head = f'\n\n@dataclass(frozen=True, slots=True, kw_only=True)\nclass {name}:\n    """{first_line}"""\n\n'
    fields = (f"    {f.name}: {_python_type(f.type)}{' | None' if f.nullable else ''}\n" for f in arrow_schema(model))
    return head + "".join(fields)


if __name__ == "__main__":
    if sys.argv[1:] == ["rows"]:
        sys.stdout.write(rows_source())
    elif sys.argv[1:] == ["dictionary"]:
        sys.stdout.write(with_dictionary(sys.stdin.read()))
    else:
        sys.exit("usage: python -m schemas.derive rows|dictionary")
