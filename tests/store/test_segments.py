import asyncio
import shutil
from pathlib import Path

import pytest
from upath import UPath

from pipeline.core.fingerprint import digest
from pipeline.errors import StoreError
from pipeline.store import segments
from pipeline.store.atomic import write_bytes
from pipeline.store.journal import SUFFIX, Journal
from pipeline.store.place import sizes
from pipeline.store.segments import files, written
from pipeline.store.spending import spending
from tests.object_store import new_prefix

pytestmark = pytest.mark.usefixtures("s3")


@pytest.fixture
def folder() -> UPath:
    return new_prefix("out/store/journal")


def put(folder: UPath, **answers: str) -> None:
    async def go() -> None:
        async with Journal(folder) as journal:
            await asyncio.gather(*(journal.put(digest(n), {"text": t, "nano_usd": 5}) for n, t in answers.items()))

    asyncio.run(go())


def test_an_answer_is_an_object_before_it_counts_and_is_found_by_others(folder: UPath) -> None:
    async def go() -> None:
        async with Journal(folder) as journal:
            assert journal.get(digest("a")) is None
            await journal.put(digest("a"), {"text": "first"})
            assert len(sizes(folder)) == 1
            await journal.put(digest("b"), {"text": "second"})
            assert len(sizes(folder)) == 2
            assert journal.get(digest("a")) == {"text": "first"}
            assert journal.get(digest("b")) == {"text": "second"}

    asyncio.run(go())
    later = Journal(folder)
    assert (later.get(digest("a")), later.get(digest("b"))) == ({"text": "first"}, {"text": "second"})
    assert later.damage == []


def test_answers_that_arrive_during_a_put_share_the_next(folder: UPath) -> None:
    put(folder, **{f"n{number}": "x" for number in range(200)})
    assert len(Journal(folder)) == 200
    assert len(sizes(folder)) <= 4


def test_copies_on_this_machine_may_be_lost_or_torn(folder: UPath) -> None:
    put(folder, a="first")
    [copy] = files(folder, SUFFIX)
    copy.write_bytes(copy.read_bytes()[:-5])
    assert Journal(folder).get(digest("a")) is not None
    shutil.rmtree(copy.parent)
    assert Journal(folder).get(digest("a")) is not None


def test_what_is_no_longer_in_the_store_no_longer_counts(folder: UPath) -> None:
    put(folder, a="first")
    put(folder, b="second")
    [first, _] = sorted(sizes(folder))
    folder.fs.rm_file((folder / first).path)
    assert len(Journal(folder)) == 1


def test_each_answer_is_counted_once_whoever_remembers(folder: UPath) -> None:
    put(folder, a="1", b="2")
    assert spending(folder, remember=True).nano_usd == 10
    put(folder, c="3")
    assert spending(folder).nano_usd == 15
    assert spending(folder, remember=True).answers == 3


def test_an_answer_that_cannot_be_put_is_said_and_the_journal_goes_on(
    folder: UPath, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_place: UPath, _data: bytes) -> None:
        raise PermissionError("Access Denied")

    async def go() -> None:
        async with Journal(folder) as journal:
            with monkeypatch.context() as patch:
                patch.setattr(segments, "write_bytes", refuse)
                with pytest.raises(StoreError, match=r"could not be stored \(Access Denied"):
                    await journal.put(digest("a"), {"text": "lost"})
            assert journal.get(digest("a")) is None
            await journal.put(digest("a"), {"text": "kept"})
            assert journal.get(digest("a")) == {"text": "kept"}

    asyncio.run(go())
    assert len(Journal(folder)) == 1


def test_writers_name_their_files_anew_after_they_were_closed(tmp_path: Path, folder: UPath) -> None:
    for place in (tmp_path, folder):
        writer = written(place, ".lines")
        first, _ = writer.append(b"a\n")
        writer.append(b"b\n")
        writer.close()
        second, start = writer.append(b"c\n")
        writer.close()
        assert (first != second, start) == (True, 0)
        assert sorted(b"".join(path.read_bytes() for path in files(place, ".lines")).split()) == [b"a", b"b", b"c"]


def test_files_of_others_in_the_folder_are_left_alone(folder: UPath) -> None:
    write_bytes(folder / "providers.json", b"{}")
    assert files(folder, SUFFIX) == []
