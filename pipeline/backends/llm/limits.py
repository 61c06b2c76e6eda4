"""How fast a client may ask: a number of requests in flight that follows the server, and a fixed rate.

Both belong to one event loop and know nothing of HTTP.
"""

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

_START = 8
_CUT = 0.7
"""Milder than TCP's half: a token-bucket server takes back little, and a halved client leaves it idle."""


class InFlight:
    """A limit on requests in flight that a server's "too many" lowers and its answers raise again.

    It doubles every round trip until the first refusal, then adds one a round trip; of the refusals that one overload
    brings, only the first lowers it.
    """

    def __init__(self, ceiling: int) -> None:
        self.limit = float(min(_START, ceiling))
        self.in_flight = 0
        self._ceiling = ceiling
        self._climbing = True
        self._cuts = 0
        self._waiting: deque[asyncio.Future[None]] = deque()

    @asynccontextmanager
    async def slot(self) -> AsyncIterator[int]:
        """Hold one place; yields the mark to hand to `refused`."""
        await self._enter()
        try:
            yield self._cuts
        finally:
            self.in_flight -= 1
            self._wake()

    def answered(self) -> None:
        """A request was answered: raise the limit if it was what held us back."""
        if self.in_flight + 1 > self.limit:
            self.limit = min(self._ceiling, self.limit + (1.0 if self._climbing else 1.0 / self.limit))

    def refused(self, mark: int) -> None:
        """The server said "too many" to a request that began at `mark`."""
        if mark == self._cuts:
            self._cuts += 1
            self._climbing = False
            self.limit = max(1.0, min(self.limit, self.in_flight) * _CUT)

    async def _enter(self) -> None:
        if not self._waiting and self.in_flight + 1 <= self.limit:
            self.in_flight += 1
            return
        turn = asyncio.get_running_loop().create_future()
        self._waiting.append(turn)
        try:
            await turn
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled():
                self.in_flight -= 1
                self._wake()
            raise

    def _wake(self) -> None:
        while self._waiting and self.in_flight + 1 <= self.limit:
            turn = self._waiting.popleft()
            if not turn.done():
                self.in_flight += 1
                turn.set_result(None)


class Pace:
    """Evenly spaced starts: at most `per_minute` requests in a minute, no bursts; None is no limit."""

    def __init__(self, per_minute: float | None) -> None:
        self._gap_s = 60.0 / per_minute if per_minute else 0.0
        self._next = 0.0

    async def wait(self) -> None:
        """Return when the next request may start."""
        if not self._gap_s:
            return
        now = asyncio.get_running_loop().time()
        start = max(now, self._next)
        self._next = start + self._gap_s
        await asyncio.sleep(start - now)
