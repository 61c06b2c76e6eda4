"""Any OpenAI-compatible chat endpoint as a contestant, asked in writing or with a recording.

It answers in writing, or aloud too where a voice is named. It keeps nothing: what it gave out is the caller's to keep.
"""

import asyncio
import base64
import binascii
import time
from collections.abc import AsyncIterator, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import openai
from openai import AsyncOpenAI, DefaultAioHttpClient
from openai.types.chat import ChatCompletion
from tenacity import AsyncRetrying, RetryCallState, retry_if_exception_type, wait_random_exponential

from pipeline.backends.audio import decode, encode
from pipeline.backends.llm.failures import FormatRefused, Patience, Transient, Unreachable, translate
from pipeline.backends.llm.protocol import RequestFailed
from pipeline.backends.openai_address import OPENAI_URL, read_address
from pipeline.errors import EngineError, UsageError
from pipeline.evaluate.contestants import Asked, Given

INSTRUCTION = 'Solve the problem step by step, briefly. End with one sentence "The answer is" and the number.'
"""For benchmarks that tell a model nothing themselves."""


@dataclass(frozen=True, slots=True)
class Asking:
    """How an endpoint is asked."""

    max_tokens: int = 1024
    temperature: float = 0.0
    voice: str | None = None
    """Ask for speech in this voice besides; None for text alone."""
    concurrency: int = 8
    retries: int = 5
    patience_s: float = 600.0
    """How long one request bears being told that there are too many."""
    timeout_s: float = 300.0
    backoff_s: float = 0.5
    breaker: int = 10
    """So many requests refused in a row, with no answer before, mean that none will be answered."""


class Endpoint:
    """A `Contestant`."""

    def __init__(self, model: str, base_url: str | None, how: Asking) -> None:
        """Read the address; nothing is sent yet.

        Args:
            model: as the server names it.
            base_url: None for OPENAI_BASE_URL of the environment.
            how: how it is asked.

        Raises:
            EngineError: the address or the key cannot be.
        """
        self._address = read_address(base_url)
        self._model = model
        self._how = how
        self.name = f"{model} at {self._address.shown}"
        self.hears = True
        self.speaks = how.voice is not None
        self.identity: Mapping[str, Any] = {
            "endpoint": self._address.shown,
            "model": model,
            "instruction": INSTRUCTION,
            "max_tokens": how.max_tokens,
            "temperature": how.temperature,
            "voice": how.voice,
        }
        self._answered = 0
        self._refused = 0

    async def answer(self, questions: Iterable[tuple[int, Asked]]) -> AsyncIterator[tuple[int, Given]]:
        """Answer many at a time; see `Contestant`. What is under way when it must stop is still given out."""
        waiting = iter(questions)
        running: set[asyncio.Task[tuple[int, Given]]] = set()
        stop: EngineError | None = None
        async with AsyncOpenAI(
            base_url=self._address.url,
            api_key=self._address.sent_key,
            max_retries=0,
            timeout=self._how.timeout_s,
            http_client=DefaultAioHttpClient(),
        ) as client:
            while True:
                while stop is None and len(running) < self._how.concurrency:
                    try:
                        question = next(waiting, None)
                    except EngineError as exc:  # it could not be read aloud
                        stop = exc
                        break
                    if question is None:
                        break
                    running.add(asyncio.create_task(self._ask(client, *question)))
                if not running:
                    break
                done, running = await asyncio.wait(running, return_when=asyncio.FIRST_COMPLETED)
                for task in done:
                    error = task.exception()
                    if isinstance(error, EngineError):
                        stop = stop or error
                    else:
                        yield task.result()
        if stop is not None:
            raise stop

    async def _ask(self, client: AsyncOpenAI, number: int, asked: Asked) -> tuple[int, Given]:
        try:
            body = self._body(asked)
        except EngineError as exc:
            return number, Given(None, str(exc))
        retrying = AsyncRetrying(
            retry=retry_if_exception_type(Transient),
            stop=Patience(self._how.retries, self._how.patience_s, self._answered > 0),
            wait=self._wait,
            reraise=True,
        )
        try:
            given: Given = await retrying(self._once, client, body)
        except Unreachable as exc:
            raise EngineError(f"{exc}: start it, or set OPENAI_BASE_URL to where it listens") from exc
        except Transient as exc:
            raise EngineError(
                f"{exc}; given up after {self._how.retries} retries: run again, answers are kept"
            ) from exc
        except (RequestFailed, FormatRefused) as exc:
            self._refused += 1
            if not self._answered and self._refused >= self._how.breaker:
                raise EngineError(f"{exc} ({self._refused} requests in a row, none answered): check the model") from exc
            return number, Given(None, str(exc))
        self._answered += 1
        return number, given

    async def _once(self, client: AsyncOpenAI, body: dict[str, Any]) -> Given:
        begun = time.monotonic()
        server = self._address.shown
        try:
            completion = await client.chat.completions.create(**body)
        except openai.APIError as exc:
            raise translate(exc, server, self._model, self._address.cleaned(exc.message)) from exc
        except ValueError as exc:
            raise Transient(f"{server} sent a body that is not JSON") from exc
        # The client hands through whatever a server sends under status 200.
        if not isinstance(completion, ChatCompletion) or not completion.choices:
            raise Transient(f"{server} sent a body that is no chat completion")
        return _given(completion, round(time.monotonic() - begun, 6), self._how.concurrency)

    def _wait(self, state: RetryCallState) -> float:
        error = state.outcome.exception() if state.outcome else None
        asked = error.retry_after_s if isinstance(error, Transient) else None
        return wait_random_exponential(self._how.backoff_s, 60.0)(state) if asked is None else asked

    def _body(self, asked: Asked) -> dict[str, Any]:
        instruction = asked.item.instruction or INSTRUCTION
        if asked.audio is None:
            content: Any = f"{instruction}\n\n{asked.text}"
        else:
            # Of any format that the benchmark keeps: servers are sure to know WAV alone.
            wav = base64.b64encode(encode(decode(asked.audio), "wav")).decode()
            content = [
                {"type": "text", "text": instruction},
                {"type": "input_audio", "input_audio": {"data": wav, "format": "wav"}},
            ]
        tokens = "max_completion_tokens" if self._address.url.startswith(OPENAI_URL) else "max_tokens"
        body: dict[str, Any] = {
            "model": self._model,
            "messages": [{"role": "user", "content": content}],
            "temperature": self._how.temperature,
            tokens: self._how.max_tokens,
        }
        if self._how.voice is not None:
            body |= {"modalities": ["text", "audio"], "audio": {"voice": self._how.voice, "format": "wav"}}
        return body


def endpoint_named(text: str, how: Asking) -> Endpoint:
    """Read `--endpoint MODEL` or `MODEL@URL`.

    Raises:
        UsageError: no model is named.
        EngineError: the address or the key cannot be.
    """
    model, _, url = text.partition("@http")
    if not model:
        raise UsageError(f"--endpoint {text}: names no model; give MODEL, or MODEL@URL")
    return Endpoint(model, f"http{url}" if url else None, how)


def _given(completion: ChatCompletion, total_s: float, batch: int) -> Given:
    choice = completion.choices[0]
    message = choice.message
    spoken = message.audio
    text = message.content or (spoken.transcript if spoken is not None else None)
    used = completion.usage
    try:
        sound = base64.b64decode(spoken.data, validate=True) if spoken is not None and spoken.data else None
    except binascii.Error:
        sound = None
    return Given(
        text.strip() if text else None,
        failure="" if text else f"no text ({choice.finish_reason})",
        audio=sound,
        n_tokens=used.completion_tokens if used else None,
        total_s=total_s,
        batch=batch,
        ended=choice.finish_reason != "length",
    )
