"""The column types of all tables: pandas' Arrow-backed dtypes, so that pandera, Arrow and Parquet agree exactly."""

from typing import Annotated

import pandas as pd
import pyarrow as pa

CLAIM_TYPE = pa.struct(
    [
        ("value", pa.string()),
        ("kind", pa.string()),
        ("basis", pa.string()),
        ("resp_start", pa.int32()),
        ("resp_end", pa.int32()),
        ("reas_end", pa.int32()),
        ("slack", pa.int32()),
    ]
)
LEAD_IN_TYPE = pa.struct([("text", pa.string()), ("resp_start", pa.int32())])
WORD_TIME_TYPE = pa.struct(
    [("word", pa.string()), ("start_s", pa.float32()), ("end_s", pa.float32()), ("resp_start", pa.int32())]
)
AUDIO_TYPE = pa.struct([("bytes", pa.binary()), ("path", pa.string())])

Text = Annotated[pd.ArrowDtype, pa.string()]
Bool = Annotated[pd.ArrowDtype, pa.bool_()]
Bytes = Annotated[pd.ArrowDtype, pa.binary()]
Int32 = Annotated[pd.ArrowDtype, pa.int32()]
Float32 = Annotated[pd.ArrowDtype, pa.float32()]
TokenIds = Annotated[pd.ArrowDtype, pa.list_(pa.int32())]
Streams = Annotated[pd.ArrowDtype, pa.list_(pa.int8())]
Audio = Annotated[pd.ArrowDtype, AUDIO_TYPE]
LeadIns = Annotated[pd.ArrowDtype, pa.list_(LEAD_IN_TYPE)]
Claims = Annotated[pd.ArrowDtype, pa.list_(CLAIM_TYPE)]
WordTimes = Annotated[pd.ArrowDtype, pa.list_(WORD_TIME_TYPE)]

HEX_128 = r"^[0-9a-f]{32}$"
"""A blake2b-128 digest, as used for ids."""
