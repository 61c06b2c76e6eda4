"""A token sequence as people read it."""

import json
from itertools import pairwise
from typing import Any

import pytest

from pipeline.backends.tokenizer import control_ids, load
from pipeline.core import quantities
from pipeline.core.adaptive import Adaptive
from pipeline.core.interleaving import Interleaved, interleave_row, layout
from pipeline.core.schedule import Schedule, Stream
from pipeline.review.timeline import Role, timeline_of

QWEN = load("qwen2.5")
QUESTION = "Ida plants four rows of six beans. How many beans are there?"
REASONING = "The rows hold: 4 * 6 = 24 beans.\nAnswer: 24."
RESPONSE = "We want the beans in all rows. Four rows of six hold twenty four beans."


def row(schedule: Schedule | Adaptive) -> dict[str, Any]:
    control = control_ids(QWEN)
    how = layout(schedule, control, QWEN.encode, QWEN.decode)
    made = interleave_row(quantities.read(QUESTION), REASONING, RESPONSE, how, key="a")
    assert isinstance(made, Interleaved)
    return {
        "response": made.response,
        "reasoning": REASONING,
        "response_ids": made.response_ids,
        "reasoning_ids": made.reasoning_ids,
        "token_ids": made.token_ids,
        "streams": made.streams,
        "claims": [
            {
                "value": str(claim.value),
                "kind": claim.kind.value,
                "basis": claim.basis.value,
                "resp_start": claim.resp_start,
                "resp_end": claim.resp_end,
                "reas_end": claim.reas_end,
                "slack": claim.slack,
            }
            for claim in made.claims
        ],
        "provenance": json.dumps({"interleave": {"control_ids": control.as_map()}}),
    }


@pytest.mark.parametrize("schedule", [Schedule(2, 8), Schedule.parse("3:4", "reasoning_first"), Adaptive()])
def test_the_tokens_spell_both_streams(schedule: Schedule | Adaptive) -> None:
    made = row(schedule)
    tokens = timeline_of(made, QWEN).tokens
    assert len(tokens) == len(made["token_ids"])
    for stream, text in ((Stream.RESPONSE, made["response"]), (Stream.REASONING, REASONING)):
        assert "".join(token.text for token in tokens if token.stream == stream and not token.control) == text


def test_a_claim_leads_from_what_says_it_to_what_completes_its_result() -> None:
    line = timeline_of(row(Schedule(2, 8)), QWEN)
    given_ones, derived = line.claims[:-1], line.claims[-1]
    assert [claim.said for claim in given_ones] == ["Four", "six"]
    assert {(claim.basis, claim.reasoned_at, claim.slack) for claim in given_ones} == {("given", None, None)}
    assert (derived.said, derived.value, derived.basis) == ("twenty four", "24", "derived")
    assert derived.reasoned_at is not None
    assert line.tokens[derived.said_at].text == " twenty"
    assert line.tokens[derived.said_at].role is Role.SAID
    assert line.tokens[derived.reasoned_at].role is Role.REASONED
    assert line.tokens[derived.reasoned_at].claims == (derived.number,)
    assert derived.reasoned_at < derived.said_at
    out = [token for token in line.tokens[: derived.said_at] if token.stream is Stream.REASONING and not token.control]
    needed = [token for token in line.tokens[: derived.reasoned_at + 1] if token.stream is Stream.REASONING]
    assert derived.slack == len(out) - len(needed)
    assert f"slack {derived.slack}" in derived.explanation


def test_runs_change_stream_and_give_back_the_tokens() -> None:
    line = timeline_of(row(Schedule(2, 8)), QWEN)
    assert tuple(token for run in line.runs for token in run) == line.tokens
    streams = [run[0].stream for run in line.runs]
    assert all(a != b for a, b in pairwise(streams))
    assert all(len({token.stream for token in run}) == 1 for run in line.runs)


def test_control_tokens_are_named() -> None:
    tokens = timeline_of(row(Adaptive()), QWEN).tokens
    assert {token.text for token in tokens if token.stream is Stream.SWITCH} == {"<|speak|>", "<|think|>"}
    assert tokens[-1].text == "<|resp_end|>"
    assert tokens[-1].control


def test_ids_that_the_text_does_not_give_are_shown_one_by_one() -> None:
    made = row(Schedule(2, 8))
    made["response"] = "Something else was written here."
    tokens = timeline_of(made, QWEN).tokens
    spelled = "".join(token.text for token in tokens if token.stream is Stream.RESPONSE and not token.control)
    assert spelled == QWEN.decode(made["response_ids"])
