"""What answers cost: a dated table of prices, and sums in billionths of a dollar, so that they add up exactly.

It does not know who asks. A model that the table does not have has no price, and no cost is invented for it.
"""

import json
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import NamedTuple

from pydantic import BaseModel

from pipeline.backends.llm.answers import json_schema
from pipeline.backends.llm.protocol import Reply, Request
from pipeline.config_llm import PriceConfig

PRICES_FILE = Path(__file__).with_name("prices.toml")
OPENAI = "api.openai.com"
"""The provider whose prices the file holds."""
NANO_USD = 1_000_000_000
_MILLION = 1_000_000
_SNAPSHOT = re.compile(r"-\d{4}-\d{2}-\d{2}\Z")
"""Dated names of a model ("gpt-4o-2024-11-20") cost what it costs."""
_TURN_TOKENS = 16
"""More than any chat format adds to a message."""


class Table(NamedTuple):
    """The price file, read."""

    date: str
    source: str
    prices: Mapping[str, PriceConfig]


@dataclass(frozen=True, slots=True)
class Price:
    """What a model charges."""

    input: float
    """USD per million tokens of the prompt."""
    cached_input: float
    """The same for those that the server had in its cache."""
    output: float
    batch: float
    """Share of it that is charged for an answer of a batch."""

    def nano_usd(self, reply: Reply) -> int:
        """What an answer has cost."""
        return self._nano_usd(
            reply.prompt_tokens - reply.cached_tokens, reply.cached_tokens, reply.completion_tokens, batch=reply.batch
        )

    def usd(self, prompt_tokens: float, completion_tokens: float, *, batch: bool = False) -> float:
        """What so many tokens would cost, none of them cached."""
        return self._nano_usd(prompt_tokens, 0, completion_tokens, batch=batch) / NANO_USD

    def most_usd(self, request: Request, *, batch: bool = False) -> float:
        """The most that a request can cost: every byte a token, and the longest answer allowed."""
        return self.usd(most_prompt_tokens(request), request.sampling.max_tokens, batch=batch)

    def _nano_usd(self, fresh: float, cached: float, out: float, *, batch: bool) -> int:
        usd = fresh * self.input + cached * self.cached_input + out * self.output
        return round(usd * (self.batch if batch else 1.0) * NANO_USD / _MILLION)


def most_prompt_tokens(request: Request) -> int:
    """More tokens than a prompt and the schema of its answer can have: no tokenizer makes more than one of a byte."""
    said = sum(len(message.content.encode()) + _TURN_TOKENS for message in request.messages)
    return said + _schema_bytes(request.answer)


@cache
def _schema_bytes(answer: type[BaseModel]) -> int:
    return len(json.dumps(json_schema(answer)))


@cache
def table() -> Table:
    """The shipped price file."""
    plain = tomllib.loads(PRICES_FILE.read_text(encoding="utf-8"))
    prices = {name: PriceConfig(**price, batch=plain["batch"]) for name, price in plain["models"].items()}
    return Table(plain["date"], plain["source"], prices)


def price_of(model: str, provider: str, given: Mapping[str, PriceConfig]) -> Price | None:
    """The price of a model, as `given` or else, of OpenAI's own, as shipped; None where nobody has said."""
    shipped = table().prices if provider == OPENAI else {}
    for name in (model, _SNAPSHOT.sub("", model)):
        found = given.get(name) or shipped.get(name)
        if found is not None:
            cached = found.input if found.cached_input is None else found.cached_input
            return Price(found.input, cached, found.output, found.batch)
    return None
