"""`smp3m plan`: what a build needs, before and beside what it came to; with the fake server, from Ray workers."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from pipeline.backends.llm.fake_server import FakeServer
from pipeline.config import Config, load, with_setting
from pipeline.config_sources import SourceConfig
from pipeline.run.forecast import Assumed, against, forecast, kept
from tests.conftest import ROWS, Smp3m, write_jsonl

PRICES = 'llm.prices={ "gpt-5-mini" = { input = 1.0, output = 10.0 } }'


def test_the_shipped_recipe_is_planned_without_a_network_a_key_or_a_file(
    smp3m: Smp3m, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("OPENAI_API_KEY", "OPENAI_BASE_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)
    assert smp3m("plan", "--config", "3m", "--sample", "4", "--tts", "none") == 0
    out = capsys.readouterr().out
    for figure in ("7,473", "395,000", "200,035", "2,600,000", "3,202,508 rows in"):
        assert figure in out
    assert "gpt-5-mini at api.openai.com: $0.25 in, $2 out" in out
    assert list(tmp_path.iterdir()) == []


def test_only_what_a_model_is_asked_for_costs_and_a_batch_costs_half() -> None:
    config = with_setting(load("3m"), "speak.tts=none")
    by_batch = forecast(config, 4, Assumed())
    live = forecast(with_setting(config, "llm.requests.mode=live"), 4, Assumed())
    external = 7_473 + 395_000 + 200_035
    assert by_batch.tables["spoken"].requests == pytest.approx(external * Assumed().answers_per_call)
    assert by_batch.tables["interleaved"].requests == 0
    assert by_batch.total.usd is not None
    assert live.total.usd == pytest.approx(2 * by_batch.total.usd)
    dearer = forecast(config, 4, Assumed(thinking_tokens=500)).total
    assert dearer.completion_tokens == pytest.approx(by_batch.total.completion_tokens + 500 * dearer.requests)


def test_a_plan_knows_of_two_calls_a_row_and_of_judges_that_see_a_share() -> None:
    config = with_setting(load("3m"), "speak.tts=none")
    joint, split = (
        forecast(with_setting(config, f"rewrite.calls={calls}"), 4, Assumed()).tables["spoken"]
        for calls in ("joint", "split")
    )
    assert split.requests == pytest.approx(2 * joint.requests)
    assert joint.prompt_tokens < split.prompt_tokens < 2 * joint.prompt_tokens
    assert split.completion_tokens == pytest.approx(joint.completion_tokens, rel=0.1)
    whole, tenth = (
        forecast(with_setting(config, f"verify.sample={share}"), 4, Assumed()).tables["verified"]
        for share in (1.0, 0.1)
    )
    assert tenth.requests == pytest.approx(whole.requests / 10)
    assert tenth.prompt_tokens == pytest.approx(whole.prompt_tokens / 10)


def test_a_voice_whose_model_would_be_fetched_is_stood_in_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pipeline.run.forecast.HF_HUB_CACHE", str(tmp_path))
    config = replace(load("3m"), source=(SourceConfig("gsm8k"),))
    made = forecast(config, 2, Assumed())
    assert [note for note in made.notes if "nanotts" in note] == [
        "kokoro: not on this machine; nanotts stands for it, and is far quicker"
    ]
    assert made.tables["speech"].hours > 0


def test_a_plan_asks_no_server_that_speaks_or_hears(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("OPENAI_API_KEY", "OPENAI_BASE_URL"):
        monkeypatch.delenv(name, raising=False)
    path = write_jsonl(tmp_path / "rows.jsonl", ROWS[:1])
    config = Config(source=(SourceConfig("gsm8k", str(path)),))
    for setting in ("speak.tts=openai", "speak.model=m", "speak.asr=openai", "speak.asr_model=m"):
        config = with_setting(config, setting)
    made = forecast(config, 1, Assumed())
    assert made.tables["speech"].hours > 0
    assert [note.partition(":")[0] for note in made.notes[:2]] == ["speech by a server", "transcripts by a server"]


def test_the_narrowest_limit_sets_the_hours(tmp_path: Path) -> None:
    path = write_jsonl(tmp_path / "rows.jsonl", ROWS * 300)
    base = Config(source=(SourceConfig("gsm8k", str(path)),))
    for setting in ("rewrite.engine=openai", "llm.provider=x", "speak.tts=none"):
        base = with_setting(base, setting)
    slow = forecast(with_setting(base, "llm.requests.rpm=10"), 4, Assumed(answers_per_call=1.0))
    assert slow.tables["spoken"].hours == pytest.approx(1200 / 10 / 60, rel=0.05)
    assert slow.total.usd is None, "no price is known of this provider's model"


def test_a_figure_that_was_not_known_has_no_error() -> None:
    plan = {"total": {"rows": 90.0, "requests": 100.0, "prompt_tokens": 1.0, "completion_tokens": 1.0, "usd": None}}
    sums = {
        "spoken": {"answers": 80.0, "prompt_tokens": 2.0, "completion_tokens": 0.0, "nano_usd": 5.0, "unpriced": 0.0}
    }
    told = against(plan, sums, 100)
    assert told["rows"] == {"predicted": 90.0, "actual": 100.0, "error": pytest.approx(-0.1)}
    assert told["requests"]["error"] == pytest.approx(0.25)
    assert told["usd"]["error"] is None
    assert told["completion_tokens"]["error"] is None


@pytest.mark.ray
@pytest.mark.usefixtures("shared_ray")
def test_the_report_shows_the_plan_beside_what_came_of_it(
    smp3m: Smp3m, problems: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-any")
    out = tmp_path / "out"
    given = ("--source", f"gsm8k={problems}", "--tts", "none", "--rewriter", "openai", "--judge", "openai")
    sets = ("--set", PRICES, "--set", "llm.provider=fake", "--out", out)
    with FakeServer() as server:
        monkeypatch.setenv("OPENAI_BASE_URL", server.url)
        assert smp3m("plan", *given, *sets) == 0
        assert server.requests == 0
        assert smp3m("build", *given, *sets) == 0
        shown = capsys.readouterr().out
        assert "planned requests" in shown
        told = json.loads((out / "report.json").read_text())["forecast"]
        assert told["requests"]["actual"] == server.requests == 3 * len(ROWS)
        assert abs(told["requests"]["error"]) < 0.2
        assert told["usd"]["actual"] > 0
        # What it has found is what a like build is planned with.
        assert smp3m("plan", *given, *sets[:-2], "--like", out) == 0
        assert "100% of the rewritten rows accepted, 1.00 answers for each call" in " ".join(
            capsys.readouterr().out.split()
        )
        assert smp3m("status", out) == 0
        assert "paid so far: $0." in " ".join(capsys.readouterr().out.split())
    assert kept(Config(), out) is None, "another config has no plan here"
