"""Builds whose rewriting and judging is done by a model: the shipped fake server, over real HTTP, from Ray workers."""

import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from pipeline.backends.llm.fake_server import Behaviour, FakeServer, Trouble, script
from tests.conftest import ROWS
from tests.integration.test_command_line import ENVIRONMENT

pytestmark = pytest.mark.ray
SECRET = "sk-the-only-key"


def run(
    problems: Path, out: Path, url: str, *more: str, key: str = SECRET, logs: Path | None = None
) -> subprocess.CompletedProcess[str]:
    command = [str(Path(sys.executable).with_name("smp3m")), "build", "--source", f"gsm8k={problems}"]
    flags = ["--tts", "none", "--rewriter", "openai", "--judge", "openai", "--workers", "1", "--out", str(out), *more]
    environment = {**ENVIRONMENT, "OPENAI_BASE_URL": url, "OPENAI_API_KEY": key}
    if logs is not None:
        environment["RAY_TMPDIR"] = str(logs)
    return subprocess.run([*command, *flags], env=environment, capture_output=True, text=True, check=False)


def verdicts_in(out: Path) -> list[dict[str, Any]]:
    return [json.loads(row["judge"]) for row in pq.read_table(out / "dataset" / "data", columns=["judge"]).to_pylist()]


def holding(folder: Path, secret: str) -> list[Path]:
    files = [path for path in folder.rglob("*") if path.is_file()]
    assert files
    return [path for path in files if secret.encode() in path.read_bytes()]


def test_a_model_rewrites_and_judges_and_no_answer_is_paid_twice_and_no_file_holds_the_key(
    problems: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    # Ray's sockets bear no long path.
    with tempfile.TemporaryDirectory(prefix="ray-") as logs:
        # The fake server repeats the key in the messages of its errors, as some real ones do.
        troubles = script(Trouble.BROKEN_JSON, Trouble.SERVER_ERROR)
        with FakeServer(Behaviour(key=SECRET, troubles=troubles)) as server:
            done = run(problems, out, server.url, logs=Path(logs))
            assert done.returncode == 0, done.stderr
            paid = server.requests
            # Three questions a row (rewrite, two judges without an ear), one repair turn, one retry.
            assert paid == 3 * len(ROWS) + 2
            for table in ("spoken", "interleaved", "verified"):
                shutil.rmtree(out / "store" / table)
            assert run(problems, out, server.url).returncode == 0
            assert server.requests == paid
        assert holding(out, SECRET) == []
        assert any(Path(logs).rglob("raylet.out"))
        assert holding(Path(logs), SECRET) == []
    assert SECRET not in done.stdout + done.stderr
    [row, *_] = pq.read_table(out / "dataset" / "data").to_pylist()
    assert json.loads(row["provenance"])["rewrite"]["engine"] == "openai"
    assert all(verdicts.keys() == {"exact", "drift", "colloquial"} for verdicts in verdicts_in(out))


def test_policies_and_samples_of_judging_share_the_paid_answers(problems: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    half = ("--rewriter", "rules", "--set", "verify.sample=0.5")
    with FakeServer() as server:
        assert run(problems, out, server.url, *half).returncode == 0
        sampled = verdicts_in(out)
        judged = sum("drift" in verdicts for verdicts in sampled)
        assert 0 < judged < len(ROWS)
        assert server.requests == 2 * judged
        left_out = [verdicts for verdicts in sampled if "drift" not in verdicts]
        assert all(verdicts["not_sampled"] == {"share": 0.5} for verdicts in left_out)
        assert all("exact" in verdicts for verdicts in sampled)

        assert run(problems, out, server.url, "--rewriter", "rules", "--judge", "both").returncode == 0
        assert server.requests == 2 * len(ROWS)
        assert all(verdicts.keys() == {"exact", "drift", "colloquial"} for verdicts in verdicts_in(out))

        assert run(problems, out, server.url, "--rewriter", "rules", "--judge", "rules").returncode == 0
        assert server.requests == 2 * len(ROWS)
        assert all(verdicts.keys() == {"exact"} for verdicts in verdicts_in(out))


@pytest.mark.parametrize("case", ["wrong key", "wrong model", "server down"])
def test_what_no_request_survives_is_one_line(problems: Path, tmp_path: Path, case: str) -> None:
    behaviour = Behaviour(key="another" if case == "wrong key" else None, models=frozenset({"some-other-model"}))
    with FakeServer(behaviour) as server:
        url = server.url
        if case != "server down":
            done = run(problems, tmp_path / "out", url)
    if case == "server down":
        done = run(problems, tmp_path / "out", url)
    assert done.returncode == 1
    lines = [line for line in done.stderr.splitlines() if line.startswith("smp3m: ")]
    assert len(lines) == 1
    assert SECRET not in done.stderr
    named = {"wrong key": "OPENAI_API_KEY", "wrong model": "gpt-5-mini", "server down": "does not answer"}
    assert named[case] in lines[0]
