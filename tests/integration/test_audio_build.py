"""A build with the embedded voice and ear, for real."""

import io
from pathlib import Path

import datasets
import pytest
import soundfile

from tests.conftest import ROWS, Smp3m, write_jsonl
from tests.integration.test_build import ALL_TRAIN, parts, published, rejected, report

pytestmark = [pytest.mark.ray, pytest.mark.usefixtures("shared_ray")]


@pytest.fixture
def spoken(smp3m: Smp3m, tmp_path: Path) -> Path:
    source = write_jsonl(tmp_path / "two.jsonl", ROWS[:2])
    assert smp3m("build", "--source", f"gsm8k={source}", *ALL_TRAIN, "--out", tmp_path / "out") == 0
    return tmp_path / "out"


def test_questions_are_spoken_heard_and_decode_to_their_stated_length(spoken: Path) -> None:
    rows = published(spoken)
    assert len(rows) + len(rejected(spoken)) == 2
    assert rows, "the ear understood neither of two plain questions"
    loaded = datasets.load_dataset(str(spoken / "dataset"), split="train")
    assert loaded.features["question_audio"] == datasets.Audio(sampling_rate=24_000)
    raw = loaded.cast_column("question_audio", datasets.Audio(decode=False))
    for row in raw:
        samples, rate = soundfile.read(io.BytesIO(row["question_audio"]["bytes"]))
        assert rate == 24_000
        assert len(samples) / rate == pytest.approx(row["duration_s"], abs=1e-3)
        assert row["voice"].startswith("nanotts/")
        assert row["wer"] <= 0.2
        assert row["asr_text"]
    assert report(spoken)["audio_hours"] == pytest.approx(sum(row["duration_s"] for row in rows) / 3600)


def test_another_ratio_speaks_no_question_again(spoken: Path, smp3m: Smp3m, tmp_path: Path) -> None:
    before = parts(spoken, "speech")
    source = tmp_path / "two.jsonl"
    flags = ("--ratio", "1:4", *ALL_TRAIN, "--out", spoken)
    assert smp3m("build", "--source", f"gsm8k={source}", *flags) == 0
    assert parts(spoken, "speech") == before


def test_without_an_ear_rows_carry_audio_and_no_transcript(smp3m: Smp3m, tmp_path: Path) -> None:
    source = write_jsonl(tmp_path / "one.jsonl", ROWS[:1])
    out = tmp_path / "out"
    assert smp3m("build", "--source", f"gsm8k={source}", "--asr", "none", *ALL_TRAIN, "--out", out) == 0
    [row] = published(out)
    assert row["question_audio"]["bytes"]
    assert (row["asr_text"], row["wer"]) == (None, None)


def test_responses_are_spoken_too_and_another_ratio_speaks_only_those_it_changed(smp3m: Smp3m, tmp_path: Path) -> None:
    source = write_jsonl(tmp_path / "two.jsonl", ROWS[:2])
    flags = ("--source", f"gsm8k={source}", "--speak", "both", "--asr", "none", *ALL_TRAIN, "--out", tmp_path / "out")
    assert smp3m("build", *flags) == 0
    out = tmp_path / "out"
    rows = published(out)
    assert len(rows) == 2
    for row in rows:
        samples, rate = soundfile.read(io.BytesIO(row["response_audio"]["bytes"]))
        assert len(samples) / rate == pytest.approx(row["response_duration_s"], abs=1e-3)
        assert [word["word"] for word in row["response_words"]] == row["response"].split()
        assert row["response_words"][-1]["end_s"] <= row["response_duration_s"] + 0.02
        assert row["response_voice"] == "nanotts/en-US@0.85"
    voices = report(out)["voice_hours"]
    assert sum(voices.values()) == pytest.approx(report(out)["audio_hours"] + report(out)["response_audio_hours"])
    assert smp3m("build", "--ratio", "3:9", *flags) == 0
    again = {row["id"]: row for row in published(out)}
    for row in rows:
        if again[row["id"]]["response"] == row["response"]:
            assert again[row["id"]]["response_audio"] == row["response_audio"]


def test_recordings_without_notes_stop_a_build_before_any_work(
    smp3m: Smp3m, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "voices").mkdir()
    (tmp_path / "voices" / "references.toml").write_text("")
    (tmp_path / "voices" / "anna.wav").write_bytes(b"")
    config = tmp_path / "clones.toml"
    config.write_text(
        'source = [{ name = "sample" }]\n[speak]\ntts = "coqui"\nmodel = "some/model"\nreferences = "voices"\n'
    )
    assert smp3m("build", "--config", config, "--out", tmp_path / "out") == 2
    error = capsys.readouterr().err
    assert "anna has no consent" in error
    assert error.count("\n") == 1
    assert not (tmp_path / "out").exists()
