"""A row as a stream and back: read once for any number of schedules, refused in one line if it cannot be laid out."""

from collections.abc import Sequence
from typing import Any

import pytest

from pipeline.backends.tokenizer import control_ids, load
from pipeline.core import claims, interleaving, quantities, steps
from pipeline.core.adaptive import Adaptive
from pipeline.core.interleaving import (
    Interleaved,
    Layout,
    Prepared,
    Rechecked,
    interleave_row,
    lay_out_row,
    layout,
    prepare,
    recheck,
)
from pipeline.core.outcome import Unreadable
from pipeline.core.quantity import Quantity
from pipeline.core.schedule import Order, Schedule
from pipeline.errors import Reason

QWEN = load("qwen2.5")
QUESTION = "A shop has fourteen boxes of thirty pens each. It sells two hundred pens. How many are left?"
REASONING = "Pens at first: 14 * 30 = 420 pens\nPens after the sale: 420 - 200 = 220 pens"
RESPONSE = "It starts with four hundred twenty pens. After the sale two hundred twenty of them are left."


def how(schedule: Schedule | Adaptive) -> Layout:
    return layout(schedule, control_ids(QWEN), QWEN.encode, QWEN.decode)


SCHEDULES = (Schedule(2, 8), Schedule(2, 4), Schedule(1, 4, Order.REASONING_FIRST), Adaptive())


@pytest.mark.parametrize("schedule", SCHEDULES)
def test_a_row_prepared_once_is_laid_out_as_one_read_anew(schedule: Schedule | Adaptive) -> None:
    prepared = prepare(quantities.read(QUESTION), REASONING, RESPONSE, QWEN.encode, key="k")
    assert isinstance(prepared, Prepared)
    made = lay_out_row(prepared, how(schedule))
    assert made == interleave_row(quantities.read(QUESTION), REASONING, RESPONSE, how(schedule), key="k")


@pytest.mark.parametrize("schedule", SCHEDULES)
def test_a_stream_alone_says_what_its_row_said(schedule: Schedule | Adaptive) -> None:
    made = interleave_row(quantities.read(QUESTION), REASONING, RESPONSE, how(schedule), key="k")
    assert isinstance(made, Interleaved)
    found = recheck(made.token_ids, made.streams, quantities.read(QUESTION), how(schedule))
    assert found == Rechecked(made.response, REASONING, made.claims, made.slack)
    assert made.slack is not None
    assert made.slack >= 0


@pytest.mark.parametrize(
    ("reasoning", "response", "reason"),
    [
        ("", RESPONSE, Reason.EMPTY),
        (REASONING, " ", Reason.EMPTY),
        (REASONING, "It is ninety nine.", Reason.UNGROUNDED),
        (REASONING + "\nSo: " + "a " * 300 + "220 - 1 = 219", "It is two hundred nineteen.", Reason.DRIFT),
        (REASONING + "\n" + "and so on " * 100, "Let us see what is left.", Reason.TAIL),
    ],
)
def test_what_cannot_be_laid_out_is_refused_in_one_line(reasoning: str, response: str, reason: Reason) -> None:
    refused = interleave_row(quantities.read(QUESTION), reasoning, response, how(Schedule(2, 8)), key="k")
    assert isinstance(refused, Unreadable)
    assert refused.reason is reason
    assert refused.detail
    assert "\n" not in refused.detail


def test_every_text_is_read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[str] = []

    def reading(text: str) -> tuple[Quantity, ...]:
        seen.append(text)
        return quantities.read(text)

    def stepping(text: str) -> Sequence[Any]:
        seen.append(text)
        return steps.read_steps(text)

    asked = quantities.read(QUESTION)
    monkeypatch.setattr(claims, "read", reading)
    monkeypatch.setattr(claims, "read_steps", stepping)
    monkeypatch.setattr(interleaving, "read_claims", claims.claims)
    claims.claims.cache_clear()
    for schedule in SCHEDULES:
        assert isinstance(interleave_row(asked, REASONING, RESPONSE, how(schedule), key="k"), Interleaved)
    assert sorted(seen) == sorted([REASONING, RESPONSE])
