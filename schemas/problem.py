"""Table `problem`: one math problem as collected, whatever source it came from."""

import pandera.pandas as pdr

from schemas.columns import HEX_128, Text
from schemas.table import Table


class ProblemTable(Table):
    """What stage collect makes of a raw row."""

    id: Text = pdr.Field(
        str_matches=HEX_128,
        unique=True,
        description="blake2b-128 of [source, source_id, question, solution, answer] as collected",
    )
    source: Text = pdr.Field(str_length={"min_value": 1}, description="data set the row came from")
    subset: Text = pdr.Field(description="part of the source (MetaMath type, SimpleOP kind), empty if none")
    source_id: Text = pdr.Field(description="the source's own id, else the 0-based row number")
    family: Text = pdr.Field(
        str_matches=HEX_128, description="rows that share a problem share a family; a split never divides it"
    )
    license: Text = pdr.Field(str_length={"min_value": 1}, description="licence of the row at its source")
    original_question: Text = pdr.Field(
        nullable=True, description="the question this one was made from, null where the source does not say"
    )
    question: Text = pdr.Field(str_length={"min_value": 1}, description="the written question")
    solution: Text = pdr.Field(str_length={"min_value": 1}, description="the written solution, as collected")
    answer: Text = pdr.Field(description="the final answer as the source writes it, empty if it has none")
    answer_value: Text = pdr.Field(
        str_length={"min_value": 1}, description='reduced "a/b", canonical sympy text, or option letter'
    )
    answer_kind: Text = pdr.Field(str_length={"min_value": 1}, description="what answer_value is")
    duplicate_key: Text = pdr.Field(
        str_matches=HEX_128,
        description="digest of normalised question and solution; equal keys are duplicates",
    )
