"""A few kills, and what else may befall a build that must be told in one line and be got over."""

import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from pipeline.run.cluster import CODE_ROOT
from pipeline.store.place import sizes
from tests.benchmarks.bench_kills import Plan, torment
from tests.conftest import ROWS, Smp3m, write_jsonl
from tests.integration.test_command_line import published_bytes, wait_for
from tests.object_store import files_under, new_prefix
from tests.serial import build as build_here

TEXT = ("--tts", "none", "--asr", "none")
SMP3M = str(Path(sys.executable).with_name("smp3m"))


@pytest.mark.ray
@pytest.mark.timeout(1800)
def test_whoever_is_killed_the_result_is_the_same_and_nothing_finished_is_made_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONPATH", str(CODE_ROOT))
    monkeypatch.chdir(tmp_path)
    outcome = torment(tmp_path, Plan(n_rows=200, n_kills=3, seed=1, shard_rows=10), print)
    assert sum(outcome.kills.values()) == 3
    assert outcome.parts == 80
    assert outcome.repeated == []
    assert outcome.different == []
    assert outcome.hung == 0
    assert all("run again" in line for line in outcome.said)


@pytest.mark.ray
@pytest.mark.timeout(1800)
@pytest.mark.usefixtures("s3")
def test_a_killed_build_in_an_object_store_goes_on_and_equals_one_in_a_folder(tmp_path: Path) -> None:
    rows = [{**row, "question": f"{row['question']} Round {n}."} for n in range(30) for row in ROWS]
    source = write_jsonl(tmp_path / "many.jsonl", rows)
    flags = ("--source", f"gsm8k={source}", *TEXT, "--set", "collect.shard_rows=8")
    out = new_prefix()
    command = [SMP3M, "build", *flags, "--workers", "2", "--out", str(out)]
    environment = {**os.environ, "PYTHONPATH": str(CODE_ROOT)}
    first = subprocess.Popen(command, cwd=tmp_path, env=environment, stdout=subprocess.DEVNULL)
    wait_for(lambda: sum(name.endswith(".json") for name in sizes(out / "store" / "spoken")) >= 2)
    os.kill(first.pid, signal.SIGKILL)
    first.wait()
    made = {path: out.fs.modified(path) for path in out.fs.find((out / "store" / "spoken").path)}
    assert sizes(out / "dataset") == {}
    subprocess.run(command, cwd=tmp_path, env=environment, stdout=subprocess.DEVNULL, check=True)
    records = {path for path in made if path.endswith(".json")}
    kept = {path for path in made if path.replace(".parquet", ".json") in records}
    assert {path: out.fs.modified(path) for path in kept} == {path: made[path] for path in kept}
    assert build_here(*flags, "--out", tmp_path / "here") == 0
    there = files_under(out)
    assert {name: there[name] for name in published_bytes(tmp_path / "here")} == published_bytes(tmp_path / "here")


def test_a_read_only_directory_is_told_and_still_read(
    smp3m: Smp3m, capsys: pytest.CaptureFixture[str], tmp_path: Path, problems: Path
) -> None:
    out = tmp_path / "out"
    out.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "tmpfs", out], capture_output=True, check=False)
    if mounted.returncode:
        pytest.skip(f"cannot mount a file system: {mounted.stderr.decode().strip()}")
    try:
        subprocess.run(["mount", "-o", "remount,ro", out], check=True)
        flags = ("--source", f"gsm8k={problems}", *TEXT, "--out", out)
        assert build_here(*flags) == 1
        assert re.search(r"cannot be used for output: Read-only file system; give another", capsys.readouterr().err)
        subprocess.run(["mount", "-o", "remount,rw", out], check=True)
        assert build_here(*flags) == 0
        subprocess.run(["mount", "-o", "remount,ro", out], check=True)
        capsys.readouterr()
        assert build_here(*flags, "--ratio", "3:9") == 1
        assert "Read-only file system" in capsys.readouterr().err
        assert smp3m("status", out) == 0
        assert "finished" in capsys.readouterr().out
        assert smp3m("show", out, "0" * 32) == 2
    finally:
        subprocess.run(["umount", out], check=True)
