"""The list of rows to leave out, and what tells a row from one that was made anew."""

from pathlib import Path
from typing import Any

import pytest

from pipeline.errors import StoreError
from pipeline.store.quarantine import Quarantined, content_of, place_of, read_quarantine, write_quarantine

ROW: dict[str, Any] = {
    "question": "Add 2 and 3.",
    "spoken_question": "Add two and three.",
    "reasoning": "2 + 3 = 5.",
    "response": "That makes five.",
    "question_audio": {"bytes": b"sound", "path": "a.flac"},
    "response_audio": None,
}


def test_the_list_is_read_back_sorted_and_replaced_as_a_whole(tmp_path: Path) -> None:
    one, two = Quarantined("a", "0" * 32, "ann: bad"), Quarantined("b", "1" * 32, "bob: bad")
    write_quarantine(tmp_path, [two, one])
    assert read_quarantine(tmp_path) == (one, two)
    write_quarantine(tmp_path, [])
    assert read_quarantine(tmp_path) == ()


def test_where_no_list_is_nothing_is_left_out(tmp_path: Path) -> None:
    assert read_quarantine(tmp_path) == ()


def test_a_damaged_list_is_named_with_the_way_out(tmp_path: Path) -> None:
    write_quarantine(tmp_path, [])
    place_of(tmp_path).write_text('[{"id": "a"}]')
    with pytest.raises(StoreError, match="--apply"):
        read_quarantine(tmp_path)


@pytest.mark.parametrize("name", ["question", "spoken_question", "reasoning", "response"])
def test_a_text_made_anew_is_another_content(name: str) -> None:
    assert content_of({**ROW, name: "Something else."}) != content_of(ROW)


def test_audio_counts_and_figures_do_not() -> None:
    assert content_of({**ROW, "question_audio": {"bytes": b"other", "path": "a.flac"}}) != content_of(ROW)
    assert content_of({**ROW, "question_audio": None}) != content_of(ROW)
    assert content_of({**ROW, "response_audio": {"bytes": b"said", "path": None}}) != content_of(ROW)
    assert content_of({**ROW, "ratio": "3:9", "slack": 4}) == content_of(ROW)
