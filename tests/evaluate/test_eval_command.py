"""`smp3m eval` as a person runs it: a checkpoint that knows four problems, and a server, on the same items."""

import json
import shutil
from fractions import Fraction
from pathlib import Path

import pytest

pytest.importorskip("torch", reason="the train extra is not installed")
pytest.importorskip("transformers", reason="the train extra is not installed")

from pipeline.backends.audio import decode, encode
from pipeline.backends.llm.fake_server import Behaviour, FakeServer
from pipeline.backends.tts.nanotts import NanoTTS
from pipeline.backends.tts.protocol import Voice
from pipeline.evaluate.checkpoint import Checkpoint
from pipeline.train.samples import Source
from tests.conftest import Smp3m
from tests.infer.conftest import Learn, Learned, babbler, few_rows, learned

__all__ = ["few_rows", "learned"]  # fixtures


@pytest.fixture(scope="module")
def knows(learned: Learn) -> Learned:
    return learned(source=Source.AUDIO)


@pytest.fixture(scope="module")
def checkpoint(knows: Learned, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("run") / "model"
    folder.mkdir()
    knows.thinker.save(folder)
    return folder


@pytest.fixture(scope="module")
def benchmark(knows: Learned, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The rows that the checkpoint knows, in Spoken-MQA's format; the last one with a recording that is none."""
    folder = tmp_path_factory.mktemp("spoken-mqa")
    lines = []
    for k, row in enumerate(knows.rows):
        sound = row["question_audio"]["bytes"] if k + 1 < len(knows.rows) else b"no sound"
        (folder / f"{k}.flac").write_bytes(sound)
        gold = f"{float(Fraction(row['answer_value'])):g}"
        lines.append({"context": f"{k}.flac", "context_transcript": row["spoken_question"], "answer": {"text": gold}})
    (folder / "single_step_reasoning.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    return folder


def test_a_checkpoint_is_scored_from_sound_as_written_and_as_heard(
    checkpoint: Path,
    benchmark: Path,
    knows: Learned,
    tmp_path: Path,
    smp3m: Smp3m,
    capsys: pytest.CaptureFixture[str],
) -> None:
    out = tmp_path / "eval"
    command = ("eval", "--checkpoint", checkpoint, "--data", f"spoken_mqa={benchmark}", "--ask", "audio", "--listen")
    assert smp3m(*command, "--out", out) == 0
    printed = capsys.readouterr().out
    assert "1 of 4 items have no answer" in printed
    results = json.loads((out / "results.json").read_text())
    (score,) = results["scores"]
    known = len(knows.rows) - 1
    assert score["n_items"] == known + 1
    assert score["n_failed"] == 1
    assert score["normalised"] == known / (known + 1)
    assert score["official"] == 0  # it speaks its numbers
    assert score["heard_normalised"] >= (known - 1) / (known + 1)
    assert score["drift"] == 0
    assert score["before_first"] == 0
    assert [one["response"] for one in results["verdicts"][:-1]] == [row["response"] for row in knows.rows[:-1]]
    assert "Mini-Omni-Reasoner" in (out / "results.md").read_text()

    before = (out / "records.jsonl").read_bytes()
    assert smp3m(*command, "--out", out, "--batch", 2) == 0
    assert (out / "records.jsonl").read_bytes() == before
    assert json.loads((out / "results.json").read_text()) == results


def test_a_checkpoint_and_a_server_stand_side_by_side(
    checkpoint: Path, benchmark: Path, tmp_path: Path, smp3m: Smp3m, monkeypatch: pytest.MonkeyPatch
) -> None:
    with FakeServer(Behaviour(answer=lambda _: "The answer is 106.")) as server:
        monkeypatch.setenv("OPENAI_BASE_URL", server.url)
        command = ("eval", "--checkpoint", checkpoint, "--endpoint", "fake", "--data", f"spoken_mqa={benchmark}")
        flags = ("--ratio", "2:8", "--ratio", "response_only", "--max-response", 40, "--max-reasoning", 60)
        assert smp3m(*command, *flags, "--ask", "text", "--limit", 2, "--out", tmp_path) == 0
        assert server.requests == 2
    results = json.loads((tmp_path / "results.json").read_text())
    names = [score["contestant"] for score in results["scores"]]
    assert names == [f"{checkpoint} 2:8", f"{checkpoint} response_only", f"fake at {server.url}"]
    assert {score["source"] for score in results["scores"]} == {"text"}
    table = (tmp_path / "results.md").read_text().splitlines()
    assert len(table) == 2 + 3 + 2  # head, contestants, published words of this subset


def test_what_has_no_recording_is_read_aloud(checkpoint: Path, knows: Learned, tmp_path: Path, smp3m: Smp3m) -> None:
    (tmp_path / "test.jsonl").write_text(
        json.dumps({"question": knows.rows[0]["spoken_question"], "answer": f"#### {knows.rows[0]['answer_value']}"})
    )
    data = f"gsm8k={tmp_path / 'test.jsonl'}"
    assert smp3m("eval", "--checkpoint", checkpoint, "--data", data, "--ask", "both", "--out", tmp_path / "eval") == 0
    results = json.loads((tmp_path / "eval" / "results.json").read_text())
    assert [(score["source"], score["n_failed"]) for score in results["scores"]] == [("text", 0), ("audio", 0)]


def test_a_checkpoint_may_be_heard_by_its_own_talker(
    checkpoint: Path, knows: Learned, benchmark: Path, tmp_path: Path, smp3m: Smp3m, capsys: pytest.CaptureFixture[str]
) -> None:
    model = tmp_path / "spoken" / "model"
    shutil.copytree(checkpoint, model)
    voice = babbler(knows.thinker.hidden_size)
    voice.save(model / "talker")
    flags = ("--ask", "audio", "--limit", 2, "--talker", "--listen", "--out", tmp_path)
    command = ("eval", "--data", f"spoken_mqa={benchmark}", *flags)
    assert smp3m(*command, "--checkpoint", checkpoint) == 2
    assert "has no talker" in capsys.readouterr().err
    assert smp3m(*command, "--checkpoint", model) == 0
    assert "listened to" not in capsys.readouterr().out
    results = json.loads((tmp_path / "results.json").read_text())
    assert [one["response"] for one in results["verdicts"]] == [row["response"] for row in knows.rows[:2]]
    sounds = [decode(path.read_bytes()) for path in (tmp_path / "audio").glob("*.wav")]
    assert [sound.sample_rate_hz for sound in sounds] == [voice.codec.sample_rate_hz] * 2


def test_a_server_that_speaks_is_heard_in_its_own_voice(
    benchmark: Path, tmp_path: Path, smp3m: Smp3m, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = NanoTTS()
    sound = encode(engine.synthesize("The answer is one hundred and nine.", Voice("en-US"), 0), "wav")
    engine.close()
    with FakeServer(Behaviour(answer=lambda _: "The answer is 106.", speech=lambda _: sound)) as server:
        monkeypatch.setenv("OPENAI_BASE_URL", server.url)
        flags = ("--ask", "audio", "--listen", "--endpoint-voice", "alto", "--limit", 2, "--out", tmp_path)
        assert smp3m("eval", "--endpoint", "fake", "--data", f"spoken_mqa={benchmark}", *flags) == 0
        assert [len(seen.recordings) for seen in server.asked] == [1, 1]
    verdicts = json.loads((tmp_path / "results.json").read_text())["verdicts"]
    assert {verdict["response"] for verdict in verdicts} == {"The answer is 106."}
    assert all("109" in verdict["heard"] or "one hundred" in verdict["heard"] for verdict in verdicts)
    assert not any("106" in verdict["heard"] for verdict in verdicts)


def test_a_network_of_text_is_not_asked_aloud_without_a_word(
    checkpoint: Path,
    benchmark: Path,
    tmp_path: Path,
    smp3m: Smp3m,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(Checkpoint, "hears", False)
    command = ("eval", "--checkpoint", checkpoint, "--data", f"spoken_mqa={benchmark}", "--limit", 1, "--out", tmp_path)
    assert smp3m(*command, "--ask", "audio") == 2
    assert "is a network of text alone; ask it with --ask text" in capsys.readouterr().err
    assert smp3m(*command, "--ask", "both") == 0
    assert "a network of text alone, asked by text only" in capsys.readouterr().out
    (score,) = json.loads((tmp_path / "results.json").read_text())["scores"]
    assert score["source"] == "text"


def test_what_is_wrong_is_said_in_one_line(
    checkpoint: Path, benchmark: Path, tmp_path: Path, smp3m: Smp3m, capsys: pytest.CaptureFixture[str]
) -> None:
    data, model = ("--data", f"spoken_mqa={benchmark}"), ("--checkpoint", checkpoint)
    cases = [
        (2, data, "nobody is asked"),
        (2, (*model, "--data", "trivia"), "unknown benchmark"),
        (2, (*model, *data, "--ask", "smell"), "--ask smell"),
        (2, (*model, *data, "--ratio", "8"), "8"),
        (2, (*model, *data, "--listen", "--asr", "horn"), "--asr horn"),
        (2, (*model, *data, "--listen", "--tts", "parrot"), "--tts parrot"),
        (2, (*model, *model, *data), "two contestants"),
        (2, (*model, *data, "--batch", 0), "--batch 0"),
        (2, ("--checkpoint", tmp_path, *data), "no checkpoint"),
        (2, ("--endpoint", "@http://127.0.0.1:1/v1", *data), "names no model"),
    ]
    for code, flags, message in cases:
        assert smp3m("eval", *flags, "--out", tmp_path / "eval") == code, flags
        error = capsys.readouterr().err
        assert message in error, error
        assert len(error.strip().splitlines()) == 1, error
