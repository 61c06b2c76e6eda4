import json
import subprocess
import sys
from pathlib import Path

import pyarrow as pa
import pytest

from pipeline.errors import Reason, StoreError
from pipeline.store.atomic import write_bytes
from pipeline.store.parts import PartRecord, Store
from pipeline.store.place import remove
from schemas.rejected import RejectedTable
from schemas.rows import Rejected, Verified
from schemas.table import to_table
from schemas.verified import VerifiedTable
from tests.object_store import new_prefix


@pytest.fixture
def store(tmp_path: Path) -> Store:
    store = Store(tmp_path)
    store.open()
    return store


def rows(n: int = 2) -> pa.Table:
    return to_table(VerifiedTable, [Verified(id=f"{i:032x}", judge="{}") for i in range(n)])


def rejected(*reasons: Reason) -> pa.Table:
    return to_table(
        RejectedTable,
        [
            Rejected(
                id="f" * 32,
                source="gsm8k",
                source_id="7",
                stage="verify",
                reason=reason,
                detail="because",
                attempt=0,
                payload_json="{}",
            )
            for reason in reasons
        ],
    )


def write(store: Store, key: str = "k", *reasons: Reason) -> PartRecord:
    return store.write("verified", key, rows(), rejected(*reasons))


def test_a_part_is_read_back_as_written_and_found_again(store: Store) -> None:
    record = write(store, "k", Reason.DRIFT, Reason.TAIL, Reason.DRIFT)
    assert store.find("verified", "k") == record
    assert store.read(record).equals(rows())
    assert record.rejected == {"drift": 2, "tail": 1}
    refused = store.read_rejected(record)
    assert refused is not None
    assert refused.num_rows == 3


def test_equal_rows_give_equal_digests_under_any_key(store: Store) -> None:
    assert write(store, "a").digest == write(store, "b").digest


@pytest.mark.parametrize("suffix", [".parquet", ".rejected.parquet", ".json"])
def test_a_part_that_lost_a_file_is_no_part(store: Store, suffix: str) -> None:
    write(store, "k", Reason.DRIFT)
    (store.root / "verified" / f"k{suffix}").unlink()
    assert store.find("verified", "k") is None


def test_a_part_that_was_cut_short_is_no_part(store: Store) -> None:
    write(store)
    part = store.root / "verified" / "k.parquet"
    part.write_bytes(part.read_bytes()[:-3])
    assert store.find("verified", "k") is None


def test_a_damaged_record_counts_as_none(store: Store) -> None:
    write(store)
    (store.root / "verified" / "k.json").write_text('{"table": ')
    assert store.find("verified", "k") is None


def test_an_altered_part_is_named_and_forgotten(store: Store) -> None:
    record = write(store)
    part = store.root / "verified" / "k.parquet"
    data = bytearray(part.read_bytes())
    data[20] ^= 1
    part.write_bytes(bytes(data))
    with pytest.raises(StoreError, match=r"k\.parquet.*run the build again"):
        store.read(record)
    assert store.find("verified", "k") is None


def test_a_store_of_another_format_is_refused_with_a_way_out(store: Store) -> None:
    (store.root / "STORE.json").write_text(json.dumps({"format": 0}))
    with pytest.raises(StoreError, match=r"store format 0.*give another --out"):
        store.open()


def test_a_damaged_marker_is_refused(store: Store) -> None:
    (store.root / "STORE.json").write_text("[]")
    with pytest.raises(StoreError, match="damaged"):
        store.open()


def test_an_output_path_that_is_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("mine")
    with pytest.raises(StoreError, match="give another --out"):
        Store(tmp_path / "file").open()


def test_the_lock_is_held_by_one_process_and_freed_by_its_death(store: Store) -> None:
    script = (
        "import sys, time; from pathlib import Path; from pipeline.store.parts import Store\n"
        "with Store(Path(sys.argv[1])).locked():\n    print('held', flush=True); time.sleep(60)\n"
    )
    holder = subprocess.Popen([sys.executable, "-c", script, str(store.out)], stdout=subprocess.PIPE, text=True)
    try:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        assert store.busy
        with pytest.raises(StoreError, match=f"process {holder.pid}"), store.locked():
            pass
    finally:
        holder.kill()
        holder.communicate()
    assert not store.busy
    with store.locked():
        assert store.busy


def test_a_lock_whose_file_was_removed_no_longer_holds(store: Store) -> None:
    other = Store(store.out)
    with store.locked() as hold:
        hold.require()
        (store.root / "lock").unlink()
        with pytest.raises(StoreError, match=r"another build may be at work here by now: .*lock was lost"):
            hold.require()
        with other.locked() as heir:
            heir.require()
            with pytest.raises(StoreError, match="it is another file"):
                hold.require()


def test_memos_are_kept_by_key(store: Store) -> None:
    assert store.memo("a") is None
    store.keep_memo("a", [["x", 1]])
    assert store.memo("a") == [["x", 1]]


@pytest.mark.parametrize("damage", ["", "{", "[]", "null", "7", '{"fact": [2]}', '{"digest": "", "fact": [2]}'])
def test_a_damaged_memo_is_named_and_counts_as_none(
    store: Store, damage: str, caplog: pytest.LogCaptureFixture
) -> None:
    store.keep_memo("a", [1])
    path = store.root / "memo" / "a.json"
    path.write_text(damage)
    assert store.memo("a") is None
    assert f"{path}: damaged" in caplog.text
    store.keep_memo("a", {"2": (1.5, None)})
    assert store.memo("a") == {"2": [1.5, None]}


def test_a_memo_of_which_one_digit_was_changed_counts_as_none(store: Store) -> None:
    store.keep_memo("a", [["x", 100]])
    path = store.root / "memo" / "a.json"
    path.write_text(path.read_text().replace("100", "101"))
    assert store.memo("a") is None


def test_readers_share_the_store_and_keep_builds_out(store: Store) -> None:
    with store.locked():
        pass
    with store.shared(), store.shared():
        assert not store.busy
        with pytest.raises(StoreError, match="another build or a push"), store.locked():
            pytest.fail("a reader did not hold the lock")
    with store.locked(), pytest.raises(StoreError, match="a build is at work here"), store.shared():
        pytest.fail("a build did not hold the lock")


def test_a_folder_without_a_store_can_be_read(tmp_path: Path) -> None:
    with Store(tmp_path).shared():
        assert not list(tmp_path.iterdir())


@pytest.mark.usefixtures("s3")
def test_a_part_of_an_object_store_is_found_without_listing_its_table(monkeypatch: pytest.MonkeyPatch) -> None:
    store = Store(new_prefix())
    store.open()
    records = {f"k{number}": write(store, f"k{number}", Reason.DRIFT) for number in range(6)}
    assert store.find_all("verified", [*records, "absent"]) == records
    monkeypatch.setattr("pipeline.store.parts.sizes", None)
    assert store.find("verified", "k3") == records["k3"]
    assert store.find("verified", "absent") is None
    remove(store.root / "verified" / "k3.rejected.parquet")
    assert store.find("verified", "k3") is None
    write_bytes(store.root / "verified" / "k4.parquet", b"short")
    assert store.find("verified", "k4") is None
