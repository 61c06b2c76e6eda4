"""What a user meets when something is wrong: one line and an exit code; and what survives a kill."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from pipeline.store.parts import Store
from tests.conftest import ROWS, Smp3m, write_jsonl

ENVIRONMENT = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
"""As a user's: a relative PYTHONPATH would make any folder of the tests shadow the packages."""
TEXT = ("--tts", "none", "--asr", "none")
COMMAND = [str(Path(sys.executable).with_name("smp3m"))]


def complaint(capsys: pytest.CaptureFixture[str]) -> str:
    """The one line of complaint."""
    lines = [line for line in capsys.readouterr().err.splitlines() if line.startswith("smp3m: ")]
    assert len(lines) == 1, lines
    return lines[0]


@pytest.mark.parametrize(
    ("flags", "words"),
    [
        (("--source", "gsm8k=nowhere.jsonl"), ("nowhere.jsonl", "no such file")),
        (("--source", "gsm9k"), ("gsm9k", "unknown source", "simpleop")),
        (("--source", "sample=x.jsonl"), ("sample", "takes no path")),
        (("--stage", "polish"), ("polish", "unknown; choose from", "synthesize")),
        (("--tts", "parrot"), ("parrot", "unknown engine", "nanotts")),
        (("--tts", "nanotts", "--set", 'speak.roster=[{engine="nanotts"}]'), ("--tts nanotts", "has a roster")),
        (("--speak", "answers"), ("--speak", "answers", "both")),
        (("--asr", "dog"), ("dog", "unknown engine", "moonshine")),
        (("--tokenizer", "abacus"), ("abacus", "qwen2.5")),
        (("--rewriter", "monk"), ("monk", "rules")),
        (("--ratio", "0:8"), ("0:8", "p >= 1")),
        (("--ratio", "2:0"), ("2:0", "reasoning")),
        (("--ratio", "two"), ("two", "2:8")),
        (("--order", "backwards"), ("backwards", "response_first")),
        (("--rows", "0"), ("--rows", "0")),
        (("--config", "nine"), ("nine", "demo")),
        (("--set", "interleave.magic=1"), ("interleave.magic",)),
        (("--set", "interleave.margin=much"), ("interleave.margin", "much")),
        (("--no-such-flag",), ("--no-such-flag",)),
    ],
)
def test_bad_usage_is_one_line_and_exit_2(
    smp3m: Smp3m,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    flags: tuple[str, ...],
    words: tuple[str, ...],
) -> None:
    assert smp3m("build", *TEXT, "--out", tmp_path / "out", *flags) == 2
    line = complaint(capsys)
    for word in words:
        assert word in line


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("rows.csv", "question,answer\n", (".csv", ".jsonl")),
        ("rows.jsonl", "", ("holds no rows",)),
        ("rows.jsonl", '{"text": "x"}\n', ("question", "answer", "text")),
        ("rows.parquet", "not parquet", ("not a readable parquet",)),
        ("rows.json", "[{]", ("broken",)),
    ],
)
def test_a_file_of_another_kind_is_one_line_and_exit_2(
    smp3m: Smp3m,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    name: str,
    content: str,
    words: tuple[str, ...],
) -> None:
    path = tmp_path / name
    path.write_text(content)
    assert smp3m("build", "--source", f"gsm8k={path}", *TEXT, "--out", tmp_path / "out") == 2
    line = complaint(capsys)
    for word in (name, *words):
        assert word in line


def test_an_unreachable_hub_says_how_to_pass_a_file(
    smp3m: Smp3m, capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("huggingface_hub.constants.ENDPOINT", "http://127.0.0.1:9")
    monkeypatch.setattr("datasets.config.HF_ENDPOINT", "http://127.0.0.1:9")
    assert smp3m("build", "--source", "gsm8k", *TEXT, "--out", tmp_path / "out") == 1
    assert "gsm8k=PATH" in complaint(capsys)


def test_a_store_of_an_older_format_is_refused(
    smp3m: Smp3m, capsys: pytest.CaptureFixture[str], tmp_path: Path, problems: Path
) -> None:
    (tmp_path / "out" / "store").mkdir(parents=True)
    (tmp_path / "out" / "store" / "STORE.json").write_text(json.dumps({"format": 0}))
    assert smp3m("build", "--source", f"gsm8k={problems}", *TEXT, "--out", tmp_path / "out") == 1
    assert "store format 0" in complaint(capsys)


def test_a_directory_that_another_build_holds_is_refused(
    smp3m: Smp3m, capsys: pytest.CaptureFixture[str], tmp_path: Path, problems: Path
) -> None:
    store = Store(tmp_path / "out")
    store.open()
    with store.locked():
        assert smp3m("build", "--source", f"gsm8k={problems}", *TEXT, "--out", tmp_path / "out") == 1
    assert "in use by another build" in complaint(capsys)


@pytest.mark.ray
@pytest.mark.usefixtures("shared_ray")
def test_a_full_disk_is_named_and_nothing_finished_is_lost(
    smp3m: Smp3m, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    out = tmp_path / "out"
    out.mkdir()
    size = "96k"
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", out], capture_output=True, check=False
    )
    if mounted.returncode:
        pytest.skip(f"cannot mount a small file system: {mounted.stderr.decode().strip()}")
    try:
        rows = [{**row, "question": f"{row['question']} Number {n}."} for n in range(100) for row in ROWS]
        big = write_jsonl(tmp_path / "big.jsonl", rows)
        small = ("--set", "collect.shard_rows=20")
        assert smp3m("build", "--source", f"gsm8k={big}", *TEXT, "--out", out, *small) == 1
        assert "No space left" in complaint(capsys)
        subprocess.run(["mount", "-o", "remount,size=64m", out], check=True)
        assert smp3m("build", "--source", f"gsm8k={big}", *TEXT, "--out", out, *small) == 0
        assert re.search(r"problem: 20 shards \([1-9]\d* kept from before\)", capsys.readouterr().out)
    finally:
        subprocess.run(["umount", out], check=True)


def test_nothing_accepted_is_exit_1_with_the_reasons(
    smp3m: Smp3m, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    path = write_jsonl(tmp_path / "false.jsonl", [{"question": "What is 2 and 2?", "answer": "2+2=<<2+2=5>>5\n#### 5"}])
    assert smp3m("build", "--source", f"gsm8k={path}", *TEXT, "--out", tmp_path / "out", "--workers", 1) == 1
    line = complaint(capsys)
    assert "nothing accepted of 1 rows" in line
    assert "wrong_arithmetic" in line


def test_status_of_a_folder_without_a_build_is_exit_2(
    smp3m: Smp3m, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    assert smp3m("status", tmp_path) == 2
    assert "no build here" in complaint(capsys)


def published_bytes(out: Path) -> dict[str, bytes]:
    folders = (out / "dataset", out / "rejected")
    return {
        str(path.relative_to(out)): path.read_bytes()
        for folder in folders
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


@pytest.mark.ray
def test_one_and_two_workers_and_a_killed_build_give_the_same_bytes(tmp_path: Path) -> None:
    rows = [{**row, "question": f"{row['question']} Round {n}."} for n in range(40) for row in ROWS]
    path = write_jsonl(tmp_path / "many.jsonl", rows)
    # A folder that shadows our packages must not reach the workers.
    (tmp_path / "pipeline").mkdir()
    (tmp_path / "pipeline" / "__init__.py").write_text("raise RuntimeError('shadowed')")

    def command(out: Path, workers: int) -> list[str]:
        flags = [*TEXT, "--set", "collect.shard_rows=16", "--workers", str(workers), "--out", str(out)]
        return [*COMMAND, "build", "--source", f"gsm8k={path}", *flags]

    for workers in (1, 2):
        subprocess.run(
            command(tmp_path / f"w{workers}", workers),
            cwd=tmp_path,
            env=ENVIRONMENT,
            check=True,
            stdout=subprocess.DEVNULL,
        )
    killed = tmp_path / "killed"
    build = subprocess.Popen(command(killed, 2), cwd=tmp_path, env=ENVIRONMENT, stdout=subprocess.DEVNULL)
    wait_for(lambda: len(list((killed / "store" / "spoken").glob("*.json"))) >= 2)
    os.kill(build.pid, signal.SIGKILL)
    build.wait()
    assert not (killed / "dataset").exists()
    finished = {path: path.stat().st_mtime_ns for path in (killed / "store" / "spoken").glob("*.parquet")}
    subprocess.run(command(killed, 2), cwd=tmp_path, env=ENVIRONMENT, check=True, stdout=subprocess.DEVNULL)
    assert {path: path.stat().st_mtime_ns for path in finished} == finished
    undisturbed = published_bytes(tmp_path / "w1")
    assert len(undisturbed) >= 3
    assert published_bytes(tmp_path / "w2") == undisturbed
    assert published_bytes(killed) == undisturbed


@pytest.mark.ray
def test_control_c_is_exit_130_and_says_how_to_go_on(tmp_path: Path) -> None:
    rows = [{**row, "question": f"{row['question']} Round {n}."} for n in range(400) for row in ROWS]
    path = write_jsonl(tmp_path / "many.jsonl", rows)
    out = tmp_path / "out"
    flags = [*TEXT, "--set", "collect.shard_rows=8", "--workers", "1", "--out", str(out)]
    build = subprocess.Popen(
        [*COMMAND, "build", "--source", f"gsm8k={path}", *flags],
        env=ENVIRONMENT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    wait_for(lambda: bool(list((out / "store" / "spoken").glob("*.json"))))
    build.send_signal(signal.SIGINT)
    _, said = build.communicate(timeout=60)
    assert build.returncode == 130
    assert "interrupted; what is finished is kept" in said
    assert list((out / "store" / "spoken").glob("*.json"))


def wait_for(condition: object, timeout_s: float = 120.0) -> None:
    assert callable(condition)
    end = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.05)
