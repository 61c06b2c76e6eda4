"""Where a source's rows come from: paths, the package, and a Hub that does not answer."""

import json
import os
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from pipeline.errors import UsageError
from sources import gsm8k, metamath, sample, simpleop
from sources.reading import content_digest, open_rows
from sources.registry import SOURCES, resolve, source_named

REPOSITORY = Path(__file__).parents[2]


def test_names_resolve_and_unknown_ones_are_listed() -> None:
    assert list(SOURCES) == ["sample", "simpleop", "gsm8k", "metamath", "orca_math"]
    assert [source.name for source in resolve("sample")] == ["sample/gsm8k", "sample/metamath", "sample/orca_math"]
    assert source_named("sample/gsm8k") is sample.SOURCES[0]
    with pytest.raises(UsageError, match=r"'gsm9k'.*sample, simpleop, gsm8k"):
        resolve("gsm9k")


def test_a_file_of_another_source_is_refused_with_both_sets_of_fields(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text(json.dumps({"question": "q", "answer": "a"}) + "\n")
    assert len(list(open_rows(gsm8k.SOURCE, path))) == 1
    with pytest.raises(UsageError, match="type, query, response, original_question; found here: answer, question"):
        open_rows(metamath.SOURCE, path)


def test_a_file_of_broken_lines_alone_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text("not json\n")
    with pytest.raises(UsageError, match=r"no row of the first 1 is a JSON object.*line 1"):
        open_rows(gsm8k.SOURCE, path)


def test_one_good_row_is_enough(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text('broken\n{"question": "q"}\n{"question": "q", "answer": "a"}\n')
    assert [row.raw is None for row in open_rows(gsm8k.SOURCE, path)] == [True, False, False]


def test_a_generated_source_takes_no_rows_from_elsewhere() -> None:
    with pytest.raises(UsageError, match="generated"):
        open_rows(simpleop.SOURCE)


def test_digests_follow_what_the_rows_depend_on(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text("{}\n")
    digests = {content_digest(source) for group in SOURCES.values() for source in group}
    assert len(digests) == 7
    assert content_digest(gsm8k.SOURCE, path) not in digests


def closed_port() -> int:
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        return int(server.getsockname()[1])


@pytest.mark.timeout(60)
def test_a_hub_that_does_not_answer_fails_fast_and_says_how_to_do_without(tmp_path: Path) -> None:
    """In a process of its own: huggingface_hub reads its endpoint once, when it is imported."""
    program = (
        "from sources import gsm8k, reading\n"
        "from pipeline.errors import SourceError\n"
        "try:\n"
        "    reading.open_rows(gsm8k.SOURCE)\n"
        "except SourceError as error:\n"
        "    print(error)\n"
    )
    environment = {**os.environ, "HF_ENDPOINT": f"http://127.0.0.1:{closed_port()}", "HF_HOME": str(tmp_path)}
    environment.pop("HF_HUB_OFFLINE", None)
    started = time.monotonic()
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=REPOSITORY,
        env={**environment, "PYTHONPATH": str(REPOSITORY)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert "--source gsm8k=PATH" in done.stdout
    assert "cannot be reached" in done.stdout
    assert len(done.stdout.splitlines()) == 1
    assert time.monotonic() - started < 20
