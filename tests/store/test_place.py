import subprocess
import sys
from pathlib import Path

import pytest

from pipeline.errors import UsageError
from pipeline.store.atomic import (
    at_hand,
    drafting,
    handed_over,
    remove_folder,
    write_atomic,
    write_bytes,
    write_json,
    write_text,
)  # fmt: skip
from pipeline.store.place import (
    Place,
    ending,
    folder_named,
    place_named,
    read_bytes,
    read_text,
    read_texts,
    remove,
    sizes,
)  # fmt: skip
from tests.object_store import new_prefix

pytestmark = pytest.mark.usefixtures("s3")


@pytest.fixture(params=["folder", "object store"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Place:
    return tmp_path if request.param == "folder" else new_prefix()


def test_what_is_written_is_read_listed_and_removed(place: Place) -> None:
    write_text(place / "b.txt", "tab\tü\n")
    write_json(place / "a.json", {"x": 1})
    assert read_text(place / "b.txt") == "tab\tü\n"
    assert sizes(place) == {"a.json": 12, "b.txt": 7}
    assert list(sizes(place)) == ["a.json", "b.txt"]
    assert [path.name for path in ending(place, ".json")] == ["a.json"]
    remove(place / "b.txt")
    remove(place / "b.txt")
    assert sizes(place) == {"a.json": 12}


def test_what_is_not_there_is_empty_none_or_an_error(place: Place) -> None:
    assert sizes(place / "nowhere") == {}
    assert ending(place / "nowhere", ".json") == []
    write_bytes(place / "latin", b"\xff")
    write_text(place / "there", "yes")
    assert read_texts(place, ["there", "absent", "latin"]) == {"there": "yes", "absent": None, "latin": None}
    assert read_texts(place, []) == {}
    with pytest.raises(FileNotFoundError):
        read_bytes(place / "absent")
    remove_folder(place / "nowhere")


def test_what_goes_while_a_folder_is_listed_is_not_in_it_and_folders_are_no_files(tmp_path: Path) -> None:
    write_text(tmp_path / "a", "1")
    (tmp_path / "inner").mkdir()
    (tmp_path / "b.tmp-1").symlink_to(tmp_path / "gone")  # listed, and not there when it is looked at
    assert sizes(tmp_path) == {"a": 1}
    assert [path.name for path in ending(tmp_path, "a")] == ["a"]


def test_a_file_appears_whole_or_not_at_all(place: Place) -> None:
    write_text(place / "a", "old")

    def fail(temp: Path) -> None:
        temp.write_text("half")
        raise OSError(28, "No space left on device")

    with pytest.raises(OSError, match="No space"):
        write_atomic(place / "a", fail)
    assert read_text(place / "a") == "old"
    with drafting(place / "a") as temp:
        temp.write_text("new")
        assert read_text(place / "a") == "old"
    assert read_text(place / "a") == "new"
    assert list(sizes(place)) == ["a"]


def test_a_local_file_stands_for_it_while_it_is_needed(place: Place) -> None:
    write_text(place / "a", "lines")
    with at_hand(place / "a") as local:
        assert local.name == "a"
        assert local.read_text() == "lines"
    with handed_over(place / "unwritten"):
        pass
    with handed_over(place / "b") as local:
        local.write_text("more")
    assert sizes(place) == {"a": 5, "b": 4}


@pytest.mark.parametrize(
    ("text", "words"),
    [("gs://bucket/x", "unknown scheme 'gs'"), ("s3://bucket", "no bucket and prefix"), ("s3:///x", "no bucket")],
)
def test_a_place_that_cannot_be_used_is_said(text: str, words: str) -> None:
    with pytest.raises(UsageError, match=words):
        place_named(text)


def test_a_folder_is_a_folder_and_nothing_else_where_one_is_needed(tmp_path: Path) -> None:
    assert place_named(str(tmp_path)) == tmp_path
    assert folder_named("data", "push") == Path("data")
    with pytest.raises(UsageError, match="smp3m push reads a local folder"):
        folder_named("s3://bucket/x", "push")


def test_without_the_extra_a_folder_still_works_and_a_store_says_what_to_install() -> None:
    script = (
        "import sys; sys.modules['s3fs'] = None\n"
        "from pipeline.errors import UsageError; from pipeline.store.place import place_named\n"
        "place_named('data')\n"
        "try:\n    place_named('s3://bucket/x')\nexcept UsageError as exc:\n    print(exc)\n"
    )
    said = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout
    assert "pip install 'smp3m[s3]'" in said
