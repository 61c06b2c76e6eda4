"""A small text-only build that these tests read, and copies of it that they may write into."""

import shutil
from pathlib import Path

import pytest

from tests.conftest import ROWS, write_jsonl
from tests.serial import built_rows

NO_ANSWER = {"question": "Which of two gardens is nicer?", "answer": "Nobody can tell."}


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Twelve accepted rows in two files, and one that was refused; do not write into it."""
    rows = [{**row, "question": f"{row['question']} Round {n}."} for n in (3, 4, 5) for row in ROWS] + [NO_ANSWER]
    folder = tmp_path_factory.mktemp("review")
    source = write_jsonl(folder / "rows.jsonl", rows)
    cut = ("--set", "publish.file_rows=8", "--set", "collect.shard_rows=8")
    return built_rows(source, folder / "built", "--tts", "none", "--asr", "none", *cut)


@pytest.fixture
def build_copy(built: Path, tmp_path: Path) -> Path:
    """A build to write into."""
    return Path(shutil.copytree(built, tmp_path / "copy"))
