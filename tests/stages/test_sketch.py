import numpy as np
import pyarrow as pa

from pipeline.stages import sketch
from pipeline.stages.stage import checked
from schemas.sketch import SketchTable
from tests.benchmarks.planted import EDITS, original, problem


def sketches(*texts: str) -> list[bytes]:
    ids = [f"{number:032x}" for number in range(len(texts))]
    outcome = sketch.sketch_all({"problem": pa.table({"id": ids, "question": pa.array(texts, pa.string())})})
    rows = checked("dedup", SketchTable, outcome, pa.table({"id": ids, "source": ids, "source_id": ids})).rows
    found: list[bytes] = rows.column("sketch").to_pylist()
    return found


def shared(one: str, other: str) -> int:
    """Bands that two texts have in common."""
    a, b = sketch.bands_of(sketches(one, other), 0, sketch.BANDS)
    return int((a == b).sum())


def test_a_sketch_hangs_on_no_other_row_of_its_shard() -> None:
    texts = [original(0, number) for number in range(6)]
    whole = sketches(*texts)
    assert [sketches(text)[0] for text in texts] == whole
    assert sketches(*texts[3:]) == whole[3:]


def test_copies_share_bands_and_a_copy_with_another_number_shares_none() -> None:
    planted = {}
    for number in range(19, 20 * len(EDITS), 20):
        copy = problem(0, number)
        planted[copy.edit] = shared(original(0, number - 1), copy.question)
    assert planted["numbers in words"] == sketch.BANDS
    assert planted["1 words changed"] > 0
    assert planted["one number changed"] == 0


def test_some_bands_may_be_read_alone() -> None:
    rows = sketches(original(0, 0), original(0, 1), "")
    whole = sketch.bands_of(rows, 0, sketch.BANDS)
    assert np.array_equal(sketch.bands_of(rows, 4, 9), whole[:, 4:9])
    assert whole[:2].all()
    assert not whole[2].any()


def test_templates_tell_texts_apart_by_all_but_their_numbers() -> None:
    one, other, third = sketch.templates_of(sketches("Ada has 3 pears.", "Ada has forty pears.", "Bo has 3 pears."))
    assert one == other != third
