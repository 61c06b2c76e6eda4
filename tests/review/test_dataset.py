"""A build's index, and rows by their place."""

import json
import shutil
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from pipeline.errors import ContractError, UsageError
from pipeline.review.dataset import find, index_of, open_build, places_of, rows_at


def test_the_index_has_one_line_a_row_with_what_the_row_says(built: Path) -> None:
    build = open_build(built)
    index = index_of(build)
    assert build.n_accepted_files >= 2
    assert index.column("accepted").to_pylist().count(True) == 12
    for line, row in zip(index.to_pylist(), rows_at(build, places_of(index)), strict=True):
        assert (line["id"], line["source"]) == (row["id"], row["source"])
        if line["accepted"]:
            assert line["pad_share"] == pytest.approx(row["streams"].count(2) / len(row["streams"]))
            assert line["slack"] == row["slack"]
            assert (line["n_response"], line["n_reasoning"]) == (len(row["response_ids"]), len(row["reasoning_ids"]))
        else:
            assert (line["stage"], line["reason"]) == (row["stage"], row["reason"]) == ("collect", "no_answer")
            assert (line["slack"], line["pad_share"], line["n_response"]) == (None, None, None)


def test_rows_come_in_the_order_asked_for(built: Path) -> None:
    build = open_build(built)
    places = places_of(index_of(build))[::-1]
    ids = [row["id"] for row in rows_at(build, places)]
    assert ids == index_of(build).column("id").to_pylist()[::-1]
    assert rows_at(build, [places[-1], places[-1]], ["id"]) == [{"id": ids[-1]}] * 2


def test_a_row_is_found_by_how_its_id_begins(built: Path) -> None:
    build = open_build(built)
    for row_id, place in zip(index_of(build).column("id").to_pylist(), places_of(index_of(build)), strict=True):
        assert find(build, row_id) == place
        assert find(build, row_id[:12]) == place


@pytest.mark.parametrize("prefix", ["zz", ""])
def test_an_unknown_id_is_named(built: Path, prefix: str) -> None:
    with pytest.raises(UsageError, match=f"id '{prefix}': no row"):
        find(open_build(built), prefix)


def test_a_beginning_that_several_ids_have_is_refused_with_some_of_them(built: Path) -> None:
    build = open_build(built)
    first = [row_id[0] for row_id in index_of(build).column("id").to_pylist()]
    common = max(first, key=first.count)
    with pytest.raises(UsageError, match=r"rows begin so .* give more of it"):
        find(build, common)


def test_a_folder_without_a_build_is_bad_usage(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no finished build here"):
        open_build(tmp_path)


def test_damaged_builds_are_named(build_copy: Path) -> None:
    report = build_copy / "report.json"
    whole = report.read_text()
    report.write_text(json.dumps({"config": {"seed": "much"}}))
    with pytest.raises(ContractError, match="not a report of this version"):
        open_build(build_copy)
    report.write_text(whole)
    path = next(build_copy.glob("dataset/data/*"))
    pq.write_table(pq.read_table(path).drop_columns(["claims"]), path)
    with pytest.raises(ContractError, match="has no column 'claims'"):
        open_build(build_copy)
    path.write_text("x")
    with pytest.raises(ContractError, match="not a readable parquet"):
        open_build(build_copy)


def test_a_build_of_which_nothing_was_accepted_can_be_looked_at(build_copy: Path) -> None:
    shutil.rmtree(build_copy / "dataset")
    assert index_of(open_build(build_copy)).column("accepted").to_pylist() == [False]
