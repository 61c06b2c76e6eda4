"""Rows through the booth with an engine of tones: which voices are tried, what is kept, what goes wrong."""

import io
import json
from dataclasses import replace
from threading import Barrier
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
import soundfile

from pipeline.backends import asr
from pipeline.backends.asr import Ear
from pipeline.backends.audio import Clip
from pipeline.config_speech import AugmentConfig, RosterEntry, SpeakConfig
from pipeline.core.fingerprint import digest
from pipeline.core.splits import TEST, split_of
from pipeline.errors import EngineDown, EngineError
from pipeline.stages import speak
from pipeline.stages.roster import members
from pipeline.stages.stage import Outcome, checked
from schemas.problem import ProblemTable
from schemas.rows import Problem, SpokenProblem
from schemas.speech import SpeechTable
from schemas.spoken import SpokenProblemTable
from schemas.table import to_table
from tests.stages.recorded import Studio, studio

__all__ = ["studio"]
TEXTS = ["Ida has nine pens.", "Omar buys four more pens.", "How many pens are there now?"] * 10
BASE = SpeakConfig(tts="tones", asr="echo", second_asr="none")


def problem(number: int) -> Problem:
    return Problem(
        id=digest(number),
        source="sample",
        subset="",
        source_id=str(number),
        family=digest(["family", number]),
        license="CC0-1.0",
        original_question=None,
        question="?",
        solution="!",
        answer="1",
        answer_value="1",
        answer_kind="number",
        duplicate_key=digest(["key", number]),
    )


def inputs(texts: list[str], before: pa.Table | None = None) -> dict[str, pa.Table]:
    problems = [problem(number) for number in range(len(texts))]
    spoken = [
        SpokenProblem(id=row.id, spoken_question=text, reasoning="1", response="one", rewrite="{}")
        for row, text in zip(problems, texts, strict=True)
    ]
    tables = {"problem": to_table(ProblemTable, problems), "spoken": to_table(SpokenProblemTable, spoken)}
    return tables if before is None else {**tables, "speech": before}


def cast(config: SpeakConfig, test_share: float = 0.0) -> speak.Casting:
    return speak.casting(config, members(config), 0, test_share)


def run(
    config: SpeakConfig, texts: list[str] = TEXTS, test_share: float = 0.0, before: pa.Table | None = None
) -> Outcome:
    return speak.load(cast(config, test_share))(inputs(texts, before))


def rows_of(outcome: Outcome) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = checked("speak", SpeechTable, outcome).rows.to_pylist()
    return rows


def test_every_row_is_spoken_heard_and_told_of(studio: Studio) -> None:
    rows = rows_of(run(BASE))
    assert len(rows) == len(TEXTS)
    assert {row["voice"] for row in rows} == {"tones/low", "tones/high"}
    for row in rows:
        samples, rate = soundfile.read(io.BytesIO(row["question_audio"]["bytes"]))
        assert rate == 24_000
        assert len(samples) / rate == pytest.approx(row["duration_s"], abs=1e-3)
        assert row["wer"] == 0
    assert studio.loaded == ["tones"]


def test_a_misheard_row_is_spoken_by_its_next_voice(studio: Studio) -> None:
    studio.mishears = lambda text, voice: voice == "low"  # noqa: ARG005
    rows = rows_of(run(BASE))
    assert {row["voice"] for row in rows} == {"tones/high"}
    attempts = [json.loads(row["speech"])["attempt"] for row in rows]
    assert set(attempts) == {0, 1}
    assert len(studio.said) == len(TEXTS) + sum(attempts)


def test_a_voice_that_is_alone_tries_again_at_another_pace(studio: Studio) -> None:
    studio.mishears = lambda text, voice: voice != "low@1.08"  # noqa: ARG005
    [row] = rows_of(run(replace(BASE, voices=("low",)), TEXTS[:1]))
    assert [voice for _, voice, _ in studio.said] == ["low", "low@0.92", "low@1.08"]
    assert row["voice"] == "tones/low@1.08"


def test_a_row_that_is_tried_afresh_hears_nothing_twice(studio: Studio) -> None:
    studio.mishears = lambda text, voice: True  # noqa: ARG005
    for attempt in range(3):
        again = pa.table({"id": [problem(0).id], "attempt": [attempt]})
        speak.load(cast(BASE))({**inputs(TEXTS[:1]), "attempts": again})
    voices = [voice for _, voice, _ in studio.said]
    assert len(set(voices)) == len(voices) == 9


def test_a_row_that_no_voice_gets_across_is_given_up_with_its_transcripts(studio: Studio) -> None:
    studio.mishears = lambda text, voice: text == TEXTS[1]  # noqa: ARG005
    outcome = run(BASE)
    assert len(outcome.refused) == 10
    assert {row.reason for row in outcome.refused} == {"misheard"}
    payload = json.loads(outcome.refused[0].payload_json)
    assert [attempt["heard"] for attempt in payload["attempts"]] == ["nothing of the kind"] * 3


def test_what_the_first_ear_does_not_understand_is_heard_by_the_second(studio: Studio) -> None:
    studio.mishears = lambda text, voice: text == TEXTS[1]  # noqa: ARG005
    rows = rows_of(run(replace(BASE, second_asr="keen")))
    assert len(rows) == len(studio.said) == len(TEXTS)
    heard_by = [(row["wer"], json.loads(row["speech"])["asr"]) for row in rows]
    assert set(heard_by[1::3]) == {(0.0, "keen")}
    assert {*heard_by[::3], *heard_by[2::3]} == {(0.0, "echo")}


def test_a_row_names_the_model_of_the_ear_that_understood_it(studio: Studio) -> None:
    studio.mishears = lambda text, voice: text == TEXTS[1]  # noqa: ARG005
    rows = rows_of(run(replace(BASE, asr_model="tiny.en", second_asr="keen"), TEXTS[:3]))
    told = [json.loads(row["speech"]) for row in rows]
    assert [(one["asr"], one.get("asr_model_digest")) for one in told] == [
        *(("echo", "tiny.en"), ("keen", None), ("echo", "tiny.en"))
    ]


def test_a_second_ear_without_a_first_does_not_listen(studio: Studio) -> None:
    studio.mishears = lambda text, voice: True  # noqa: ARG005
    rows = rows_of(run(replace(BASE, asr="none", second_asr="keen")))
    assert {(row["wer"], json.loads(row["speech"])["asr"]) for row in rows} == {(None, "none")}


@pytest.mark.parametrize("error", [EngineError("tones: no sound"), ValueError("a tensor of size 0")])
def test_an_engine_that_raises_on_one_text_loses_that_text_alone(studio: Studio, error: Exception) -> None:
    studio.raises = lambda text: error if text == TEXTS[0] else None
    outcome = run(BASE, TEXTS[:3])
    assert len(outcome.rows) == 2
    [refused] = outcome.refused
    assert str(error) in refused.detail


@pytest.mark.parametrize(("gain", "finding"), [(8.0, "clipped: "), (0.005, "silent: -63 dB")])
def test_what_an_engine_clips_or_whispers_is_refused_though_levels_are_made_alike(
    studio: Studio, gain: float, finding: str
) -> None:
    studio.gain = gain
    outcome = run(BASE, TEXTS[:1])
    [refused] = outcome.refused
    assert refused.reason == "speech_failed"
    assert refused.detail.startswith(finding)


def test_an_engine_that_is_down_stops_the_run_and_refuses_no_row(studio: Studio) -> None:
    studio.raises = lambda text: EngineDown("no model 'm' here")  # noqa: ARG005
    with pytest.raises(EngineDown, match="no model 'm'"):
        run(BASE, TEXTS)


def test_an_engine_that_does_not_load_stops_the_run(studio: Studio) -> None:  # noqa: ARG001
    config = replace(BASE, roster=(RosterEntry("broken", voice="low"), RosterEntry("tones", voice="low")))
    with pytest.raises(EngineError, match="does not load"):
        run(config)


def test_engines_are_loaded_once_and_only_when_a_row_draws_them(studio: Studio) -> None:
    entries = (
        RosterEntry("tones", voice="low"),
        RosterEntry("timed", voice="low"),
        RosterEntry("slow", voice="low", weight=0.0),
    )
    rows = rows_of(run(replace(BASE, roster=entries)))
    assert {row["voice"] for row in rows} == {"tones/low", "timed/low"}
    assert sorted(studio.loaded) == ["timed", "tones"]


def test_held_out_voices_speak_the_test_split_retries_too(studio: Studio) -> None:
    studio.mishears = lambda text, voice: len(studio.said) % 2 == 1  # noqa: ARG005
    entries = (
        RosterEntry("tones", voice="low"),
        RosterEntry("tones", voice="high", held_out=True),
        RosterEntry("timed", voice="high", held_out=True),
    )
    rows = rows_of(run(replace(BASE, roster=entries), test_share=0.4))
    families = {problem(number).id: problem(number).family for number in range(len(TEXTS))}
    for row in rows:
        test = split_of(families[row["id"]], 0, validation=0.3, test=0.4) == TEST
        assert (row["voice"].partition("@")[0] != "tones/low") == test
    assert {row["voice"].partition("@")[0] for row in rows} == {"tones/low", "tones/high", "timed/high"}


def test_rows_that_near_duplicates_moved_to_another_split_are_spoken_by_its_voices(studio: Studio) -> None:
    entries = (RosterEntry("tones", voice="low"), RosterEntry("tones", voice="high", held_out=True))
    config = replace(BASE, roster=entries)
    before = checked("speak", SpeechTable, run(config, test_share=0.4)).rows
    families = [problem(number // 2 * 2).family for number in range(len(TEXTS))]
    joined = pa.table({"id": [problem(number).id for number in range(len(TEXTS))], "family": families})
    studio.said.clear()
    rows = rows_of(speak.load(cast(config, 0.4))({**inputs(TEXTS, before), "family": joined}))
    for row, family in zip(rows, families, strict=True):
        assert (row["voice"] == "tones/high") == (split_of(family, 0, validation=0.0, test=0.4) == TEST)
    moved = [old["voice"] != new["voice"] for old, new in zip(before.to_pylist(), rows, strict=True)]
    assert 0 < sum(moved) == len(studio.said) < len(rows)


def test_a_new_voice_redoes_the_rows_that_draw_it_and_no_other(studio: Studio) -> None:
    entries = (RosterEntry("tones", voice="low"), RosterEntry("tones", voice="high"))
    before = checked("speak", SpeechTable, run(replace(BASE, roster=entries))).rows
    studio.said.clear()
    wider = replace(BASE, roster=(*entries, RosterEntry("timed", voice="low")))
    after = rows_of(run(wider, before=before))
    spoken_anew = [row for row in after if row["voice"] == "timed/low"]
    assert 0 < len(spoken_anew) == len(studio.said) < len(TEXTS)
    assert after == rows_of(run(wider))


def test_settings_that_decide_a_take_take_nothing_over(studio: Studio) -> None:
    before = checked("speak", SpeechTable, run(BASE)).rows
    studio.said.clear()
    run(replace(BASE, max_wer=0.1), before=before)
    assert len(studio.said) == len(TEXTS)


def test_augmented_rows_say_what_was_done_to_them_and_keep_their_length(studio: Studio) -> None:  # noqa: ARG001
    clean = {row["id"]: row for row in rows_of(run(BASE))}
    made = rows_of(run(replace(BASE, augment=AugmentConfig(noise=0.5, telephone=0.3))))
    told = [json.loads(row["speech"]).get("augment", {}) for row in made]
    assert {tuple(sorted(one)) for one in told} >= {(), ("noise",)}
    for row, augmented in zip(made, told, strict=True):
        same = row["question_audio"]["bytes"] == clean[row["id"]]["question_audio"]["bytes"]
        assert same == (not augmented)
        assert row["duration_s"] == clean[row["id"]]["duration_s"]
        assert row["wer"] == 0


def test_an_engine_that_gains_from_it_is_asked_several_texts_at_a_time(studio: Studio) -> None:
    entries = (RosterEntry("many", voice="low"),)
    rows = rows_of(run(replace(BASE, roster=entries, asr="none")))
    assert [row["id"] for row in rows] == [problem(number).id for number in range(len(TEXTS))]
    assert len(studio.said) == len(TEXTS)


def test_an_ear_that_gains_from_it_hears_several_clips_at_a_time(
    studio: Studio,  # noqa: ARG001
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    together = Barrier(3, timeout=30)

    class Crowd:
        def transcribe(self, clip: Clip) -> str:  # noqa: ARG002
            together.wait()
            return TEXTS[0]

    monkeypatch.setitem(asr.ENGINES, "crowd", Ear(lambda model, url: Crowd(), (), concurrency=3))  # noqa: ARG005
    assert [row["wer"] for row in rows_of(run(replace(BASE, asr="crowd"), [TEXTS[0]] * 3))] == [0.0] * 3


def test_audio_is_bytes_of_the_format_asked_for(studio: Studio) -> None:  # noqa: ARG001
    for name, magic in (("flac", b"fLaC"), ("wav", b"RIFF"), ("ogg", b"OggS")):
        [row] = rows_of(run(replace(BASE, audio_format=name), TEXTS[:1]))  # type: ignore[arg-type]
        assert row["question_audio"]["bytes"].startswith(magic)
        assert row["question_audio"]["path"].endswith(f".{name}")
        assert np.isfinite(row["duration_s"])
