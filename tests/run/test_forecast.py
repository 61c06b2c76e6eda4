"""What an earlier build tells of a model; whole plans are in integration/test_planning.py."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest

from pipeline.config import Config
from pipeline.errors import UsageError
from pipeline.run.forecast import PLAN_FILE, Assumed, Forecast, Need, keep, kept, like, settings_key


def report(folder: Path, spoken: dict[str, float], **more: Any) -> Path:  # noqa: ANN401 - any part of a report
    plain = {"sums": {"spoken": spoken}, "config": {"rewrite": {"calls": "joint"}}, **more}
    (folder / "report.json").write_text(json.dumps(plain))
    return folder


def test_rows_that_rules_rewrote_or_that_were_never_asked_about_say_nothing_of_a_model(tmp_path: Path) -> None:
    # Of 1,000 rows 100 cannot be read, 800 are rewritten by rules, 100 by a model with 130 answers, 90 of them well.
    build = report(
        tmp_path,
        {"answers": 130.0, "rows_asked": 100.0, "rows_passed": 90.0},
        rows={"in": 1000, "duplicates": 0},
        rejected={"collect/empty": 100, "rewrite/ungrounded": 50},
    )
    assert like(build, 7.0) == Assumed(0.9, 1.3, 7.0, measured=True)


def test_a_build_without_a_model_is_no_measure(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="asked no model to rewrite"):
        like(report(tmp_path, {}), 0.0)


@pytest.mark.parametrize("damage", ["", "[]", "null", "7", '{"config": "x"}', '{"config": 1, "total": {"row": 1}}'])
def test_a_damaged_plan_is_none(tmp_path: Path, damage: str) -> None:
    config = Config()
    keep(Forecast(settings_key(config)), tmp_path)
    assert kept(config, tmp_path) == {"total": asdict(Need())}
    (tmp_path / PLAN_FILE).write_text(damage.replace("1", f'"{settings_key(config)}"', 1))
    assert kept(config, tmp_path) is None
