"""A model as judge of planted faults: the same items, the same record that stage verify shows it, scored alike."""

import json
import shutil
from pathlib import Path

import pytest

from pipeline.backends.llm.fake_answers import Asked, answer_by_rules
from pipeline.backends.llm.fake_server import Behaviour, FakeServer, Trouble
from pipeline.config_llm import LlmConfig, PriceConfig, RequestsConfig
from pipeline.core.calibration import quality, scores
from pipeline.core.injections import Fault
from pipeline.errors import EngineError, Reason, UsageError
from pipeline.evaluate.calibrate import Calibration, Layouts, calibrate
from pipeline.evaluate.dataset import open_dataset, vocabulary_of
from pipeline.evaluate.judges import judge_named
from pipeline.store.spending import spending
from tests.conftest import Smp3m

pytestmark = pytest.mark.ray


def by_model(lean: Path, journal: Path, n_faults: int = 20) -> Calibration:
    data = open_dataset(lean)
    layouts = Layouts(vocabulary_of(data), data.limits)
    judge = judge_named("openai", layouts, LlmConfig(model="m"), journal, 0)
    return calibrate(data, n_faults, 0, judge, layouts)


def test_a_model_is_scored_on_the_faults_that_it_finds(
    lean: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with FakeServer() as server:
        monkeypatch.setenv("OPENAI_BASE_URL", server.url)
        found = by_model(lean, tmp_path)
        assert server.requests == len(found.judged)
        assert by_model(lean, tmp_path) == found
        assert server.requests == len(found.judged)
    assert found.judge == "openai (m)"
    # The fake judge compares values and no order of claims, which is enough for faults that numbers show.
    for reason in (Reason.DRIFT, Reason.UNGROUNDED):
        assert quality(found.judged, reason).recall > 0.9
    by_fault = {score.fault: score for score in scores(found.judged) if not score.coincident}
    assert by_fault[Fault.UNCHANGED].share_right == 1
    shown = {asked.field("Record").splitlines()[0][:5] for asked in server.asked}
    assert shown == {"SAYS>"}


def test_a_judge_without_verdict_finds_nothing_and_is_told_apart(
    lean: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with FakeServer(Behaviour(answer=lambda _asked: "I would rather not.")) as server:
        monkeypatch.setenv("OPENAI_BASE_URL", server.url)
        found = by_model(lean, tmp_path, 1)
    assert {judged.verdict for judged in found.judged} == {Reason.LLM_FAILED}
    assert quality(found.judged, Reason.DRIFT).recall == 0


def test_items_without_an_answer_stop_it_in_one_line_and_keep_the_rest(
    lean: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    llm = LlmConfig(model="m", requests=RequestsConfig(retries=0))
    data = open_dataset(lean)
    layouts = Layouts(vocabulary_of(data), data.limits)
    with FakeServer(Behaviour(troubles=lambda number: Trouble.SERVER_ERROR if number == 3 else None)) as server:
        monkeypatch.setenv("OPENAI_BASE_URL", server.url)
        judge = judge_named("openai", layouts, llm, tmp_path, 0)
        with pytest.raises(EngineError, match=r"1 of \d+ items have no verdict") as caught:
            calibrate(data, 20, 0, judge, layouts)
        asked = server.requests
        found = calibrate(data, 20, 0, judge, layouts)
        assert server.requests == asked + 1 == len(found.judged) + 1
    assert "\n" not in str(caught.value)


def test_a_calibration_pays_no_more_than_the_build_may(
    lean: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    price = PriceConfig(input=100.0, output=100.0)
    llm = LlmConfig(model="m", provider="fake", prices={"m": price}, requests=RequestsConfig(max_cost_usd=1.0))
    data = open_dataset(lean)
    layouts = Layouts(vocabulary_of(data), data.limits)
    with FakeServer() as server:
        monkeypatch.setenv("OPENAI_BASE_URL", server.url)
        judge = judge_named("openai", layouts, llm, tmp_path, 0)
        with pytest.raises(EngineError, match="have no verdict"):
            calibrate(data, 20, 0, judge, layouts)
    assert spending(tmp_path).usd <= 1.0


def test_the_figures_of_each_judge_stand_in_the_card(
    smp3m: Smp3m, capsys: pytest.CaptureFixture[str], lean: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    build = tmp_path / "build"
    shutil.copytree(lean, build)

    def lenient(asked: Asked) -> str:
        answer = json.loads(answer_by_rules(asked))
        passes = {"quote": "", "explanation": "", "verdict": "ok"}
        return json.dumps(passes if answer["verdict"] == "unfounded" else answer)

    with FakeServer(Behaviour(answer=lenient)) as server:
        monkeypatch.setenv("OPENAI_BASE_URL", server.url)
        flags = ("--faults", 20, "--judge", "openai", "--set", "llm.model=lenient-1")
        assert smp3m("calibrate", build, *flags) == 0
        assert server.asked[0].model == "lenient-1"
    assert "fewer than 1% of" in capsys.readouterr().out
    assert smp3m("calibrate", build, "--faults", 20) == 0
    judges = json.loads((build / "calibration.json").read_text())["judges"]
    assert set(judges) == {"openai (lenient-1)", "rules"}
    assert judges["openai (lenient-1)"]["reasons"]["ungrounded"]["recall"] == 0
    card = (build / "dataset" / "README.md").read_text()
    assert card.startswith((lean / "dataset" / "README.md").read_text().rstrip("\n"))
    lines = [line for line in card.splitlines() if line.startswith(("| openai (lenient-1) ", "| rules "))]
    assert len(lines) == 2
    assert lines[0].endswith("| 0.000 |")
    assert lines[1].endswith("| 1.000 | 1.000 | 1.000 | 1.000 |")


def test_an_unknown_judge_and_a_missing_key_are_refused(
    lean: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("OPENAI_BASE_URL", raising=False)
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    data = open_dataset(lean)
    layouts = Layouts(vocabulary_of(data), data.limits)
    with pytest.raises(UsageError, match="--judge salomo"):
        judge_named("salomo", layouts, LlmConfig(), tmp_path, 0)
    with pytest.raises(EngineError, match="OPENAI_API_KEY is not set"):
        judge_named("openai", layouts, LlmConfig(), tmp_path, 0)
