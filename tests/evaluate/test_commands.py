"""The two commands end to end, and what a user meets when something is wrong."""

import json
from pathlib import Path

import pytest

from tests.conftest import Smp3m

pytestmark = pytest.mark.ray


def test_ratios_prints_a_table_and_writes_a_csv_and_a_plot(
    smp3m: Smp3m, capsys: pytest.CaptureFixture[str], lean: Path, tmp_path: Path
) -> None:
    out = tmp_path / "figures"
    assert smp3m("ratios", lean, "--schedule", "2:8", "--schedule", "adaptive", "--workers", 1, "--out", out) == 0
    said = capsys.readouterr().out
    assert "2:8 r-first" in said
    assert "published streams come apart" in said
    assert len((out / "ratios.csv").read_text().splitlines()) == 4
    assert (out / "ratios.png").stat().st_size > 10_000


def test_calibrate_prints_tables_and_writes_json(
    smp3m: Smp3m, capsys: pytest.CaptureFixture[str], lean: Path, tmp_path: Path
) -> None:
    assert smp3m("calibrate", lean, "--faults", 30, "--seed", 3, "--out", tmp_path) == 0
    assert "answer_first" in capsys.readouterr().out
    report = json.loads((tmp_path / "calibration.json").read_text())["judges"]["rules"]
    assert report["faults"] >= 30
    assert report["reasons"]["drift"]["recall"] == 1
    assert report["seed"] == 3


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("ratios", "NOWHERE"), ("no finished build here",)),
        (("calibrate", "NOWHERE"), ("no finished build here",)),
        (("ratios", "LEAN", "--schedule", "0:8"), ("0:8", "p >= 1")),
        (("ratios", "LEAN", "--schedule", "8:0"), ("8:0", "q of at least 1")),
        (("ratios", "LEAN", "--schedule", "mean"), ("mean", "p:q")),
        (("ratios", "LEAN", "--tokens-per-s", "0"), ("pace", "at least 1")),
        (("calibrate", "LEAN", "--faults", "0"), ("--faults", "greater than or equal to 1")),
        (("calibrate", "LEAN", "--judge", "salomo"), ("salomo", "rules")),
        (("calibrate", "ADAPTIVE"), ("adaptive", "--ratio")),
    ],
)
def test_bad_usage_is_one_line_and_exit_2(
    smp3m: Smp3m,
    capsys: pytest.CaptureFixture[str],
    lean: Path,
    adaptive: Path,
    tmp_path: Path,
    arguments: tuple[str, ...],
    words: tuple[str, ...],
) -> None:
    folders = {"NOWHERE": tmp_path / "nowhere", "LEAN": lean, "ADAPTIVE": adaptive}
    assert smp3m(*(folders.get(argument, argument) for argument in arguments), "--out", tmp_path) == 2
    (line,) = capsys.readouterr().err.splitlines()
    for word in words:
        assert word in line
