"""Two small builds and a Hub to push them to."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from huggingface_hub import constants
from huggingface_hub.utils import close_session

from tests.conftest import ROWS, write_jsonl
from tests.hub_server import HubServer
from tests.serial import built

REPO = "org/spoken"
SMALL = ("--set", "push.batch_files=2", "--set", "push.parallel=1", "--set", "push.retries=2")


def sixteen_rows(out: Path, *flags: object) -> Path:
    """A build of 16 rows."""
    rows = [{**row, "question": f"{row['question']} Round {n}."} for n in range(3, 7) for row in ROWS]
    source = write_jsonl(out.parent / f"{out.name}.jsonl", rows)
    splits = ("--set", "split.validation=0.2", "--set", "split.test=0.0")
    small = ("--asr", "none", "--set", "collect.shard_rows=2")
    return built(out, "--source", f"gsm8k={source}", *splits, *small, *flags)


@pytest.fixture(scope="session")
def spoken_build(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return sixteen_rows(tmp_path_factory.mktemp("push") / "spoken", "--set", "publish.file_rows=2")


@pytest.fixture(scope="session")
def text_build(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return sixteen_rows(tmp_path_factory.mktemp("push") / "text", "--tts", "none", "--set", "publish.file_rows=2")


@pytest.fixture
def spoken(spoken_build: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(spoken_build, tmp_path / "spoken"))


@pytest.fixture
def text(text_build: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(text_build, tmp_path / "text"))


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch) -> Iterator[HubServer]:
    with HubServer() as server:
        monkeypatch.setattr(constants, "ENDPOINT", server.url)
        monkeypatch.setenv("HF_TOKEN", server.token)
        yield server
        close_session()


def here(directory: Path) -> dict[str, bytes]:
    """What a push must bring, by name in the repository."""
    folder = directory / "dataset"
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def there(hub: HubServer, revision: str = "main") -> dict[str, bytes]:
    return {name: data for name, data in hub.files(REPO, revision).items() if name != ".gitattributes"}
