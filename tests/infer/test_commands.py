"""`smp3m infer` as a person runs it, on a tiny thinker that heard four questions in training."""

import json
import re
import shutil
from pathlib import Path

import numpy as np
import pytest
import soundfile

pytest.importorskip("torch", reason="the train extra is not installed")
pytest.importorskip("transformers", reason="the train extra is not installed")

from pipeline.backends.asr.moonshine import Moonshine
from pipeline.backends.audio import decode
from pipeline.core.answer import Answer, from_text
from pipeline.core.scoring import normalised
from pipeline.train.samples import Source
from tests.conftest import Smp3m
from tests.infer.conftest import Learn, Learned


@pytest.fixture(scope="module")
def knows(learned: Learn) -> Learned:
    return learned(source=Source.AUDIO)


@pytest.fixture(scope="module")
def checkpoint(knows: Learned, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("checkpoint")
    knows.thinker.save(folder)
    return folder


def recording(knows: Learned, k: int, folder: Path) -> Path:
    path = folder / f"question-{k}.flac"
    path.write_bytes(knows.rows[k]["question_audio"]["bytes"])
    return path


def test_a_spoken_question_is_answered_aloud_and_the_ear_hears_the_answer(
    knows: Learned, checkpoint: Path, tmp_path: Path, smp3m: Smp3m, capsys: pytest.CaptureFixture[str]
) -> None:
    heard_right = 0
    for k, row in enumerate(knows.rows):
        wav = tmp_path / f"{k}.wav"
        asked = recording(knows, k, tmp_path)
        assert smp3m("infer", "--checkpoint", checkpoint, "--audio", asked, "--wav", wav) == 0
        printed = capsys.readouterr().out
        assert printed.startswith(row["response"])
        answer = from_text(row["answer_value"])
        assert isinstance(answer, Answer)
        heard_right += normalised(Moonshine().transcribe(decode(wav.read_bytes())), answer)
    assert heard_right >= len(knows.rows) - 1  # the smallest ear errs now and then


def test_trace_picture_and_thinking_are_there_for_the_asking(
    knows: Learned, checkpoint: Path, tmp_path: Path, smp3m: Smp3m, capsys: pytest.CaptureFixture[str]
) -> None:
    asked, trace, plot = recording(knows, 0, tmp_path), tmp_path / "trace.jsonl", tmp_path / "plot.png"
    flags = ("--audio", asked, "--trace", trace, "--plot", plot, "--tts", "none")
    assert smp3m("infer", "--checkpoint", checkpoint, *flags, "--show-thinking") == 0
    printed = capsys.readouterr().out
    assert "Answer:" in printed
    silent = "".join(re.findall(r"\[(.*?)\]", printed, re.DOTALL))
    assert silent.strip() == knows.rows[0]["reasoning"]
    said = re.sub(r"\[.*?\]", "", printed, flags=re.DOTALL)
    assert said.startswith(knows.rows[0]["response"])
    assert re.search(r"2:8: \d+ tokens \(\d+ spoken\) in \d+ calls; first spoken token after 0 others, \d+ ms", printed)
    assert [json.loads(line)["token"] for line in trace.read_text().splitlines()] == list(knows.rows[0]["token_ids"])
    assert plot.stat().st_size > 1000


def test_paradigms_are_measured_side_by_side(
    knows: Learned, checkpoint: Path, tmp_path: Path, smp3m: Smp3m, capsys: pytest.CaptureFixture[str]
) -> None:
    flags = ("--audio", recording(knows, 0, tmp_path), "--rounds", 1, "--max-response", 20, "--max-reasoning", 30)
    names = ("2:8", "think_then_speak", "response_only")
    compared = [flag for name in names for flag in ("--compare", name)]
    assert smp3m("infer", "--checkpoint", checkpoint, *flags, *compared) == 0
    table = [line.split(" | ")[0].strip("| ") for line in capsys.readouterr().out.splitlines() if line[0] == "|"]
    assert table == ["paradigm", "---", *names]


def test_the_same_seed_says_the_same(checkpoint: Path, smp3m: Smp3m, capsys: pytest.CaptureFixture[str]) -> None:
    said = []
    for seed in (1, 1, 2):
        drawn = ("--temperature", 3, "--top-p", 0.95, "--seed", seed, "--max-response", 30, "--max-reasoning", 40)
        assert smp3m("infer", "--checkpoint", checkpoint, "--text", "Two plus two?", *drawn, "--tts", "none") == 0
        said.append(capsys.readouterr().out.split("2:8:")[0])
    assert said[0] == said[1] != said[2]


def test_what_is_wrong_is_said_in_one_line(
    knows: Learned, checkpoint: Path, tmp_path: Path, smp3m: Smp3m, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = recording(knows, 0, tmp_path)
    soundfile.write(tmp_path / "silent.wav", np.zeros(16_000), 16_000)
    (tmp_path / "run" / "stage-4").mkdir(parents=True)
    shutil.copytree(checkpoint, tmp_path / "run" / "stage-4" / "step-100")
    other = tmp_path / "other"
    shutil.copytree(checkpoint, other)
    note = json.loads((other / "smp3m.json").read_text())
    note["vocabulary"]["digest"] = "0" * 32
    (other / "smp3m.json").write_text(json.dumps(note))
    damaged = tmp_path / "damaged"
    shutil.copytree(checkpoint, damaged)
    (damaged / "smp3m.json").write_text("{}")
    text = ("--text", "Two plus two?")
    cases = [
        (2, ("--checkpoint", checkpoint), "give the question by --audio FILE"),
        (2, ("--checkpoint", checkpoint, *text, "--audio", asked), "one of them"),
        (2, ("--checkpoint", checkpoint, "--audio", tmp_path / "silent.wav"), "silent"),
        (2, ("--checkpoint", tmp_path, *text), "stage-4/step-100"),
        (2, ("--checkpoint", tmp_path / "none", *text), "no checkpoint of this project"),
        (1, ("--checkpoint", other, *text), "made with vocabulary 000000000000"),
        (1, ("--checkpoint", damaged, *text), "not readable"),
        (2, ("--checkpoint", checkpoint, *text, "--ratio", "2-8"), "2-8"),
        (2, ("--checkpoint", checkpoint, *text, "--tts", "parrot"), "--tts parrot"),
        (2, ("--checkpoint", checkpoint, *text, "--tts", "talker"), "has no talker: give the result of stage 5"),
        (2, ("--checkpoint", tmp_path, *text, "--tts", "talker"), "no checkpoint of this project here"),
        (2, ("--checkpoint", checkpoint, *text, "--tts", "talker", "--voice", "en-GB"), "leave out --voice"),
        (2, ("--checkpoint", checkpoint, *text, "--voice", "fr-FR"), "--voice fr-FR"),
        (2, ("--checkpoint", checkpoint, *text, "--boundary", "page"), "clause"),
        (2, ("--checkpoint", checkpoint, *text, "--tts", "none", "--wav", tmp_path / "a.wav"), "nothing to hear"),
        (2, ("--checkpoint", checkpoint, *text, "--wav", tmp_path / "no" / "a.wav"), "there is no folder"),
        (2, ("--checkpoint", checkpoint, *text, "--wav", tmp_path / "a.mp4"), "must end in"),
        (2, ("--checkpoint", checkpoint, *text, "--compare", "all", "--plot", tmp_path / "a.png"), "writes no files"),
        (2, ("--checkpoint", checkpoint, *text, "--device", "abacus"), "device abacus"),
        (2, ("--checkpoint", checkpoint, *text, "--top-p", 0), "top_p"),
    ]
    for code, flags, message in cases:
        assert smp3m("infer", *flags) == code, flags
        error = capsys.readouterr().err
        assert message in error, error
        assert len(error.strip().splitlines()) == 1, error
