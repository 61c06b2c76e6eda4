"""An adaptive build from the command line to what a user loads."""

import json
from pathlib import Path

import datasets
import pytest

from pipeline.backends.tokenizer import load
from pipeline.core.control import ControlIds
from pipeline.core.schedule import Stream, deinterleave
from pipeline.core.slot_machine import AdaptiveSlotMachine
from tests.conftest import Smp3m

pytestmark = pytest.mark.ray


def test_an_adaptive_data_set_loads_and_comes_apart(adaptive: Path) -> None:
    splits = datasets.load_dataset(str(adaptive / "dataset"), "text")
    rows = [row for split in splits.values() for row in split]
    assert len(rows) == 30
    tokenizer = load("qwen2.5")
    for row in rows:
        assert (row["ratio"], row["order"], row["repaired"], row["lead_in"]) == ("adaptive", None, False, [])
        control = ControlIds(**json.loads(row["provenance"])["interleave"]["control_ids"])
        turn = deinterleave(row["token_ids"], row["streams"], control)
        assert tokenizer.decode(turn.response_ids) == row["response"]
        assert tokenizer.decode(turn.reasoning_ids) == row["reasoning"]
        assert Stream.PAD not in row["streams"]
        assert row["slack"] >= 0
        machine = AdaptiveSlotMachine(control)
        assert [machine.push(token) for token in row["token_ids"]] == row["streams"]
        assert machine.ended


@pytest.mark.parametrize("flags", [("--ratio", "2:8"), ("--order", "response_first")])
def test_a_ratio_or_an_order_beside_the_adaptive_schedule_is_bad_usage(
    smp3m: Smp3m, capsys: pytest.CaptureFixture[str], tmp_path: Path, flags: tuple[str, str]
) -> None:
    assert smp3m("build", "--schedule", "adaptive", *flags, "--out", tmp_path / "out") == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert "--schedule adaptive" in line
    assert not (tmp_path / "out").exists()
