"""Take requests to the Batch API and bring their answers into the journal, over hours, days and restarts.

One round: requests that wait are put on the shelf in files as large as the API and the budget allow, every file on the
shelf is sent unless the server has it, all batches are waited for, and their answers are filed under their keys. A
batch is closed only when all that it brought is durable, and filing an answer twice changes nothing.
"""

import asyncio
import json
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from pipeline.backends.llm.batch import MOST_BYTES, BatchClient, Gone, State
from pipeline.backends.llm.protocol import Reply
from pipeline.config_llm import LlmConfig
from pipeline.errors import EngineError
from pipeline.stages.ask import record_of
from pipeline.stages.interview import price_in, provider_of
from pipeline.store.atomic import at_hand
from pipeline.store.batches import Batch, BatchShelf
from pipeline.store.journal import Journal
from pipeline.store.place import Place
from pipeline.store.spending import Spent, spending

_TRIES = 3
"""How often in one run a request is sent that comes back without an answer."""
_BYTES_PER_TOKEN = 4
_ENOUGH_ANSWERS = 20
"""From so many answers on, what an answer costs is known better than by its upper bound."""
_MARGIN = 1.25
_PUTS = 1000
"""Answers that are made durable together."""


class _Wanted(NamedTuple):
    key: str
    line: str
    usd: float


class Batching:
    """The batches of one stage in one run."""

    def __init__(self, llm: LlmConfig, journal: Place, server: str, tell: Callable[[str], None]) -> None:
        """Nothing is sent yet; what earlier runs have sent is on the shelf."""
        self.broke = False
        """Whether requests are left that the budget does not allow."""
        self._llm = llm
        self._journal = journal
        self._server = server
        self._tell = tell
        self._shelf = BatchShelf(journal)
        self._price = price_in(llm)
        self._most_requests = llm.requests.batch_requests
        self._tries: Counter[str] = Counter()
        self._cancelled = False

    def round(self, wanted: Sequence[Place]) -> bool:
        """Send what is wanted and wait for all that is under way; whether it is worth asking the journal again.

        Raises:
            EngineError: the server does not answer or refuses all requests; what was sent goes on there.
            StoreError: an answer could not be stored.
        """
        return asyncio.run(self._round(wanted))

    async def _round(self, wanted: Sequence[Place]) -> bool:
        if self._cancelled:
            return False  # somebody did not want it: it is not sent again unasked
        async with Journal(self._journal) as journal:
            self._write(wanted, journal)
            if not self._shelf.open():
                return False
            filed = await self._exchange(journal)
        if not filed:
            # Not even one batch fitted: perhaps a smaller one does.
            self._most_requests = max(1, self._most_requests // 2)
        return True

    async def _exchange(self, journal: Journal) -> int:
        """Send what is on the shelf and wait for all of it; the number of answers."""
        filed = 0
        async with BatchClient(self._server, self._llm.model) as client:
            for batch in self._shelf.open():
                if batch.batch_id is None:
                    await self._send(client, batch)
            while under_way := self._shelf.open():
                for batch in under_way:
                    filed += await self._look(client, journal, batch)
                if self._shelf.open():
                    await asyncio.sleep(self._llm.requests.batch_poll_s)
        return filed

    def _write(self, wanted: Sequence[Place], journal: Journal) -> None:
        """Put on the shelf what is neither there nor answered yet and may be paid for."""
        shelved = {key for batch in self._shelf.open() for key in self._shelf.keys(batch)}
        spent = spending(self._journal, remember=True)
        left_usd = None
        if self._llm.requests.max_cost_usd is not None:
            reserved = sum(batch.usd for batch in self._shelf.open())
            left_usd = self._llm.requests.max_cost_usd - spent.usd - reserved
        fitting: list[_Wanted] = []
        self.broke = False
        for one in self._requests(wanted, shelved, journal, spent):
            if left_usd is not None:
                if one.usd > left_usd:
                    self.broke = True
                    continue
                left_usd -= one.usd
            fitting.append(one)
        for part in _parts(fitting, self._most_requests):
            self._shelf.add([one.line for one in part], self._llm.model, sum(one.usd for one in part))
            self._tries.update(one.key for one in part)

    def _requests(
        self, wanted: Sequence[Place], shelved: set[str], journal: Journal, spent: Spent
    ) -> Iterator[_Wanted]:
        seen = set(shelved)
        for path in wanted:
            with path.open(encoding="utf-8") as file:
                for line in file:
                    key = json.loads(line)["custom_id"]
                    # What is wanted was listed a while ago: a batch that was merged since has brought some of it.
                    if key not in seen and self._tries[key] < _TRIES and journal.get(key) is None:
                        seen.add(key)
                        yield _Wanted(key, line, self._usd(line, spent))

    def _usd(self, line: str, spent: Spent) -> float:
        """What a request will cost, rather too much than too little."""
        if self._price is None:
            return 0.0
        size = len(line.encode())
        if spent.answers < _ENOUGH_ANSWERS:
            return self._price.usd(size, self._llm.max_tokens, batch=True)
        answer = spent.completion_tokens / spent.answers
        return self._price.usd(size / _BYTES_PER_TOKEN * _MARGIN, answer * _MARGIN, batch=True)

    async def _send(self, client: BatchClient, batch: Batch) -> None:
        with at_hand(self._shelf.requests_file(batch)) as requests:
            state = await client.send(requests, batch.name)
        self._shelf.note(replace(batch, batch_id=state.batch_id, status=state.status))
        self._tell(f"batch {state.batch_id}: {batch.requests} requests sent; interrupting the build does not stop it")

    async def _look(self, client: BatchClient, journal: Journal, batch: Batch) -> int:
        """See how far a batch is; if it has ended, file what it brought and return the number of answers."""
        try:
            state = await client.state(str(batch.batch_id))
            if (state.status, state.done) != (batch.status, batch.done):
                batch = replace(batch, status=state.status, done=state.done)
                self._shelf.note(batch)
            if not state.ended:
                return 0
            merged = await self._merge(client, journal, batch, state)
        except Gone as exc:
            raise EngineError(
                f"{exc}: set OPENAI_BASE_URL and the key that sent it, or remove {self._shelf.note_file(batch)} to "
                "send its requests again"
            ) from exc
        self._shelf.close(replace(batch, refused=merged.refused))
        filed, refused = merged.filed, merged.refused
        missing = batch.requests - filed - len(refused)
        self._tell(
            f"batch {state.batch_id}: {state.status}, {filed} answers, {len(refused)} refused, {missing} without"
        )
        self._cancelled |= state.status == "cancelled"
        if state.too_large and self._most_requests > 1:
            self._tries.clear()  # it was not the requests' fault
        elif state.status == "failed":
            raise EngineError(f"{self._server}: batch {state.batch_id} failed: {state.error}")
        if merged.fatal is not None:
            raise merged.fatal  # only now: the next run must not meet the same lines again
        return filed

    async def _merge(self, client: BatchClient, journal: Journal, batch: Batch, state: State) -> "_Merged":
        """File all answers under their keys; what the other requests came to."""
        merged = _Merged()
        provider = provider_of(self._llm)
        # The settings may name another model by now than when the batch was sent.
        price = price_in(replace(self._llm, model=batch.model))
        puts: list[asyncio.Task[None]] = []
        async for line in client.lines(state):
            match line.outcome:
                case Reply() as reply:
                    merged.filed += 1
                    if journal.get(line.key) is None:
                        nano_usd = None if price is None else price.nano_usd(reply)
                        record = record_of(reply, nano_usd, provider, row="")
                        puts.append(asyncio.create_task(journal.put(line.key, record)))
                    if len(puts) >= _PUTS:
                        await asyncio.gather(*puts)
                        puts.clear()
                case str() as why:
                    merged.refused[line.key] = why
                case EngineError() as fatal:
                    merged.fatal = merged.fatal or fatal
        await asyncio.gather(*puts)
        return merged


@dataclass
class _Merged:
    """What a batch has brought."""

    filed: int = 0
    refused: dict[str, str] = field(default_factory=dict)
    fatal: EngineError | None = None
    """Why requests had no answer that no request would have had."""


def _parts(wanted: Sequence[_Wanted], most_requests: int) -> Iterator[list[_Wanted]]:
    """Cut requests into files as large as the API takes."""
    part: list[_Wanted] = []
    size = 0
    for one in wanted:
        length = len(one.line.encode())
        if part and (len(part) == most_requests or size + length > MOST_BYTES):
            yield part
            part, size = [], 0
        part.append(one)
        size += length
    if part:
        yield part
