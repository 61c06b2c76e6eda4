"""Table `spoken`: a problem rewritten for the ear; knows no tokenizer and no schedule."""

import pandera.pandas as pdr

from schemas.columns import HEX_128, Text
from schemas.table import Table


class SpokenProblemTable(Table):
    """What stage rewrite makes of a problem."""

    id: Text = pdr.Field(str_matches=HEX_128, unique=True, description="id of the problem")
    spoken_question: Text = pdr.Field(
        str_matches=r"^[^\d$%=\\^_{}<>|~#@*]+$", description="the question as it is read aloud: words only"
    )
    reasoning: Text = pdr.Field(str_length={"min_value": 1}, description="the silent derivation, compact")
    response: Text = pdr.Field(str_matches=r"^[^\d$%=\\^_{}<>|~#@*]+$", description="what the voice says, words only")
    rewrite: Text = pdr.Field(description="JSON: engine, model and prompt digests of the rewriting")
