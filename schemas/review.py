"""Table `review`: what people said of rows that they heard and read, one line a verdict, never altered."""

import pandera.pandas as pdr

from schemas.columns import HEX_128, Text
from schemas.table import Table


class ReviewTable(Table):
    """One verdict of one reviewer on one row; of several by one reviewer the last counts."""

    id: Text = pdr.Field(str_length={"min_value": 1}, description="id of the row")
    verdict: Text = pdr.Field(isin=["good", "bad", "withdrawn"], description="what was said; withdrawn takes it back")
    reason: Text = pdr.Field(
        isin=["", "audio", "question", "reasoning", "response", "drift", "other"],
        description="what is bad, empty if not said",
    )
    note: Text = pdr.Field(description="free words, empty if none")
    reviewer: Text = pdr.Field(str_length={"min_value": 1}, description="who says so")
    time: Text = pdr.Field(
        str_matches=r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$", description="when, UTC, ISO 8601 with microseconds"
    )
    content: Text = pdr.Field(
        str_matches=HEX_128, description="digest of what was heard and read; a row made anew has another"
    )
    chosen: Text = pdr.Field(
        isin=["random", "worst", "slack", "wer", "pads", "first", "named"],
        description="how the row came to be looked at; only random rows estimate a share",
    )
    pool: Text = pdr.Field(description="what it was chosen from: the filters in force, empty for all accepted rows")
