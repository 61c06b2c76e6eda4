"""Digests are those of the Hub, are computed once, and survive a torn journal."""

import hashlib
import subprocess
from pathlib import Path

import pytest

from pipeline.publish import local_files
from pipeline.publish.local_files import digested, listed


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "dataset"
    (made / "data").mkdir(parents=True)
    (made / "README.md").write_text("a card\n")
    (made / "data" / "train-00000-of-00001.parquet").write_bytes(bytes(range(256)) * 9000)
    (made / "data" / ".hidden").write_text("x")
    (made / "data" / "train.tmp-12").write_text("x")
    return made


def test_digests_are_those_of_git_and_lfs(folder: Path) -> None:
    read: list[int] = []
    files = digested(folder, listed(folder), folder.parent / "push.jsonl", read.append)
    assert [file.name for file in files] == ["README.md", "data/train-00000-of-00001.parquet"]
    for file in files:
        said = subprocess.run(["git", "hash-object", file.path], capture_output=True, text=True, check=True)
        assert file.blob_id == said.stdout.strip()
        assert file.sha256 == hashlib.sha256(file.path.read_bytes()).hexdigest()
    assert sum(read) == sum(file.size for file in files)


def test_only_what_has_changed_is_read_again(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    journal = folder.parent / "push.jsonl"
    before = digested(folder, listed(folder), journal, lambda _: None)
    (folder / "README.md").write_text("another card\n")
    read: list[str] = []
    real = local_files._digests

    def counted(path: Path, size: int) -> tuple[str, str]:
        read.append(path.name)
        return real(path, size)

    monkeypatch.setattr(local_files, "_digests", counted)
    after = digested(folder, listed(folder), journal, lambda _: None)
    assert read == ["README.md"]
    assert after[1] == before[1]
    assert after[0].sha256 == hashlib.sha256(b"another card\n").hexdigest()


def test_a_torn_line_costs_one_reading_and_spoils_no_other(folder: Path) -> None:
    journal = folder.parent / "push.jsonl"
    whole = digested(folder, listed(folder), journal, lambda _: None)
    text = journal.read_text()
    journal.write_text(text[:-20])
    assert digested(folder, listed(folder), journal, lambda _: None) == whole
    assert len(journal.read_text().splitlines()) == 3
    assert digested(folder, listed(folder), journal, lambda _: None) == whole
    assert len(journal.read_text().splitlines()) == 3
