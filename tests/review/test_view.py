"""What people see of a row."""

import json
from pathlib import Path
from typing import Any

import pytest

from pipeline.backends.tokenizer import load
from pipeline.review.dataset import index_of, open_build, places_of, rows_at
from pipeline.review.texts import Change
from pipeline.review.view import LONGEST, accepted_view, flat, rejected_view
from pipeline.store.quarantine import content_of

QWEN = load("qwen2.5")


@pytest.fixture
def row(built: Path) -> dict[str, Any]:
    """The first accepted row."""
    build = open_build(built)
    return rows_at(build, places_of(index_of(build))[:1])[0]


def refused(**more: object) -> dict[str, Any]:
    payload = {"question": "Add 2 and 3.", **more}
    return {
        "id": "a", "source": "gsm8k", "source_id": "7", "stage": "speak", "reason": "misheard",
        "detail": "wer 0.40, 0.2 allowed", "attempt": 0, "payload_json": json.dumps(payload),
    }  # fmt: skip


def test_an_accepted_row_says_why(row: dict[str, Any]) -> None:
    view = accepted_view(row, QWEN)
    assert view.accepted
    assert f"least slack {row['slack']}" in view.why
    assert "".join(part.text for part in view.question) == row["question"]
    assert "".join(part.text for part in view.spoken_question) == row["spoken_question"]
    assert view.timeline is not None
    assert len(view.timeline.claims) == len(row["claims"])
    assert view.content == content_of(row)
    assert dict(view.provenance)["interleave.tokenizer"] == "qwen2.5"
    assert dict(view.judge)["exact.slack"] == str(row["slack"])
    assert (view.sound, view.transcript) == (None, None)


def test_sound_and_transcript_are_shown_where_there_are_some(row: dict[str, Any]) -> None:
    spoken = {
        "question_audio": {"bytes": b"fLaC", "path": "a.flac"},
        "voice": "nanotts/en-GB",
        "duration_s": 3.5,
        "asr_text": row["spoken_question"].replace("beans", "beams"),
        "wer": 0.1,
    }
    view = accepted_view({**row, **spoken}, QWEN)
    assert view.sound is not None
    assert (view.sound.data, view.sound.media_type, view.sound.duration_s) == (b"fLaC", "audio/flac", 3.5)
    assert view.transcript is not None
    changed = {(part.spoken, part.heard) for part in view.transcript.words if part.change is Change.REPLACED}
    assert changed == {("beans", "beams")}
    assert "word error rate 0.100" in view.why


def test_a_spoken_response_is_heard_and_part_of_what_is_judged(row: dict[str, Any]) -> None:
    clip = {"bytes": b"OggS", "path": "a.ogg"}
    spoken = {**row, "response_audio": clip, "response_voice": "nanotts/en-US", "response_duration_s": 2.5}
    view = accepted_view(spoken, QWEN)
    assert view.sound is None
    assert view.response_sound is not None
    assert (view.response_sound.data, view.response_sound.media_type) == (b"OggS", "audio/ogg")
    assert (view.response_sound.voice, view.response_sound.duration_s) == ("nanotts/en-US", 2.5)
    assert view.content not in (content_of(row), content_of({**row, "question_audio": clip}))


def test_a_refused_row_shows_what_there_was_and_cannot_be_judged() -> None:
    attempts = [{"voice": "ann", "heard": "at two", "wer": 0.4}, {"voice": "bob", "heard": "add", "wer": 2 / 3}]
    view = rejected_view(refused(spoken_question="Add two and three.", attempts=attempts))
    assert (view.stage, view.reason, view.why) == ("speak", "misheard", "wer 0.40, 0.2 allowed")
    assert [part.pairs for part in view.spoken_question if part.pairs] == [(1,), (2,)]
    assert ("attempts 2.heard", "add") in view.payload
    assert ("attempts 2.wer", "0.667") in view.payload
    assert not view.can_be_judged


def test_a_raw_row_is_read_as_far_as_it_is_json() -> None:
    view = rejected_view({**refused(), "payload_json": json.dumps({"raw": '{"query": "", "type": "x"}'})})
    assert view.payload == (("raw.query", ""), ("raw.type", "x"))
    view = rejected_view({**refused(), "payload_json": json.dumps({"raw": "{broken"})})
    assert view.payload == (("raw", "{broken"),)


def test_a_row_held_back_by_reviewers_can_still_be_judged() -> None:
    view = rejected_view({**refused(content="0" * 32), "stage": "publish", "reason": "review"})
    assert view.can_be_judged
    assert view.payload == ()


def test_long_values_are_cut_with_a_count() -> None:
    [(name, shown)] = flat({"bytes": "x" * (LONGEST + 10)})
    assert name == "bytes"
    assert shown.endswith("… (10 more characters)")
