"""Open a model and its journal for one stage, and close both, whatever happens."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
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
    async with OpenAIChat(settings) as chat, Journal(journal) as answers:
        yield Interviewer(chat, answers, llm.model, sampling, repair_turns)
