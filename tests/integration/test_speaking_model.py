"""From a spoken data set to a spoken answer, by the commands of docs/infer.md at their smallest size."""

from pathlib import Path

import pyarrow.parquet as pq
import pytest

pytest.importorskip("torch", reason="the train extra is not installed")
pytest.importorskip("transformers", reason="the train extra is not installed")

from pipeline.backends.asr.hearing import listen
from pipeline.backends.asr.moonshine import Moonshine
from pipeline.backends.audio import decode
from tests.conftest import Smp3m
from tests.serial import built

N_ROWS = 2
"""The stages keep the pace of the preset: with fewer steps rows are not learned by heart."""


def test_a_model_that_was_trained_on_spoken_rows_hears_their_questions_and_speaks_their_answers(
    smp3m: Smp3m, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    alone = ("--set", "split.validation=0", "--set", "split.test=0")
    data = built(
        tmp_path / "data", "--source", "simpleop", "--rows", N_ROWS, "--speak", "both", "--asr", "none", *alone
    )
    model = tmp_path / "model"
    assert smp3m("train", data, "--preset", "tiny", "--stage", "all", "--out", model) == 0

    (file,) = (data / "dataset" / "data").glob("*.parquet")
    ear = Moonshine()
    for row in pq.read_table(file).to_pylist():
        question, answer = tmp_path / "question.flac", tmp_path / "answer.wav"
        question.write_bytes(row["question_audio"]["bytes"])
        for voice in ("nanotts", "talker"):
            capsys.readouterr()
            asked = ("infer", "--checkpoint", model / "5" / "model", "--audio", question)
            assert smp3m(*asked, "--tts", voice, "--wav", answer) == 0
            assert row["response"] in capsys.readouterr().out
            hearing = listen(ear, decode(answer.read_bytes()), row["response"], max_wer=0.35)
            assert hearing.understood, f"{voice} said {hearing.text!r} for {row['response']!r}: {hearing.detail}"
