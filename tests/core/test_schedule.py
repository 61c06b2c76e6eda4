"""Schedules against a brute-force walk over slots that shares no code with the implementation."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.core.control import ControlIds, consecutive
from pipeline.core.schedule import (
    Order,
    Schedule,
    Stream,
    TokenStream,
    deinterleave,
    emitted_before,
    interleave,
)
from pipeline.errors import UsageError

CONTROL = consecutive(100, n_text_ids=100)

text_ids = st.lists(st.integers(0, 99), min_size=1, max_size=40)
schedules = st.builds(Schedule, st.integers(1, 6), st.integers(1, 13), st.sampled_from(Order))


def walk(response: list[int], reasoning: list[int], schedule: Schedule) -> tuple[TokenStream, int]:
    """One slot at a time; returns the stream and what of R' is left."""
    spoken, silent = [*response, CONTROL.response_end], [*reasoning, CONTROL.reasoning_end]
    speaking = schedule.order is Order.RESPONSE_FIRST
    tokens: list[int] = []
    streams: list[int] = []
    while True:
        for _ in range(schedule.p if speaking else schedule.q):
            if speaking:
                tokens.append(spoken.pop(0))
                streams.append(Stream.RESPONSE)
                if not spoken:
                    return TokenStream(tokens, streams), len(silent)
            elif silent:
                tokens.append(silent.pop(0))
                streams.append(Stream.REASONING)
            else:
                tokens.append(CONTROL.reasoning_pad)
                streams.append(Stream.PAD)
        speaking = not speaking


def test_the_papers_layout_on_one_screen() -> None:
    out = interleave([1, 2, 3], [11, 12, 13, 14], Schedule(2, 3), CONTROL)
    assert out.token_ids == [1, 2, 11, 12, 13, 3, CONTROL.response_end]
    assert out.streams == [0, 0, 1, 1, 1, 0, 0]
    assert Schedule(2, 3).tail(3, 4) == 2


def test_pads_fill_reasoning_slots_after_the_reasoning_ended() -> None:
    out = interleave([1, 2], [11], Schedule(1, 3, Order.REASONING_FIRST), CONTROL)
    pad, r_end, o_end = CONTROL.reasoning_pad, CONTROL.reasoning_end, CONTROL.response_end
    assert out.token_ids == [11, r_end, pad, 1, pad, pad, pad, 2, pad, pad, pad, o_end]
    assert out.streams == [1, 1, 2, 0, 2, 2, 2, 0, 2, 2, 2, 0]


@given(text_ids, text_ids, schedules)
def test_interleave_equals_a_walk_over_slots(o: list[int], r: list[int], schedule: Schedule) -> None:
    expected, left = walk(o, r, schedule)
    assert interleave(o, r, schedule, CONTROL) == expected
    assert schedule.tail(len(o), len(r)) == left


@given(text_ids, text_ids, schedules)
def test_emitted_counts_what_the_walk_placed(o: list[int], r: list[int], schedule: Schedule) -> None:
    stream, _ = walk(o, r, schedule)
    assert emitted_before(stream.streams, stream.token_ids, CONTROL) == [
        schedule.emitted(i, len(r)) for i in range(len(o))
    ]


@given(st.integers(1, 60), schedules)
def test_first_index_is_the_least_with_enough_emitted(n: int, schedule: Schedule) -> None:
    assert schedule.first_index(n) == next(i for i in range(1000) if schedule.emitted(i, 10**6) >= n)


@given(text_ids, text_ids, schedules)
def test_deinterleave_inverts_interleave_or_gives_the_emitted_prefix(
    o: list[int], r: list[int], schedule: Schedule
) -> None:
    stream = interleave(o, r, schedule, CONTROL)
    turn = deinterleave(stream.token_ids, stream.streams, CONTROL)
    assert turn.response_ids == o
    if schedule.tail(len(o), len(r)) == 0:
        assert turn.reasoning_ids == r
    else:
        assert turn.reasoning_ids == r[: schedule.emitted(len(o), len(r))]


@given(text_ids)
def test_the_response_only_baseline_has_no_reasoning_tokens(o: list[int]) -> None:
    schedule = Schedule(1, 0)
    stream = interleave(o, [], schedule, CONTROL)
    assert stream.token_ids == [*o, CONTROL.response_end]
    assert schedule.tail(len(o), 0) == 0
    assert deinterleave(stream.token_ids, stream.streams, CONTROL) == (o, [])


@given(schedules)
def test_parse_reads_what_ratio_writes(schedule: Schedule) -> None:
    assert Schedule.parse(schedule.ratio, schedule.order) == schedule


@pytest.mark.parametrize("ratio", ["0:8", "2", "2:8:1", "-1:8", "2:-8", "2.5:8", "", "a:b", "2:８", "99999:1"])
def test_a_ratio_that_is_none_is_named(ratio: str) -> None:
    with pytest.raises(UsageError, match="ratio"):
        Schedule.parse(ratio)


def test_an_unknown_order_is_named() -> None:
    with pytest.raises(UsageError, match="'sideways' is not one of response_first, reasoning_first"):
        Schedule.parse("2:8", "sideways")


@pytest.mark.parametrize(
    ("o", "r", "schedule", "message"),
    [
        ([], [1], Schedule(2, 8), "response is empty"),
        ([1], [], Schedule(2, 8), "reasoning is empty"),
        ([1], [1], Schedule(2, 0), "no slot for 1 reasoning"),
        ([1, 100], [1], Schedule(2, 8), "response id 100 at 1"),
        ([1], [5, -1], Schedule(2, 8), "reasoning id -1 at 1"),
    ],
)
def test_what_cannot_be_laid_out_is_refused(o: list[int], r: list[int], schedule: Schedule, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        interleave(o, r, schedule, CONTROL)


@pytest.mark.parametrize(
    ("tokens", "streams", "message"),
    [
        ([1, 2], [0], "2 token ids but 1"),
        ([1], [2], "text token 1 at 0 is marked as stream 2"),
        ([1, CONTROL.response_end], [0, 1], "cannot be of stream 1"),
        ([1, 999], [0, 0], "token 999 at 1"),
    ],
)
def test_a_stream_that_contradicts_itself_is_refused(tokens: list[int], streams: list[int], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        deinterleave(tokens, streams, CONTROL)


def test_control_ids_that_collide_are_refused() -> None:
    with pytest.raises(ValueError, match="collides with the vocabulary"):
        consecutive(99, n_text_ids=100)
    with pytest.raises(ValueError, match="not distinct"):
        ControlIds(100, 100, 100, 101, 102, 103)


def test_the_id_map_survives_file_metadata() -> None:
    assert ControlIds(**CONTROL.as_map()) == CONTROL
