import asyncio
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

import pipeline
from pipeline.core.fingerprint import digest
from pipeline.errors import StoreError
from pipeline.store import journal as journal_module
from pipeline.store.journal import SUFFIX, Journal

ROOT = Path(pipeline.__file__).parents[1]

# Writes answers for ever, 32 at a time, and says each number once its answer is durable.
WRITER = """
import asyncio, sys
from pathlib import Path
from pipeline.core.fingerprint import digest
from pipeline.store.journal import Journal

async def main():
    async with Journal(Path(sys.argv[1])) as journal:
        async def write(lane):
            for step in range(10**9):
                number = step * 32 + lane
                await journal.put(digest(number), {"number": number, "text": "x" * (number % 500)})
                sys.stdout.write(f"{number}\\n")
                sys.stdout.flush()
        await asyncio.gather(*(write(lane) for lane in range(32)))

asyncio.run(main())
"""


def write(directory: Path, **answers: str) -> None:
    async def go() -> None:
        async with Journal(directory) as journal:
            await asyncio.gather(*(journal.put(digest(name), {"text": text}) for name, text in answers.items()))

    asyncio.run(go())


def only_file(directory: Path) -> Path:
    (path,) = directory.glob(f"*{SUFFIX}")
    return path


def test_an_answer_is_found_by_the_writer_and_by_the_next_reader(tmp_path: Path) -> None:
    async def go() -> None:
        async with Journal(tmp_path / "answers") as journal:
            assert journal.get(digest("a")) is None
            await journal.put(digest("a"), {"text": "tab\tnewline\nü", "tokens": 3})
            assert journal.get(digest("a")) == {"text": "tab\tnewline\nü", "tokens": 3}

    asyncio.run(go())
    later = Journal(tmp_path / "answers")
    assert later.get(digest("a")) == {"text": "tab\tnewline\nü", "tokens": 3}
    assert later.get(digest("b")) is None
    assert len(later) == 1
    assert later.damage == []


def test_a_journal_that_was_only_read_leaves_no_file(tmp_path: Path) -> None:
    Journal(tmp_path).get(digest("a"))
    assert list(tmp_path.iterdir()) == []


def test_writers_never_share_a_file(tmp_path: Path) -> None:
    write(tmp_path, a="1")
    write(tmp_path, b="2")
    assert len(list(tmp_path.iterdir())) == 2
    assert len(Journal(tmp_path)) == 2


def test_one_journal_serves_many_event_loops_with_one_file(tmp_path: Path) -> None:
    journal = Journal(tmp_path)

    async def go(name: str) -> None:
        await journal.put(digest(name), {"text": name})
        await journal.drain()

    for name in ("a", "b", "c"):
        asyncio.run(go(name))
    asyncio.run(journal.close())
    assert only_file(tmp_path).read_bytes().count(b"\n") == 3
    assert journal.get(digest("c")) == {"text": "c"}


def test_a_refresh_reads_what_is_new_and_nothing_else(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    looked_at: list[bytes] = []
    shaped = journal_module._shaped

    def watched(line: bytes) -> bool:
        looked_at.append(line)
        return shaped(line)

    write(tmp_path, **{f"n{number}": "x" for number in range(50)})
    reader, writer = Journal(tmp_path), Journal(tmp_path)
    assert len(reader) == 50

    async def go(name: str) -> None:
        await writer.put(digest(name), {"text": name})
        await writer.drain()

    asyncio.run(go("a"))
    monkeypatch.setattr(journal_module, "_shaped", watched)
    assert reader.get(digest("a")) is None
    for name in ("a", "b"):
        looked_at.clear()
        reader.refresh()
        assert len(reader) == (51 if name == "a" else 52)
        assert len(looked_at) == 1
        assert reader.get(digest(name)) == {"text": name}
        asyncio.run(go("b"))


def test_a_line_that_was_half_written_is_read_when_it_is_whole(tmp_path: Path) -> None:
    write(tmp_path, a="first")
    path = only_file(tmp_path)
    whole = path.read_bytes()
    path.write_bytes(whole[:40])
    journal = Journal(tmp_path)
    assert journal.get(digest("a")) is None
    path.write_bytes(whole)
    journal.refresh()
    assert journal.get(digest("a")) == {"text": "first"}


def test_a_writer_that_refreshes_keeps_its_own_answers_and_its_file(tmp_path: Path) -> None:
    journal = Journal(tmp_path)
    for name in ("a", "b", "c"):

        async def go(name: str = name) -> None:
            journal.refresh()
            await journal.put(digest(name), {"text": name})
            await journal.drain()

        asyncio.run(go())
    journal.refresh()
    assert [journal.get(digest(name)) for name in ("a", "b", "c")] == [{"text": name} for name in ("a", "b", "c")]
    assert only_file(tmp_path).read_bytes().count(b"\n") == len(journal) == 3


def test_of_two_answers_for_one_key_all_take_the_same_in_whatever_order_they_came(tmp_path: Path) -> None:
    readers = []
    for text in ("1", "2", "3"):
        write(tmp_path, a=text)
        readers.append(Journal(tmp_path))
        for reader in readers:
            reader.refresh()
            len(reader)
    assert len({str(reader.get(digest("a"))) for reader in readers}) == 1


def test_a_journal_that_was_removed_meanwhile_begins_anew(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "answers")
    asyncio.run(journal.put(digest("a"), {"text": "1"}))
    shutil.rmtree(tmp_path / "answers")
    journal.refresh()
    assert journal.get(digest("a")) is None
    asyncio.run(journal.put(digest("b"), {"text": "2"}))
    assert Journal(tmp_path / "answers").get(digest("b")) == {"text": "2"}


def test_every_byte_at_which_a_write_may_stop_loses_only_the_last_answer(tmp_path: Path) -> None:
    write(tmp_path, a="first")
    write_len = only_file(tmp_path).stat().st_size
    whole = only_file(tmp_path).read_bytes()
    for kept in range(1, write_len):
        only_file(tmp_path).write_bytes(whole + whole[:kept])
        journal = Journal(tmp_path)
        assert journal.get(digest("a")) == {"text": "first"}
        assert len(journal.damage) == 1
        assert f"torn last line at byte {write_len}" in journal.damage[0]


def test_a_flipped_byte_is_named_and_never_served(tmp_path: Path) -> None:
    write(tmp_path, a="first", b="second")
    path = only_file(tmp_path)
    path.write_bytes(path.read_bytes().replace(b"first", b"fIrst"))
    journal = Journal(tmp_path)
    assert journal.get(digest("a")) is None
    assert journal.get(digest("b")) == {"text": "second"}
    assert "damaged line at byte" in journal.damage[0]


def test_answers_that_arrive_together_share_an_fsync(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    syncs = 0
    fsync = os.fsync

    def counted(descriptor: int) -> None:
        nonlocal syncs
        syncs += 1
        time.sleep(0.01)
        fsync(descriptor)

    monkeypatch.setattr(os, "fsync", counted)
    write(tmp_path, **{f"n{number}": "x" for number in range(200)})
    assert len(Journal(tmp_path)) == 200
    assert syncs <= 4


def test_an_answer_that_cannot_be_stored_is_said_and_the_journal_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real_write = os.write
    full = True

    def limited(descriptor: int, data: bytes) -> int:
        if full:
            real_write(descriptor, bytes(data)[:10])
            raise OSError(28, "No space left on device")
        return real_write(descriptor, data)

    async def go() -> None:
        nonlocal full
        async with Journal(tmp_path) as journal:
            with pytest.raises(StoreError, match="No space left on device"):
                await journal.put(digest("a"), {"text": "lost"})
            assert journal.get(digest("a")) is None
            full = False
            await journal.put(digest("a"), {"text": "kept"})

    monkeypatch.setattr(os, "write", limited)
    asyncio.run(go())
    journal = Journal(tmp_path)
    assert journal.get(digest("a")) == {"text": "kept"}
    assert journal.damage == []


def test_a_cancelled_row_does_not_cancel_its_paid_answer(tmp_path: Path) -> None:
    async def go() -> None:
        async with Journal(tmp_path) as journal:
            row = asyncio.create_task(journal.put(digest("a"), {"text": "paid"}))
            await asyncio.sleep(0)
            row.cancel()
            with pytest.raises(asyncio.CancelledError):
                await row

    asyncio.run(go())
    assert Journal(tmp_path).get(digest("a")) == {"text": "paid"}


@pytest.mark.parametrize("life_s", [random.Random(seed).uniform(0.05, 0.4) for seed in range(4)])
def test_kill_9_loses_no_answer_that_was_said_to_be_durable(tmp_path: Path, life_s: float) -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", WRITER, str(tmp_path)],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    with process, process.stdout as out:
        said = [int(out.readline())]
        time.sleep(life_s)
        process.send_signal(signal.SIGKILL)
        # The last line may be half a number.
        said += [int(line) for line in out.read().split("\n")[:-1] if line]
    assert process.returncode == -signal.SIGKILL
    journal = Journal(tmp_path)
    for number in said:
        assert journal.get(digest(number)) == {"number": number, "text": "x" * (number % 500)}
    assert len(journal) - len(said) <= 64
    assert len(journal.damage) <= 1
