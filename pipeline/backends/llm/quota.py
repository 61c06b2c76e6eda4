"""What all clients of a build may do together: places in flight, requests and tokens a minute, and money.

One `Ledger` serves any number of clients, which come to it a few times a second (`limits.Share`), tell what they need
and what they used, and take a block of it with them. It knows neither HTTP nor where its clients run; `run` puts it
into a process of its own. Places go where there is work: what one client does not need the others get.
"""

import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple, Protocol

_BURST_S = 1.0
"""Seconds' worth of requests and tokens that may gather while nobody asks."""
_GONE_AFTER_S = 30.0
"""A client that says nothing for so long has died; its places are free again."""
_SECONDS_PER_MINUTE = 60.0
_ROUNDING_USD = 1e-9
"""Prices are no sums of powers of two."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What a build may do; None is no limit."""

    concurrency: int
    """Requests in flight."""
    per_minute: float | None = None
    """Requests a minute."""
    tokens_per_minute: float | None = None
    """Tokens a minute, in and out."""
    budget_usd: float | None = None
    """Most money that may be spent, `spent_usd` included."""
    spent_usd: float = 0.0
    """What was spent before."""


class Need(NamedTuple):
    """What a client tells since it was last heard."""

    in_flight: int = 0
    waiting: int = 0
    """Requests that would start now if they could."""
    starts: int = 0
    """Permits to start that it asks for."""
    tokens_each: float = 0.0
    """What such a request weighs, about."""
    usd_each: float = 0.0
    """The most that such a request costs."""
    tokens_more: float = 0.0
    """Tokens used beyond those that permits had stood for; negative when they were fewer."""
    usd_spent: float = 0.0
    usd_freed: float = 0.0
    """Money that permits had set aside and that is no longer needed for them."""
    overloaded: bool = False
    """The server has refused a request for being one too many."""
    epoch: int = 0
    """The last overload that it knew of."""
    leaving: bool = False


class Grant(NamedTuple):
    """What a client may do until it comes again."""

    places: int
    starts: int | None
    """Permits; None where nothing limits starts."""
    tokens_each: float
    usd_each: float
    epoch: int
    """Number of overloads that any client has met; when it has risen, ask less."""
    broke: str | None
    """Why no more will be granted."""


class Quota(Protocol):
    """Where clients of one build share what they may do."""

    async def exchange(self, client: str, need: Need) -> Grant:
        """Tell what is needed and was used, and be granted a block."""
        ...


@dataclass(slots=True)
class _Client:
    places: int = 0
    wanted: int = 0
    waiting: int = 0
    reserved_usd: float = 0.0
    heard_s: float = 0.0


class _Bucket:
    """A token bucket that may run into debt: what was used is used."""

    def __init__(self, per_minute: float, now_s: float) -> None:
        self._per_s = per_minute / _SECONDS_PER_MINUTE
        self.level = max(1.0, self._per_s * _BURST_S)
        self._full = self.level
        self._at_s = now_s

    def fill(self, now_s: float) -> None:
        self.level = min(self._full, self.level + (now_s - self._at_s) * self._per_s)
        self._at_s = now_s

    def room_for(self, each: float) -> int:
        """How many starts of so much each; one that is larger than the bucket may go when it is full."""
        if each > self._full:
            return int(self.level >= self._full)
        return max(0, int(self.level // each)) if each > 0 else 1_000_000


class Ledger:
    """The books of a `Quota`, in one process."""

    def __init__(self, limits: Limits, clock: Callable[[], float] = time.monotonic) -> None:
        self.spent_usd = limits.spent_usd
        self._limits = limits
        self._clock = clock
        now = clock()
        self._requests = _Bucket(limits.per_minute, now) if limits.per_minute else None
        self._tokens = _Bucket(limits.tokens_per_minute, now) if limits.tokens_per_minute else None
        self._clients: dict[str, _Client] = {}
        self._epoch = 0

    def exchange(self, name: str, need: Need) -> Grant:
        """See `Quota.exchange`."""
        now = self._clock()
        client = self._clients.setdefault(name, _Client())
        client.heard_s = now
        self._bury(now)
        self._book(client, need, now)
        if need.leaving:
            del self._clients[name]
            return Grant(0, 0, 0.0, 0.0, self._epoch, None)
        if need.overloaded and need.epoch == self._epoch:
            self._epoch += 1
        client.wanted = need.in_flight + need.waiting
        client.waiting = need.starts
        places = self._places(client)
        # What is in flight beyond them holds its place until it ends.
        client.places = max(places, need.in_flight)
        starts, broke = self._starts(client, need)
        return Grant(places, starts, need.tokens_each, need.usd_each, self._epoch, broke)

    def _bury(self, now: float) -> None:
        for name in [name for name, other in self._clients.items() if now - other.heard_s > _GONE_AFTER_S]:
            # Nobody knows what it had still paid for: what was set aside counts as spent.
            self.spent_usd += self._clients.pop(name).reserved_usd

    def _book(self, client: _Client, need: Need, now: float) -> None:
        self.spent_usd += need.usd_spent
        client.reserved_usd = max(0.0, client.reserved_usd - need.usd_freed)
        for bucket in (self._requests, self._tokens):
            if bucket is not None:
                bucket.fill(now)
        if self._tokens is not None:
            self._tokens.level -= need.tokens_more

    def _places(self, client: _Client) -> int:
        """What it wants, at most a fair part of the places, and a part of what nobody wants."""
        left, wants = self._limits.concurrency, sorted(other.wanted for other in self._clients.values())
        granted = client.wanted
        for number, wanted in enumerate(wants):
            fair = math.ceil(left / (len(wants) - number))
            if wanted > fair:
                granted = min(granted, fair)
                break
            left -= wanted
        else:
            granted += left // len(wants)
        taken = sum(other.places for other in self._clients.values() if other is not client)
        return max(0, min(granted, self._limits.concurrency - taken))

    def _starts(self, client: _Client, need: Need) -> tuple[int | None, str | None]:
        if self._requests is None and self._tokens is None and self._limits.budget_usd is None:
            return None, None
        room = need.starts
        if self._requests is not None:
            room = min(room, self._requests.room_for(1.0))
        if self._tokens is not None:
            room = min(room, self._tokens.room_for(need.tokens_each))
        # Where there is not enough for all who wait, none takes it all.
        all_waiting = sum(other.waiting for other in self._clients.values())
        if all_waiting > room > 0:
            room = max(1, room * need.starts // all_waiting)
        broke = None
        if self._limits.budget_usd is not None and need.usd_each > 0:
            reserved = sum(other.reserved_usd for other in self._clients.values())
            left_usd = self._limits.budget_usd - self.spent_usd - reserved
            affordable = int((left_usd + _ROUNDING_USD) // need.usd_each)
            if affordable <= 0 and reserved < _ROUNDING_USD and need.starts:
                broke = f"${self.spent_usd:.4f} of ${self._limits.budget_usd:g} are spent"
            room = min(room, max(0, affordable))
        if self._requests is not None:
            self._requests.level -= room
        if self._tokens is not None:
            self._tokens.level -= room * need.tokens_each
        client.reserved_usd += room * need.usd_each
        return room, broke


class Alone:
    """A quota for the clients of one process."""

    def __init__(self, limits: Limits) -> None:
        self.ledger = Ledger(limits)

    async def exchange(self, client: str, need: Need) -> Grant:
        """See `Quota.exchange`."""
        return self.ledger.exchange(client, need)
