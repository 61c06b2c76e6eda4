"""The experiment by its command, at a size of seconds: whether it compares fairly and goes on, not what it finds."""

import csv
import json
import pickle
from pathlib import Path

import pytest

torch = pytest.importorskip("torch", reason="the train extra is not installed")
pytest.importorskip("transformers", reason="the train extra is not installed")

from pipeline.errors import UsageError  # noqa: E402
from pipeline.evaluate.arms import ArmFacts, Arms  # noqa: E402
from pipeline.evaluate.experiment import grid  # noqa: E402
from pipeline.evaluate.experiment_config import ExperimentConfig, load_grid  # noqa: E402
from pipeline.evaluate.experiment_run import RunResult  # noqa: E402
from pipeline.evaluate.experiment_table import FIGURES, interval, to_markdown  # noqa: E402
from pipeline.model.vocabulary import Vocabulary  # noqa: E402
from tests.conftest import Smp3m  # noqa: E402
from tests.serial import built  # noqa: E402

SMALL = (
    'arms = ["think_then_speak", "2:8", "2:8+drift"]\nseeds = [0]\nsteps = 2\nheld_out = 1\n'
    "[geometry]\nhidden = 48\nlayers = 1\nfeed_forward = 64\naudio_hidden = 16\naudio_layers = 1\nn_mels = 20\n"
    "[loop.shape]\nrows = 2\nrow_tokens = 1024\npacked = false\n"
)
Said = pytest.CaptureFixture[str]


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    flags = ("--rows", 16, "--source", "simpleop", "--tts", "none")
    return built(tmp_path_factory.mktemp("chains") / "data", *flags, "--asr", "none", "--set", "split.test=0.3")


def test_a_grid_is_run_told_and_found_again(smp3m: Smp3m, data: Path, tmp_path: Path, capsys: Said) -> None:
    out, file = tmp_path / "out", tmp_path / "grid.toml"
    file.write_text(SMALL)
    command = ("experiment", "paradigms", data, "--out", out, "--config", file)
    assert smp3m(*command) == 0
    said = capsys.readouterr().out
    assert "think_then_speak, equal steps, seed 0: " in said
    with (out / "paradigms.csv").open() as lines:
        runs = list(csv.DictReader(lines))
    assert [run["arm"] for run in runs] == ["think_then_speak", "2:8", "2:8+drift"]
    assert [run["steps"] for run in runs] == ["2"] * 3
    first = {run["arm"]: float(run["first"]) for run in runs}
    assert first["2:8"] == 0 < first["think_then_speak"]
    assert float(runs[0]["drift"] or 0) == 0  # all is reasoned before the first word
    assert "| 2:8+drift | steps | 2 |" in (out / "paradigms.md").read_text()
    assert (out / "paradigms.png").stat().st_size > 10_000
    answers = (out / "runs" / "steps" / "2-8" / "0" / "answers.jsonl").read_text().splitlines()
    assert len(answers) == 1
    assert {"response", "right", "first", "last", "slack"} <= json.loads(answers[0]).keys()

    times = {path: path.stat().st_mtime_ns for path in out.rglob("result.json")}
    assert smp3m(*command) == 0
    assert {path: path.stat().st_mtime_ns for path in out.rglob("result.json")} == times
    assert smp3m(*command, "--set", "steps=3") == 1
    assert "of 2 steps, now 3: give another --out" in capsys.readouterr().err
    assert smp3m(*command, "--set", "learning_rate=1e-4") == 1
    assert "experiment.json: made with learning_rate 0.002, now it is 0.0001" in capsys.readouterr().err


def arms(**tokens: float) -> Arms:
    return Arms({}, {name: ArmFacts(mean, 0.25, 0.0) for name, mean in tokens.items()}, 90, 10, 0)


def test_equal_tokens_give_short_streams_more_steps() -> None:
    config = ExperimentConfig(arms=("2:8", "response_only"), budgets=("steps", "tokens"), seeds=(0, 1), steps=100)
    runs = grid(config, arms(**{"2:8": 200.0, "response_only": 50.0}))
    assert [(run.arm, run.budget, run.seed, run.steps) for run in runs[:4]] == [
        ("2:8", "steps", 0, 100),
        ("response_only", "steps", 0, 100),
        ("2:8", "tokens", 0, 100),
        ("response_only", "tokens", 0, 400),
    ]
    assert len({run.folder for run in runs}) == 8


def test_what_another_process_is_told_arrives() -> None:
    config = load_grid("cpu")
    (run, *_) = grid(config, arms(**dict.fromkeys(config.arms, 9.0)))
    told = (config, run, Vocabulary.trimmed("qwen2.5", [5]))
    assert pickle.loads(pickle.dumps(told)) == told


def result(arm: str, seed: int, accuracy: float, drift: float | None) -> RunResult:
    return RunResult(arm, "steps", seed, 100, 5000, 0.5, 10, accuracy, 20.0, 0.0, 80.0, drift, 0.0)


def test_the_table_says_mean_least_and_most_over_seeds() -> None:
    runs = [result("2:8", 0, 0.5, 0.0), result("2:8", 1, 0.7, 0.0), result("response_only", 0, 0.1, None)]
    accuracy, drift = FIGURES[0], next(figure for figure in FIGURES if figure.title == "drift")
    found = interval(runs[:2], accuracy)
    assert found == pytest.approx((0.6, 0.5, 0.7))
    assert interval(runs[2:], drift) is None
    lines = to_markdown(runs, arms(**{"2:8": 9.0, "response_only": 5.0})).splitlines()
    assert lines[2].startswith("| 2:8 | steps | 100 | 25.0% | 60.0% (50.0% to 70.0%) | 20.0 | 0.0 | 80.0 | 0.0% |")
    assert lines[3].startswith("| response_only | steps | 100 |  | 10.0% |")


def test_shipped_grids_load_and_strange_ones_are_refused() -> None:
    assert load_grid("cpu").arms == ("response_only", "think_then_speak", "2:8", "1:3", "1:3+drift")
    assert load_grid("gpu", ("steps=9",)).steps == 9
    with pytest.raises(UsageError, match="shipped are cpu, gpu"):
        load_grid("moon")
    with pytest.raises(UsageError, match="none twice"):
        load_grid("cpu", ("seeds=[1, 1]",))
    with pytest.raises(UsageError, match="only a ratio p:q can leave drift in"):
        load_grid("cpu", ('arms=["adaptive+drift"]',))
