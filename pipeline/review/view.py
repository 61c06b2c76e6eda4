"""One row as people look at it: the value that terminal, page and notebook render alike.

It knows the published and the refused table and nothing of how it will be shown.
"""

import contextlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from pipeline.backends.tokenizer.protocol import Tokenizer
from pipeline.core.schedule import Stream
from pipeline.review.texts import Segment, Words, aligned, heard_words
from pipeline.review.timeline import Timeline, timeline_of
from pipeline.store.quarantine import content_of

_TEXTS = ("question", "spoken_question", "reasoning", "response")
LONGEST = 2000
"""Characters of one value that are shown; a payload may hold a whole row."""
MEDIA_TYPES = {"flac": "audio/flac", "wav": "audio/wav", "ogg": "audio/ogg"}


@dataclass(frozen=True)
class Sound:
    """A spoken question or response."""

    data: bytes
    media_type: str
    voice: str
    duration_s: float


@dataclass(frozen=True)
class Transcript:
    """What an ear heard."""

    words: tuple[Words, ...]
    wer: float


@dataclass(frozen=True)
class RowView:
    """A row, accepted or refused; what a refused row does not have is empty."""

    id: str
    source: str
    source_id: str
    accepted: bool
    why: str
    """One line: why it was accepted, or what was found."""
    stage: str
    reason: str
    content: str
    """Digest of what is heard and read, "" where nobody can judge the row."""
    question: tuple[Segment, ...]
    spoken_question: tuple[Segment, ...]
    reasoning: str
    response: str
    sound: Sound | None = None
    """The question."""
    response_sound: Sound | None = None
    transcript: Transcript | None = None
    timeline: Timeline | None = None
    facts: tuple[tuple[str, str], ...] = ()
    """Name and value of the row's other columns."""
    judge: tuple[tuple[str, str], ...] = ()
    provenance: tuple[tuple[str, str], ...] = ()
    payload: tuple[tuple[str, str], ...] = ()
    """What else a refused row holds."""

    @property
    def can_be_judged(self) -> bool:
        """Whether a verdict on it would mean something."""
        return bool(self.content)


def accepted_view(row: Mapping[str, Any], tokenizer: Tokenizer) -> RowView:
    """Look at a row of the data set."""
    written, spoken = aligned(row["question"], row["spoken_question"])
    return RowView(
        id=row["id"],
        source=row["source"],
        source_id=row["source_id"],
        accepted=True,
        why=_why_accepted(row),
        stage="",
        reason="",
        content=content_of(row),
        question=written,
        spoken_question=spoken,
        reasoning=row["reasoning"],
        response=row["response"],
        sound=_sound(row["question_audio"], row["voice"], row["duration_s"]),
        response_sound=_sound(row["response_audio"], row["response_voice"], row["response_duration_s"]),
        transcript=_transcript(row),
        timeline=timeline_of(row, tokenizer),
        facts=tuple(_facts(row)),
        judge=tuple(flat(json.loads(row["judge"]))),
        provenance=tuple(flat(json.loads(row["provenance"]))),
    )


def rejected_view(row: Mapping[str, Any]) -> RowView:
    """Look at a refused row; its texts are those that had been made by then."""
    payload = _payload(row["payload_json"])
    texts = {name: str(payload.pop(name, "")) for name in _TEXTS}
    content = str(payload.pop("content", ""))
    if texts["spoken_question"]:
        written, spoken = aligned(texts["question"], texts["spoken_question"])
    else:
        written, spoken = (Segment(texts["question"]),) if texts["question"] else (), ()
    return RowView(
        id=row["id"],
        source=row["source"],
        source_id=row["source_id"],
        accepted=False,
        why=row["detail"],
        stage=row["stage"],
        reason=row["reason"],
        content=content,
        question=written,
        spoken_question=spoken,
        reasoning=texts["reasoning"],
        response=texts["response"],
        payload=tuple(flat(payload)),
    )


def flat(value: object, name: str = "") -> Iterator[tuple[str, str]]:
    """Nested JSON as lines of a dotted name and a text."""
    if isinstance(value, Mapping):
        for key, inner in value.items():
            yield from flat(inner, f"{name}.{key}" if name else str(key))
    elif isinstance(value, list) and any(isinstance(inner, Mapping | list) for inner in value):
        for number, inner in enumerate(value, 1):
            yield from flat(inner, f"{name} {number}".strip())
    else:
        yield name, _shown(value)


def _shown(value: object) -> str:
    if isinstance(value, float):
        return f"{value:.3g}"
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= LONGEST else f"{text[:LONGEST]} … ({len(text) - LONGEST:,} more characters)"


def _payload(text: str) -> dict[str, Any]:
    """The payload as a mapping; a raw row that is JSON itself is read too."""
    payload: dict[str, Any] = json.loads(text)
    if isinstance(raw := payload.get("raw"), str):
        with contextlib.suppress(ValueError):  # refused because it is no JSON: shown as it came
            payload["raw"] = json.loads(raw)
    return payload


def _sound(audio: Mapping[str, Any] | None, voice: str, duration_s: float) -> Sound | None:
    if audio is None or not audio["bytes"]:
        return None
    suffix = (audio["path"] or "").rpartition(".")[2]
    return Sound(audio["bytes"], MEDIA_TYPES.get(suffix, "audio/flac"), voice, duration_s)


def _transcript(row: Mapping[str, Any]) -> Transcript | None:
    if row["asr_text"] is None:
        return None
    return Transcript(heard_words(row["spoken_question"], row["asr_text"]), row["wer"])


def _why_accepted(row: Mapping[str, Any]) -> str:
    paired = [claim for claim in row["claims"] if claim["slack"] is not None]
    given = len(row["claims"]) - len(paired)
    parts = [f"results reasoned before they are said: {len(paired)}, least slack {row['slack']}"] if paired else []
    parts += [f"quantities from the question: {given}"] if given else []
    parts += [f"word error rate {row['wer']:.3f}"] if row["wer"] is not None else []
    judges = [name for name in json.loads(row["judge"]) if name != "exact"]
    return "; ".join([*parts, "the stream comes apart into its texts", *(f"passed judge {name}" for name in judges)])


def _facts(row: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    yield "answer", f"{row['answer_value']} ({row['answer_kind']})"
    yield "subset", row["subset"] or "-"
    yield "split", row["split"]
    yield "licence", row["license"]
    yield "family", row["family"]
    yield "schedule", row["ratio"] + (f", {row['order']}" if row["order"] else "")
    yield "vocabulary", row["tokenizer"]
    pads = row["streams"].count(int(Stream.PAD))
    yield (
        "tokens",
        f"{len(row['token_ids'])}: {len(row['response_ids'])} response, {len(row['reasoning_ids'])} reasoning, "
        f"{pads} pads ({100 * pads / len(row['token_ids']):.0f}%)",
    )
    yield "slack", "-" if row["slack"] is None else f"{row['slack']} reasoning tokens"
    if row["lead_in"]:
        yield "repaired by", "; ".join(f"{entry['text']!r} at {entry['resp_start']}" for entry in row["lead_in"])
    if row["original_question"]:
        yield "original question", row["original_question"]
    yield "solution", row["solution"]
