"""Repairs against brute force over everything the bank could insert at either place."""

from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.backends.tokenizer import load
from pipeline.core.claims import claims
from pipeline.core.drift import place, row_slack
from pipeline.core.outcome import Unreadable
from pipeline.core.quantities import read
from pipeline.core.repair import LeadIns, Limits, Repair, measure, repair
from pipeline.core.schedule import Order, Schedule
from pipeline.errors import Reason, UsageError

QWEN = load("qwen2.5")
PHRASES = measure(QWEN.encode)

QUESTION = read("Ann has twelve pens and buys eight. She gives away half of them.")
REASONING = "Pens in all: 12 + 8 = 20\nGiven away: 20 / 2 = 10 pens"
RESPONSES = (
    "Twenty pens are hers, and ten go away.",
    "She ends with ten. That is half of twenty.",
    "Ottilie counts first. Then twenty pens are there. So half of them is ten.",
    "Well, twelve and eight make twenty. Half of twenty is ten pens, which go away.",
)


def mend(
    response: str, schedule: Schedule, limits: Limits, key: str = "k", reasoning: str = REASONING
) -> Repair | Unreadable:
    found = claims(QUESTION, reasoning, response)
    return repair(response, found, QWEN.encode(reasoning).ends, schedule, PHRASES, limits, key)


def sound(response: str, schedule: Schedule, margin: int, reasoning: str = REASONING) -> bool:
    """Slack and tail of a text as it stands, from scratch."""
    ids, ends = QWEN.encode(response)
    reasoning_ids, reasoning_ends = QWEN.encode(reasoning)
    n = len(reasoning_ids)
    placed = place(claims(QUESTION, reasoning, response), ends, reasoning_ends, lambda i: schedule.emitted(i, n))
    slack = row_slack(placed)
    return schedule.tail(len(ids), n) == 0 and slack is not None and slack >= margin


def brute_force(response: str, phrases: LeadIns, schedule: Schedule, limits: Limits) -> int | None:
    """Fewest tokens that any opening at the start and any connective before any sentence add."""
    base = len(QWEN.encode(response).ids)
    sites = [at for at in range(1, len(response)) if response[at - 2 : at] in (". ", "? ")]
    openings = ["", *(o + " " for texts in phrases.openings.values() for o in texts)]
    connectives = ["", *(c + " " for texts in phrases.connectives.values() for c in texts if sites)]
    best = None
    for opening, connective, site in product(openings, connectives, sites or [0]):
        text = opening + response[:site] + connective + response[site:]
        added = len(QWEN.encode(text).ids) - base
        if added > limits.max_deferral or (best is not None and added >= best):
            continue
        if sound(text, schedule, limits.slack_margin):
            best = added
    return best


FEW = LeadIns(
    QWEN.encode,
    {2: ("Okay.",), 4: ("Let me see.",), 9: ("Okay, let me work through this carefully.",)},
    {2: ("Right.",), 6: ("So far, so good.",)},
)
"""A bank with gaps, so that pairs are needed."""


@settings(max_examples=60, deadline=None)
@given(
    st.sampled_from(RESPONSES),
    st.builds(Schedule, st.integers(1, 4), st.integers(3, 9), st.sampled_from(Order)),
    st.integers(0, 1),
    st.sampled_from([6, 14]),
)
def test_no_sound_insertion_is_shorter(response: str, schedule: Schedule, margin: int, max_deferral: int) -> None:
    limits = Limits(margin, max_deferral)
    found = claims(QUESTION, REASONING, response)
    mended = repair(response, found, QWEN.encode(REASONING).ends, schedule, FEW, limits, "k")
    least = brute_force(response, FEW, schedule, limits)
    if isinstance(mended, Unreadable):
        assert least is None
    else:
        assert sound(mended.response, schedule, margin)
        assert len(mended.response_ids) - len(QWEN.encode(response).ids) == least


@settings(deadline=None)
@given(st.sampled_from(RESPONSES), st.integers(1, 4), st.integers(3, 14), st.sampled_from(Order), st.text(max_size=4))
def test_the_full_bank_reaches_the_lower_bound(response: str, p: int, q: int, order: Order, key: str) -> None:
    schedule = Schedule(p, q, order)
    mended = mend(response, schedule, Limits(0, 40), key)
    if isinstance(mended, Unreadable):
        return
    ids, ends = QWEN.encode(response)
    n = len(QWEN.encode(REASONING).ids)
    placed = place(
        claims(QUESTION, REASONING, response), ends, QWEN.encode(REASONING).ends, lambda i: schedule.emitted(i, n)
    )
    deficits = [schedule.first_index(c.reas_end) - c.resp_start for c in placed if c.reas_end is not None]
    bound = max(0, schedule.first_index(n + 1) - len(ids), *deficits)
    added = len(mended.response_ids) - len(ids)
    assert added == bound or (bound == 1 and added == 2) or (bound > 24 and added >= bound)


def test_a_sound_response_is_left_alone() -> None:
    mended = mend(RESPONSES[3], Schedule(2, 8), Limits())
    assert isinstance(mended, Repair)
    assert mended.response == RESPONSES[3]
    assert mended.lead_in == ()


def test_a_response_that_opens_with_a_word_of_thought_gets_no_second_one_in_front() -> None:
    response = "Okay, here is how it goes. She ends with ten. That is half of twenty."
    for key in map(str, range(20)):
        mended = mend(response, Schedule(2, 2), Limits(), key)
        assert isinstance(mended, Repair)
        ((phrase, resp_start),) = mended.lead_in
        assert resp_start > 0
        assert mended.response.startswith("Okay, here is how it goes. " + phrase)


def test_the_words_vary_with_the_row_and_only_with_it() -> None:
    texts = {}
    for key in map(str, range(40)):
        mended = mend(RESPONSES[1], Schedule(2, 4), Limits(), key)
        assert isinstance(mended, Repair)
        again = mend(RESPONSES[1], Schedule(2, 4), Limits(), key)
        assert again == mended
        texts[key] = mended.response
    assert len(set(texts.values())) > 4


def test_lead_ins_say_where_they_stand_and_removing_them_gives_the_response_back() -> None:
    response = RESPONSES[2]
    for key in map(str, range(20)):
        mended = mend(response, Schedule(2, 3), Limits(0, 40), key)
        assert isinstance(mended, Repair)
        text = mended.response
        for phrase, resp_start in mended.lead_in:
            tokens = mended.response_ids[resp_start : resp_start + len(QWEN.encode(" " + phrase).ids)]
            assert QWEN.decode(tokens).strip().startswith(phrase[:-1])
            text = text.replace(phrase + " ", "", 1)
        assert text == response
        assert claims(QUESTION, REASONING, mended.response) == mended.claims


def test_more_deferral_than_allowed_refuses_the_row_with_its_cause() -> None:
    refused = mend(RESPONSES[1], Schedule(2, 3), Limits(0, 3))
    assert isinstance(refused, Unreadable)
    assert refused.reason is Reason.DRIFT
    assert "at most 3 are allowed" in refused.detail


def test_a_tail_alone_is_refused_as_tail() -> None:
    long = REASONING + "\nThat is what was asked for, as all the pens have been counted by now." * 3
    refused = mend(RESPONSES[3], Schedule(2, 4), Limits(0, 3), reasoning=long)
    assert isinstance(refused, Unreadable)
    assert refused.reason is Reason.TAIL


def test_a_margin_that_the_reasoning_cannot_give_refuses() -> None:
    refused = mend(RESPONSES[3], Schedule(2, 8), Limits(slack_margin=30))
    assert isinstance(refused, Unreadable)
    assert refused.reason is Reason.DRIFT


@pytest.mark.parametrize("limits", [(-1, 24), (0, -1)])
def test_negative_limits_are_refused(limits: tuple[int, int]) -> None:
    with pytest.raises(UsageError, match="cannot be negative"):
        Limits(*limits)
