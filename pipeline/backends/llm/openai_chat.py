"""A `Chat` over any server that speaks OpenAI's chat completions.

The address comes from OPENAI_BASE_URL, the key from OPENAI_API_KEY and from nowhere else; the key enters no message,
repr, file or log. Structured output is asked for as a JSON schema; a server that refuses it is asked for any JSON
object, then for plain text with the schema in words, and what it takes is remembered for as long as the client lives.
It stores nothing: the journal is the caller's.
"""

import asyncio
import json
from dataclasses import dataclass, replace
from enum import IntEnum
from types import TracebackType
from typing import Any, Self

import openai
from httpx2 import Response
from openai import AsyncOpenAI, DefaultAioHttpClient
from tenacity import AsyncRetrying, RetryCallState, retry_if_exception_type, wait_random_exponential

from pipeline.backends.llm.answers import json_schema
from pipeline.backends.llm.completion import reply_of
from pipeline.backends.llm.failures import FormatRefused, Patience, TooMany, Transient, Unreachable, translate
from pipeline.backends.llm.limits import Load, Share
from pipeline.backends.llm.prices import NANO_USD, Price, most_prompt_tokens
from pipeline.backends.llm.protocol import ChatError, Postponed, Reply, Request, RequestFailed
from pipeline.backends.llm.quota import Alone, Limits, Quota
from pipeline.backends.openai_address import OPENAI_URL, read_address
from pipeline.errors import EngineError

_BYTES_PER_TOKEN = 4
"""Of English; only a first guess, which the answer's own count corrects."""
_ANSWER_TOKENS = 300


@dataclass(frozen=True, slots=True)
class ClientSettings:
    """How a server is asked; none of it changes what is asked, so none of it is part of a stage's identity."""

    base_url: str | None = None
    """Overrides OPENAI_BASE_URL."""
    concurrency: int = 64
    """Most requests in flight, where no quota is shared; the client finds out by itself how many the server bears."""
    timeout_s: float = 300.0
    """For one answer from first to last byte; a small local model needs minutes."""
    connect_timeout_s: float = 10.0
    retries: int = 8
    patience_s: float = 600.0
    """How long one request bears being told that there are too many."""
    backoff_s: float = 0.5
    """First wait after a failure; doubles, with jitter, up to `longest_backoff_s`."""
    longest_backoff_s: float = 60.0
    breaker: int = 10
    """So many requests given up in a row, with no answer between, mean that the server is down."""


class _Format(IntEnum):
    SCHEMA = 0
    OBJECT = 1
    TEXT = 2


class OpenAIChat:
    """A client of one server, for one event loop; use as an async context manager."""

    def __init__(self, settings: ClientSettings, quota: Quota | None = None, price: Price | None = None) -> None:
        """Open a client.

        Args:
            settings: how to ask.
            quota: what it shares with other clients of the build; None lets it do what `settings` say.
            price: what the model charges; None where it is not known.
        """
        address = read_address(settings.base_url)
        self.server = address.shown
        self._address = address
        self._settings = settings
        self._client = AsyncOpenAI(
            base_url=address.url,
            api_key=address.sent_key,
            max_retries=0,
            timeout=openai.Timeout(settings.timeout_s, connect=settings.connect_timeout_s),
            http_client=DefaultAioHttpClient(),
        )
        self.requests = 0
        """HTTP requests sent, tries again included."""
        self._tokens_field = "max_completion_tokens" if self.server.startswith(OPENAI_URL) else "max_tokens"
        self._share = Share(quota or Alone(Limits(settings.concurrency)))
        self._price = price
        self._backoff = wait_random_exponential(settings.backoff_s, settings.longest_backoff_s)
        self._format = _Format.SCHEMA
        self._format_known = False
        self._reached = False
        self._given_up = 0

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._share.close()
        await self._client.close()

    async def complete(self, request: Request) -> Reply:
        """Answer one request; see `Chat`."""
        retrying = AsyncRetrying(
            retry=retry_if_exception_type(Transient),
            stop=Patience(self._settings.retries, self._settings.patience_s, self._reached),
            wait=self._wait,
            reraise=True,
        )
        try:
            reply: Reply = await retrying(self._in_some_format, request)
        except Unreachable as exc:
            raise EngineError(f"{exc}: start it, or set OPENAI_BASE_URL to where it listens") from exc
        except Transient as exc:
            raise self._give_up(
                f"{exc}; given up after {retrying.statistics['attempt_number']} tries", Postponed
            ) from exc
        except RequestFailed as exc:
            # A refused row says nothing of the server, unless it has never yet answered one.
            if self._format_known:
                raise
            raise self._give_up(str(exc), RequestFailed) from exc
        self._given_up = 0
        return reply

    def _give_up(self, message: str, failure: type[RequestFailed | Postponed]) -> ChatError | EngineError:
        self._given_up += 1
        if self._given_up >= self._settings.breaker:
            return EngineError(
                f"{message} ({self._given_up} requests in a row): check the server and run again, answers are kept"
            )
        return failure(message)

    def _wait(self, state: RetryCallState) -> float:
        error = state.outcome.exception() if state.outcome else None
        asked = error.retry_after_s if isinstance(error, Transient) else None
        return self._backoff(state) if asked is None else asked

    async def _in_some_format(self, request: Request) -> Reply:
        """One answer, in the best format that the server is not known to refuse."""
        used = self._format
        while True:
            try:
                reply = await self._once(request, used)
            except FormatRefused as exc:
                # Known is what another request has proven meanwhile: then a refusal in that format is the row's own.
                if used is _Format.TEXT or (self._format_known and used >= self._format):
                    raise RequestFailed(str(exc)) from exc
                used = max(_Format(used + 1), self._format)
            else:
                self._format = min(used, self._format) if self._format_known else used
                self._format_known = True
                return reply

    async def _once(self, request: Request, used: _Format) -> Reply:
        async with self._share.slot(self._load(request)) as ticket:
            try:
                body = await self._send(request, used)
            except TooMany:
                self._share.refused(ticket)
                raise
            reply = reply_of(body, request.model, self.server)
            paid = None if self._price is None else self._price.nano_usd(reply) / NANO_USD
            self._share.answered(ticket, reply.prompt_tokens + reply.completion_tokens, paid)
        return reply

    def _load(self, request: Request) -> Load:
        most = 0.0 if self._price is None else self._price.most_usd(request)
        return Load(most_prompt_tokens(request) / _BYTES_PER_TOKEN + _ANSWER_TOKENS, most)

    def body(self, request: Request) -> dict[str, Any]:
        """What is posted for a request, for those who send it by another way."""
        return self._body(request, _Format.SCHEMA)

    async def _send(self, request: Request, used: _Format) -> bytes:
        self.requests += 1
        try:
            async with asyncio.timeout(self._settings.timeout_s):
                # As openai documents for requests that it has no types for; see `completion` for why.
                response = await self._client.post(
                    "/chat/completions", cast_to=Response, body=self._body(request, used)
                )
        except TimeoutError as exc:
            raise Transient(f"{self.server} took more than {self._settings.timeout_s:g} s") from exc
        except openai.APIError as exc:
            self._reached |= isinstance(exc, openai.APIStatusError)
            raise translate(exc, self.server, request.model, self._address.cleaned(exc.message)) from exc
        self._reached = True
        return response.content

    def _body(self, request: Request, used: _Format) -> dict[str, Any]:
        sampling = request.sampling
        given = {"temperature": sampling.temperature, "top_p": sampling.top_p, "seed": sampling.seed}
        body: dict[str, Any] = {name: value for name, value in given.items() if value is not None}
        body["model"] = request.model
        body[self._tokens_field] = sampling.max_tokens
        schema = json_schema(request.answer)
        messages = request.messages
        if used is _Format.SCHEMA:
            described = {"name": request.answer.__name__, "schema": schema, "strict": True}
            body["response_format"] = {"type": "json_schema", "json_schema": described}
        else:
            first = messages[0]
            wish = f"{first.content}\n\nAnswer with one JSON object and nothing else. Its schema:\n{json.dumps(schema)}"
            messages = (replace(first, content=wish), *messages[1:])
            if used is _Format.OBJECT:
                body["response_format"] = {"type": "json_object"}
        body["messages"] = [{"role": message.role, "content": message.content} for message in messages]
        return body
