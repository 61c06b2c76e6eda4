"""Builds whose rewriting and judging is done by a model: the shipped fake server, over real HTTP, from Ray workers."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from pipeline.backends.llm.fake_server import Behaviour, FakeServer, Trouble, script
from tests.conftest import ROWS
from tests.integration.test_command_line import ENVIRONMENT

pytestmark = pytest.mark.ray
SECRET = "sk-the-only-key"


def run(problems: Path, out: Path, url: str, key: str = SECRET) -> subprocess.CompletedProcess[str]:
    command = [str(Path(sys.executable).with_name("smp3m")), "build", "--source", f"gsm8k={problems}"]
    flags = ["--tts", "none", "--rewriter", "openai", "--judge", "openai", "--workers", "1", "--out", str(out)]
    environment = {**ENVIRONMENT, "OPENAI_BASE_URL": url, "OPENAI_API_KEY": key}
    return subprocess.run([*command, *flags], env=environment, capture_output=True, text=True, check=False)


def test_a_model_rewrites_and_judges_and_no_answer_is_paid_twice(problems: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    with FakeServer(Behaviour(key=SECRET, troubles=script(Trouble.BROKEN_JSON, Trouble.SERVER_ERROR))) as server:
        done = run(problems, out, server.url)
        assert done.returncode == 0, done.stderr
        paid = server.requests
        # Three questions a row (rewrite, two judges without an ear), one repair turn, one retry.
        assert paid == 3 * len(ROWS) + 2
        for table in ("spoken", "interleaved", "verified"):
            shutil.rmtree(out / "store" / table)
        assert run(problems, out, server.url).returncode == 0
        assert server.requests == paid
    [row, *_] = pq.read_table(out / "dataset" / "data").to_pylist()
    assert json.loads(row["provenance"])["rewrite"]["engine"] == "openai"
    verdicts = json.loads(row["judge"])
    assert {"exact", "drift", "colloquial"} <= set(verdicts)
    stored = [path for path in out.rglob("*") if path.is_file() and SECRET.encode() in path.read_bytes()]
    assert stored == []


@pytest.mark.parametrize("up", [True, False])
def test_a_wrong_key_and_a_server_that_is_down_are_one_line_each(problems: Path, tmp_path: Path, *, up: bool) -> None:
    with FakeServer(Behaviour(key="another")) as server:
        url = server.url
        if up:
            done = run(problems, tmp_path / "out", url)
    if not up:
        done = run(problems, tmp_path / "out", url)
    assert done.returncode == 1
    lines = [line for line in done.stderr.splitlines() if line.startswith("smp3m: ")]
    assert len(lines) == 1
    assert SECRET not in done.stderr
    assert ("key" if up else "OPENAI_BASE_URL") in lines[0]
