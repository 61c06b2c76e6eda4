import asyncio

import pytest

from pipeline.errors import EngineError
from pipeline.stages.run_rows import run_rows


def test_results_come_in_the_order_of_the_rows() -> None:
    async def work(row: int) -> int:
        await asyncio.sleep(0.001 * (5 - row % 5))
        return row * 2

    assert asyncio.run(run_rows(range(20), work, 4)) == [2 * row for row in range(20)]


def test_a_stuck_row_holds_one_place_only() -> None:
    async def go() -> list[int]:
        others = asyncio.Event()
        done = 0

        async def work(row: int) -> int:
            nonlocal done
            if row == 0:
                await others.wait()
            else:
                done += 1
                if done == 9:
                    others.set()
            return row

        return await run_rows(range(10), work, 2)

    assert asyncio.run(asyncio.wait_for(go(), 5)) == list(range(10))


def test_no_more_rows_are_under_way_than_asked_for() -> None:
    running = most = 0

    async def work(_row: int) -> None:
        nonlocal running, most
        running += 1
        most = max(most, running)
        await asyncio.sleep(0.001)
        running -= 1

    asyncio.run(run_rows(range(30), work, 7))
    assert most == 7


def test_an_engine_error_ends_all_rows_as_itself() -> None:
    async def work(row: int) -> None:
        if row == 3:
            raise EngineError("the server is down")
        await asyncio.sleep(60)

    with pytest.raises(EngineError, match="the server is down"):
        asyncio.run(asyncio.wait_for(run_rows(range(10), work, 5), 5))


def test_a_bug_is_not_hidden_behind_an_engine_error() -> None:
    async def work(row: int) -> None:
        raise EngineError("down") if row else ZeroDivisionError("bug")

    with pytest.raises(ExceptionGroup) as caught:
        asyncio.run(run_rows(range(2), work, 2))
    assert caught.value.split(ZeroDivisionError)[0] is not None
