"""What many tests share: a small file in GSM8K's format, a Ray for the whole run, and the command line in-process."""

import contextlib
import json
import os
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import hypothesis
import pytest

from pipeline import cli
from pipeline.run.cluster import CODE_ROOT
from tests.serial import built

# Before anything imports torch: tiny networks are slower on many threads than on one.
os.environ.setdefault("OMP_NUM_THREADS", "1")
# Before anything imports `datasets`: what tests load must not fill the user's cache.
os.environ["HF_HOME"] = tempfile.mkdtemp(prefix="smp3m-tests-")
# The Hub that tests bring with them speaks LFS, not Xet.
os.environ["HF_HUB_DISABLE_XET"] = "1"
# 200 ms an example, as hypothesis would have it, fail on a busy machine what is right.
hypothesis.settings.register_profile("smp3m", deadline=None)
hypothesis.settings.load_profile("smp3m")

ROWS = [
    {
        "question": "Ida plants 4 rows of 6 beans. Birds eat 5 of them. How many beans are left?",
        "answer": "Ida plants 4*6=<<4*6=24>>24 beans.\nThere are 24-5=<<24-5=19>>19 beans left.\n#### 19",
    },
    {
        "question": "A kettle costs $18.50 and a pan costs $6 more. What do both cost together?",
        "answer": "The pan costs 18.5+6=$<<18.5+6=24.5>>24.50.\n"
        "Together they cost 18.5+24.5=$<<18.5+24.5=43>>43.\n#### 43",
    },
    {
        "question": "Omar reads 20 pages a day for 3 days. He then reads half as many pages on the fourth day as on "
        "each of the first three. How many pages does he read altogether?",
        "answer": "In 3 days Omar reads 20*3=<<20*3=60>>60 pages.\n"
        "On the fourth day he reads 20/2=<<20/2=10>>10 pages.\n"
        "Altogether he reads 60+10=<<60+10=70>>70 pages.\n#### 70",
    },
    {
        "question": "A tank holds 80 liters and is 25% full. How many liters are missing?",
        "answer": "The tank holds 80*25/100=<<80*25/100=20>>20 liters now.\n"
        "So 80-20=<<80-20=60>>60 liters are missing.\n#### 60",
    },
]
"""Problems of our own; every one passes all gates."""


def write_jsonl(path: Path, rows: list[dict[str, str]]) -> Path:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


@pytest.fixture
def problems(tmp_path: Path) -> Path:
    """A file of four sound rows."""
    return write_jsonl(tmp_path / "problems.jsonl", ROWS)


@pytest.fixture(scope="session")
def s3(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Address of an object store, to which the environment leads."""
    from tests.object_store import s3_server

    with s3_server() as url, pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))
        yield url


@pytest.fixture(scope="session")
def shared_ray() -> Iterator[None]:
    """One local Ray for all tests that build in-process; starting one takes seconds."""
    import ray

    with contextlib.chdir(CODE_ROOT):
        ray.init(address="local", num_cpus=2, include_dashboard=False, log_to_driver=False)
    yield
    ray.shutdown()


@pytest.fixture(scope="session")
def spoken_data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A finished build of eight spoken chains of sums."""
    out = tmp_path_factory.mktemp("spoken") / "data"
    flags = ("--rows", 8, "--source", "simpleop", "--set", "sources.simpleop.kind=chain", "--asr", "none")
    return built(out, *flags, "--set", "split.validation=0", "--set", "split.test=0")


Smp3m = Callable[..., int]


@pytest.fixture
def smp3m(monkeypatch: pytest.MonkeyPatch) -> Smp3m:
    """The command line in this process: arguments to exit code; output is for capsys."""

    def run(*arguments: object) -> int:
        monkeypatch.setattr(sys, "argv", ["smp3m", *map(str, arguments)])
        with pytest.raises(SystemExit) as exit_:
            cli.main()
        code = exit_.value.code
        assert isinstance(code, int)
        return code

    return run
