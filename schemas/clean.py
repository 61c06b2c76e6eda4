"""Table `clean`: the problems that are in no evaluation set."""

import pandera.pandas as pdr

from schemas.columns import HEX_128, Text
from schemas.table import Table


class CleanTable(Table):
    """What stage decontaminate lets pass."""

    id: Text = pdr.Field(str_matches=HEX_128, unique=True, description="id of the problem")
