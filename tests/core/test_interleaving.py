"""A row to a stream and back: two ways to the same slacks, and nothing broken passes."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.backends.tokenizer import control_ids, load
from pipeline.core.adaptive import Adaptive
from pipeline.core.claims import Basis
from pipeline.core.interleaving import Interleaved, Layout, Rechecked, interleave_row, layout, recheck
from pipeline.core.numwords import cardinal
from pipeline.core.outcome import Unreadable
from pipeline.core.quantities import read
from pipeline.core.repair import Limits
from pipeline.core.schedule import Order, Schedule, Stream, interleave
from pipeline.errors import Reason

QWEN = load("qwen2.5")
CONTROL = control_ids(QWEN)
SCHEDULE = Schedule(2, 8)
PAPER = layout(SCHEDULE, CONTROL, QWEN.encode, QWEN.decode)

ADAPTIVE = replace(PAPER, schedule=Adaptive())

QUESTION = read("Ann has twelve pens and buys eight. She gives away half of them.")
REASONING = "Pens in all: 12 + 8 = 20\nGiven away: 20 / 2 = 10 pens"
RESPONSE = "Twelve and eight make twenty pens. Half of twenty is ten."


def made(response: str = RESPONSE, how: Layout = PAPER, reasoning: str = REASONING) -> Interleaved:
    row = interleave_row(QUESTION, reasoning, response, how, key="row")
    assert isinstance(row, Interleaved)
    return row


def test_a_row_and_its_recheck_agree() -> None:
    row = made()
    again = recheck(row.token_ids, row.streams, QUESTION, PAPER)
    assert again == Rechecked(row.response, REASONING, row.claims, row.slack)
    assert row.response == QWEN.decode(row.response_ids)


@settings(deadline=None)
@given(
    st.builds(Schedule, st.integers(1, 5), st.integers(2, 16), st.sampled_from(Order)) | st.just(Adaptive()),
    st.integers(2, 60),
    st.integers(2, 60),
    st.booleans(),
    st.text("abc", max_size=3),
)
def test_whatever_is_accepted_is_sound_by_the_stream_alone(
    schedule: Schedule | Adaptive, a: int, b: int, result_first: bool, key: str
) -> None:
    how = replace(PAPER, schedule=schedule)
    question = read(f"One shelf has {a} books and the other has {b}. Twice as many arrive.")
    reasoning = f"On both: {a} + {b} = {a + b}\nTwice that: 2 * {a + b} = {2 * (a + b)} books"
    steps = [
        f"Both shelves hold {cardinal(a + b)}.",
        f"Twice as many is {cardinal(2 * (a + b))} books.",
    ]
    response = " ".join(reversed(steps) if result_first else steps)
    row = interleave_row(question, reasoning, response, how, key=key)
    if isinstance(row, Unreadable):
        assert row.reason in (Reason.DRIFT, Reason.TAIL)
        return
    assert row.slack is not None
    assert row.slack >= 0
    assert isinstance(schedule, Adaptive) or not schedule.tail(len(row.response_ids), len(row.reasoning_ids))
    assert recheck(row.token_ids, row.streams, question, how) == Rechecked(
        row.response, reasoning, row.claims, row.slack
    )


def test_a_result_said_first_is_deferred_with_words_that_say_nothing() -> None:
    row = made("She gives away ten. Half of twenty is that.")
    assert row.repaired
    assert [claim.basis for claim in row.claims] == [Basis.DERIVED, Basis.GIVEN, Basis.DERIVED]
    assert row.response.endswith("She gives away ten. Half of twenty is that.")
    assert row.slack is not None
    assert row.slack >= 0


def test_the_adaptive_schedule_thinks_ahead_instead_of_filling_in() -> None:
    row = made("She gives away ten. Half of twenty is that.", ADAPTIVE)
    assert (row.repaired, row.lead_in) == (False, ())
    assert row.streams.count(Stream.PAD) == 0
    assert row.streams[:4] == [Stream.SWITCH, Stream.RESPONSE, Stream.RESPONSE, Stream.RESPONSE]
    assert row.slack is not None
    assert row.slack >= 0


@pytest.mark.parametrize("how", [PAPER, ADAPTIVE])
@pytest.mark.parametrize(("reasoning", "response"), [("", RESPONSE), (REASONING, ""), (REASONING, " ")])
def test_an_empty_part_refuses_the_row(how: Layout, reasoning: str, response: str) -> None:
    row = interleave_row(QUESTION, reasoning, response, how, key="row")
    assert isinstance(row, Unreadable)
    assert row.reason is Reason.EMPTY


def test_a_number_from_nowhere_is_refused_before_any_repair() -> None:
    row = interleave_row(QUESTION, REASONING, "That makes thirty pens.", PAPER, key="row")
    assert isinstance(row, Unreadable)
    assert row.reason is Reason.UNGROUNDED


def test_drift_in_a_stream_that_skipped_repair_is_found() -> None:
    ids = QWEN.encode("She gives away ten.").ids
    stream = interleave([*ids, *QWEN.encode(" Half of twenty is that.").ids], QWEN.encode(REASONING).ids,
                        SCHEDULE, CONTROL)  # fmt: skip
    refused = recheck(stream.token_ids, stream.streams, QUESTION, PAPER)
    assert isinstance(refused, Unreadable)
    assert refused.reason is Reason.DRIFT
    assert refused.detail.startswith("says 'ten' from response token 3, when 8 reasoning tokens are out")


def test_a_tail_is_found_in_the_stream() -> None:
    stream = interleave(QWEN.encode("Ten.").ids, QWEN.encode(REASONING).ids, SCHEDULE, CONTROL)
    refused = recheck(stream.token_ids, stream.streams, QUESTION, PAPER)
    assert isinstance(refused, Unreadable)
    assert refused.reason is Reason.TAIL


@settings(deadline=None)
@given(st.sampled_from([PAPER, ADAPTIVE]), st.data())
def test_no_single_change_to_a_stream_goes_unseen(how: Layout, data: st.DataObject) -> None:
    row = made(how=how)
    at = data.draw(st.integers(0, len(row.token_ids) - 1))
    tokens, streams = list(row.token_ids), list(row.streams)
    if data.draw(st.booleans()):
        tokens[at] = data.draw(st.sampled_from([*CONTROL.ids, 0, 15, 151650]).filter(lambda t: t != tokens[at]))
    else:
        streams[at] = data.draw(st.sampled_from(list(Stream)).filter(lambda s: s != streams[at]))
    again = recheck(tokens, streams, QUESTION, how)
    assert again != Rechecked(row.response, REASONING, row.claims, row.slack)


def test_ids_that_are_not_the_encoding_of_their_text_are_refused() -> None:
    spelled = [i for letter in RESPONSE for i in QWEN.encode(letter).ids]
    stream = interleave(spelled, QWEN.encode(REASONING).ids, SCHEDULE, CONTROL)
    refused = recheck(stream.token_ids, stream.streams, QUESTION, PAPER)
    assert refused == Unreadable(Reason.ROUND_TRIP, "the text that the ids spell has other ids")


@pytest.mark.parametrize("margin", [0, 3])
def test_the_margin_is_kept_by_both_sides(margin: int) -> None:
    how = replace(PAPER, limits=Limits(slack_margin=margin))
    reasoning = REASONING + ". That is all of it."
    row = made(how=how, reasoning=reasoning)
    assert row.slack is not None
    assert row.slack >= margin
    assert isinstance(recheck(row.token_ids, row.streams, QUESTION, how), Rechecked)
    strict = replace(how, limits=Limits(slack_margin=row.slack + 1))
    refused = recheck(row.token_ids, row.streams, QUESTION, strict)
    assert isinstance(refused, Unreadable)
    assert refused.reason is Reason.DRIFT


@settings(deadline=None)
@given(
    st.text(st.characters(exclude_categories=["Cs"]), max_size=80),
    st.text(st.characters(exclude_categories=["Cs"]), max_size=80),
    st.sampled_from([PAPER, ADAPTIVE]),
)
def test_any_two_texts_give_a_row_or_a_reason(reasoning: str, response: str, how: Layout) -> None:
    row = interleave_row(QUESTION, reasoning, response, how, key="row")
    if isinstance(row, Interleaved):
        assert QWEN.decode(row.response_ids) == row.response
        again = recheck(row.token_ids, row.streams, QUESTION, how)
        assert isinstance(again, Rechecked)
        assert (again.claims, again.slack) == (row.claims, row.slack)


@settings(deadline=None)
@given(
    st.lists(
        st.sampled_from(
            [
                "twelve",
                "twenty",
                "ten",
                "half",
                "is",
                "makes",
                ".",
                ",",
                "8",
                "½",
                "×",
                "=",
                "20",
                "é",
                "“",
                "one",
                "the",
                "first",
            ]
        ),
        max_size=20,
    ),
    st.sampled_from([PAPER, ADAPTIVE]),
    st.text("ab", max_size=2),
)
def test_jumbled_number_words_are_laid_out_alike_twice(words: list[str], how: Layout, key: str) -> None:
    row = interleave_row(QUESTION, REASONING, " ".join(words), how, key=key)
    if isinstance(row, Interleaved):
        again = recheck(row.token_ids, row.streams, QUESTION, how)
        assert again == Rechecked(row.response, REASONING, row.claims, row.slack)
