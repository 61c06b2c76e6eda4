"""Rows come back as they were before any schedule, and what was made otherwise is refused."""

import json
import shutil
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from pipeline.backends.tokenizer import load
from pipeline.errors import ContractError, UsageError
from pipeline.evaluate.dataset import (
    DataSet,
    draft_of,
    open_dataset,
    published_rows,
    refused_drafts,
    require_vocabulary,
)

pytestmark = pytest.mark.ray
QWEN = load("qwen2.5")


def spoken(out: Path) -> dict[str, str]:
    """What stage rewrite wrote: the responses without lead-ins, by id."""
    parts = [p for p in (out / "store" / "spoken").glob("*.parquet") if ".rejected" not in p.name]
    return {row["id"]: row["response"] for part in parts for row in pq.read_table(part).to_pylist()}


def all_published(data: DataSet) -> list[dict[str, Any]]:
    return [row for piece in data.published for row in published_rows(piece)]


def test_a_response_without_its_lead_ins_is_the_one_that_was_rewritten(lean: Path) -> None:
    rows = all_published(open_dataset(lean))
    assert {row["id"]: draft_of(row, QWEN).response for row in rows}.items() <= spoken(lean).items()
    assert any(row["lead_in"] for row in rows)
    assert any(row["response"] != draft_of(row, QWEN).response for row in rows)


def test_lead_ins_in_two_places_are_both_taken_out() -> None:
    response = "Okay. Ann has ten pens. Let me see. She keeps four."
    site = QWEN.encode("Okay. Ann has ten pens.").ids
    row = {
        "id": "a",
        "spoken_question": "",
        "reasoning": "",
        "response": response,
        "lead_in": [{"text": "Okay.", "resp_start": 0}, {"text": "Let me see.", "resp_start": len(site)}],
    }
    assert draft_of(row, QWEN).response == "Ann has ten pens. She keeps four."
    with pytest.raises(ContractError, match=r"no 'Okay\.' at token 3"):
        draft_of({**row, "lead_in": [{"text": "Okay.", "resp_start": 3}]}, QWEN)


def test_rows_that_the_schedule_refused_are_part_of_the_build(lean: Path) -> None:
    data = open_dataset(lean)
    refused = [draft for piece in data.pieces if piece.rejected for draft in refused_drafts(piece)]
    assert refused
    ids = {row["id"] for row in all_published(data)} | {draft.id for draft in refused}
    assert ids == spoken(lean).keys()
    assert {draft.id: draft.response for draft in refused}.items() <= spoken(lean).items()


def test_a_build_is_read_in_pieces(lean: Path) -> None:
    pieces = open_dataset(lean).published
    assert len(pieces) >= 2  # the build cuts its files at eight rows
    assert all(0 < piece.n_rows < 16 for piece in pieces)


def test_a_folder_without_a_build_is_bad_usage(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no finished build here"):
        open_dataset(tmp_path)


@pytest.mark.parametrize(
    ("spoil", "says"),
    [
        (lambda out: (out / "report.json").write_text("{}"), "not a report"),
        (lambda out: next(out.glob("dataset/data/*")).write_text("x"), "not a readable parquet"),
        (lambda out: drop_column(next(out.glob("dataset/data/*")), "lead_in"), "no column 'lead_in'"),
    ],
)
def test_a_damaged_build_is_refused(lean: Path, tmp_path: Path, spoil: Any, says: str) -> None:  # noqa: ANN401 - lambdas
    out = tmp_path / "copy"
    shutil.copytree(lean, out)
    spoil(out)
    with pytest.raises(ContractError, match=says):
        open_dataset(out)


def drop_column(path: Path, name: str) -> None:
    pq.write_table(pq.read_table(path).drop_columns([name]), path)


def test_rows_of_another_vocabulary_are_refused(lean: Path) -> None:
    row = all_published(open_dataset(lean))[0]
    require_vocabulary(row, QWEN)
    made = json.loads(row["provenance"])
    made["interleave"]["tokenizer_digest"] = "0" * 32
    with pytest.raises(ContractError, match="vocabulary 000000"):
        require_vocabulary({**row, "provenance": json.dumps(made)}, QWEN)
    made = json.loads(row["provenance"])
    made["interleave"]["control_ids"]["speak"] = 151800
    with pytest.raises(ContractError, match="control ids"):
        require_vocabulary({**row, "provenance": json.dumps(made)}, QWEN)
