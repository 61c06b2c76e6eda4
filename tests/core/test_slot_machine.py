"""The machine accepts the streams of the data set, and nothing that would break them."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.core.control import consecutive
from pipeline.core.schedule import Order, Schedule, Stream, deinterleave, interleave
from pipeline.core.slot_machine import AdaptiveSlotMachine, SlotMachine

CONTROL = consecutive(100, n_text_ids=100)
PAD, O_END, R_END, SPEAK, THINK = CONTROL.ids

text_ids = st.lists(st.integers(0, 99), min_size=1, max_size=30)
schedules = st.builds(Schedule, st.integers(1, 5), st.integers(1, 9), st.sampled_from(Order))


def replay(machine: SlotMachine | AdaptiveSlotMachine, token_ids: list[int]) -> list[int]:
    return [machine.push(token) for token in token_ids]


@given(text_ids, text_ids, schedules)
def test_a_stream_is_accepted_exactly_when_it_has_no_tail(o: list[int], r: list[int], schedule: Schedule) -> None:
    stream = interleave(o, r, schedule, CONTROL)
    machine = SlotMachine(schedule, CONTROL)
    if schedule.tail(len(o), len(r)):
        with pytest.raises(ValueError, match=f"token {O_END} is not allowed"):
            replay(machine, stream.token_ids)
    else:
        assert replay(machine, stream.token_ids) == stream.streams
        assert machine.ended


@given(schedules, st.randoms(use_true_random=False))
def test_whatever_a_decoder_draws_within_the_slots_is_a_layout(schedule: Schedule, rng: random.Random) -> None:
    machine = SlotMachine(schedule, CONTROL)
    tokens: list[int] = []
    streams: list[int] = []
    while not machine.ended:
        slot = machine.next_slot()
        ends = [c for c in slot.controls if rng.random() < 0.2]
        token = slot.forced if slot.forced is not None else (ends or [rng.randrange(100)])[0]
        tokens.append(token)
        streams.append(machine.push(token))
    turn = deinterleave(tokens, streams, CONTROL)
    assert interleave(turn.response_ids, turn.reasoning_ids, schedule, CONTROL) == (tokens, streams)


def test_the_response_cannot_end_before_the_reasoning() -> None:
    machine = SlotMachine(Schedule(1, 1), CONTROL)
    machine.push(1)
    machine.push(11)
    assert machine.next_slot().controls == ()
    machine.push(2)
    machine.push(R_END)
    assert machine.next_slot().controls == (O_END,)
    machine.push(3)
    assert machine.next_slot().forced == PAD


def test_an_ended_turn_has_no_slot() -> None:
    machine = SlotMachine(Schedule(1, 0), CONTROL)
    replay(machine, [1, 2, O_END])
    with pytest.raises(ValueError, match="has ended"):
        machine.next_slot()


def test_a_slot_names_the_controls_to_mask() -> None:
    slot = SlotMachine(Schedule(2, 8), CONTROL).next_slot()
    assert slot.stream is Stream.RESPONSE
    assert slot.forbidden(CONTROL) == CONTROL.ids


def test_adaptive_blocks_open_with_their_switch() -> None:
    tokens = [SPEAK, 1, 2, THINK, 11, 12, SPEAK, 3, THINK, 13, R_END, SPEAK, 4, O_END]
    machine = AdaptiveSlotMachine(CONTROL)
    assert replay(machine, tokens) == [3, 0, 0, 3, 1, 1, 3, 0, 3, 1, 1, 3, 0, 0]
    assert machine.ended


def test_adaptive_speech_is_forced_once_the_reasoning_ended() -> None:
    machine = AdaptiveSlotMachine(CONTROL)
    replay(machine, [THINK, 11, R_END])
    assert machine.next_slot().forced == SPEAK
    machine.push(SPEAK)
    assert machine.next_slot().controls == ()
    machine.push(1)
    assert machine.next_slot().controls == (O_END,)


@pytest.mark.parametrize(
    "tokens",
    [
        [1],  # no switch
        [SPEAK, THINK],  # an empty block
        [SPEAK, 1, O_END],  # no reasoning
        [THINK, R_END],  # empty reasoning
        [THINK, 11, THINK],
        [THINK, 11, R_END, 12],
        [THINK, 11, R_END, SPEAK, O_END],  # nothing said
        [SPEAK, PAD],
        [SPEAK, 1, SPEAK],
    ],
)
def test_what_breaks_an_adaptive_turn_is_refused(tokens: list[int]) -> None:
    machine = AdaptiveSlotMachine(CONTROL)
    replay(machine, tokens[:-1])
    with pytest.raises(ValueError, match=f"token {tokens[-1]} is not allowed"):
        machine.push(tokens[-1])
