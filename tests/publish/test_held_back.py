"""Rows leave for the very content that was judged, whichever of several that is."""

from typing import Any

import pyarrow as pa

from pipeline.publish.held_back import by_row, hold_back
from pipeline.store.quarantine import Quarantined, content_of


def row(response: str) -> dict[str, Any]:
    texts = {"question": "q", "spoken_question": "s", "reasoning": "r", "response": response}
    no_audio: dict[str, None] = {"question_audio": None, "response_audio": None}
    return {"id": "a", "source": "gsm8k", "source_id": "0", **texts, **no_audio}


def test_a_row_that_was_bad_in_two_forms_leaves_in_both_and_stays_in_a_third() -> None:
    listed = by_row(Quarantined("a", content_of(row(form)), f"ann: bad {form}") for form in ("one", "two"))
    for form in ("one", "two"):
        kept, refused = hold_back("publish", pa.Table.from_pylist([row(form)]), listed)
        assert kept.num_rows == 0
        assert [one.detail for one in refused] == [f"ann: bad {form}"]
    kept, refused = hold_back("publish", pa.Table.from_pylist([row("three")]), listed)
    assert (kept.num_rows, refused) == (1, [])
