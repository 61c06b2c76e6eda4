"""A small spoken build that several of these tests read."""

from pathlib import Path

import pyarrow.parquet as pq
import pytest

from tests.conftest import ROWS, write_jsonl
from tests.serial import built_rows

EASY = [
    {
        "question": f"There are {n} apples in a basket. Then {n - 3} apples are taken out. How many apples are left?",
        "answer": f"There are {n}-{n - 3}=<<{n}-{n - 3}=3>>3 apples left.\n#### 3",
    }
    for n in (7, 9, 12)
]


@pytest.fixture(scope="session")
def spoken_build(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Questions spoken and heard by the embedded voice and ear, two or more accepted; do not write into it."""
    folder = tmp_path_factory.mktemp("spoken")
    out = built_rows(write_jsonl(folder / "rows.jsonl", [*ROWS, *EASY]), folder / "out")
    assert pq.read_metadata(next(out.glob("dataset/data/*"))).num_rows >= 2
    return out
