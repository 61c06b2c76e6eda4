"""Open a model and the journal of its answers for one shard of a stage."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import cache
from urllib.parse import urlsplit

from pipeline.backends.llm.collector import Collector
from pipeline.backends.llm.openai_chat import ClientSettings, OpenAIChat
from pipeline.backends.llm.prices import Price, price_of
from pipeline.backends.llm.protocol import Sampling
from pipeline.backends.llm.quota import Limits
from pipeline.backends.openai_address import server_named
from pipeline.config_llm import LlmConfig
from pipeline.stages.ask import Interviewer
from pipeline.stages.desk import Desk
from pipeline.store.atomic import handed_over
from pipeline.store.batches import BatchShelf
from pipeline.store.journal import Journal
from pipeline.store.place import Place
from pipeline.store.spending import Spent


def provider_of(llm: LlmConfig) -> str:
    """Who runs the model: as the settings say, else the host of the address.

    Raises:
        EngineError: the address is none.
    """
    return llm.provider or urlsplit(server_named()).netloc


def price_in(llm: LlmConfig) -> Price | None:
    """What the model charges, None where nobody has said."""
    return price_of(llm.model, provider_of(llm), llm.prices)


def limits_of(llm: LlmConfig, spent: Spent) -> Limits:
    """What all who ask may do together, after so much was paid."""
    requests = llm.requests
    return Limits(
        concurrency=requests.concurrency,
        per_minute=requests.rpm,
        tokens_per_minute=requests.tpm,
        budget_usd=requests.max_cost_usd,
        spent_usd=spent.usd,
    )


@asynccontextmanager
async def interviewing(llm: LlmConfig, desk: Desk, repair_turns: int) -> AsyncIterator[Interviewer]:
    """Yield an interviewer for the endpoint.

    Raises:
        EngineError: the key is missing where one is needed.
    """
    settings = ClientSettings(
        base_url=desk.server,
        concurrency=llm.requests.concurrency,
        timeout_s=llm.requests.timeout_s,
        retries=llm.requests.retries,
    )
    sampling = Sampling(temperature=llm.temperature, seed=llm.seed, max_tokens=llm.max_tokens)
    price = price_in(llm)
    answers = _journal(desk.journal)
    answers.refresh()  # a worker that died may have paid for part of this shard
    async with OpenAIChat(settings, desk.quota, price) as chat:
        try:
            if desk.wanted is None:
                yield Interviewer(chat, answers, llm.model, sampling, repair_turns, provider_of(llm), price)
            else:
                refusals = BatchShelf(desk.journal).refusals()
                with handed_over(desk.wanted) as wanted, Collector(chat.body, wanted, refusals) as collector:
                    yield Interviewer(collector, answers, llm.model, sampling, repair_turns, provider_of(llm), price)
        finally:
            await answers.drain()


@cache
def _journal(folder: Place) -> Journal:
    """One per process, so that its answers go to one file."""
    return Journal(folder)
