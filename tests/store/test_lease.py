import logging
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest
from upath import UPath

import pipeline
from pipeline.errors import StoreError
from pipeline.store import lease
from pipeline.store.atomic import write_json
from pipeline.store.lease import Lease
from pipeline.store.lock import Hold
from pipeline.store.place import sizes
from tests.object_store import new_prefix

pytestmark = pytest.mark.usefixtures("s3")

HOLDER = """
import sys, time
from pipeline.store.lease import Lease
from pipeline.store.lock import Hold
from pipeline.store.place import place_named
place = place_named(sys.argv[1])
with Lease(place, "out", 0.1, 3600.0).held():
    print("held", flush=True)
    time.sleep(600)
"""


@pytest.fixture
def folder() -> UPath:
    return new_prefix("out/store/lease")


@contextmanager
def elsewhere(folder: UPath) -> "Iterator[subprocess.Popen[str]]":
    """A process that holds the lease."""
    root = Path(pipeline.__file__).parents[1]
    holder = subprocess.Popen([sys.executable, "-c", HOLDER, str(folder)], cwd=root, stdout=subprocess.PIPE, text=True)
    try:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        yield holder
    finally:
        holder.kill()
        holder.communicate()


def test_it_is_held_by_one_and_free_when_he_is_done(folder: UPath) -> None:
    mine, other = (Lease(folder, "out", 0.05, 3600.0) for _ in range(2))
    assert not mine.busy
    with mine.held() as hold:
        assert other.busy
        hold.require()
        with pytest.raises(StoreError, match=f"in use by another build .process {os.getpid()} on"), other.held():
            pytest.fail("two held it")
    assert not mine.busy
    with other.shared():
        assert mine.busy
    assert len(sizes(folder)) == 1


def test_a_holder_that_lives_keeps_it_and_one_that_was_killed_does_not(folder: UPath) -> None:
    mine = Lease(folder, "out", 0.05, 3600.0)
    with elsewhere(folder) as holder:
        assert mine.busy
        with pytest.raises(StoreError, match=f"process {holder.pid}"), mine.held():
            pytest.fail("two held it")
        os.kill(holder.pid, signal.SIGKILL)
        holder.wait()
        assert not mine.busy
        with mine.held() as hold:  # at once: the life of the lease is an hour
            hold.require()


def test_of_a_machine_that_is_not_here_the_beat_decides(
    folder: UPath, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    with elsewhere(folder) as holder:
        monkeypatch.setattr(lease, "_machine", lambda: "another")
        mine = Lease(folder, "out", 0.05, 1.0)
        with pytest.raises(StoreError, match=f"process {holder.pid}"), mine.held():
            pytest.fail("two held it")
        holder.kill()
        holder.wait()
        started = time.monotonic()
        with mine.held():
            assert time.monotonic() - started >= 1.0
    assert any("watching for 1 s" in record.message for record in caplog.records)


def test_who_was_too_slow_finds_that_out_and_leaves_the_heir_alone(folder: UPath) -> None:
    slow = Lease(folder, "out", 0.05, 3600.0)
    with slow.held() as hold:
        heir = lease.State("heir", "there", 1, "another", "1")
        write_json(folder / "0000000002.json", heir.__dict__)
        with pytest.raises(StoreError, match="taken over"):
            require_for_ever(hold)
    assert lease._read(folder / "0000000002.json") == heir


def require_for_ever(hold: Hold) -> None:
    end = time.monotonic() + 60
    while time.monotonic() < end:
        hold.require()
        time.sleep(0.02)


def test_a_store_that_does_not_answer_ends_the_right_to_build(
    folder: UPath, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def unreachable(_folder: UPath) -> int:
        raise OSError("no route to host")

    with Lease(folder, "out", 0.02, 0.3).held() as hold, monkeypatch.context() as patch:
        patch.setattr(lease, "_highest", unreachable)
        with pytest.raises(StoreError, match="no sign of life for"):
            require_for_ever(hold)
    assert any("no route to host" in record.message for record in caplog.records)


def test_a_store_without_conditional_puts_is_told_of(
    folder: UPath, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def heedless(place: UPath, _state: lease.State) -> bool:
        place.fs.pipe_file(place.path, b"{}")
        return True

    with caplog.at_level(logging.WARNING):
        with Lease(folder, "out", 0.05, 1.0).held():
            pass
        assert "conditional puts" not in caplog.text
        monkeypatch.setattr(lease, "_created", heedless)
        with Lease(folder, "out", 0.05, 1.0).held():
            pass
    assert "knows no conditional puts" in caplog.text


def test_of_two_that_ask_at_once_one_makes_the_object(folder: UPath) -> None:
    state = lease.State("me", "here", 1, "m", "1")
    place = folder / "0000000001.json"
    assert [lease._created(place, state) for _ in range(3)] == [True, False, False]


def test_a_put_whose_answer_was_lost_and_that_was_sent_again_is_ours(
    folder: UPath, monkeypatch: pytest.MonkeyPatch
) -> None:
    created = lease._created

    def sent_twice(place: UPath, state: lease.State) -> bool:
        created(place, state)
        return created(place, state)

    monkeypatch.setattr(lease, "_created", sent_twice)
    with Lease(folder, "out", 0.05, 60.0).held() as hold:
        hold.require()


def test_who_was_slow_to_ask_does_not_take_the_number_that_an_heir_has_cleared_away(
    folder: UPath, monkeypatch: pytest.MonkeyPatch
) -> None:
    created = lease._created
    slow, first, heir = (Lease(folder, "out", 60.0, 3600.0) for _ in range(3))
    with ExitStack() as heirs:

        def overtaken(place: UPath, state: lease.State) -> bool:
            monkeypatch.setattr(lease, "_created", created)
            with first.held():
                pass
            heirs.enter_context(heir.held())
            assert list(sizes(folder)) == ["0000000002.json"]
            return created(place, state)

        monkeypatch.setattr(lease, "_created", overtaken)
        with pytest.raises(StoreError, match="in use by another build"), slow.held():
            pytest.fail("two held it")


def test_time_that_the_machine_was_suspended_for_counts(folder: UPath, monkeypatch: pytest.MonkeyPatch) -> None:
    with Lease(folder, "out", 60.0, 100.0).held() as hold:
        hold.require()
        awake = time.clock_gettime
        monkeypatch.setattr(time, "clock_gettime", lambda clock: awake(clock) + 101 * (clock == time.CLOCK_BOOTTIME))
        with pytest.raises(StoreError, match="no sign of life for 101 s"):
            hold.require()
