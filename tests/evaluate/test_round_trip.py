"""A stream that is not what its row says is found, whatever is wrong with it; sound rows of any schedule pass."""

from typing import Any

import pytest

from pipeline.backends.tokenizer import control_ids, load
from pipeline.core.adaptive import Adaptive
from pipeline.core.interleaving import Interleaved, interleave_row, layout
from pipeline.core.quantities import read
from pipeline.core.schedule import Order, Schedule
from pipeline.evaluate.round_trip import NOTHING, Checked, Fault, check_rows, fault_of

QWEN = load("qwen2.5")
CONTROL = control_ids(QWEN)
QUESTION = "Ann has twelve pens and buys eight. She gives away half of them."
REASONING = "Pens in all: 12 + 8 = 20\nGiven away: 20 / 2 = 10 pens"
RESPONSE = "Twelve pens and eight more make twenty pens in all. Half of the twenty pens is ten."


def row(schedule: Schedule | Adaptive) -> dict[str, Any]:
    how = layout(schedule, CONTROL, QWEN.encode, QWEN.decode)
    made = interleave_row(read(QUESTION), REASONING, RESPONSE, how, key="k")
    assert isinstance(made, Interleaved)
    return {
        "id": f"{schedule.ratio}",
        "reasoning": REASONING,
        "response": made.response,
        "lead_in": [lead_in._asdict() for lead_in in made.lead_in],
        "response_ids": made.response_ids,
        "reasoning_ids": made.reasoning_ids,
        "token_ids": made.token_ids,
        "streams": made.streams,
        "ratio": schedule.ratio,
        "order": schedule.order if isinstance(schedule, Schedule) else None,
        "slack": made.slack,
    }


SOUND = [row(s) for s in (Schedule(2, 8), Schedule(1, 4, Order.REASONING_FIRST), Schedule(2, 4), Adaptive())]


def test_rows_of_several_schedules_pass_each_by_its_own() -> None:
    assert check_rows(SOUND, QWEN, 0) == Checked(4, 1, min(r["slack"] for r in SOUND), ())


def changed(base: dict[str, Any], **columns: object) -> dict[str, Any]:
    return {**base, **columns}


FIXED, ADAPTIVE = SOUND[0], SOUND[3]
SWAPPED = [FIXED["token_ids"][1], FIXED["token_ids"][0], *FIXED["token_ids"][2:]]


@pytest.mark.parametrize(
    ("spoiled", "says"),
    [
        (changed(FIXED, token_ids=SWAPPED), "does not come apart"),
        (changed(FIXED, token_ids=FIXED["token_ids"][:-1]), "stream marks"),
        (changed(FIXED, token_ids=FIXED["token_ids"][:-1], streams=FIXED["streams"][:-1]), "do not give the stream"),
        (changed(FIXED, ratio="2:7"), "do not give the stream"),
        (changed(FIXED, order="reasoning_first"), "do not give the stream"),
        (changed(FIXED, ratio="adaptive", order=None), "token"),
        (changed(FIXED, ratio="0:8"), "p >= 1"),
        (changed(ADAPTIVE, ratio="2:8", order="response_first"), "do not give the stream"),
        (changed(ADAPTIVE, order="response_first"), "has no order"),
        (changed(ADAPTIVE, token_ids=ADAPTIVE["token_ids"][:-1], streams=ADAPTIVE["streams"][:-1]), "stops before"),
        (changed(FIXED, token_ids=[151_699, *FIXED["token_ids"][1:]]), "151699"),
        (changed(FIXED, response=RESPONSE + " Yes."), "not the tokens of response"),
        (changed(FIXED, reasoning=REASONING + "."), "not the tokens of reasoning"),
        (changed(FIXED, slack=-1), "below the margin 0"),
    ],
)
def test_whatever_is_wrong_with_a_row_is_said(spoiled: dict[str, Any], says: str) -> None:
    detail = fault_of(spoiled, QWEN, 0)
    assert detail is not None
    assert says in detail


def test_a_margin_asks_for_more() -> None:
    assert fault_of(changed(FIXED, slack=3), QWEN, 3) is None
    assert fault_of(changed(FIXED, slack=2), QWEN, 3) == "slack 2 is below the margin 3"
    assert fault_of(changed(FIXED, slack=None), QWEN, 3) is None


def test_findings_add_up() -> None:
    one, other = Checked(2, 1, None, (Fault("a", "x"),)), Checked(3, 0, 4, ())
    assert NOTHING.and_then(one).and_then(other) == Checked(5, 1, 4, (Fault("a", "x"),))
