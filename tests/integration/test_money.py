"""Paying for answers: budgets, batches, retrying, and rows that wait, with the fake server, from Ray workers."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from pipeline.backends.llm.fake_answers import Asked, answer_by_rules
from pipeline.backends.llm.fake_batches import BatchBehaviour
from pipeline.backends.llm.fake_server import Behaviour, FakeServer, Trouble, script
from pipeline.store.spending import spending
from tests.conftest import ROWS, Smp3m, write_jsonl

pytestmark = [pytest.mark.ray, pytest.mark.usefixtures("shared_ray")]
PRICES = 'llm.prices={ "gpt-5-mini" = { input = 1.0, cached_input = 0.1, output = 10.0, batch = 0.5 } }'
NAMED = "llm.provider=fake"
# One request may cost ten cents, and costs some six.
DEAR_PRICES = 'llm.prices={ "gpt-5-mini" = { input = 0, output = 1000, batch = 0.5 } }'
DEAR = ("--set", "llm.max_tokens=100", "--set", DEAR_PRICES)


@pytest.fixture
def build(smp3m: Smp3m, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., int]:
    """Build four rows (or a file's) into tmp_path/out with a server's model; returns the exit code."""
    monkeypatch.setenv("OPENAI_API_KEY", "sk-any")
    problems = write_jsonl(tmp_path / "problems.jsonl", ROWS)

    def run(server: FakeServer, *flags: object, source: Path = problems) -> int:
        monkeypatch.setenv("OPENAI_BASE_URL", server.url)
        given = ("--source", f"gsm8k={source}", "--tts", "none", "--rewriter", "openai", "--workers", "2")
        sets = ("--set", PRICES, "--set", NAMED, "--set", "llm.requests.batch_poll_s=0.05")
        return smp3m("build", *given, *sets, "--out", tmp_path / "out", *flags)

    return run


def report(out: Path) -> dict[str, Any]:
    plain: dict[str, Any] = json.loads((out / "report.json").read_text())
    return plain


def published(out: Path) -> dict[str, dict[str, Any]]:
    tables = [pq.read_table(path).to_pylist() for path in (out / "dataset" / "data").glob("*.parquet")]
    return {row["source_id"]: row for table in tables for row in table}


def rejected(out: Path) -> list[dict[str, Any]]:
    return [row for path in (out / "rejected").glob("*.parquet") for row in pq.read_table(path).to_pylist()]


def test_costs_are_those_of_the_answers_and_stay_the_same_when_nothing_is_asked(
    build: Callable[..., int], tmp_path: Path
) -> None:
    out = tmp_path / "out"
    with FakeServer(Behaviour(cached_tokens=100)) as server:
        assert build(server, "--judge", "openai") == 0
        first = report(out)
        shutil.rmtree(out / "store" / "verified")
        assert build(server, "--judge", "openai", "--ratio", "2:9") == 0
    again = report(out)
    spoken = first["sums"]["spoken"]
    expected = spoken["prompt_tokens"] - spoken["cached_tokens"] + spoken["cached_tokens"] / 10
    expected = (expected + 10 * spoken["completion_tokens"]) / 1e6
    assert first["cost"]["tables_usd"]["spoken"] == pytest.approx(expected)
    assert spoken["cached_tokens"] == 100 * len(ROWS)
    assert first["cost"]["usd_per_row"] == pytest.approx(first["cost"]["usd"] / len(ROWS))
    assert first["spent"]["nano_usd"] == pytest.approx(first["cost"]["usd"] * 1e9)
    # The rewriting is in the journal; only the judge of drift reads another record.
    assert again["cost"]["tables_usd"]["spoken"] == first["cost"]["tables_usd"]["spoken"]
    assert again["spent"]["answers"] == first["spent"]["answers"] + len(ROWS) == server.requests


def test_a_model_without_a_price_has_no_cost_and_no_budget(
    build: Callable[..., int], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with FakeServer() as server:
        assert build(server, "--set", "llm.model=mystery") == 0
        assert "no price of this model" in capsys.readouterr().out
        assert report(tmp_path / "out")["cost"]["usd"] is None
        assert build(server, "--set", "llm.model=mystery", "--max-cost", "1") == 2
    assert "no price is known of mystery" in capsys.readouterr().err


def test_a_budget_stops_before_it_is_exceeded_and_a_larger_one_goes_on(
    build: Callable[..., int], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    with FakeServer() as server:
        assert build(server, *DEAR, "--max-cost", "0.19") == 1
        assert "--max-cost 0.19 is reached" in capsys.readouterr().err
        paid = spending(out / "store" / "journal")
        assert 0 < paid.usd <= 0.19
        assert 0 < paid.answers == server.requests < len(ROWS)
        assert not (out / "report.json").exists()
        assert build(server, *DEAR, "--max-cost", "1") == 0
        assert server.requests == len(ROWS)
    assert len(published(out)) == len(ROWS)


def test_rows_that_got_no_answer_wait_and_are_asked_for_by_the_next_run(
    build: Callable[..., int], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    with FakeServer(Behaviour(troubles=script(None, Trouble.SERVER_ERROR))) as server:
        flags = ("--set", "llm.requests.retries=0", "--workers", "1", "--set", "llm.requests.concurrency=1")
        assert build(server, *flags) == 1
        assert "1 rows are pending" in capsys.readouterr().err
        first = published(out)
        rows = report(out)["rows"]
        assert (rows["accepted"], rows["pending"], rows["rejected"]) == (len(ROWS) - 1, 1, 0)
        assert build(server, *flags) == 0
        assert server.requests == len(ROWS) + 1
    last = published(out)
    assert len(last) == len(ROWS)
    assert {name: last[name] for name in first} == first


def test_retrying_asks_the_refused_rows_afresh_and_touches_no_other(
    build: Callable[..., int], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    stubborn = True

    def answer(asked: Asked) -> str:
        return "I will not." if stubborn and "kettle" in asked.user else answer_by_rules(asked)

    with FakeServer(Behaviour(answer=answer)) as server:
        assert build(server, "--repair-turns", "0") == 0
        [refused] = rejected(out)
        assert (refused["reason"], refused["attempt"]) == ("llm_failed", 0)
        before, asked = published(out), server.requests
        assert build(server, "--repair-turns", "0", "--retry-rejected", "llm_failed") == 0
        assert server.requests == asked + 1
        assert rejected(out)[0]["attempt"] == 1
        stubborn = False
        assert build(server, "--repair-turns", "0") == 0
        assert server.requests == asked + 1, "without the flag nothing is asked afresh"
        assert build(server, "--repair-turns", "0", "--retry-rejected", "llm_failed") == 0
        assert server.requests == asked + 2
        after = published(out)
        assert len(after) == len(ROWS)
        assert {name: after[name] for name in before} == before
        assert build(server, "--repair-turns", "0", "--retry-rejected", "llm_failed") == 0
        assert server.requests == asked + 2
        shutil.rmtree(out / "store" / "spoken")
        assert build(server, "--repair-turns", "0") == 0
        assert published(out) == after
    assert server.requests == asked + 2, "attempts outlive the parts"
    assert "0 rows are tried afresh" in capsys.readouterr().out


def test_an_interrupted_retry_is_resumed_and_not_begun_again(build: Callable[..., int], tmp_path: Path) -> None:
    out = tmp_path / "out"
    with FakeServer(Behaviour(answer=lambda _: "I will not.")) as server:
        assert build(server, "--repair-turns", "0") == 1
        assert server.requests == len(ROWS)
        server.behaviour = Behaviour(key="another")
        assert build(server, "--repair-turns", "0", "--retry-rejected", "llm_failed") == 1
        server.behaviour = Behaviour()
        assert build(server, "--repair-turns", "0", "--retry-rejected", "llm_failed") == 0
    assert [json.loads(row["provenance"])["rewrite"]["attempt"] for row in published(out).values()] == [1] * len(ROWS)


def test_what_rules_refuse_cannot_be_retried(
    build: Callable[..., int], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bad = [*ROWS, {"question": "What is 2 + 2?", "answer": "2+2=<<2+2=5>>5\n#### 5"}]
    source = write_jsonl(tmp_path / "bad.jsonl", bad)
    with FakeServer() as server:
        assert build(server, "--rewriter", "rules", source=source) == 0
        assert build(server, "--rewriter", "rules", "--retry-rejected", "wrong_arithmetic", source=source) == 2
        assert "draws nothing" in capsys.readouterr().err
        assert build(server, "--retry-rejected", "bad_luck") == 2
    assert "unknown; choose from" in capsys.readouterr().err


def test_a_server_that_is_new_to_a_directory_is_refused_until_it_is_named(
    smp3m: Smp3m, problems: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-any")
    given = ("--source", f"gsm8k={problems}", "--tts", "none", "--rewriter", "openai", "--out", tmp_path / "out")
    with FakeServer() as first, FakeServer() as second:
        monkeypatch.setenv("OPENAI_BASE_URL", first.url)
        assert smp3m("build", *given) == 0
        monkeypatch.setenv("OPENAI_BASE_URL", second.url)
        assert smp3m("build", *given) == 2
        old = f"127.0.0.1:{first.port}"
        assert f"--set llm.provider={old}" in capsys.readouterr().err
        assert smp3m("build", *given, "--set", f"llm.provider={old}") == 0
        assert second.requests == 0, "the same model at another address: its answers are here"
        assert smp3m("build", *given, "--set", "llm.provider=another") == 0
        assert second.requests == len(ROWS)


def test_a_batch_gives_the_rows_that_live_requests_give_at_half_the_price(
    build: Callable[..., int], tmp_path: Path
) -> None:
    out = tmp_path / "out"
    with FakeServer(Behaviour(troubles=script(Trouble.BROKEN_JSON, None, Trouble.SERVER_ERROR))) as server:
        assert build(server, "--llm-mode", "batch", "--judge", "openai") == 0
        by_batch, cost = published(out), report(out)["cost"]["usd"]
        assert server.requests == 0
        # Rewriting, its repair turn with the line that failed, then both judges together: three rounds.
        assert len(server.batches.batches) == 3
        assert server.batches.answered == 3 * len(ROWS) + 2
        assert build(server, "--judge", "openai") == 0
        assert server.requests == 0, "the same journal, the same keys"
    shutil.rmtree(out)
    with FakeServer(Behaviour(troubles=script(Trouble.BROKEN_JSON))) as server:
        assert build(server, "--judge", "openai", "--set", "llm.requests.concurrency=1") == 0
    assert published(out).keys() == by_batch.keys()
    told = [json.loads(row["provenance"])["rewrite"] for row in by_batch.values()]
    assert [one["repair_turns"] for one in told].count(1) == 1
    assert cost == pytest.approx(report(out)["cost"]["usd"] / 2)


@pytest.mark.parametrize("ending", ["expired", "too_large"])
def test_what_a_batch_leaves_goes_into_the_next(build: Callable[..., int], tmp_path: Path, ending: str) -> None:
    with FakeServer(Behaviour(batches=BatchBehaviour(endings=(ending,)))) as server:
        assert build(server, "--llm-mode", "batch") == 0
        assert server.batches.answered == len(ROWS)
    assert len(published(tmp_path / "out")) == len(ROWS)


def test_a_batch_that_was_cancelled_is_not_sent_again_unasked(
    build: Callable[..., int], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with FakeServer(Behaviour(batches=BatchBehaviour(endings=("cancelled",)))) as server:
        assert build(server, "--llm-mode", "batch") == 1
        assert len(server.batches.batches) == 1
        assert "rows are pending" in capsys.readouterr().err
        assert build(server, "--llm-mode", "batch") == 0
        assert server.batches.answered == len(ROWS)
    assert len(published(tmp_path / "out")) == len(ROWS)


def test_a_batch_that_fails_as_a_whole_says_why(build: Callable[..., int], capsys: pytest.CaptureFixture[str]) -> None:
    with FakeServer(Behaviour(batches=BatchBehaviour(endings=("failed",)))) as server:
        assert build(server, "--llm-mode", "batch") == 1
    assert "batch_0 failed: invalid_request: The batch is not taken" in capsys.readouterr().err


def test_a_request_that_is_refused_in_a_batch_refuses_its_row(build: Callable[..., int], tmp_path: Path) -> None:
    with FakeServer(Behaviour(troubles=script(Trouble.REFUSED))) as server:
        assert build(server, "--llm-mode", "batch") == 0
        assert len(server.batches.batches) == 1
    [refused] = rejected(tmp_path / "out")
    assert refused["reason"] == "llm_failed"
    assert "This prompt is not accepted" in refused["detail"]


def test_a_budget_holds_for_batches_too(
    build: Callable[..., int], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with FakeServer() as server:
        assert build(server, "--llm-mode", "batch", *DEAR, "--max-cost", "0.08") == 1
        assert "--max-cost 0.08 is reached" in capsys.readouterr().err
        assert 0 < server.batches.answered < len(ROWS)
        assert spending(tmp_path / "out" / "store" / "journal").usd <= 0.08
        assert build(server, "--llm-mode", "batch", *DEAR, "--max-cost", "2") == 0
    assert server.batches.answered == len(ROWS)


def test_a_misheard_row_is_spoken_again_by_the_next_voice(smp3m: Smp3m, problems: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    given = ("--source", f"gsm8k={problems}", "--set", "speak.attempts=1", "--set", "speak.max_wer=0.0", "--out", out)
    smp3m("build", *given)
    before, refused = published(out), rejected(out)
    assert refused, "a perfect ear would leave nothing to test: choose harder words"
    smp3m("build", *given, "--retry-rejected", "misheard")
    after = published(out)
    assert {name: after[name] for name in before} == before
    voices = {row["source_id"]: json.loads(row["payload_json"])["attempts"][0]["voice"] for row in refused}
    again = {row["source_id"]: json.loads(row["payload_json"])["attempts"][0]["voice"] for row in rejected(out)}
    again |= {name: row["voice"].removeprefix("nanotts/") for name, row in after.items() if name in voices}
    assert again.keys() == voices.keys()
    assert all(again[name] != voices[name] for name in voices)
