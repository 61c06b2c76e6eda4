"""Table `example`: one published row, all stages joined on id."""

import pandera.pandas as pdr

from schemas.columns import HEX_128, Audio, Bool, Claims, Float32, Int32, LeadIns, Streams, Text, TokenIds, WordTimes
from schemas.interleaved import InterleavedTable
from schemas.problem import ProblemTable
from schemas.response_speech import ResponseSpeechTable
from schemas.speech import SpeechTable
from schemas.spoken import SpokenProblemTable
from schemas.table import Table, describe
from schemas.verified import VerifiedTable

_problem, _spoken, _speech = describe(ProblemTable), describe(SpokenProblemTable), describe(SpeechTable)
_streams, _verified = describe(InterleavedTable), describe(VerifiedTable)
_answer = describe(ResponseSpeechTable)


class ExampleTable(Table):
    """The columns of the data set, in the order they are published in."""

    id: Text = pdr.Field(str_matches=HEX_128, unique=True, description=_problem["id"])
    source: Text = pdr.Field(description=_problem["source"])
    subset: Text = pdr.Field(description=_problem["subset"])
    source_id: Text = pdr.Field(description=_problem["source_id"])
    family: Text = pdr.Field(description=_problem["family"])
    split: Text = pdr.Field(isin=["train", "validation", "test"], description="split, by hash of the family")
    license: Text = pdr.Field(description=_problem["license"])
    original_question: Text = pdr.Field(nullable=True, description=_problem["original_question"])
    question: Text = pdr.Field(description=_problem["question"])
    solution: Text = pdr.Field(description=_problem["solution"])
    answer: Text = pdr.Field(description=_problem["answer"])
    answer_value: Text = pdr.Field(description=_problem["answer_value"])
    answer_kind: Text = pdr.Field(description=_problem["answer_kind"])
    spoken_question: Text = pdr.Field(description=_spoken["spoken_question"])
    reasoning: Text = pdr.Field(description=_spoken["reasoning"])
    response: Text = pdr.Field(description=_streams["response"])
    lead_in: LeadIns = pdr.Field(description=_streams["lead_in"])
    question_audio: Audio = pdr.Field(nullable=True, description=_speech["question_audio"])
    response_audio: Audio = pdr.Field(nullable=True, description=_answer["response_audio"])
    voice: Text = pdr.Field(nullable=True, description=_speech["voice"])
    duration_s: Float32 = pdr.Field(nullable=True, description=_speech["duration_s"])
    asr_text: Text = pdr.Field(nullable=True, description=_speech["asr_text"])
    wer: Float32 = pdr.Field(nullable=True, description=_speech["wer"])
    tokenizer: Text = pdr.Field(description=_streams["tokenizer"])
    response_ids: TokenIds = pdr.Field(description=_streams["response_ids"])
    reasoning_ids: TokenIds = pdr.Field(description=_streams["reasoning_ids"])
    token_ids: TokenIds = pdr.Field(description=_streams["token_ids"])
    streams: Streams = pdr.Field(description=_streams["streams"])
    ratio: Text = pdr.Field(description=_streams["ratio"])
    order: Text = pdr.Field(nullable=True, description=_streams["order"])
    slack: Int32 = pdr.Field(nullable=True, description=_streams["slack"])
    repaired: Bool = pdr.Field(description=_streams["repaired"])
    claims: Claims = pdr.Field(description=_streams["claims"])
    judge: Text = pdr.Field(description=_verified["judge"])
    provenance: Text = pdr.Field(description="JSON: engines, models, prompt digests and seed this row was made with")
    response_voice: Text = pdr.Field(nullable=True, description=_answer["response_voice"])
    response_duration_s: Float32 = pdr.Field(nullable=True, description=_answer["response_duration_s"])
    response_words: WordTimes = pdr.Field(nullable=True, description=_answer["response_words"])
