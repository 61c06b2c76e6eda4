"""Many rows at once through one async function; it knows nothing of what is done to them."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from typing import TypeVar

from pipeline.errors import Smp3mError

Row = TypeVar("Row")
Result = TypeVar("Result")


async def run_rows(rows: Iterable[Row], work: Callable[[Row], Awaitable[Result]], concurrency: int) -> list[Result]:
    """The result of `work` for every row, in the order of the rows, with `concurrency` rows under way.

    A slow row holds one place and no other row. `work` returns a refusal as a value; what it raises ends all rows.

    Raises:
        Smp3mError: the first that a row raised; rows under way are cancelled, what they paid for is in the journal.
    """
    results: dict[int, Result] = {}
    queue = enumerate(rows)

    async def worker() -> None:
        for number, row in queue:
            results[number] = await work(row)

    try:
        async with asyncio.TaskGroup() as group:
            for _ in range(concurrency):
                group.create_task(worker())
    except BaseExceptionGroup as raised:
        known, bugs = raised.split(Smp3mError)
        if bugs is not None or known is None:
            raise
        raise _first(known) from None
    return [results[number] for number in sorted(results)]


def _first(group: BaseExceptionGroup[Smp3mError]) -> Smp3mError:
    first = group.exceptions[0]
    return _first(first) if isinstance(first, BaseExceptionGroup) else first
