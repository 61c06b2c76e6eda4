from pathlib import Path

import pytest

from pipeline.errors import StoreError
from pipeline.evaluate.records import NAME, Records


def test_records_outlive_the_process(tmp_path: Path) -> None:
    with Records(tmp_path / "eval") as records:
        records.put("a", {"response": "seven\nor “eight”"})
        records.put("b", {"response": None})
        records.put("a", {"response": "nine"})
    with Records(tmp_path / "eval") as again:
        assert len(again) == 2
        assert again.get("a") == {"response": "nine"}
        assert again.get("b") == {"response": None}
        assert again.get("c") is None


def test_a_torn_last_line_is_asked_again(tmp_path: Path) -> None:
    with Records(tmp_path) as records:
        records.put("a", {"n": 1})
        records.put("b", {"n": 2})
    file = tmp_path / NAME
    file.write_bytes(file.read_bytes()[:-4])
    with Records(tmp_path) as records:
        assert records.get("a") == {"n": 1}
        assert records.get("b") is None
        records.put("b", {"n": 3})
    with Records(tmp_path) as records:
        assert records.get("b") == {"n": 3}


def test_a_damaged_line_is_named(tmp_path: Path) -> None:
    (tmp_path / NAME).write_text('{"key": "a"}\n{"key": \n{"key": "c"}\n')
    with pytest.raises(StoreError, match="line 2 is damaged"), Records(tmp_path):
        pass
    (tmp_path / NAME).write_text("")
    with Records(tmp_path):
        pass


def test_a_second_evaluation_in_a_folder_refuses(tmp_path: Path) -> None:
    with Records(tmp_path), pytest.raises(StoreError, match="another evaluation"), Records(tmp_path):
        pass
    with Records(tmp_path):
        pass


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(StoreError, match="cannot be used"), Records(tmp_path / "file"):
        pass
