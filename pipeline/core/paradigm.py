"""How a turn is laid out: the interleaved schedules, and the two ways of talking that they are compared with.

`2:8`, `2:8/reasoning_first`, `adaptive`: think in speaking. `think_then_speak`: all of R', then all of O'.
`response_only`: O' alone. Trainer and decoder take layout and slot machine from here, so that they cannot disagree.
"""

from dataclasses import dataclass

from pipeline.core.adaptive import Adaptive
from pipeline.core.control import ControlIds
from pipeline.core.schedule import Order, Schedule, Stream, TokenStream, Turn, check_ids, interleave
from pipeline.core.slot_machine import AdaptiveSlotMachine, SequentialSlotMachine, SlotMachine
from pipeline.errors import UsageError

RESPONSE_ONLY = "response_only"
THINK_THEN_SPEAK = "think_then_speak"


@dataclass(frozen=True, slots=True)
class Sequential:
    """All of the reasoning before the first spoken token."""


Paradigm = Schedule | Adaptive | Sequential
Machine = SlotMachine | AdaptiveSlotMachine | SequentialSlotMachine


def paradigm_named(name: str) -> Paradigm:
    """Read a paradigm's name, the inverse of `name_of`.

    Raises:
        UsageError: there is no such paradigm.
    """
    if name == Adaptive.ratio:
        return Adaptive()
    if name == THINK_THEN_SPEAK:
        return Sequential()
    if name == RESPONSE_ONLY:
        return Schedule(1, 0)
    ratio, slash, order = name.partition("/")
    try:
        return Schedule.parse(ratio, order if slash else Order.RESPONSE_FIRST)
    except UsageError as exc:
        raise UsageError(f"{exc}; or adaptive, {THINK_THEN_SPEAK}, {RESPONSE_ONLY}") from None


def name_of(paradigm: Paradigm) -> str:
    """Name of a paradigm, as tables and checkpoints say it."""
    if isinstance(paradigm, Adaptive):
        return Adaptive.ratio
    if isinstance(paradigm, Sequential):
        return THINK_THEN_SPEAK
    if paradigm.q == 0:
        return RESPONSE_ONLY
    return paradigm.ratio if paradigm.order is Order.RESPONSE_FIRST else f"{paradigm.ratio}/{paradigm.order}"


def machine_of(paradigm: Paradigm, control: ControlIds) -> Machine:
    """The slot machine that a decoder follows."""
    if isinstance(paradigm, Adaptive):
        return AdaptiveSlotMachine(control)
    return SequentialSlotMachine(control) if isinstance(paradigm, Sequential) else SlotMachine(paradigm, control)


def lay_out(turn: Turn, paradigm: Schedule | Sequential, control: ControlIds) -> TokenStream:
    """Lay a turn out. The adaptive layout hangs on the claims too: it is taken from the data as it is.

    Raises:
        ValueError: an id that is no text token, or a stream that is empty.
    """
    response, reasoning = turn
    if isinstance(paradigm, Schedule):
        return interleave(response, reasoning if paradigm.q else [], paradigm, control)
    check_ids(response, reasoning, control)
    if not reasoning:
        raise ValueError("the reasoning is empty: there is nothing to think before speaking")
    tokens = [*reasoning, control.reasoning_end, *response, control.response_end]
    n_silent = len(reasoning) + 1
    return TokenStream(tokens, [int(Stream.REASONING)] * n_silent + [int(Stream.RESPONSE)] * (len(response) + 1))
