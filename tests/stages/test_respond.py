"""Responses through the booth: whose voice, when each word is spoken, and what is taken over."""

import json
from dataclasses import replace
from typing import Any

import pyarrow as pa
import pytest

from pipeline.backends.tokenizer import load as load_tokenizer
from pipeline.config_speech import RosterEntry, SpeakConfig
from pipeline.errors import UsageError
from pipeline.stages import respond, speak
from pipeline.stages.roster import members
from pipeline.stages.stage import Outcome, checked
from schemas.problem import ProblemTable
from schemas.response_speech import ResponseSpeechTable
from schemas.table import to_table
from tests.stages.recorded import WORD_S, Studio, studio
from tests.stages.test_speak import problem

__all__ = ["studio"]
RESPONSES = ["Hmm, that makes forty two pens.", "So she has nine left, in the end."]
BASE = SpeakConfig(what="both", tts="tones", asr="echo", second_asr="none")
QWEN = load_tokenizer("qwen2.5")


def inputs(responses: list[str], before: pa.Table | None = None, voice: str = "tones/high") -> dict[str, pa.Table]:
    problems = [problem(number) for number in range(len(responses))]
    interleaved = [
        {"id": row.id, "response": text, "response_ids": QWEN.encode(text).ids}
        for row, text in zip(problems, responses, strict=True)
    ]
    speech = [{"id": row.id, "voice": voice} for row in problems]
    tables = {
        "problem": to_table(ProblemTable, problems),
        "interleaved": pa.Table.from_pylist(interleaved),
        "speech": pa.Table.from_pylist(speech),
    }
    return tables if before is None else {**tables, "response_speech": before}


def run(config: SpeakConfig, responses: list[str] = RESPONSES, before: pa.Table | None = None) -> Outcome:
    cast = speak.casting(config, members(config), 0, 0.0)
    return respond.load(cast, "qwen2.5")(inputs(responses, before))


def rows_of(outcome: Outcome) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = checked("respond", ResponseSpeechTable, outcome).rows.to_pylist()
    return rows


@pytest.mark.parametrize(("voice", "who"), [("", "tones/low"), ("row", "tones/high"), ("tones/high", "tones/high")])
def test_responses_have_one_voice_or_their_questions(studio: Studio, voice: str, who: str) -> None:  # noqa: ARG001
    rows = rows_of(run(replace(BASE, response_voice=voice)))
    assert {row["response_voice"] for row in rows} == {who}


def test_a_question_that_was_understood_at_another_pace_is_answered_at_it(studio: Studio) -> None:  # noqa: ARG001
    config = replace(BASE, response_voice="row")
    cast = speak.casting(config, members(config), 0, 0.0)
    made = respond.load(cast, "qwen2.5")(inputs(RESPONSES, voice="tones/high@0.92"))
    assert {row["response_voice"] for row in rows_of(made)} == {"tones/high@0.92"}


def test_a_voice_that_draws_no_questions_may_respond(studio: Studio) -> None:  # noqa: ARG001
    entries = (RosterEntry("tones", voice="low"), RosterEntry("slow", voice="low", weight=0.0))
    rows = rows_of(run(replace(BASE, roster=entries, response_voice="slow/low")))
    assert {row["response_voice"] for row in rows} == {"slow/low"}


def test_an_unknown_voice_is_refused_before_any_work(studio: Studio) -> None:  # noqa: ARG001
    config = replace(BASE, response_voice="tones/tenor")
    with pytest.raises(UsageError, match="no voice 'tones/tenor' in the roster; give \"row\" or one of tones/low"):
        respond.require_voice(config, members(config))


def test_words_have_the_engines_times_where_it_tells_them(studio: Studio) -> None:  # noqa: ARG001
    for row in rows_of(run(replace(BASE, tts="timed"))):
        assert json.loads(row["respond"])["word_times"] == "engine"
        ends = [word["end_s"] for word in row["response_words"]]
        assert ends == pytest.approx([(n + 1) * WORD_S for n in range(len(ends))], abs=0.02)


def test_words_have_an_aligning_ears_times_where_it_finds_them(studio: Studio) -> None:  # noqa: ARG001
    config = replace(BASE, asr="aligner", min_duration_s=0.1)
    found, lost = rows_of(run(config, ["Nine pens.", "Nineteen."]))
    assert json.loads(found["respond"])["word_times"] == "alignment"
    assert [word["start_s"] for word in found["response_words"]] == pytest.approx([0.0, 0.1])
    assert json.loads(lost["respond"])["word_times"] == "proportional"


def test_words_have_estimated_times_else_and_it_is_said(studio: Studio) -> None:  # noqa: ARG001
    for row in rows_of(run(BASE)):
        assert json.loads(row["respond"])["word_times"] == "proportional"
        assert row["response_words"][-1]["end_s"] == pytest.approx(row["response_duration_s"], abs=0.05)


def test_words_point_at_the_tokens_they_begin_in(studio: Studio) -> None:  # noqa: ARG001
    for row, text in zip(rows_of(run(BASE)), RESPONSES, strict=True):
        ids = QWEN.encode(text).ids
        for word in row["response_words"]:
            assert QWEN.decode(ids[word["resp_start"] :]).strip().startswith(word["word"])


def test_a_response_that_is_not_understood_is_said_slower_then_faster_by_the_same_voice(studio: Studio) -> None:
    studio.mishears = lambda text, voice: voice != "low@1.08"  # noqa: ARG005
    rows = rows_of(run(BASE, RESPONSES[:1]))
    assert [voice for _, voice, _ in studio.said] == ["low", "low@0.92", "low@1.08"]
    assert rows[0]["response_voice"] == "tones/low@1.08"


def test_responses_that_are_tried_afresh_are_not_said_as_before(studio: Studio) -> None:
    studio.mishears = lambda text, voice: True  # noqa: ARG005
    run(BASE, RESPONSES[:1])
    cast = speak.casting(BASE, members(BASE), 0, 0.0)
    again = pa.table({"id": [problem(0).id], "attempt": [1]})
    [refused] = respond.load(cast, "qwen2.5")({**inputs(RESPONSES[:1]), "attempts": again}).refused
    voices = [voice for _, voice, _ in studio.said]
    assert len(set(voices)) == len(voices) == 6
    assert refused.attempt == 1


def test_an_engine_of_one_pace_is_given_other_seeds(studio: Studio) -> None:
    studio.mishears = lambda text, voice: True  # noqa: ARG005
    outcome = run(replace(BASE, tts="slow"), RESPONSES[:1])
    assert [(voice, seed) for _, voice, seed in studio.said] == [("low", 0), ("low", 1), ("low", 2)]
    [refused] = outcome.refused
    assert (refused.stage, refused.reason) == ("respond", "misheard")
    assert json.loads(refused.payload_json)["response"] == RESPONSES[0]


def test_only_changed_responses_are_spoken_anew(studio: Studio) -> None:
    before = checked("respond", ResponseSpeechTable, run(BASE)).rows
    studio.said.clear()
    changed = [f"Let me see. {RESPONSES[0]}", RESPONSES[1]]
    after = rows_of(run(BASE, changed, before))
    assert [text for text, _, _ in studio.said] == [changed[0]]
    assert after == rows_of(run(BASE, changed))


def test_word_tokens_of_a_word_that_begins_within_a_token() -> None:
    pieces = {1: "a b", 2: "c", 3: " de"}
    decode = lambda ids: "".join(pieces[i] for i in ids)  # noqa: E731
    assert respond.word_tokens("a bc de", [1, 2, 3], decode) == [0, 0, 2]
