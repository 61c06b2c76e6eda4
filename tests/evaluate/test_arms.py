"""Arms over one small build of chains: the same rows in each, and what each does to them."""

from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from pipeline.core.schedule import Stream
from pipeline.errors import ContractError, UsageError
from pipeline.evaluate.arms import Arms, Smaller, arm_named, write_arms
from pipeline.evaluate.dataset import DataSet, open_dataset, vocabulary_of
from tests.serial import built

NAMES = ("response_only", "think_then_speak", "1:3", "1:3+drift", "adaptive")
ALL = Smaller(None, None)


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> DataSet:
    flags = ("--rows", 48, "--source", "simpleop", "--set", "sources.simpleop.kind=chain", "--tts", "none")
    out = built(tmp_path_factory.mktemp("chains") / "data", *flags, "--asr", "none", "--set", "split.test=0.3")
    return open_dataset(out)


@pytest.fixture(scope="module")
def arms(data: DataSet, tmp_path_factory: pytest.TempPathFactory) -> Arms:
    return write_arms(data, NAMES, tmp_path_factory.mktemp("arms"), vocabulary_of(data), ALL)


def rows(arms: Arms, name: str, split: str = "train") -> list[dict[str, Any]]:
    (path,) = arms.folders[name].glob(f"data/{split}-*.parquet")
    found: list[dict[str, Any]] = pq.read_table(path).to_pylist()
    return found


def test_every_arm_has_the_same_rows(data: DataSet, arms: Arms) -> None:
    for split in ("train", "test"):
        ids = [[row["id"] for row in rows(arms, name, split)] for name in NAMES]
        assert ids[0]
        assert all(other == ids[0] for other in ids)
    published = sum(piece.n_rows for piece in data.published)
    validation = sum(piece.n_rows for piece in data.published if piece.path.name.startswith("validation"))
    assert arms.n_train + arms.n_test + arms.n_left_out == published - validation
    assert (arms.n_train, arms.n_test) == (len(rows(arms, "1:3")), len(rows(arms, "1:3", "test")))


def test_the_order_of_the_streams_is_the_arms_own(arms: Arms) -> None:
    silent, spoken = int(Stream.REASONING), int(Stream.RESPONSE)
    for alone, before in zip(rows(arms, "response_only"), rows(arms, "think_then_speak"), strict=True):
        assert set(alone["streams"]) == {spoken}
        n_silent = before["streams"].count(silent)
        assert before["streams"] == [silent] * n_silent + [spoken] * (len(before["streams"]) - n_silent)
        assert alone["response_ids"] == before["response_ids"]
    assert all(row["streams"][:5] == [spoken, silent, silent, silent, spoken] for row in rows(arms, "1:3+drift"))


def test_only_the_arm_that_keeps_drift_has_some(arms: Arms) -> None:
    assert arms.facts["1:3"].drift_share == 0 == arms.facts["adaptive"].drift_share
    assert arms.facts["1:3+drift"].drift_share > 0
    assert arms.facts["1:3"].lead_in_words > 0 == arms.facts["1:3+drift"].lead_in_words
    drifting = [row for row in rows(arms, "1:3+drift") if row["slack"] < 0]
    assert len(drifting) / arms.n_train == arms.facts["1:3+drift"].drift_share


def test_tables_are_found_again_and_those_of_other_arms_refused(data: DataSet, arms: Arms) -> None:
    folder = arms.folders["1:3"].parent
    before = {path: path.stat().st_mtime_ns for path in folder.rglob("*.parquet")}
    assert write_arms(data, NAMES, folder, vocabulary_of(data), ALL) == arms
    assert {path: path.stat().st_mtime_ns for path in folder.rglob("*.parquet")} == before
    with pytest.raises(ContractError, match="give another --out"):
        write_arms(data, NAMES[:2], folder, vocabulary_of(data), ALL)


def test_larger_problems_can_be_left_out(data: DataSet, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="0 rows to train on"):
        write_arms(data, NAMES[:1], tmp_path, vocabulary_of(data), Smaller(None, 1))
    small = write_arms(data, NAMES[:1], tmp_path / "small", vocabulary_of(data), Smaller(5, 9999))
    everything = write_arms(data, NAMES[:1], tmp_path / "all", vocabulary_of(data), ALL)
    assert small.n_train < everything.n_train


@pytest.mark.parametrize("name", ["2:8+drift", "1:4/reasoning_first", "adaptive"])
def test_arms_have_names(name: str) -> None:
    assert arm_named(name).name == name
    assert arm_named(name).keeps_drift == name.endswith("+drift")


@pytest.mark.parametrize("name", ["think_then_speak+drift", "response_only+drift", "adaptive+drift", "often"])
def test_arms_that_cannot_be_are_refused(name: str) -> None:
    with pytest.raises(UsageError):
        arm_named(name)
