"""Row classes of all tables. Derived from the models beside this file by `make fix`."""

from dataclasses import dataclass
from typing import TypedDict


class ClaimDict(TypedDict):
    """One element of `claims`."""

    value: str
    kind: str
    basis: str
    resp_start: int
    resp_end: int
    reas_end: int | None
    slack: int | None


class LeadInDict(TypedDict):
    """One element of `lead_in`."""

    text: str
    resp_start: int


class WordTimeDict(TypedDict):
    """One element of `response_words`."""

    word: str
    start_s: float
    end_s: float
    resp_start: int


class AudioDict(TypedDict):
    """Encoded audio as datasets.Audio stores it."""

    bytes: bytes
    path: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """What stage collect makes of a raw row."""

    id: str
    source: str
    subset: str
    source_id: str
    family: str
    license: str
    original_question: str | None
    question: str
    solution: str
    answer: str
    answer_value: str
    answer_kind: str
    duplicate_key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Clean:
    """What stage decontaminate lets pass."""

    id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Sketch:
    """What stage sketch makes of a problem."""

    id: str
    sketch: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Family:
    """What near-duplicate search makes of a problem's family; the rows that it removes are not in it."""

    id: str
    family: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SpokenProblem:
    """What stage rewrite makes of a problem."""

    id: str
    spoken_question: str
    reasoning: str
    response: str
    rewrite: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Speech:
    """What step `speak` of stage synthesize makes of a spoken question."""

    id: str
    question_audio: AudioDict
    voice: str
    duration_s: float
    asr_text: str | None
    wer: float | None
    speech: str
    take: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Interleaved:
    """What step `interleave` of stage synthesize makes of a spoken problem and a tokenizer."""

    id: str
    response: str
    lead_in: list[LeadInDict]
    tokenizer: str
    response_ids: list[int]
    reasoning_ids: list[int]
    token_ids: list[int]
    streams: list[int]
    ratio: str
    order: str | None
    slack: int | None
    repaired: bool
    claims: list[ClaimDict]
    interleave: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ResponseSpeech:
    """What step `respond` of stage synthesize makes of an interleaved response."""

    id: str
    response_audio: AudioDict
    response_voice: str
    response_duration_s: float
    response_words: list[WordTimeDict]
    respond: str
    take: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Verified:
    """What stage verify says of a row that it lets pass."""

    id: str
    judge: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Rejected:
    """One row per refused problem (or raw row that never became one)."""

    id: str
    source: str
    source_id: str
    stage: str
    reason: str
    detail: str
    attempt: int
    payload_json: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Review:
    """One verdict of one reviewer on one row; of several by one reviewer the last counts."""

    id: str
    verdict: str
    reason: str
    note: str
    reviewer: str
    time: str
    content: str
    chosen: str
    pool: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """The columns of the data set, in the order they are published in."""

    id: str
    source: str
    subset: str
    source_id: str
    family: str
    split: str
    license: str
    original_question: str | None
    question: str
    solution: str
    answer: str
    answer_value: str
    answer_kind: str
    spoken_question: str
    reasoning: str
    response: str
    lead_in: list[LeadInDict]
    question_audio: AudioDict | None
    response_audio: AudioDict | None
    voice: str | None
    duration_s: float | None
    asr_text: str | None
    wer: float | None
    tokenizer: str
    response_ids: list[int]
    reasoning_ids: list[int]
    token_ids: list[int]
    streams: list[int]
    ratio: str
    order: str | None
    slack: int | None
    repaired: bool
    claims: list[ClaimDict]
    judge: str
    provenance: str
    response_voice: str | None
    response_duration_s: float | None
    response_words: list[WordTimeDict] | None
