import json
from pathlib import Path

import pyarrow as pa
import pytest

from pipeline.core.outcome import Unreadable
from pipeline.errors import Reason
from pipeline.stages.desk import Desk
from pipeline.stages.stage import Async, Engine, Inputs, Outcome, Plain, Stage, checked, joined, load, refuse
from schemas.rows import Rejected, Verified
from schemas.verified import VerifiedTable

PROBLEMS = pa.table(
    {"id": ["0" * 32, "not an id"], "source": ["gsm8k", "gsm8k"], "source_id": ["0", "1"], "question": ["a", "b"]}
)


def stage(transform: Plain | Async | Engine, **identity: object) -> Stage:
    return Stage("verified", "verify", 1, VerifiedTable, ("problem",), transform, identity)


def echo(inputs: Inputs) -> Outcome:
    return Outcome([Verified(id=row["id"], judge="{}") for row in inputs["problem"].to_pylist()], [])


async def echo_later(_desk: Desk, inputs: Inputs) -> Outcome:
    return echo(inputs)


@pytest.mark.parametrize("transform", [Plain(echo), Async(echo_later), Engine(lambda: echo)])
def test_all_three_kinds_of_transform_are_called_alike(transform: Plain | Async | Engine) -> None:
    assert len(load(stage(transform), Desk(Path("journal")))({"problem": PROBLEMS}).rows) == 2


def test_a_key_depends_on_settings_and_inputs_and_not_on_the_callable() -> None:
    base = stage(Plain(echo), ratio="2:8")
    assert base.key(["d"]) == stage(Async(echo_later), ratio="2:8").key(["d"])
    assert base.key(["d"]) != stage(Plain(echo), ratio="3:9").key(["d"])
    assert base.key(["d"]) != base.key(["e"])


def test_a_shard_with_rows_tried_afresh_has_another_address_and_no_other_shard() -> None:
    base = stage(Plain(echo), ratio="2:8")
    assert base.key(["d"], {}) == base.key(["d"])
    afresh = {base.key(["d"], {"a": 1}), base.key(["d"], {"a": 2}), base.key(["d"], {"b": 1})}
    assert len(afresh | {base.key(["d"])}) == 4
    assert base.key(["d"], {"a": 1, "b": 2}) == base.key(["d"], {"b": 2, "a": 1})


def test_a_row_that_breaks_its_schema_is_rejected_with_column_and_value() -> None:
    made = checked("verify", VerifiedTable, echo({"problem": PROBLEMS}), PROBLEMS)
    assert made.rows.column("id").to_pylist() == ["0" * 32]
    [refused] = made.rejected.to_pylist()
    assert (refused["reason"], refused["source_id"]) == ("schema", "1")
    assert "column id" in refused["detail"]
    assert "'not an id'" in refused["detail"]


def test_a_stage_that_refuses_in_an_unknown_way_is_a_bug() -> None:
    refusal = Rejected(
        id="x", source="", source_id="", stage="verify", reason="bored", detail="", attempt=0, payload_json="{}"
    )
    with pytest.raises(ValueError, match="verify"):
        checked("verify", VerifiedTable, Outcome([], [refusal]), PROBLEMS)


def test_a_refusal_says_where_the_row_came_from_and_what_was_made_of_it() -> None:
    problem = PROBLEMS.to_pylist()[0]
    refused = refuse("rewrite", problem, Unreadable(Reason.UNREADABLE, "no words for \u2603"), {"draft": "so far"})
    assert (refused.source, refused.source_id, refused.reason) == ("gsm8k", "0", "unreadable")
    assert json.loads(refused.payload_json) == {"draft": "so far", "question": "a"}


def test_rows_are_joined_on_id_in_the_order_of_the_first_table() -> None:
    left = pa.table({"id": ["b", "a", "c"]})
    right = pa.table({"id": ["c", "b"], "x": [1, 2]})
    found = [(one["id"], two["x"]) for one, two in joined({"l": left, "r": right}, "l", "r")]
    assert found == [("b", 2), ("c", 1)]
