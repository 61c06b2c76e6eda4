"""One row of the data set under one objective: what the model reads, and which of it is learned.

An objective says how the question comes (text or audio) and what is to be written: the question's transcript, the
stream as it is published, or the two streams under another paradigm. Layouts come from `core.paradigm`.
"""

import io
import json
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import soundfile

from pipeline.backends.audio import decode
from pipeline.core.adaptive import Adaptive
from pipeline.core.paradigm import lay_out, paradigm_named
from pipeline.core.schedule import Stream, Turn
from pipeline.errors import ContractError, EngineError, UsageError
from pipeline.model import prompt
from pipeline.model.features import SAMPLE_RATE_HZ, Heard, embeddings_of, hear
from pipeline.model.thinker import Thinker
from pipeline.model.vocabulary import Vocabulary

TRANSCRIPT = "transcript"
AS_PUBLISHED = "as_published"
PROMPT = -1
"""Marks what comes before the turn, beside the values of `Stream`."""
_HOP = 160  # samples of 16 kHz between log-mel frames


class Source(StrEnum):
    """How the question reaches the model."""

    TEXT = "text"
    AUDIO = "audio"


@dataclass(frozen=True, slots=True)
class Objective:
    """What a row teaches."""

    source: Source
    target: str = AS_PUBLISHED
    """`transcript`, `as_published`, or a paradigm's name such as `think_then_speak`."""
    share: float = 1.0
    """Weight in a mix of objectives."""

    def __post_init__(self) -> None:
        """Refuse what nothing can be trained on."""
        if self.share <= 0:
            raise UsageError(f"objective {self}: its share must be above 0")
        if self.target in (TRANSCRIPT, AS_PUBLISHED):
            return
        if isinstance(paradigm_named(self.target), Adaptive):
            raise UsageError(
                "objective adaptive: adaptive streams hang on the claims; "
                f"build the data with --schedule adaptive and train on {AS_PUBLISHED}"
            )

    def __str__(self) -> str:
        return f"{self.source} -> {self.target}"


@dataclass(frozen=True, slots=True)
class Sample:
    """One training sequence."""

    id: str
    rows: list[int]  # [n] rows of the model's embedding
    streams: list[int]  # [n] Stream, or PROMPT
    audio: bytes | None
    """The encoded question, where the rows hold audio placeholders."""

    def __len__(self) -> int:
        return len(self.rows)

    def plain(self) -> dict[str, Any]:
        """All but the audio, as plain values."""
        return {"id": self.id, "rows": self.rows, "streams": self.streams}

    def heard(self, thinker: Thinker) -> Heard | None:
        """Log-mel frames of the question.

        Raises:
            EngineError: the audio cannot be read or heard.
            ContractError: it has another length than its header says.
        """
        if self.audio is None:
            return None
        made = hear(decode(self.audio), thinker.extractor)
        n_places = self.rows.count(thinker.vocabulary.row("audio"))
        if made.n_embeddings != [n_places]:
            raise ContractError(f"row {self.id}: {made.n_embeddings[0]} audio embeddings for {n_places} places")
        return made


def columns_of(objectives: tuple[Objective, ...]) -> list[str]:
    """Columns of the data set that objectives need."""
    columns = ["id", "spoken_question", "response_ids", "reasoning_ids", "token_ids", "streams", "provenance"]
    heard = any(objective.source is Source.AUDIO for objective in objectives)
    return [*columns, "question_audio"] if heard else columns


def sample_of(row: Mapping[str, Any], objective: Objective, vocabulary: Vocabulary) -> Sample:
    """Lay a row out.

    Raises:
        ContractError: a row of another vocabulary; for an audio objective, no audio or none that can be read.
    """
    _require(vocabulary, row)
    rows, streams = _turn_of(row, objective, vocabulary)
    if objective.source is Source.TEXT:
        before, audio = prompt.written(vocabulary, row["spoken_question"]), None
    else:
        audio = question_audio(row)
        before = prompt.heard(vocabulary, embeddings_of(_n_frames(audio, row["id"])))
    return Sample(row["id"], before + rows, [PROMPT] * len(before) + streams, audio)


def question_audio(row: Mapping[str, Any]) -> bytes:
    """The encoded recording of a row's question.

    Raises:
        ContractError: it was not spoken.
    """
    audio: bytes | None = (row["question_audio"] or {}).get("bytes")
    if audio is None:
        raise ContractError(f"row {row['id']} has no audio: build with a voice, or train on text objectives only")
    return audio


def _require(vocabulary: Vocabulary, row: Mapping[str, Any]) -> None:
    """Refuse a row whose ids mean something else to the model."""
    made_with = json.loads(row["provenance"])["interleave"]
    if made_with["tokenizer_digest"] != vocabulary.digest:
        raise ContractError(
            f"row {row['id']}: made with vocabulary {made_with['tokenizer_digest'][:12]} ({made_with['tokenizer']}), "
            f"the model has {vocabulary.digest[:12]} ({vocabulary.tokenizer}): build with --tokenizer, or train with "
            "--set model.tokenizer"
        )
    if made_with["control_ids"] != vocabulary.control.as_map():
        raise ContractError(f"row {row['id']}: has control ids {made_with['control_ids']}; build again")


def _turn_of(row: Mapping[str, Any], objective: Objective, vocabulary: Vocabulary) -> tuple[list[int], list[int]]:
    """Rows and streams of what is learned. A token that is spelled by several rows keeps its stream in each."""
    if objective.target == TRANSCRIPT:
        rows = [*vocabulary.encode(row["spoken_question"]), *vocabulary.rows([vocabulary.control.response_end])]
        return rows, [int(Stream.RESPONSE)] * len(rows)
    if objective.target == AS_PUBLISHED:
        tokens, marks = list(row["token_ids"]), list(row["streams"])
    else:
        paradigm = paradigm_named(objective.target)
        if isinstance(paradigm, Adaptive):
            raise ValueError("the adaptive layout is no objective")
        turn = Turn(list(row["response_ids"]), list(row["reasoning_ids"]))
        tokens, marks = lay_out(turn, paradigm, vocabulary.control)
    if vocabulary.kept is None:
        return tokens, marks
    spelled = vocabulary.spelled(tokens)
    streams = [mark for rows, mark in zip(spelled, marks, strict=True) for _ in rows]
    return [row for rows in spelled for row in rows], streams


def _n_frames(audio: bytes, row_id: str) -> int:
    """Log-mel frames that the audio will have, from its header."""
    try:
        header = soundfile.info(io.BytesIO(audio))
    except soundfile.LibsndfileError as exc:
        raise ContractError(f"row {row_id}: its audio cannot be read: {exc.error_string}") from exc
    n_samples = -(-header.frames * SAMPLE_RATE_HZ // header.samplerate)
    if n_samples < _HOP:
        raise EngineError(f"row {row_id}: its audio holds {n_samples} samples: too short to hear")
    return int(n_samples // _HOP)
