import asyncio

import pytest

from pipeline.backends.llm.limits import InFlight, Pace


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


@pytest.mark.parametrize(("per_minute", "least_s"), [(1200.0, 0.2), (None, 0.0)])
def test_starts_are_spaced(per_minute: float | None, least_s: float) -> None:
    async def go() -> float:
        loop = asyncio.get_running_loop()
        pace = Pace(per_minute)
        start = loop.time()
        await asyncio.gather(*(pace.wait() for _ in range(5)))
        return loop.time() - start

    taken = asyncio.run(go())
    assert least_s <= taken + 0.005
    assert taken < least_s + 0.2
