import pytest
import ray

from pipeline.config import PlacementConfig
from pipeline.errors import RunError, UsageError
from pipeline.run.cluster import Cluster, places


@pytest.mark.parametrize(
    ("cpus", "gpus", "there", "room"),
    [
        (1.0, 0.0, {"CPU": 8.0}, 8),
        (2.0, 0.0, {"CPU": 9.0}, 4),
        (1.0, 0.1, {"CPU": 64.0, "GPU": 2.0}, 20),
        (1.0, 0.25, {"CPU": 6.0, "GPU": 2.0}, 6),
        (0.5, 1.0, {"CPU": 6.0, "GPU": 4.0}, 4),
    ],
)
def test_so_many_workers_as_the_machines_hold(cpus: float, gpus: float, there: dict[str, float], room: int) -> None:
    assert places(PlacementConfig(cpus, gpus), there) == room


def test_a_resource_of_ones_own_counts_too() -> None:
    voices = PlacementConfig(0.5, resources={"voices": 2.0})
    assert places(voices, {"CPU": 64.0, "voices": 6.0}) == 3


def test_what_no_machine_has_is_told_at_once() -> None:
    with pytest.raises(RunError, match=r"is to take 0.25 GPU, and the cluster has 0; ask for less"):
        places(PlacementConfig(1.0, 0.25), {"CPU": 8.0})
    with pytest.raises(RunError, match=r"is to take 16 CPU, and the cluster has 8"):
        places(PlacementConfig(16.0), {"CPU": 8.0})
    with pytest.raises(RunError, match=r"is to take 1 voices, and the cluster has 0"):
        places(PlacementConfig(resources={"voices": 1.0}), {"CPU": 8.0})


def test_a_gpu_and_a_half_is_refused() -> None:
    with pytest.raises(UsageError, match="give a part of one, or a whole number"):
        PlacementConfig(1.0, 1.5)


def test_a_ray_that_is_slow_to_start_is_started_again(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[object] = []

    def slow(**settings: object) -> None:
        asked.append(settings["address"])
        if len(asked) < 3:
            raise Exception("The current node timed out during startup.")  # noqa: TRY002 - what Ray raises

    monkeypatch.setattr(ray, "init", slow)
    monkeypatch.setattr(ray, "shutdown", lambda: None)
    Cluster("local", 2)._start()
    assert asked == ["local"] * 3


def test_a_ray_that_never_starts_is_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    def never(**_: object) -> None:
        raise Exception("The current node timed out during startup.\nand more")  # noqa: TRY002

    monkeypatch.setattr(ray, "init", never)
    monkeypatch.setattr(ray, "shutdown", lambda: None)
    with pytest.raises(RunError, match=r"did not start on this machine: .*startup\.; finished shards are kept"):
        Cluster("local", 2)._start()
