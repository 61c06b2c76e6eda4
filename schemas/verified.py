"""Table `verified`: the verdict on a row, reached from its token stream alone."""

import pandera.pandas as pdr

from schemas.columns import HEX_128, Text
from schemas.table import Table


class VerifiedTable(Table):
    """What stage verify says of a row that it lets pass."""

    id: Text = pdr.Field(str_matches=HEX_128, unique=True, description="id of the problem")
    judge: Text = pdr.Field(description="JSON: each check or judge and what it found")
