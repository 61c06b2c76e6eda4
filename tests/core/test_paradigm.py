"""Every paradigm's layout is what its machine accepts, and what a machine lets through is a layout."""

import random

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from pipeline.core.control import consecutive
from pipeline.core.paradigm import lay_out, machine_of, name_of, paradigm_named
from pipeline.core.schedule import Schedule, Turn, deinterleave
from pipeline.errors import UsageError

CONTROL = consecutive(100, n_text_ids=100)
NAMES = ("2:8", "1:4", "3:9/reasoning_first", "adaptive", "think_then_speak", "response_only")
text_ids = st.lists(st.integers(0, 99), min_size=1, max_size=30)
fixed = st.sampled_from([name for name in NAMES if name != "adaptive"])


@pytest.mark.parametrize("name", NAMES)
def test_a_name_names_one_paradigm(name: str) -> None:
    assert name_of(paradigm_named(name)) == name


@pytest.mark.parametrize("name", ["", "fast", "2:8/both", "0:8"])
def test_an_unknown_paradigm_is_refused(name: str) -> None:
    with pytest.raises(UsageError, match="think_then_speak"):
        paradigm_named(name)


@given(text_ids, text_ids, fixed)
def test_a_layout_is_accepted_and_comes_apart(o: list[int], r: list[int], name: str) -> None:
    paradigm = paradigm_named(name)
    assert not isinstance(paradigm, str)
    if isinstance(paradigm, Schedule):
        assume(paradigm.tail(len(o), len(r)) == 0)
    stream = lay_out(Turn(o, r), paradigm, CONTROL)  # type: ignore[arg-type]
    machine = machine_of(paradigm, CONTROL)
    assert [machine.push(token) for token in stream.token_ids] == stream.streams
    assert machine.ended
    assert deinterleave(*stream, CONTROL) == (o, [] if name == "response_only" else r)


@given(st.sampled_from(NAMES), st.randoms(use_true_random=False))
def test_whatever_is_drawn_within_the_slots_is_a_layout(name: str, rng: random.Random) -> None:
    paradigm = paradigm_named(name)
    machine = machine_of(paradigm, CONTROL)
    tokens: list[int] = []
    streams: list[int] = []
    while not machine.ended:
        slot = machine.next_slot()
        controls = [c for c in slot.controls if not slot.text or rng.random() < 0.2]
        tokens.append(rng.choice(controls) if controls else rng.randrange(100))
        streams.append(machine.push(tokens[-1]))
    turn = deinterleave(tokens, streams, CONTROL)
    assert turn.response_ids
    if name != "adaptive":
        assert lay_out(turn, paradigm, CONTROL) == (tokens, streams)  # type: ignore[arg-type]


def test_an_empty_thought_cannot_precede_speech() -> None:
    with pytest.raises(ValueError, match="reasoning is empty"):
        lay_out(Turn([1], []), paradigm_named("think_then_speak"), CONTROL)  # type: ignore[arg-type]
