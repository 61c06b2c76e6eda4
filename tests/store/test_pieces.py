from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.core.fingerprint import digest_bytes
from pipeline.store.atomic import TEMP_MARK
from pipeline.store.pieces import GROUP_BYTES, PieceReader, digest_file, writing

SCHEMA = pa.schema([("id", pa.string()), ("sound", pa.binary())])


def table(first: int, n: int, size: int = 10) -> pa.Table:
    rows = [{"id": str(number), "sound": bytes([number % 256]) * size} for number in range(first, first + n)]
    return pa.Table.from_pylist(rows, SCHEMA)


def test_pieces_become_groups_of_bounded_size(tmp_path: Path) -> None:
    path = tmp_path / "part.parquet"
    each = GROUP_BYTES // 10
    with writing(path, SCHEMA) as writer:
        for first in range(0, 60, 3):
            writer.add(table(first, 3, each))
    about = pq.ParquetFile(path).metadata
    assert writer.rows == about.num_rows == 60
    assert (writer.size, writer.digest) == (path.stat().st_size, digest_file(path))
    assert max(about.row_group(n).num_rows for n in range(about.num_row_groups)) <= 12
    assert digest_file(path) == digest_bytes(path.read_bytes())


def test_a_part_without_rows_is_a_part(tmp_path: Path) -> None:
    with writing(tmp_path / "part.parquet", SCHEMA):
        pass
    reader = PieceReader(tmp_path / "part.parquet")
    assert reader.rows_of(["1"]).schema == SCHEMA


def test_what_fails_on_the_way_leaves_nothing(tmp_path: Path) -> None:
    def fail() -> None:
        with writing(tmp_path / "part.parquet", SCHEMA) as writer:
            writer.add(table(0, 2))
            raise OSError(28, "No space left on device")

    with pytest.raises(OSError, match="No space"):
        fail()
    assert list(tmp_path.iterdir()) == []


def test_until_it_is_whole_it_has_another_name(tmp_path: Path) -> None:
    with writing(tmp_path / "part.parquet", SCHEMA) as writer:
        writer.add(table(0, 1))
        assert all(TEMP_MARK in path.name for path in tmp_path.iterdir())


@settings(max_examples=20, deadline=None)
@given(data=st.data())
def test_rows_are_found_by_id_whatever_the_order_asked_in(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    path = tmp_path_factory.mktemp("pieces") / "part.parquet"
    with writing(path, SCHEMA) as writer:
        for first in range(0, 20, 5):
            writer.add(table(first, 5, GROUP_BYTES // 8))
    reader = PieceReader(path, data.draw(st.sampled_from([["id"], ["id", "sound"], None])))
    for _ in range(3):
        wanted = data.draw(st.lists(st.integers(-2, 25).map(str), unique=True))
        found = reader.rows_of(wanted).column("id").to_pylist()
        assert found == [str(n) for n in range(20) if str(n) in wanted]
