"""Two small builds that these tests read: one adaptive, one so lean that rows are repaired and refused."""

import sys
from pathlib import Path

import pytest

from pipeline import cli
from tests.conftest import ROWS, write_jsonl

LEAN = "3:4"
TERSE = {
    "question": "Tom has $12,345.50, $2,345.25 and $345.75 in three jars. How much money is that altogether?",
    "answer": "In two jars he has 12345.5+2345.25=<<12345.5+2345.25=14690.75>>14,690.75 dollars.\n"
    "In all three he has 14690.75+345.75=<<14690.75+345.75=15036.5>>15,036.50 dollars.\n#### 15036.5",
}


def _build(out: Path, *flags: str) -> Path:
    rows = [{**row, "question": f"{row['question']} Round {n}."} for n in range(3, 9) for row in [*ROWS, TERSE]]
    path = write_jsonl(out.parent / f"{out.name}.jsonl", rows)
    common = (
        "--tts",
        "none",
        "--asr",
        "none",
        "--set",
        "collect.shard_rows=8",
        "--set",
        "publish.file_rows=8",
        "--out",
        str(out),
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "argv", ["smp3m", "build", "--source", f"gsm8k={path}", *common, *flags])
        with pytest.raises(SystemExit) as exit_:
            cli.main()
    assert exit_.value.code == 0
    return out


@pytest.fixture(scope="session")
def lean(tmp_path_factory: pytest.TempPathFactory, shared_ray: None) -> Path:  # noqa: ARG001 - only started
    """A build in which some rows have lead-ins and some are refused; do not write into it."""
    return _build(tmp_path_factory.mktemp("evaluate") / "lean", "--ratio", LEAN, "--set", "interleave.max_deferral=12")


@pytest.fixture(scope="session")
def adaptive(tmp_path_factory: pytest.TempPathFactory, shared_ray: None) -> Path:  # noqa: ARG001 - only started
    """An adaptive build of the same rows; do not write into it."""
    return _build(tmp_path_factory.mktemp("evaluate") / "adaptive", "--schedule", "adaptive")
