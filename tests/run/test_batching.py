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

import pytest

import pipeline
from pipeline.backends.llm.batch import BatchClient
from pipeline.backends.llm.fake_batches import BatchBehaviour
from pipeline.backends.llm.fake_server import Behaviour, FakeServer
from pipeline.config_llm import LlmConfig, RequestsConfig
from pipeline.run.batching import Batching
from pipeline.store.atomic import at_hand
from pipeline.store.batches import BatchShelf
from pipeline.store.journal import Journal

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
