"""Settings of the language model: which one, what it charges, how it is called. Part of `pipeline.config`."""

from dataclasses import field
from enum import StrEnum
from typing import Annotated

from pydantic import Field
from pydantic.dataclasses import dataclass

from pipeline.config_types import CHECKED, Count, Positive


class LlmMode(StrEnum):
    """How requests reach the model."""

    LIVE = "live"
    BATCH = "batch"


@dataclass(frozen=True, config=CHECKED)
class PriceConfig:
    """What a model charges, in USD per million tokens; bears no identity."""

    input: Annotated[float, Field(ge=0)]
    """Tokens of prompts."""
    output: Annotated[float, Field(ge=0)]
    """Tokens of answers."""
    cached_input: Annotated[float, Field(ge=0)] | None = None
    """Tokens of prompts that the server had in its cache; None if that makes no difference."""
    batch: Annotated[float, Field(ge=0, le=1)] = 1.0
    """Share of it that is charged in a batch."""


@dataclass(frozen=True, config=CHECKED)
class RequestsConfig:
    """How the endpoint is called; bears no identity. The limits hold for all workers of a build together."""

    mode: LlmMode = LlmMode.LIVE
    """Request by request, or by the Batch API: up to a day, at half the price."""
    concurrency: Count = 64
    """Most requests in flight."""
    rpm: Positive | None = None
    """Most requests a minute."""
    tpm: Positive | None = None
    """Most tokens a minute, prompts and answers."""
    max_cost_usd: Positive | None = None
    """Most that may be paid for all answers in the output directory, those of earlier runs included."""
    batch_requests: Annotated[int, Field(ge=1, le=50_000)] = 50_000
    """Most requests per batch; the API takes 50,000."""
    batch_poll_s: Positive = 60.0
    """How often a batch is asked how far it is."""
    timeout_s: Positive = 120.0
    """Longest wait for one answer."""
    retries: Annotated[int, Field(ge=0)] = 8
    """Attempts after the first for one request."""


@dataclass(frozen=True, config=CHECKED)
class LlmConfig:
    """The OpenAI-compatible endpoint; address and key come from OPENAI_BASE_URL and OPENAI_API_KEY."""

    model: str = "gpt-5-mini"
    """Model name at the endpoint."""
    temperature: float | None = None
    """Sampling temperature; None leaves it to the endpoint (some models accept no other)."""
    max_tokens: Count = 4096
    """Longest answer."""
    seed: int = 0
    """Seed sent with each request."""
    provider: str | None = None
    """Who runs the model; None takes the host of the address. Answers of one provider are never taken for another's."""
    prices: dict[str, PriceConfig] = field(default_factory=dict)
    """Prices by model name, over those of backends/llm/prices.toml; bear no identity."""
    requests: RequestsConfig = field(default_factory=RequestsConfig)
    """How it is called."""
