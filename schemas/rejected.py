"""Table `rejected`: every row that was refused, with the reason; nothing is dropped silently."""

import pandera.pandas as pdr

from pipeline.errors import Reason
from schemas.columns import Int32, Text
from schemas.table import Table


class RejectedTable(Table):
    """One row per refused problem (or raw row that never became one)."""

    id: Text = pdr.Field(str_length={"min_value": 1}, description="id of the problem, else of the raw row's bytes")
    source: Text = pdr.Field(description="data set the row came from")
    source_id: Text = pdr.Field(description="the source's own id, else the 0-based row number")
    stage: Text = pdr.Field(
        isin=[
            "collect",
            "decontaminate",
            "dedup",
            "rewrite",
            "speak",
            "interleave",
            "respond",
            "verify",
            "publish",
        ],
        description="who refused it",
    )
    reason: Text = pdr.Field(isin=[reason.value for reason in Reason], description="why, as one word")
    detail: Text = pdr.Field(description="one line: what exactly was found")
    attempt: Int32 = pdr.Field(ge=0, description="how often it had been tried afresh before")
    payload_json: Text = pdr.Field(description="JSON: the row as it was when it was refused")
