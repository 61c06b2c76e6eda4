"""Sources are cut into chunks by rows and by bytes, and the same rows before a cut give the same cut."""

import json
from itertools import pairwise
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from pipeline.config import Config, with_setting
from pipeline.config_sources import SourceConfig
from pipeline.run.collecting import _cut, chunks, index_key, sources_of
from sources.files import RawRow


def rows(sizes: list[int]) -> list[RawRow]:
    return [RawRow(number, {}, "", "x" * size) for number, size in enumerate(sizes)]


def config(n_rows: int, n_bytes: int) -> Config:
    return with_setting(with_setting(Config(), f"collect.shard_rows={n_rows}"), f"collect.shard_bytes={n_bytes}")


@given(st.lists(st.integers(0, 30)), st.integers(1, 6), st.integers(1, 60))
def test_every_row_is_in_one_chunk_and_no_chunk_exceeds_what_is_allowed(
    sizes: list[int], n_rows: int, n_bytes: int
) -> None:
    found = list(_cut(iter(rows(sizes)), config(n_rows, n_bytes).collect))

    assert [row for chunk in found for row in chunk] == rows(sizes)
    assert all(0 < len(chunk) <= n_rows for chunk in found)
    assert all(len(chunk) == 1 or sum(len(row.payload) for row in chunk) <= n_bytes for chunk in found)
    # A chunk ends only where the next row did not fit.
    for chunk, after in pairwise(found):
        fits = sum(len(row.payload) for row in (*chunk, after[0])) <= n_bytes
        assert len(chunk) == n_rows or not fits


@given(st.lists(st.integers(0, 30)), st.lists(st.integers(0, 30)))
def test_rows_that_come_after_move_no_earlier_cut(sizes: list[int], more: list[int]) -> None:
    most = config(4, 50).collect
    short, long = (list(_cut(iter(rows(s)), most)) for s in (sizes, sizes + more))

    assert short[:-1] == long[: max(len(short) - 1, 0)]


def test_long_rows_of_a_file_make_shards_of_fewer(tmp_path: Path) -> None:
    file = tmp_path / "rows.jsonl"
    raw = [
        {"question": f"What is {n} + 1? " + "Well. " * 40, "answer": f"{n}+1=<<{n}+1={n + 1}>>{n + 1}\n#### {n + 1}"}
        for n in range(6)
    ]
    file.write_text("".join(json.dumps(row) + "\n" for row in raw))
    spec = SourceConfig("gsm8k", str(file))
    (source,) = sources_of(spec)

    assert [chunk.n_rows for chunk in chunks(source, spec, config(500, 700))] == [2, 2, 2]
    assert [chunk.n_rows for chunk in chunks(source, spec, Config())] == [6]
    assert index_key(source, spec, config(500, 700)) != index_key(source, spec, config(500, 900))
