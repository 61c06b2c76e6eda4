"""Table `speech`: the question spoken by a voice and heard back by an ear."""

import pandera.pandas as pdr

from schemas.columns import HEX_128, Audio, Float32, Text
from schemas.table import Table


class SpeechTable(Table):
    """What step `speak` of stage synthesize makes of a spoken question."""

    id: Text = pdr.Field(str_matches=HEX_128, unique=True, description="id of the problem")
    question_audio: Audio = pdr.Field(description="the spoken question as encoded audio (datasets.Audio)")
    voice: Text = pdr.Field(str_length={"min_value": 1}, description="engine and voice that speak")
    duration_s: Float32 = pdr.Field(gt=0, description="length of question_audio in seconds")
    asr_text: Text = pdr.Field(nullable=True, description="what the ear heard, null without one")
    wer: Float32 = pdr.Field(nullable=True, ge=0, description="number-aware word error rate, null without an ear")
    speech: Text = pdr.Field(description="JSON: engines, attempt and seed of the synthesis")
    take: Text = pdr.Field(str_matches=HEX_128, description="digest of all that decides the clip")
