"""Run a stage that asks a model: live, with limits that all workers share, or by batch, round after round.

Each pass over the shards that are left takes what the journal has; what it has not is asked at once (live), or written
down, sent as a batch and waited for (batch), so that a repair turn is simply a line of the next batch. Which of the two
it was cannot be seen from the rows: both fill the same journal under the same keys.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial

from pipeline.backends.llm.protocol import BudgetSpent, InBatch
from pipeline.backends.llm.quota import Grant, Ledger, Need
from pipeline.backends.openai_address import server_named
from pipeline.config import PlacementConfig
from pipeline.config_llm import LlmConfig, LlmMode
from pipeline.errors import UsageError
from pipeline.run.batching import Batching
from pipeline.run.cluster import Cluster
from pipeline.run.pool import Shared
from pipeline.run.shard import Job, make_part
from pipeline.stages.desk import Desk
from pipeline.stages.interview import limits_of, price_in, provider_of
from pipeline.stages.stage import Stage, load
from pipeline.store.atomic import remove_folder
from pipeline.store.parts import PartRecord, Store
from pipeline.store.place import Place, ending
from pipeline.store.providers import require_provider
from pipeline.store.spending import spending


@dataclass(frozen=True)
class SharedQuota:
    """The `Quota` of a build, kept by one process for all workers."""

    shared: Shared

    async def exchange(self, client: str, need: Need) -> Grant:
        """See `Quota.exchange`."""
        grant: Grant = await self.shared.call("exchange", client, need)
        return grant


class Asking:
    """How the stages of one build ask models."""

    def __init__(
        self,
        llm: LlmConfig,
        placement: PlacementConfig,
        store: Store,
        cluster: Cluster,
        tell: Callable[[str], None],
    ) -> None:
        """Check what would otherwise be found out when money has been spent.

        Raises:
            UsageError: --max-cost without a price, or a provider that is new to the journal.
            EngineError: the address is none.
        """
        self.stopped = False
        """Whether the budget has run out."""
        self._llm = llm
        self._placement = placement
        self._store = store
        self._cluster = cluster
        self._tell = tell
        self._server = server_named()
        provider = provider_of(llm)
        require_provider(store.journal, llm.model, provider, named=llm.provider is not None)
        if llm.requests.max_cost_usd is not None and price_in(llm) is None:
            raise UsageError(
                f"--max-cost: no price is known of {llm.model} at {provider}; "
                f"give --set 'llm.prices={{\"{llm.model}\" = {{input = USD, output = USD}}}}', per million tokens"
            )

    def run(self, stage: Stage, jobs: Sequence[Job]) -> Iterator[tuple[Job, PartRecord]]:
        """Make the parts of a stage; each is yielded once, when no more can be had for it in this run.

        Raises:
            RunError: the server fails for every request, a worker died, or an answer could not be stored.
        """
        if not jobs:
            return
        if self._llm.requests.mode is LlmMode.BATCH:
            yield from self._in_batches(stage, jobs)
        else:
            yield from self._pass(stage, jobs, None)

    def _in_batches(self, stage: Stage, jobs: Sequence[Job]) -> Iterator[tuple[Job, PartRecord]]:
        batching = Batching(self._llm, self._store.journal, self._server, self._tell)
        wanted = self._store.root / "wanted"
        left = list(jobs)
        while left:
            remove_folder(wanted)
            waiting: dict[str, tuple[Job, PartRecord]] = {}
            for job, record in self._pass(stage, left, wanted):
                if record.pending:
                    waiting[job.key] = (job, record)
                else:
                    yield job, record
            if not waiting or not batching.round(ending(wanted, ".jsonl")):
                self.stopped = self.stopped or batching.broke
                yield from waiting.values()
                break
            left = [job for job, _ in waiting.values()]
        remove_folder(wanted)

    def _pass(self, stage: Stage, jobs: Sequence[Job], wanted: Place | None) -> Iterator[tuple[Job, PartRecord]]:
        limits = limits_of(self._llm, spending(self._store.journal, remember=True))
        make = partial(_make, self._store, stage, self._server, wanted)
        todo = iter(jobs)
        unstopped = iter(lambda: None if self.stopped else next(todo, None), None)
        for job, record in self._cluster.map_sharing(partial(Ledger, limits), make, unstopped, self._placement):
            self.stopped |= BudgetSpent.cause in record.pending
            yield job, record


def _make(store: Store, stage: Stage, server: str, wanted: Place | None, shared: Shared, job: Job) -> PartRecord:
    file = None if wanted is None else wanted / f"{job.key}.jsonl"
    desk = Desk(store.journal, server, SharedQuota(shared), file)
    return make_part(store.out, stage, load(stage, desk), job)


def waiting_for_batches(record: PartRecord) -> int:
    """Rows of a part that a batch will bring on."""
    return record.pending.get(InBatch.cause, 0)
