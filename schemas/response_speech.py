"""Table `response_speech`: the final response spoken by a voice, with the time of every word."""

import pandera.pandas as pdr

from schemas.columns import HEX_128, Audio, Float32, Text, WordTimes
from schemas.table import Table


class ResponseSpeechTable(Table):
    """What step `respond` of stage synthesize makes of an interleaved response."""

    id: Text = pdr.Field(str_matches=HEX_128, unique=True, description="id of the problem")
    response_audio: Audio = pdr.Field(description="the spoken response, only with --speak both")
    response_voice: Text = pdr.Field(
        str_length={"min_value": 1}, description="engine and voice that speak the response, null without its audio"
    )
    response_duration_s: Float32 = pdr.Field(gt=0, description="length of response_audio in seconds")
    response_words: WordTimes = pdr.Field(
        description="each word of the response, when it is spoken in response_audio (provenance says who says so: "
        "word_times), and the index in response_ids of the token it begins in"
    )
    respond: Text = pdr.Field(description="JSON: engines, attempt and seed, transcript, and where the times come from")
    take: Text = pdr.Field(str_matches=HEX_128, description="digest of all that decides the clip")
