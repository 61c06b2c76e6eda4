"""Table `interleaved`: the two streams as one token sequence, checked for drift and repaired."""

from typing import Any

import pandas as pd
import pandera.pandas as pdr
import pyarrow as pa
import pyarrow.compute as pc

from schemas.columns import HEX_128, Bool, Claims, Int32, LeadIns, Streams, Text, TokenIds
from schemas.table import Table


class InterleavedTable(Table):
    """What step `interleave` of stage synthesize makes of a spoken problem and a tokenizer."""

    id: Text = pdr.Field(str_matches=HEX_128, unique=True, description="id of the problem")
    response: Text = pdr.Field(
        str_length={"min_value": 1}, description="what response_ids detokenise to: the response after repair"
    )
    lead_in: LeadIns = pdr.Field(description="inserted words (text, resp_start), empty when nothing was repaired")
    tokenizer: Text = pdr.Field(str_length={"min_value": 1}, description="vocabulary of the ids")
    response_ids: TokenIds = pdr.Field(description="tokens of the response, without its end token")
    reasoning_ids: TokenIds = pdr.Field(description="tokens of the reasoning, without its end token")
    token_ids: TokenIds = pdr.Field(description="the sequence to train on, ends, pads and switches included")
    streams: Streams = pdr.Field(description="stream of each of token_ids: 0 response, 1 reasoning, 2 pad, 3 switch")
    ratio: Text = pdr.Field(str_matches=r"^(\d+:\d+|adaptive)$", description='schedule: "p:q" or "adaptive"')
    order: Text = pdr.Field(
        nullable=True,
        isin=["response_first", "reasoning_first"],
        description="which stream opens, null when adaptive",
    )
    slack: Int32 = pdr.Field(
        nullable=True,
        description="least slack over derived and step-paired coincident claims, in reasoning tokens; null without any",
    )
    repaired: Bool = pdr.Field(description="whether words were inserted to defer a claim or the end")
    claims: Claims = pdr.Field(
        description="every quantity the response states: value, kind, basis, token span, reas_end, slack"
    )
    interleave: Text = pdr.Field(description="JSON: tokenizer digest and control ids")

    @pdr.dataframe_check
    @classmethod
    def one_stream_per_token(cls, frame: pd.DataFrame) -> "pd.Series[bool]":
        """`streams` has one entry for each of `token_ids`."""
        return _lengths(frame["token_ids"]) == _lengths(frame["streams"])

    @pdr.dataframe_check
    @classmethod
    def response_not_empty(cls, frame: pd.DataFrame) -> "pd.Series[bool]":
        """A row without a response cannot be spoken."""
        return _lengths(frame["response_ids"]) > 0


def _lengths(column: "pd.Series[Any]") -> "pd.Series[int]":
    return pd.Series(pc.list_value_length(pa.array(column)).to_numpy(zero_copy_only=False), index=column.index)
