"""Batches over restarts: whatever is lost between two steps, nothing is sent twice."""

import asyncio
import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import pipeline
from pipeline.backends.llm.batch import BatchClient
from pipeline.backends.llm.fake_batches import BatchBehaviour
from pipeline.backends.llm.fake_server import Behaviour, FakeServer
from pipeline.config_llm import LlmConfig, PriceConfig, RequestsConfig
from pipeline.errors import EngineError
from pipeline.run.batching import Batching
from pipeline.store.atomic import at_hand
from pipeline.store.batches import BatchShelf
from pipeline.store.journal import Journal
from pipeline.store.spending import spending

ROOT = Path(pipeline.__file__).parents[1]
LLM = LlmConfig(model="m", provider="fake", requests=RequestsConfig(batch_poll_s=0.05, batch_requests=3))


@pytest.fixture(autouse=True)
def _key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-any")


def wanted(folder: Path, n: int) -> list[Path]:
    """A file of requests, as a worker leaves it."""
    lines = []
    for number in range(n):
        body = {"model": "m", "messages": [{"role": "system", "content": "Hello."}, {"role": "user", "content": "x"}]}
        lines.append(json.dumps({"custom_id": f"{number:032x}", "method": "POST", "url": "/v1/x", "body": body}) + "\n")
    path = folder / "wanted.jsonl"
    path.write_text("".join(lines))
    return [path]


def answers(journal: Path) -> int:
    return len(Journal(journal))


def test_files_are_cut_as_large_as_allowed_and_all_answers_are_filed(tmp_path: Path) -> None:
    with FakeServer() as server:
        assert Batching(LLM, tmp_path / "journal", server.url, print).round(wanted(tmp_path, 7))
        sent = [text for name, text in server.batches.files.values() if "output" not in name]
        assert sorted(len(text.splitlines()) for text in sent) == [1, 3, 3]
    assert answers(tmp_path / "journal") == 7
    assert BatchShelf(tmp_path / "journal").open() == []


def test_what_is_under_way_is_not_sent_again(tmp_path: Path) -> None:
    journal = tmp_path / "journal"
    with FakeServer() as server:
        first = Batching(LLM, journal, server.url, print)
        first._write(wanted(tmp_path, 3), Journal(journal))
        [batch] = BatchShelf(journal).open()

        async def send() -> None:
            async with BatchClient(server.url, "m") as client:
                await first._send(client, batch)

        asyncio.run(send())
        assert Batching(LLM, journal, server.url, print).round(wanted(tmp_path, 5))
        assert len(server.batches.batches) == 2
        assert server.batches.answered == 5
    assert answers(journal) == 5


def test_a_batch_whose_name_was_lost_is_found_again_at_the_server(tmp_path: Path) -> None:
    journal = tmp_path / "journal"
    with FakeServer() as server:
        first = Batching(LLM, journal, server.url, print)
        first._write(wanted(tmp_path, 3), Journal(journal))
        [batch] = BatchShelf(journal).open()

        async def send() -> None:
            async with BatchClient(server.url, "m") as client:
                with at_hand(BatchShelf(journal).requests_file(batch)) as requests:
                    await client.send(requests, batch.name)

        asyncio.run(send())  # and dies before it has noted the batch's name
        assert BatchShelf(journal).open()[0].batch_id is None
        assert Batching(LLM, journal, server.url, print).round(wanted(tmp_path, 3))
        assert len(server.batches.batches) == 1
        assert server.batches.answered == 3
    assert answers(journal) == 3


def test_what_was_answered_since_it_was_wanted_is_not_sent(tmp_path: Path) -> None:
    journal = tmp_path / "journal"
    with FakeServer() as server:
        Batching(LLM, journal, server.url, print).round(wanted(tmp_path, 3))
        Batching(LLM, journal, server.url, print).round(wanted(tmp_path, 5))
        assert server.batches.answered == 5


def test_merging_twice_changes_nothing(tmp_path: Path) -> None:
    journal = tmp_path / "journal"
    with FakeServer() as server:
        Batching(LLM, journal, server.url, print).round(wanted(tmp_path, 3))
        [batch] = BatchShelf(journal).all()
        BatchShelf(journal).note(replace(batch, merged=False))
        BatchShelf(journal).requests_file(batch).write_text(wanted(tmp_path, 3)[0].read_text())
        Batching(LLM, journal, server.url, print).round([])
    assert sum(len(path.read_bytes().splitlines()) for path in journal.glob("*.answers")) == 3


CHILD = """
import sys
from pathlib import Path
sys.path.insert(0, sys.argv[3])
import test_batching as test
test.Batching(test.LLM, Path(sys.argv[2]), sys.argv[1], print).round(test.wanted(Path(sys.argv[2]).parent, 30))
"""


def test_after_kill_9_at_any_moment_nothing_is_sent_again(tmp_path: Path) -> None:
    journal = tmp_path / "journal"
    behaviour = Behaviour(batches=BatchBehaviour(lasts_s=0.3))
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    with FakeServer(behaviour) as server:
        command = [sys.executable, "-c", CHILD, server.url, str(journal), str(Path(__file__).parent)]
        for batches in (1, 4, 8, 10):
            process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL)
            deadline = time.monotonic() + 60
            while len(server.batches.batches) < batches and process.poll() is None:
                assert time.monotonic() < deadline
                time.sleep(0.01)
            process.send_signal(signal.SIGKILL)
            process.wait()
        Batching(LLM, journal, server.url, print).round(wanted(tmp_path, 30))
        assert len(server.batches.batches) == 10
        assert server.batches.answered == 30
    assert answers(journal) == 30
    assert BatchShelf(journal).open() == []


def test_a_line_separator_inside_an_answer_ends_no_line(tmp_path: Path) -> None:
    with FakeServer(Behaviour(answer=lambda _: "one\u2028two\x85three")) as server:
        raw = server.batches._keep

        def keep(name: str, text: str) -> str:
            return raw(name, "".join(json.dumps(json.loads(line), ensure_ascii=False) + "\n" for line in split(text)))

        def split(text: str) -> list[str]:
            return [line for line in text.split("\n") if line]

        server.batches._keep = keep  # type: ignore[method-assign]
        assert Batching(LLM, tmp_path / "journal", server.url, print).round(wanted(tmp_path, 3))
    journal = Journal(tmp_path / "journal")
    assert {str(journal.get(f"{n:032x}")["text"]) for n in range(3)} == {"one\u2028two\x85three"}  # type: ignore[index]


def test_a_quota_that_ran_out_in_a_batch_keeps_its_answers_and_lets_the_next_run_go_on(tmp_path: Path) -> None:
    journal = tmp_path / "journal"
    with FakeServer() as server:
        honest = server.batches.answer

        def poor(body: dict[str, Any], number: int) -> tuple[int, dict[str, Any]]:
            spent = {"error": {"message": "You exceeded your quota", "code": "insufficient_quota"}}
            return (429, spent) if number == 1 else honest(body, number)

        server.batches.answer = poor
        with pytest.raises(EngineError, match="quota of this key is used up"):
            Batching(LLM, journal, server.url, print).round(wanted(tmp_path, 3))
        assert answers(journal) == 2
        assert Batching(LLM, journal, server.url, print).round(wanted(tmp_path, 3))
        assert server.batches.answered == 4
    assert answers(journal) == 3


def test_a_batch_that_the_server_does_not_know_is_named_with_the_way_out(tmp_path: Path) -> None:
    journal = tmp_path / "journal"
    with FakeServer() as server:
        first = Batching(LLM, journal, server.url, print)
        first._write(wanted(tmp_path, 3), Journal(journal))
        shelf = BatchShelf(journal)
        [batch] = shelf.open()
        shelf.note(replace(batch, batch_id="batch_77"))
        with pytest.raises(EngineError, match=f"knows no batch batch_77.*remove {shelf.note_file(batch)}"):
            Batching(LLM, journal, server.url, print).round(wanted(tmp_path, 3))
        shelf.note_file(batch).unlink()
        assert Batching(LLM, journal, server.url, print).round(wanted(tmp_path, 3))
    assert answers(journal) == 3


def test_answers_cost_what_the_model_charges_that_gave_them(tmp_path: Path) -> None:
    journal = tmp_path / "journal"
    prices = {"m": PriceConfig(input=1.0, output=1.0), "n": PriceConfig(input=5.0, output=5.0)}
    with FakeServer() as server:
        asked = replace(LLM, prices=prices)
        Batching(asked, journal, server.url, print)._write(wanted(tmp_path, 3), Journal(journal))
        Batching(replace(asked, model="n"), journal, server.url, print).round([])
    spent = spending(journal)
    assert spent.nano_usd == 1000 * (spent.prompt_tokens + spent.completion_tokens) > 0
