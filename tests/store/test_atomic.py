import errno
from pathlib import Path

import pytest

from pipeline.store.atomic import TEMP_MARK, sweep, write_atomic, write_json
from pipeline.store.place import told


def test_a_writer_that_fails_leaves_the_old_file_and_no_other(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    write_json(path, {"kept": True})

    def run_out_of_space(temp: Path) -> None:
        temp.write_text("half")
        raise OSError(errno.ENOSPC, "No space left on device")

    with pytest.raises(OSError, match="No space left") as full:
        write_atomic(path, run_out_of_space)
    assert told(full.value) == f"{path}: No space left on device"
    assert path.read_text() == '{\n "kept": true\n}\n'
    assert list(tmp_path.iterdir()) == [path]


def test_sweep_removes_what_a_killed_writer_left_and_nothing_else(tmp_path: Path) -> None:
    kept = tmp_path / "table" / "part.parquet"
    kept.parent.mkdir()
    kept.write_bytes(b"data")
    left = kept.with_name(f"part.parquet{TEMP_MARK}1234abcd")
    left.write_bytes(b"da")
    sweep(tmp_path)
    assert kept.exists()
    assert not left.exists()


def test_equal_values_give_equal_bytes(tmp_path: Path) -> None:
    write_json(tmp_path / "a", {"x": 1, "y": "é"})
    write_json(tmp_path / "b", {"y": "é", "x": 1})
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()
