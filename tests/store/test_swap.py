from pathlib import Path

import pytest

from pipeline.store.atomic import TEMP_MARK, write_text
from pipeline.store.place import Place
from pipeline.store.swap import Swap
from tests.object_store import files_under, new_prefix

pytestmark = pytest.mark.usefixtures("s3")


@pytest.fixture(params=["folder", "object store"])
def out(request: pytest.FixtureRequest, tmp_path: Path) -> Place:
    return tmp_path if request.param == "folder" else new_prefix()


def swapped(out: Place, **files: str) -> None:
    swap = Swap(out / "dataset")
    for name, text in files.items():
        write_text(swap.place(f"data/{name}"), text)
    write_text(swap.place("README.md"), "card")
    for name in files:
        swap.rename(f"data/{name}", f"data/{name}-of-{len(files)}")
    swap.commit()


def test_the_new_files_take_the_place_of_the_old_ones(out: Place) -> None:
    swapped(out, a="1", b="2")
    assert files_under(out) == {"dataset/README.md": b"card", "dataset/data/a-of-2": b"1", "dataset/data/b-of-2": b"2"}
    swapped(out, a="3")
    assert files_under(out) == {"dataset/README.md": b"card", "dataset/data/a-of-1": b"3"}


def test_until_then_the_old_ones_are_as_they_were_and_what_is_discarded_is_gone(out: Place) -> None:
    swapped(out, a="1")
    swap = Swap(out / "dataset")
    write_text(swap.place("data/a"), "new")
    assert files_under(out / "dataset") == {"README.md": b"card", "data/a-of-1": b"1"}
    swap.discard()
    assert files_under(out) == {"dataset/README.md": b"card", "dataset/data/a-of-1": b"1"}


def test_what_an_interrupted_swap_has_left_is_no_part_of_the_next(out: Place) -> None:
    write_text(Swap(out / "dataset").place("data/left"), "half")
    swapped(out, a="1")
    assert sorted(files_under(out)) == ["dataset/README.md", "dataset/data/a-of-1"]
    assert not any(TEMP_MARK in name for name in files_under(out))


def test_what_a_kill_between_the_two_renames_has_put_aside_comes_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    swapped(tmp_path, a="1")
    rename = Path.rename

    def killed(path: Path, target: Path) -> Path:
        if path.name.endswith("new") and target.name == "dataset":
            raise KeyboardInterrupt
        return rename(path, target)

    with monkeypatch.context() as patch:
        patch.setattr(Path, "rename", killed)
        with pytest.raises(KeyboardInterrupt):
            swapped(tmp_path, a="2")
    assert not (tmp_path / "dataset").exists()
    Swap(tmp_path / "dataset").discard()
    assert files_under(tmp_path) == {"dataset/README.md": b"card", "dataset/data/a-of-1": b"1"}
