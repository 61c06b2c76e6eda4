"""The shape of the house: how long files are, and that the four packages are one installation."""

import subprocess
import warnings
from pathlib import Path

import pipeline
import prompts
import schemas
import sources

ROOT = Path(__file__).parents[1]
LONG, TOO_LONG = 400, 600
TOP_LEVEL = {
    *("pipeline", "prompts", "sources", "schemas", "tests", "docs", "notebooks"),
    *("pyproject.toml", "Makefile", "README.md", "LICENSE", ".ci", ".gitignore", ".pre-commit-config.yaml"),
}


def tracked() -> list[Path]:
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True)
    return [Path(line) for line in listed.stdout.splitlines()]


def test_no_python_file_is_too_long_to_hold_one_idea() -> None:
    lengths = {path: len((ROOT / path).read_text().splitlines()) for path in tracked() if path.suffix == ".py"}
    for path, length in lengths.items():
        if LONG < length <= TOO_LONG:
            with warnings.catch_warnings():
                warnings.simplefilter("always")
                warnings.warn(f"{path} has {length} lines: is it one idea?", stacklevel=1)
    assert {path: length for path, length in lengths.items() if length > TOO_LONG} == {}


def test_nothing_new_lies_at_the_top() -> None:
    assert {path.parts[0] for path in tracked()} <= TOP_LEVEL


def test_all_packages_come_from_one_place() -> None:
    places = {Path(str(package.__file__)).resolve().parents[1] for package in (pipeline, prompts, schemas, sources)}
    assert len(places) == 1
