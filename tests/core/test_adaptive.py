"""The plan against every layout there is, on turns small enough to try them all."""

from collections.abc import Iterator
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.core.adaptive import Adaptive, Block, Need, lay_out, plan, schedule_of
from pipeline.core.control import consecutive
from pipeline.core.latency import stalls
from pipeline.core.schedule import Order, Schedule, Stream, deinterleave, emitted_before
from pipeline.core.slot_machine import AdaptiveSlotMachine
from pipeline.errors import UsageError

CONTROL = consecutive(100, n_text_ids=100)


def every_layout(n_response: int, n_reasoning: int) -> Iterator[str]:
    """All turns the slot machine accepts: o and r, S and T the switches, E and F the ends of O and R."""

    def grow(turn: str, o: int, r: int) -> Iterator[str]:
        block = next((c for c in reversed(turn) if c in "ST"), "")
        filled = bool(turn) and turn[-1] not in "ST"
        ended = "F" in turn
        if block == "S":
            if o < n_response:
                yield from grow(turn + "o", o + 1, r)
            elif ended:
                yield turn + "E"
            if filled and not ended:
                yield from grow(turn + "T", o, r)
        elif block == "T":
            if r < n_reasoning:
                yield from grow(turn + "r", o, r + 1)
            elif not ended:
                yield from grow(turn + "F", o, r)
            if filled:
                yield from grow(turn + "S", o, r)
        else:
            yield from grow("S", o, r)
            yield from grow("T", o, r)

    yield from grow("", 0, 0)


def cost(turn: str, ticks: Fraction) -> tuple[int, int, int]:
    positions = [at for at, c in enumerate(turn) if c == "o"]
    return len(stalls(positions, ticks)), positions[0], len(turn)


def sound(turn: str, needs: list[Need]) -> bool:
    spoken = [at for at, c in enumerate(turn) if c == "o"]
    return all(turn[: spoken[at]].count("r") >= n for at, n in needs)


def drawn(n_response: int, n_reasoning: int, blocks: tuple[Block, ...]) -> str:
    stream = lay_out(list(range(n_response)), list(range(n_reasoning)), blocks, CONTROL)
    machine = AdaptiveSlotMachine(CONTROL)
    assert [machine.push(token) for token in stream.token_ids] == stream.streams
    assert machine.ended
    assert deinterleave(*stream, CONTROL) == (list(range(n_response)), list(range(n_reasoning)))
    names = dict(zip(CONTROL.ids, ".EFST", strict=True))
    text = {Stream.RESPONSE: "o", Stream.REASONING: "r"}
    return "".join(names.get(t) or text[Stream(s)] for t, s in zip(*stream, strict=True))


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_no_layout_is_better(data: st.DataObject) -> None:
    n_response, n_reasoning = data.draw(st.integers(1, 4)), data.draw(st.integers(1, 4))
    needs = data.draw(
        st.lists(st.builds(Need, st.integers(0, n_response - 1), st.integers(1, n_reasoning)), max_size=3)
    )
    ticks = data.draw(
        st.sampled_from([Fraction(1, 2), Fraction(1), Fraction(3, 2), Fraction(2), Fraction(3), Fraction(9)])
    )
    mine = drawn(n_response, n_reasoning, plan(n_response, n_reasoning, needs, ticks))
    best = min(cost(turn, ticks) for turn in every_layout(n_response, n_reasoning) if sound(turn, needs))
    assert sound(mine, needs)
    assert cost(mine, ticks) == best


def test_a_plan_on_one_screen() -> None:
    # the third spoken token needs two thoughts; speech is slow, so it starts at once
    assert drawn(4, 3, plan(4, 3, [Need(2, 2)], Fraction(10))) == "SooTrrrFSooE"


def test_the_end_of_a_response_cannot_stall() -> None:
    assert drawn(1, 1, plan(1, 1, [], Fraction(1))) == "SoTrFSE"


def test_thinking_comes_first_where_waiting_would_stall() -> None:
    # the second token needs all four thoughts and is due two ticks after the first: no time to think between
    assert drawn(3, 4, plan(3, 4, [Need(1, 4)], Fraction(2))) == "TrrrrSoooTFSE"


@given(st.integers(1, 40), st.integers(1, 90), st.data())
def test_what_a_plan_promises_is_out(n_response: int, n_reasoning: int, data: st.DataObject) -> None:
    needs = data.draw(
        st.lists(st.builds(Need, st.integers(0, n_response - 1), st.integers(1, n_reasoning)), max_size=6)
    )
    blocks = plan(n_response, n_reasoning, needs, Fraction(15))
    stream = lay_out([0] * n_response, [0] * n_reasoning, blocks, CONTROL)
    emitted = emitted_before(stream.streams, stream.token_ids, CONTROL)
    assert all(emitted[at] >= n for at, n in needs)


def test_a_row_names_its_schedule() -> None:
    assert schedule_of("2:8", "reasoning_first") == Schedule(2, 8, Order.REASONING_FIRST)
    assert schedule_of("5:5", None) == Schedule(5, 5)
    assert schedule_of("adaptive", None) == Adaptive()
    with pytest.raises(UsageError, match="has no order"):
        schedule_of("adaptive", "response_first")


@pytest.mark.parametrize(("o", "r"), [([], [1]), ([1], [])])
def test_an_empty_stream_is_refused(o: list[int], r: list[int]) -> None:
    with pytest.raises(ValueError, match="is empty"):
        lay_out(o, r, (), CONTROL)
