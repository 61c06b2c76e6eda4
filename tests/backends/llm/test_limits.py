import asyncio

import pytest

from pipeline.backends.llm.limits import InFlight, Load, Share
from pipeline.backends.llm.protocol import BudgetSpent
from pipeline.backends.llm.quota import Alone, Grant, Ledger, Limits, Need
from pipeline.errors import RunError

NOTHING = Load()


async def fill(limit: InFlight, n: int, release: asyncio.Event) -> list[asyncio.Task[None]]:
    async def hold() -> None:
        async with limit.slot():
            await release.wait()

    tasks = [asyncio.create_task(hold()) for _ in range(n)]
    await asyncio.sleep(0.01)
    return tasks


def test_the_limit_climbs_while_it_is_what_holds_back() -> None:
    async def go() -> None:
        limit = InFlight(100)
        release = asyncio.Event()
        tasks = await fill(limit, 50, release)
        start = limit.limit
        assert limit.in_flight == start
        async with asyncio.timeout(5):
            release.set()
            limit.answered()
            assert limit.limit == start + 1
            await asyncio.gather(*tasks)
        assert limit.in_flight == 0

    asyncio.run(go())


def test_an_idle_client_does_not_raise_its_limit() -> None:
    limit = InFlight(100)
    before = limit.limit
    limit.answered()
    assert limit.limit == before


def test_one_overload_lowers_the_limit_once() -> None:
    async def go() -> None:
        limit = InFlight(8)
        async with limit.slot() as first, limit.slot() as second, limit.slot():
            limit.refused(first)
            lowered = limit.limit
            limit.refused(second)
            assert limit.limit == lowered < 3
        async with limit.slot() as later:
            limit.refused(later)
        assert limit.limit == 1

    asyncio.run(go())


def test_a_waiter_that_is_cancelled_takes_no_place() -> None:
    async def go() -> None:
        limit = InFlight(1)
        release = asyncio.Event()
        tasks = await fill(limit, 3, release)
        tasks[1].cancel()
        release.set()
        async with asyncio.timeout(5):
            await asyncio.gather(*tasks, return_exceptions=True)
        assert limit.in_flight == 0
        async with asyncio.timeout(5), limit.slot():
            pass

    asyncio.run(go())


def shares(n: int, limits: Limits) -> list[Share]:
    """Clients of one build, with one quota."""
    quota = Alone(limits)
    return [Share(quota, every_s=0.01) for _ in range(n)]


async def use(share: Share, n: int, held_s: float, load: Load = NOTHING, usd: float = 0.0) -> None:
    """Send so many requests at once."""

    async def one() -> None:
        async with share.slot(load) as ticket:
            await asyncio.sleep(held_s)
            share.answered(ticket, 0, usd)

    async with asyncio.TaskGroup() as group:
        for _ in range(n):
            group.create_task(one())


def test_an_idle_clients_places_go_to_the_busy_one() -> None:
    async def go() -> tuple[int, int]:
        idle, busy = shares(2, Limits(concurrency=16))
        await use(idle, 40, 0.001)
        most = 0

        async def watch() -> None:
            nonlocal most
            while True:
                most = max(most, busy.places.in_flight)
                await asyncio.sleep(0.002)

        watching = asyncio.create_task(watch())
        await use(busy, 200, 0.02)
        watching.cancel()
        return most, idle.places.in_flight

    most, idle = asyncio.run(go())
    assert idle == 0
    assert 12 <= most <= 16


def test_together_no_more_are_in_flight_than_the_build_may_have() -> None:
    async def go() -> int:
        clients = shares(5, Limits(concurrency=7))
        most = 0

        async def watch() -> None:
            nonlocal most
            while True:
                most = max(most, sum(share.places.in_flight for share in clients))
                await asyncio.sleep(0.001)

        watching = asyncio.create_task(watch())
        async with asyncio.timeout(20), asyncio.TaskGroup() as group:
            for share in clients:
                group.create_task(use(share, 40, 0.004))
        watching.cancel()
        for share in clients:
            await share.close()
        return most

    assert 5 <= asyncio.run(go()) <= 7


@pytest.mark.parametrize("n_clients", [1, 4])
def test_all_clients_together_keep_to_the_requests_a_minute(n_clients: int) -> None:
    async def go() -> float:
        clients = shares(n_clients, Limits(concurrency=64, per_minute=3000.0))  # 50 a second, 50 at once
        start = asyncio.get_running_loop().time()
        async with asyncio.TaskGroup() as group:
            for share in clients:
                group.create_task(use(share, 100 // n_clients, 0.001))
        return asyncio.get_running_loop().time() - start

    assert 0.95 <= asyncio.run(go()) < 1.6


def test_tokens_a_minute_are_kept_by_what_answers_really_weigh() -> None:
    async def go() -> float:
        (share,) = shares(1, Limits(concurrency=64, tokens_per_minute=60_000.0))  # 1,000 a second
        start = asyncio.get_running_loop().time()
        for _ in range(10):
            async with share.slot(Load(tokens=50.0)) as ticket:
                share.answered(ticket, 300, None)
            await asyncio.sleep(0.02)
        return asyncio.get_running_loop().time() - start

    # 3,000 tokens, 1,000 of which lay ready.
    assert 1.4 < asyncio.run(go()) < 2.6


def test_one_clients_overload_slows_all() -> None:
    async def go() -> tuple[float, float]:
        first, second = shares(2, Limits(concurrency=64))
        done = asyncio.Event()

        async def hold(share: Share) -> None:
            async with share.slot(NOTHING):
                await done.wait()

        tasks = [asyncio.create_task(hold(second)) for _ in range(8)]
        await asyncio.sleep(0.05)
        before = second.places.limit
        async with first.slot(NOTHING) as ticket:
            first.refused(ticket)
        tasks += [asyncio.create_task(hold(first))]
        await asyncio.sleep(0.1)
        after = second.places.limit
        done.set()
        await asyncio.gather(*tasks)
        return before, after

    before, after = asyncio.run(go())
    assert after < before


def test_no_money_beyond_the_budget_is_spent_and_what_is_under_way_ends() -> None:
    async def go() -> tuple[int, int, float]:
        quota = Alone(Limits(concurrency=8, budget_usd=1.0, spent_usd=0.4))
        clients = [Share(quota, every_s=0.01) for _ in range(3)]
        answered = broke = 0

        async def one(share: Share) -> None:
            nonlocal answered, broke
            try:
                async with share.slot(Load(usd=0.1)) as ticket:
                    await asyncio.sleep(0.005)
                    share.answered(ticket, 10, 0.05)
                    answered += 1
            except BudgetSpent:
                broke += 1

        async with asyncio.timeout(20):
            await asyncio.gather(*(one(clients[number % 3]) for number in range(60)))
        for share in clients:
            await share.close()
        return answered, broke, quota.ledger.spent_usd

    answered, broke, spent = asyncio.run(go())
    # $0.60 is left: 11 answers at 5 cents leave 5 cents, less than one may cost.
    assert (answered, broke) == (11, 49)
    assert spent == pytest.approx(0.95)


def test_what_a_dead_client_had_set_aside_is_taken_for_spent_and_its_places_are_free() -> None:
    now = 0.0
    ledger = Ledger(Limits(concurrency=4, budget_usd=1.0), clock=lambda: now)
    assert ledger.exchange("dead", Need(waiting=4, starts=4, usd_each=0.2)).starts == 4
    waiting = Need(waiting=4, starts=4, usd_each=0.2)
    assert ledger.exchange("other", Need(waiting=4)).places == 0
    now = 60.0
    grant = ledger.exchange("other", waiting)
    assert (grant.places, grant.starts) == (4, 1)
    assert ledger.spent_usd == pytest.approx(0.8)


def test_when_the_quota_is_gone_nobody_waits_for_ever() -> None:
    class Gone:
        async def exchange(self, _client: str, _need: Need) -> Grant:
            raise RunError("a worker died")

    async def go() -> None:
        share = Share(Gone())
        async with asyncio.timeout(5):
            outcomes = await asyncio.gather(*(use(share, 1, 0.0) for _ in range(3)), return_exceptions=True)
        assert all(isinstance(outcome, ExceptionGroup) and outcome.split(RunError)[0] for outcome in outcomes)

    asyncio.run(go())


def test_a_large_request_passes_a_small_bucket_when_it_is_full() -> None:
    now = 0.0
    ledger = Ledger(Limits(concurrency=4, tokens_per_minute=600.0), clock=lambda: now)
    large = Need(waiting=1, starts=1, tokens_each=500.0)
    assert ledger.exchange("a", large).starts == 1
    now = 40.0
    assert ledger.exchange("a", large).starts == 0, "what it used is not made up for yet"
    now = 60.0
    assert ledger.exchange("a", large).starts == 1
