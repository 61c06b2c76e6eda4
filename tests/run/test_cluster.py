import pytest
import ray

from pipeline.errors import RunError
from pipeline.run.cluster import Cluster


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
