import io
import json
import math
from pathlib import Path

import pytest

pytest.importorskip("torch", reason="the train extra is not installed")
pytest.importorskip("transformers", reason="the train extra is not installed")

from rich.console import Console

from pipeline.train.curriculum import THINKING_IN_SPEAKING
from pipeline.train.curves import read_log, write_curves
from pipeline.train.journal import LOG, Journal, logged, opened_log
from pipeline.train.loop import Losses, StepLog, Validated

STAGE = THINKING_IN_SPEAKING[-1]
LOSSES = Losses(2.5, {"codes": 2.0, "clock": 0.5}, {"layer_0": 1.5, "layer_1": math.nan})


def step(number: int) -> StepLog:
    return StepLog(number, LOSSES, 1.0, 1e-3, 300, "frames", 0.25)


def test_steps_and_validation_are_told_by_part(tmp_path: Path) -> None:
    said, clock = io.StringIO(), iter(float(second) for second in range(100))
    with Journal(tmp_path, Console(file=said, width=200), clock=clock.__next__) as journal:
        journal.begin(STAGE)
        journal(step(1))
        journal(Validated(1, LOSSES))
    taught, measured = logged(tmp_path / LOG)
    rest = {"gradient_norm": 1.0, "learning_rate": 1e-3, "frames": 300, "padding": 0.25, "frames_per_s": 300.0}
    parts = {"codes": 2.0, "clock": 0.5, "layer_0": 1.5}  # what is not known is left out
    losses = {"loss": 2.5, **{f"loss_{name}": loss for name, loss in parts.items()}}
    assert taught == {"stage": "5", "step": 1, **losses, **rest}
    validated = {f"validation_{name}": loss for name, loss in {"loss": 2.5, **parts}.items()}
    assert measured == {"stage": "5", "step": 1, **validated}
    assert said.getvalue() == f"stage 5 step 1/{STAGE.steps}: validation loss 2.500 (codes 2.000, clock 0.500)\n"
    write_curves(tmp_path / "curves.png", read_log(tmp_path))
    assert (tmp_path / "curves.png").read_bytes().startswith(b"\x89PNG")


def test_a_line_that_was_cut_off_spoils_no_other_one(tmp_path: Path) -> None:
    lines = [{"stage": "5", "step": number, "loss": float(number)} for number in (1, 2, 2)]
    whole, again = (json.dumps(line) for line in lines[:2])
    (tmp_path / LOG).write_text(f"{whole}\n{again[:9]}", encoding="utf-8")
    with opened_log(tmp_path / LOG) as file:
        file.write(f"{again}\n{json.dumps({**lines[2], 'loss': 9.0})}\n")
    assert [line["loss"] for line in logged(tmp_path / LOG)] == [1.0, 2.0, 9.0]
    assert [line["loss"] for line in read_log(tmp_path)] == [1.0, 9.0]  # of equal steps the last one
