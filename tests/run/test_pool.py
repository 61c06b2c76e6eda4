"""Workers of a real Ray that die, one way or another."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from pipeline.config import PlacementConfig
from pipeline.errors import EngineError, RunError
from pipeline.run.cluster import Cluster
from pipeline.run.pool import TRIES

pytestmark = [pytest.mark.ray, pytest.mark.usefixtures("shared_ray")]
ONE = PlacementConfig(1.0)


def dying(folder: Path, deaths: int) -> Callable[[int], tuple[int, int]]:
    """Job 3 kills its worker so many times; every job says how often it was tried, in files."""

    def run(job: int) -> tuple[int, int]:
        tries = len(list(folder.glob(f"{job}-*")))
        (folder / f"{job}-{tries}").touch()
        if job == 3 and tries < deaths:
            os._exit(1)
        return job, os.getpid()

    return run


def tries(folder: Path, job: int) -> int:
    return len(list(folder.glob(f"{job}-*")))


def loader(folder: Path, deaths: int) -> Callable[[], Callable[[int], tuple[int, int]]]:
    # Made inside, so that it is sent by value: the tests are no package of the workers.
    make = dying

    def load() -> Callable[[int], tuple[int, int]]:
        (folder / f"loaded-{os.getpid()}").touch()
        return make(folder, deaths)

    return load


def test_a_worker_that_dies_is_replaced_and_its_jobs_are_done(tmp_path: Path) -> None:
    with Cluster("local", 2) as cluster:
        done = list(cluster.map_loaded(loader(tmp_path, 2), range(12), 12, ONE))
    assert sorted(job for job, _ in done) == list(range(12))
    assert tries(tmp_path, 3) == 3
    assert len(list(tmp_path.glob("loaded-*"))) >= 3


def test_a_job_at_which_every_worker_dies_ends_the_run(tmp_path: Path) -> None:
    with Cluster("local", 1) as cluster, pytest.raises(RunError, match=r"a worker died: .*run again"):
        list(cluster.map_loaded(loader(tmp_path, 100), range(3, 6), 3, ONE))
    assert tries(tmp_path, 3) == TRIES


def test_a_function_whose_worker_dies_is_tried_again_and_then_given_up(tmp_path: Path) -> None:
    with Cluster("local", 2) as cluster:
        (tmp_path / "a").mkdir()
        done = list(cluster.map(dying(tmp_path / "a", 1), range(6)))
        assert sorted(job for job, _ in done) == list(range(6))
        assert tries(tmp_path / "a", 3) == 2
        (tmp_path / "b").mkdir()
        with pytest.raises(RunError, match="a worker died"):
            list(cluster.map(dying(tmp_path / "b", 100), [3]))
        assert tries(tmp_path / "b", 3) == TRIES


def test_what_a_job_raises_is_told_as_what_it_is() -> None:
    def engine(_job: int) -> None:
        raise EngineError("no voice")

    def disk(_job: int) -> None:
        raise OSError(28, "No space left on device", "/data/part")

    def package(_job: int) -> None:
        raise ModuleNotFoundError("No module named 'piper'")

    for run, words in ((engine, "^no voice$"), (disk, "/data/part: No space left"), (package, "piper.*same extras")):
        with Cluster("local", 1) as cluster, pytest.raises(RunError, match=words):
            list(cluster.map(run, [1]))


def test_what_no_machine_has_is_told_before_anything_waits_for_it() -> None:
    placement = PlacementConfig(1.0, resources={"voices": 1.0})
    with Cluster("local", 1) as cluster:
        with pytest.raises(RunError, match="to take 1 voices, and the cluster has 0"):
            list(cluster.map(abs, [1], placement))
        with pytest.raises(RunError, match="to take 1 voices"):
            list(cluster.map_loaded(lambda: abs, [1], 1, placement))
