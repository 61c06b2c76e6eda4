"""Table `family`: the families of a shard in which near duplicates were found."""

import pandera.pandas as pdr

from schemas.columns import HEX_128, Text
from schemas.table import Table


class FamilyTable(Table):
    """What near-duplicate search makes of a problem's family; the rows that it removes are not in it."""

    id: Text = pdr.Field(str_matches=HEX_128, unique=True, description="id of the problem")
    family: Text = pdr.Field(str_matches=HEX_128, description="the family, those of near duplicates being one")
