"""The Hub reader on a data set folder: the same rows as from a file, streaming or not, and errors that help."""

import json
from pathlib import Path

import datasets
import pytest
from huggingface_hub import constants

from pipeline.errors import SourceError
from sources.files import RawRow, canonical_json
from sources.hub import read_hub
from sources.source import Hub

ROWS = [{"question": f"What is {n} + 1?", "answer": f"#### {n + 1}"} for n in range(3)]


@pytest.fixture(autouse=True)
def _offline(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    monkeypatch.setattr(datasets.config, "HF_HUB_OFFLINE", True)
    monkeypatch.setattr(datasets.config, "HF_DATASETS_CACHE", tmp_path / "cache")


@pytest.mark.parametrize("streaming", [False, True])
def test_rows_come_numbered_and_in_order(tmp_path: Path, *, streaming: bool) -> None:
    folder = tmp_path / "set"
    folder.mkdir()
    (folder / "train.jsonl").write_text("".join(json.dumps(row) + "\n" for row in ROWS))
    hub = Hub(str(folder), "default", "train", "0" * 40, 1)
    found = list(read_hub(hub, "--source x", streaming=streaming))
    assert found == [RawRow(n, row, "", canonical_json(row)) for n, row in enumerate(ROWS)]


def test_a_data_set_that_is_not_cached_says_how_to_do_without() -> None:
    hub = Hub("openai/no-such-set", "main", "train", "0" * 40, 1)
    with pytest.raises(SourceError, match=r"openai/no-such-set at 0{12} .*--source x=PATH") as caught:
        list(read_hub(hub, "--source x", streaming=False))
    assert "\n" not in str(caught.value)


def test_a_split_that_is_not_there_is_a_source_error(tmp_path: Path) -> None:
    folder = tmp_path / "set"
    folder.mkdir()
    (folder / "train.jsonl").write_text(json.dumps(ROWS[0]) + "\n")
    with pytest.raises(SourceError, match="nowhere"):
        list(read_hub(Hub(str(folder), "default", "nowhere", "0" * 40, 1), "--source x", streaming=False))
