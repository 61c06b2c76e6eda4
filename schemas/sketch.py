"""Table `sketch`: what near-duplicate search compares instead of a question."""

import pandera.pandas as pdr

from schemas.columns import HEX_128, Bytes, Text
from schemas.table import Table


class SketchTable(Table):
    """What stage sketch makes of a problem."""

    id: Text = pdr.Field(str_matches=HEX_128, unique=True, description="id of the problem")
    sketch: Bytes = pdr.Field(
        description="little-endian: 64-bit hash of the number-masked question, then a 32-bit key of each band"
    )
