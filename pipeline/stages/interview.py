"""Open a model and the journal of its answers for one shard of a stage."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import cache
from pathlib import Path

from pipeline.backends.llm.openai_chat import ClientSettings, OpenAIChat
from pipeline.backends.llm.protocol import Sampling
from pipeline.config import LlmConfig
from pipeline.stages.ask import Interviewer
from pipeline.store.journal import Journal


@asynccontextmanager
async def interviewing(llm: LlmConfig, journal: Path, repair_turns: int) -> AsyncIterator[Interviewer]:
    """Yield an interviewer for the endpoint that the environment names.

    Raises:
        EngineError: the key is missing where one is needed.
    """
    settings = ClientSettings(
        concurrency=llm.requests.concurrency, timeout_s=llm.requests.timeout_s, retries=llm.requests.retries
    )
    sampling = Sampling(temperature=llm.temperature, seed=llm.seed, max_tokens=llm.max_tokens)
    answers = _journal(journal)
    answers.refresh()  # a worker that died may have paid for part of this shard
    async with OpenAIChat(settings) as chat:
        try:
            yield Interviewer(chat, answers, llm.model, sampling, repair_turns)
        finally:
            await answers.drain()


@cache
def _journal(folder: Path) -> Journal:
    """One per process, so that its answers go to one file."""
    return Journal(folder)
