"""How fast one client may ask: its share of what all clients of a build may do together, and what the server bears.

Three things hold a request back: the places in flight, which follow this server's refusals and answers; the client's
share of the places of the whole build; and permits to start, where requests or tokens per minute or money are limited.
The last two are handed out by a `Quota` in blocks, a few times a second, so that no request waits for a message of its
own. All belong to one event loop and know nothing of HTTP, of processes or of a cluster.
"""

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import NamedTuple
from uuid import uuid4

from pipeline.backends.llm.protocol import BudgetSpent
from pipeline.backends.llm.quota import Grant, Need, Quota

_START = 8
_CUT = 0.7
"""Milder than TCP's half: a token-bucket server takes back little, and a halved client leaves it idle."""
_EXCHANGE_EVERY_S = 0.1
"""How often a busy client speaks with the quota."""


class InFlight:
    """A limit on requests in flight that a server's "too many" lowers and its answers raise again.

    It doubles every round trip until the first refusal, then adds one a round trip; of the refusals that one overload
    brings, only the first lowers it. `ceiling` may change at any time, to 0 too.
    """

    def __init__(self, ceiling: int) -> None:
        self.limit = float(_START)
        self.in_flight = 0
        self.ceiling = ceiling
        self.cuts = 0
        self._climbing = True
        self._waiting: deque[asyncio.Future[None]] = deque()

    @property
    def waiting(self) -> int:
        """Requests that wait for a place."""
        return len(self._waiting)

    @property
    def allowed(self) -> float:
        """Requests that may be in flight now."""
        return min(self.limit, self.ceiling)

    @asynccontextmanager
    async def slot(self) -> AsyncIterator[int]:
        """Hold one place; yields the mark to hand to `refused`."""
        await self._enter()
        try:
            yield self.cuts
        finally:
            self.in_flight -= 1
            self._wake()

    def answered(self) -> None:
        """A request was answered: raise the limit if it was what held us back."""
        if self.in_flight + 1 > self.limit:
            step = 1.0 if self._climbing else 1.0 / self.limit
            self.limit = max(self.limit, min(self.ceiling, self.limit + step))

    def refused(self, mark: int) -> bool:
        """The server said "too many" to a request that began at `mark`; whether that was news."""
        if mark != self.cuts:
            return False
        self.cut()
        return True

    def cut(self) -> None:
        """Ask less at once: the server has too much to do."""
        self.cuts += 1
        self._climbing = False
        self.limit = max(1.0, min(self.limit, self.in_flight) * _CUT)

    def lift(self, ceiling: int) -> None:
        """Set the ceiling; whoever waits below it goes on."""
        self.ceiling = ceiling
        self._wake()

    def fail(self, exc: Exception) -> None:
        """Tell all who wait that nobody will get a place any more."""
        while self._waiting:
            turn = self._waiting.popleft()
            if not turn.done():
                turn.set_exception(exc)

    async def _enter(self) -> None:
        if not self._waiting and self.in_flight + 1 <= self.allowed:
            self.in_flight += 1
            return
        turn = asyncio.get_running_loop().create_future()
        self._waiting.append(turn)
        try:
            await turn
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled() and turn.exception() is None:
                self.in_flight -= 1
                self._wake()
            raise

    def _wake(self) -> None:
        while self._waiting and self.in_flight + 1 <= self.allowed:
            turn = self._waiting.popleft()
            if not turn.done():
                self.in_flight += 1
                turn.set_result(None)


class Load(NamedTuple):
    """What one request may weigh, before it is known."""

    tokens: float = 0.0
    """About how many tokens it and its answer have."""
    usd: float = 0.0
    """The most it can cost."""


class Ticket(NamedTuple):
    """A request that was let through, to be handed back when it has ended."""

    mark: int
    """For `Share.refused`."""
    tokens: float
    usd: float


class Share:
    """One client's share of a `Quota`; a context manager, so that it gives back what it has not used."""

    def __init__(self, quota: Quota, every_s: float = _EXCHANGE_EVERY_S) -> None:
        self.places = InFlight(0)
        self._quota = quota
        self._every_s = every_s
        self._name = uuid4().hex
        self._permits: deque[Load] | None = deque()
        """Starts that were granted; None where nothing limits them."""
        self._starting: deque[tuple[Load, asyncio.Future[Load]]] = deque()
        self._epoch = 0
        self._cut_by_us = False
        self._tokens_more = 0.0
        self._usd_spent = 0.0
        self._usd_freed = 0.0
        self._talking: asyncio.Task[None] | None = None
        self._news = asyncio.Event()

    async def close(self) -> None:
        """Give back places and permits."""
        if self._talking is not None:
            self._talking.cancel()
            await asyncio.gather(self._talking, return_exceptions=True)
            self._talking = None
        for permit in self._permits or ():
            self._tokens_more -= permit.tokens
            self._usd_freed += permit.usd
        self._permits = deque()
        await self._quota.exchange(self._name, self._need(leaving=True))

    @asynccontextmanager
    async def slot(self, load: Load) -> AsyncIterator[Ticket]:
        """Hold one place for one request.

        Raises:
            BudgetSpent: there is no money left for it.
        """
        permit = await self._permit(load)
        # Whatever becomes of the request, what was set aside for it is free again; `paid` says what it cost.
        try:
            self._talk()
            if self.places.in_flight >= self.places.ceiling and not self.places.waiting:
                self._news.set()
            async with self.places.slot() as mark:
                yield Ticket(mark, permit.tokens, permit.usd)
        finally:
            self._usd_freed += permit.usd

    def answered(self, ticket: Ticket, tokens: int, usd: float | None) -> None:
        """A request was answered and weighed so much."""
        self.places.answered()
        if self._permits is not None:
            self._tokens_more += tokens - ticket.tokens
            self._usd_spent += usd or 0.0

    def refused(self, ticket: Ticket) -> None:
        """The server said "too many": ask less, and let all other clients know."""
        if self.places.refused(ticket.mark):
            self._cut_by_us = True
            self._news.set()

    async def _permit(self, load: Load) -> Load:
        if self._permits is None:
            return Load()
        if self._permits and not self._starting:
            permit = self._permits.popleft()
            if permit.usd >= load.usd:
                return permit
            self._give_back(permit)
        turn: asyncio.Future[Load] = asyncio.get_running_loop().create_future()
        self._starting.append((load, turn))
        self._talk()
        if len(self._starting) == 1:
            self._news.set()
        try:
            return await turn
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled() and turn.exception() is None:
                self._give_back(turn.result())
            raise

    def _give_back(self, permit: Load) -> None:
        self._tokens_more -= permit.tokens
        self._usd_freed += permit.usd

    def _talk(self) -> None:
        if self._talking is None or self._talking.done():
            self._talking = asyncio.create_task(self._exchange())

    async def _exchange(self) -> None:
        while True:
            self._news.clear()
            told, self._cut_by_us = self._cut_by_us, False
            try:
                grant = await self._quota.exchange(self._name, self._need(overloaded=told))
            # Whoever waits would wait for ever: whatever went wrong is theirs to raise.
            except Exception as exc:  # noqa: BLE001
                self._fail(exc)
                self.places.fail(exc)
                return
            self._apply(grant, told=told)
            if not (self.places.in_flight or self.places.waiting or self._starting):
                return
            await asyncio.sleep(self._every_s / 10)  # news come in swarms
            try:
                async with asyncio.timeout(self._every_s):
                    await self._news.wait()
            except TimeoutError:
                continue

    def _need(self, *, leaving: bool = False, overloaded: bool = False) -> Need:
        waiting = [load for load, turn in self._starting if not turn.done()]
        need = Need(
            in_flight=0 if leaving else self.places.in_flight,
            waiting=0 if leaving else self.places.waiting + len(waiting),
            starts=0 if leaving else len(waiting),
            tokens_each=sum(load.tokens for load in waiting) / len(waiting) if waiting else 0.0,
            usd_each=max((load.usd for load in waiting), default=0.0),
            tokens_more=self._tokens_more,
            usd_spent=self._usd_spent,
            usd_freed=self._usd_freed,
            overloaded=overloaded,
            epoch=self._epoch,
            leaving=leaving,
        )
        self._tokens_more = self._usd_spent = self._usd_freed = 0.0
        return need

    def _apply(self, grant: Grant, *, told: bool) -> None:
        if grant.epoch != self._epoch and not told and not self._cut_by_us:
            self.places.cut()
        self._epoch = grant.epoch
        self.places.lift(grant.places)
        if grant.broke is not None:
            self._fail(BudgetSpent(grant.broke))
        if grant.starts is None:
            self._permits = None
            while self._starting:
                _hand(self._starting.popleft()[1], Load())
            return
        if self._permits is None:
            self._permits = deque()
        self._permits.extend([Load(grant.tokens_each, grant.usd_each)] * grant.starts)
        while self._permits and self._starting:
            load, turn = self._starting[0]
            if turn.done():
                self._starting.popleft()
                continue
            permit = self._permits.popleft()
            if permit.usd < load.usd:  # it was granted for others, before this one came
                self._give_back(permit)
                continue
            self._starting.popleft()
            _hand(turn, permit)

    def _fail(self, exc: Exception) -> None:
        """Nobody who waits will get a turn."""
        while self._starting:
            _load, turn = self._starting.popleft()
            if not turn.done():
                turn.set_exception(exc)


def _hand(turn: asyncio.Future[Load], permit: Load) -> None:
    if not turn.done():
        turn.set_result(permit)
