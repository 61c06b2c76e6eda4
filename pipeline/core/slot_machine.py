"""What may come next in a turn: the rule that decoder, trainer and data share.

A pure state machine over ids. It does not sample, and it knows no text; a decoder masks what a `Slot`
forbids, feeds what it forces, and pushes every token. Every stream with tail 0 is accepted, and no other.
"""

from typing import NamedTuple

from pipeline.core.control import ControlIds
from pipeline.core.schedule import Order, Schedule, Stream


class Slot(NamedTuple):
    """What the next token may be."""

    forced: int | None
    """The only token allowed, fed without asking the model: a pad, or the switch after the reasoning."""
    text: bool
    """Whether text tokens are allowed."""
    controls: tuple[int, ...]
    """The control tokens that are allowed."""
    stream: Stream | None
    """Stream of the next token, None while a switch and text are both possible."""

    def allows(self, token: int, control: ControlIds) -> bool:
        """Whether `token` may come next."""
        return (self.text and 0 <= token < control.n_text_ids) or token in self.controls

    def forbidden(self, control: ControlIds) -> tuple[int, ...]:
        """The control tokens a decoder masks here; where `text` is false it masks all but `controls`."""
        return tuple(token for token in control.ids if token not in self.controls)


class _Turn:
    """What the turns share: they end."""

    def __init__(self, control: ControlIds) -> None:
        self._control = control
        self._ended = False

    @property
    def ended(self) -> bool:
        """Whether the response's end has been pushed."""
        return self._ended

    def _require_open(self) -> None:
        if self._ended:
            raise ValueError("the turn has ended: no slot follows the response's end")


class SlotMachine(_Turn):
    """The turn of a fixed schedule, one token at a time."""

    def __init__(self, schedule: Schedule, control: ControlIds) -> None:
        self._schedule = schedule
        super().__init__(control)
        self._speaking = schedule.order is Order.RESPONSE_FIRST or schedule.q == 0
        self._left = schedule.p if self._speaking else schedule.q
        self._n_response = 0
        self._n_reasoning = 0
        self._reasoning_ended = schedule.q == 0

    def next_slot(self) -> Slot:
        """What may come now.

        Raises:
            ValueError: the turn has ended.
        """
        self._require_open()
        control = self._control
        if self._speaking:
            # The response may not end before the reasoning has, or a tail would be lost.
            may_end = self._reasoning_ended and self._n_response > 0
            return Slot(None, True, (control.response_end,) if may_end else (), Stream.RESPONSE)
        if self._reasoning_ended:
            return Slot(control.reasoning_pad, False, (control.reasoning_pad,), Stream.PAD)
        may_end = self._n_reasoning > 0
        return Slot(None, True, (control.reasoning_end,) if may_end else (), Stream.REASONING)

    def push(self, token: int) -> Stream:
        """Take the next token; returns its stream.

        Raises:
            ValueError: the token is not allowed here.
        """
        slot = self.next_slot()
        if not slot.allows(token, self._control) or slot.stream is None:
            raise ValueError(f"token {token} is not allowed here: {slot}")
        if slot.stream is Stream.RESPONSE:
            self._n_response += 1
            self._ended = token == self._control.response_end
        else:
            self._n_reasoning += 1
            self._reasoning_ended |= token == self._control.reasoning_end
        self._left -= 1
        if self._left == 0:
            self._speaking = not self._speaking or self._schedule.q == 0
            self._left = self._schedule.p if self._speaking else self._schedule.q
        return slot.stream


class AdaptiveSlotMachine(_Turn):
    """The turn of the adaptive schedule: blocks of any length, each opened by its switch token."""

    def __init__(self, control: ControlIds) -> None:
        super().__init__(control)
        self._block: Stream | None = None
        self._n_in_block = 0
        self._n_response = 0
        self._n_reasoning = 0
        self._reasoning_ended = False

    def next_slot(self) -> Slot:
        """What may come now.

        Raises:
            ValueError: the turn has ended.
        """
        self._require_open()
        control = self._control
        if self._block is None:
            return Slot(None, False, (control.speak, control.think), Stream.SWITCH)
        if self._block is Stream.RESPONSE:
            return self._speaking_slot()
        if self._reasoning_ended:
            return Slot(control.speak, False, (control.speak,), Stream.SWITCH)
        controls = (control.reasoning_end,) if self._n_reasoning else ()
        return Slot(None, True, (*controls, control.speak) if self._n_in_block else controls, None)

    def _speaking_slot(self) -> Slot:
        control = self._control
        if self._reasoning_ended:
            end = (control.response_end,) if self._n_response else ()
            return Slot(None, True, end, Stream.RESPONSE)
        if self._n_in_block:
            return Slot(None, True, (control.think,), None)
        return Slot(None, True, (), Stream.RESPONSE)

    def push(self, token: int) -> Stream:
        """Take the next token; returns its stream.

        Raises:
            ValueError: the token is not allowed here.
        """
        slot = self.next_slot()
        control = self._control
        if not slot.allows(token, control):
            raise ValueError(f"token {token} is not allowed here: {slot}")
        if token in (control.speak, control.think):
            self._block = Stream.RESPONSE if token == control.speak else Stream.REASONING
            self._n_in_block = 0
            return Stream.SWITCH
        self._n_in_block += 1
        if self._block is Stream.RESPONSE:
            self._n_response += 1
            self._ended = token == control.response_end
            return Stream.RESPONSE
        self._n_reasoning += 1
        self._reasoning_ended = token == control.reasoning_end
        return Stream.REASONING


class SequentialSlotMachine(_Turn):
    """The turn of a model that thinks first: all of R', then all of O'."""

    def __init__(self, control: ControlIds) -> None:
        super().__init__(control)
        self._n_in_stream = 0
        self._speaking = False

    def next_slot(self) -> Slot:
        """What may come now.

        Raises:
            ValueError: the turn has ended.
        """
        self._require_open()
        stream = Stream.RESPONSE if self._speaking else Stream.REASONING
        end = self._control.response_end if self._speaking else self._control.reasoning_end
        return Slot(None, True, (end,) if self._n_in_stream else (), stream)

    def push(self, token: int) -> Stream:
        """Take the next token; returns its stream.

        Raises:
            ValueError: the token is not allowed here.
        """
        slot = self.next_slot()
        if not slot.allows(token, self._control) or slot.stream is None:
            raise ValueError(f"token {token} is not allowed here: {slot}")
        self._n_in_stream += 1
        if token in slot.controls:
            self._ended, self._speaking, self._n_in_stream = self._speaking, True, 0
        return slot.stream
