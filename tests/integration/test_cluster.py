"""Builds on a cluster of two machines, as far as one machine can play two: each a Ray node of one core."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from ray.cluster_utils import Cluster

from pipeline.run.cluster import CODE_ROOT
from tests.conftest import ROWS, write_jsonl
from tests.integration.test_command_line import published_bytes, wait_for
from tests.serial import build as build_here

pytestmark = pytest.mark.ray
TEXT = ("--tts", "none", "--asr", "none")
SMP3M = str(Path(sys.executable).with_name("smp3m"))
PORTS = ("metrics_agent_port", "runtime_env_agent_port", "dashboard_agent_listen_port", "metrics_export_port")
WHERE = """
import sys
from pipeline.run.cluster import Cluster

def where(_number):
    import time, pipeline, ray, schemas
    time.sleep(0.5)
    return ray.get_runtime_context().get_node_id(), pipeline.__file__, schemas.__file__

with Cluster(sys.argv[1], 0) as cluster:
    for _, found in cluster.map(where, range(8)):
        print(*found)
"""


def free_ports() -> dict[str, Any]:
    """Ports of its own for each machine: these are on one."""
    sockets = [socket.create_server(("", 0)) for _ in PORTS]
    ports = {name: one.getsockname()[1] for name, one in zip(PORTS, sockets, strict=True)}
    for one in sockets:
        one.close()
    return ports


@pytest.fixture(scope="module")
def cluster() -> Iterator[Cluster]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("RAY_raylet_start_wait_time_s", "120")
        made = Cluster(initialize_head=True, head_node_args={"num_cpus": 1, "include_dashboard": False, **free_ports()})
        yield made
        shut_down: Any = made.shutdown  # untyped in Ray
        shut_down()


@pytest.fixture
def die(cluster: Cluster) -> Iterator[Callable[[], None]]:
    """A second machine; call it to have it die."""
    machine = cluster.add_node(num_cpus=1, **free_ports())

    def now() -> None:
        cluster.remove_node(machine, allow_graceful=False)

    yield now
    if machine in cluster.worker_nodes:
        cluster.remove_node(machine)


@pytest.fixture
def foreign(tmp_path: Path) -> Path:
    """A folder to work in, with packages of our names that are not ours."""
    for name in ("pipeline", "schemas"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "__init__.py").write_text("raise RuntimeError('shadowed')")
    return tmp_path


def environment() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(CODE_ROOT)}


def start(cluster: Cluster, folder: Path, *flags: object) -> "subprocess.Popen[str]":
    command = [SMP3M, "build", "--ray-address", cluster.address, *map(str, flags)]
    return subprocess.Popen(
        command, cwd=folder, env=environment(), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )


def said(build: "subprocess.Popen[str]") -> str:
    output, _ = build.communicate()
    return output


def records(out: Path, table: str) -> list[Path]:
    return list((out / "store" / table).glob("*.json"))


def finished(out: Path) -> dict[Path, int]:
    """When each part that has its record was written."""
    parts = [record.with_suffix(".parquet") for record in out.glob("store/*/*.json")]
    return {part: part.stat().st_mtime_ns for part in parts if part.exists()}


def test_the_code_that_runs_is_the_drivers_whatever_lies_where_it_was_called(
    cluster: Cluster, die: Callable[[], None], foreign: Path
) -> None:
    assert callable(die)
    (foreign / "where.py").write_text(WHERE)
    command = [sys.executable, "-P", "where.py", cluster.address]
    found = subprocess.run(command, cwd=foreign, env=environment(), capture_output=True, text=True, check=True)
    lines = [line.split() for line in found.stdout.splitlines()]
    assert len({node for node, *_ in lines}) == 2
    for _, *files in lines:
        assert all("working_dir_files" in file and str(CODE_ROOT) not in file for file in files)


def test_a_driver_and_a_machine_that_die_cost_what_they_were_at_and_nothing_else(
    cluster: Cluster, die: Callable[[], None], foreign: Path
) -> None:
    rows = [{**row, "question": f"{row['question']} Round {n}."} for n in range(60) for row in ROWS]
    source = write_jsonl(foreign / "many.jsonl", rows)
    flags = ("--source", f"gsm8k={source}", *TEXT, "--set", "collect.shard_rows=8")
    out = foreign / "out"
    first = start(cluster, foreign, *flags, "--out", out)
    wait_for(lambda: len(records(out, "spoken")) >= 3)
    os.kill(first.pid, signal.SIGKILL)
    first.communicate()
    by_first = finished(out)
    second = start(cluster, foreign, *flags, "--out", out)
    wait_for(lambda: len(records(out, "spoken")) > len([part for part in by_first if part.parent.name == "spoken"]) + 3)
    die()
    by_then = by_first | finished(out)
    output = said(second)
    assert second.returncode == 0, output
    assert {part: part.stat().st_mtime_ns for part in by_then} == by_then
    assert build_here(*flags, "--out", foreign / "undisturbed") == 0
    assert published_bytes(out) == published_bytes(foreign / "undisturbed")


def test_a_machine_that_dies_takes_an_engine_with_it_and_the_other_does_its_work(
    cluster: Cluster, die: Callable[[], None], foreign: Path
) -> None:
    rows = [{**row, "question": f"{row['question']} Round {n}."} for n in range(6) for row in ROWS]
    source = write_jsonl(foreign / "some.jsonl", rows)
    out = foreign / "out"
    flags = ("--source", f"gsm8k={source}", "--asr", "none", "--set", "collect.shard_rows=1")
    build = start(cluster, foreign, *flags, "--out", out)
    wait_for(lambda: len(records(out, "speech")) >= 2)
    die()
    output = said(build)
    assert build.returncode == 0, output
    assert len(records(out, "speech")) == len(rows)


def test_a_directory_that_a_machine_does_not_see_is_told_before_anything_is_made(
    cluster: Cluster, foreign: Path
) -> None:
    hidden = foreign / "hidden"
    script = (
        "import sys; from pathlib import Path\n"
        "from pipeline.run.cluster import Cluster; from pipeline.run.shard import make_problems\n"
        "from functools import partial\n"
        "from pipeline.stages.collect import GeneratedChunk\n"
        "chunk = GeneratedChunk('simpleop', 1, 0, 'mixed', 0, 2)\n"
        "try:\n"
        "    with Cluster(sys.argv[1], 1) as cluster:\n"
        "        list(cluster.map(partial(make_problems, Path(sys.argv[2])), [chunk]))\n"
        "except Exception as exc:\n"
        "    print(type(exc).__name__, exc)\n"
    )
    (foreign / "hidden.py").write_text(script)
    command = [sys.executable, "-P", "hidden.py", cluster.address, str(hidden)]
    found = subprocess.run(command, cwd=foreign, env=environment(), capture_output=True, text=True, check=True)
    assert found.stdout.startswith("StoreError")
    assert "does not see it; with --ray-address give an --out" in found.stdout
    assert not hidden.exists()
