"""A server that imitates an OpenAI-compatible one: no model, no key, no cost, and every trouble on demand.

It answers the project's own prompts with what the rules would write (`fake_answers`), or with what a test hands it.
It listens on 127.0.0.1 only, in a thread of this process:

    with FakeServer(troubles=script(Trouble.SERVER_ERROR)) as server: ... server.url ...

or by itself: python -m pipeline.backends.llm.fake_server --port 8080, then OPENAI_BASE_URL=http://127.0.0.1:8080/v1
"""

import argparse
import asyncio
import base64
import json
import random
import signal
import sys
import threading
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import TracebackType
from typing import Any, Self

from aiohttp import web

from pipeline.backends.llm.fake_answers import Asked, answer_by_rules
from pipeline.backends.llm.fake_batches import BatchBehaviour, FakeBatches

HOST = "127.0.0.1"
FORMATS = ("json_schema", "json_object", "text")

_HUGE_CHARACTERS = 200_000
_LARGEST_BODY = 32 << 20  # minutes of sound, as the services take them


class Trouble(StrEnum):
    """What may happen to one request instead of a good answer."""

    TOO_MANY = "too_many"
    OVERLOADED = "overloaded"
    SERVER_ERROR = "server_error"
    REFUSED = "refused"
    """Status 400: this request will never do."""
    BROKEN_BODY = "broken_body"
    """Status 200, and a body that is not JSON."""
    NO_CHOICES = "no_choices"
    HANG_UP = "hang_up"
    """The connection closes in the middle of the answer."""
    STALL = "stall"
    """No answer for a minute."""
    BROKEN_JSON = "broken_json"
    """A completion whose text is half a JSON object."""
    CUT = "cut"
    EMPTY = "empty"
    HUGE = "huge"
    FILTERED = "filtered"


_STALL_S = 60.0
# Servers do repeat the key in their messages; this one always does.
_REFUSALS = {
    Trouble.TOO_MANY: (429, "Rate limit reached", "rate_limit_exceeded"),
    Trouble.OVERLOADED: (503, "Overloaded", "overloaded"),
    Trouble.SERVER_ERROR: (500, "Internal error", "server_error"),
    Trouble.REFUSED: (400, "This prompt is not accepted", "invalid_prompt"),
}

Troubles = Callable[[int], Trouble | None]
"""Maps the number of a request, from 0, to what befalls it."""


def none(_number: int) -> Trouble | None:
    """All is well."""
    return None


def script(*troubles: Trouble | None) -> Troubles:
    """These troubles for the first requests, in order, then none."""
    return lambda number: troubles[number] if number < len(troubles) else None


def shares(chances: Mapping[Trouble, float], seed: int) -> Troubles:
    """Each trouble with its chance, drawn from the seed and the request's number alone."""

    def draw(number: int) -> Trouble | None:
        left = random.Random(f"{seed}/{number}").random()
        for trouble, chance in chances.items():
            left -= chance
            if left < 0:
                return trouble
        return None

    return draw


@dataclass(frozen=True, slots=True)
class Behaviour:
    """How a fake server behaves."""

    answer: Callable[[Asked], str] = answer_by_rules
    speech: Callable[[str], bytes] | None = None
    """Makes a WAV file of an answer that is to be spoken; None leaves it in writing, as servers without a voice do."""
    troubles: Troubles = none
    latency_s: float = 0.0
    retry_after_s: float = 0.05
    per_s: float | None = None
    """Requests a second that are let through, from a bucket that holds one second's worth; others get status 429."""
    key: str | None = None
    """The only key that is taken; None takes all."""
    models: frozenset[str] | None = None
    """The models that exist; None means every name."""
    formats: tuple[str, ...] = FORMATS
    """Response formats that are understood; others get status 400."""
    cached_tokens: int = 0
    """Of each prompt's tokens, those that are said to come from a cache."""
    batches: BatchBehaviour = field(default_factory=BatchBehaviour)
    """How batches go."""


class FakeServer:
    """The server in a thread; a context manager."""

    def __init__(self, behaviour: Behaviour | None = None, port: int = 0) -> None:
        self.behaviour = behaviour or Behaviour()
        self.port = port
        self.requests = 0
        """Requests for a completion so far."""
        self.in_flight = 0
        self.most_in_flight = 0
        self.asked: list[Asked] = []
        """What each request that reached an answer asked."""
        self.statuses: Counter[int] = Counter()
        self.batches = FakeBatches(self.behaviour.batches, self._answer_line)
        self._tokens = 0.0
        self._filled_at = 0.0
        self._loop = asyncio.new_event_loop()
        self._stopping = asyncio.Event()
        self._ready = threading.Event()
        self._failure: OSError | None = None
        self._thread = threading.Thread(target=self._run, name="fake-llm-server", daemon=True)

    @property
    def url(self) -> str:
        """What OPENAI_BASE_URL must be."""
        return f"http://{HOST}:{self.port}/v1"

    def __enter__(self) -> Self:
        self._thread.start()
        self._ready.wait()
        if self._failure is not None:
            self._thread.join()
            raise self._failure
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._loop.call_soon_threadsafe(self._stopping.set)
        self._thread.join()

    def wait(self) -> None:
        """Serve until the thread ends, for the command line."""
        self._thread.join()

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        try:
            self._loop.run_until_complete(self._serve())
        except OSError as exc:
            self._failure = exc
        finally:
            self._ready.set()
            self._loop.close()

    async def _serve(self) -> None:
        app = web.Application(client_max_size=_LARGEST_BODY)
        self._add_routes(app)
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await runner.setup()
        try:
            site = web.TCPSite(runner, HOST, self.port)
            await site.start()
            self.port = runner.addresses[0][1]
            self._ready.set()
            await self._stopping.wait()
        finally:
            await runner.cleanup()

    def _add_routes(self, app: web.Application) -> None:
        app.router.add_post("/v1/chat/completions", self._complete)
        app.router.add_get("/v1/models", self._models)
        self.batches.add_routes(app)

    async def _models(self, request: web.Request) -> web.Response:
        wrong = self._wrong_key(request)
        if wrong is not None:
            return wrong
        names = sorted(self.behaviour.models or {"fake"})
        return web.json_response({"object": "list", "data": [{"id": name, "object": "model"} for name in names]})

    async def _complete(self, request: web.Request) -> web.StreamResponse:
        number = self.requests
        self.requests += 1
        self.in_flight += 1
        self.most_in_flight = max(self.most_in_flight, self.in_flight)
        try:
            response = await self._respond(request, number)
        finally:
            self.in_flight -= 1
        self.statuses[response.status] += 1
        return response

    def _read(self, body: bytes) -> Asked | web.Response:
        """What is asked, or why it cannot be."""
        behaviour = self.behaviour
        try:
            asked = Asked.read(json.loads(body))
        except (ValueError, KeyError, TypeError, IndexError):
            return refusal(400, "The body is no chat completion request", "invalid_request")
        if behaviour.models is not None and asked.model not in behaviour.models:
            return refusal(404, f"The model {asked.model} does not exist", "model_not_found")
        if asked.response_format not in behaviour.formats:
            return refusal(400, f"response_format {asked.response_format} is not supported", "unsupported_value")
        return asked

    async def _respond(self, request: web.Request, number: int) -> web.StreamResponse:
        behaviour = self.behaviour
        asked = self._wrong_key(request) or self._read(await request.read())
        if isinstance(asked, web.Response):
            return asked
        await asyncio.sleep(behaviour.latency_s)
        trouble = behaviour.troubles(number) if self._admitted() else Trouble.TOO_MANY
        if trouble is Trouble.STALL:
            await asyncio.sleep(_STALL_S)
        response = self._turned_away(trouble, _key_of(request))
        if response is not None:
            return response
        self.asked.append(asked)
        text, reason = _spoilt(behaviour.answer(asked), trouble)
        completion = _completion(asked, number, text, reason, behaviour.cached_tokens)
        if asked.voice and behaviour.speech is not None:
            completion["choices"][0]["message"] |= {"content": None, "audio": _audio(text, behaviour.speech(text))}
        body = json.dumps(completion).encode()
        if trouble is Trouble.HANG_UP:
            return await _half(request, body)
        return web.Response(body=body, content_type="application/json")

    def _answer_line(self, body: dict[str, Any], number: int) -> tuple[int, dict[str, Any]]:
        """One request of a batch."""
        asked = Asked.read(body)
        trouble = self.behaviour.troubles(number)
        if trouble in _REFUSALS:
            status, message, code = _REFUSALS[trouble]
            return status, {"error": {"message": message, "type": code, "code": code, "param": None}}
        self.asked.append(asked)
        text, reason = _spoilt(self.behaviour.answer(asked), trouble)
        return 200, _completion(asked, number, text, reason, self.behaviour.cached_tokens)

    def _wrong_key(self, request: web.Request) -> web.Response | None:
        given = _key_of(request)
        if self.behaviour.key is None or given == self.behaviour.key:
            return None
        return refusal(401, f"Incorrect API key provided: {given}", "invalid_api_key")

    def _admitted(self) -> bool:
        rate = self.behaviour.per_s
        if rate is None:
            return True
        now = self._loop.time()
        self._tokens = min(rate, self._tokens + (now - self._filled_at) * rate)
        self._filled_at = now
        if self._tokens < 1:
            return False
        self._tokens -= 1
        return True

    def _turned_away(self, trouble: Trouble | None, key: str) -> web.Response | None:
        """The response to a request that never reaches a model."""
        if trouble is Trouble.BROKEN_BODY:
            return web.Response(text='{"id": "chatcmpl-', content_type="application/json")
        if trouble is Trouble.NO_CHOICES:
            return web.json_response({"object": "error", "message": "no worker is free"})
        if trouble not in _REFUSALS:
            return None
        status, message, code = _REFUSALS[trouble]
        wait = {"Retry-After": f"{self.behaviour.retry_after_s:g}"} if trouble is Trouble.TOO_MANY else None
        return refusal(status, f"{message} (key {key})", code, wait)


def _key_of(request: web.Request) -> str:
    return request.headers.get("Authorization", "").removeprefix("Bearer ")


def _spoilt(text: str, trouble: Trouble | None) -> tuple[str, str]:
    match trouble:
        case Trouble.BROKEN_JSON:
            return text[: len(text) // 2], "stop"
        case Trouble.CUT:
            return text[: len(text) // 2], "length"
        case Trouble.EMPTY:
            return "", "stop"
        case Trouble.HUGE:
            return text + " again" * (_HUGE_CHARACTERS // len(" again")), "stop"
        case Trouble.FILTERED:
            return "", "content_filter"
        case _:
            return text, "stop"


def _audio(text: str, wav: bytes) -> dict[str, object]:
    return {"id": "audio-fake", "data": base64.b64encode(wav).decode(), "transcript": text, "expires_at": 0}


def _completion(asked: Asked, number: int, text: str, finish_reason: str, cached_tokens: int) -> dict[str, Any]:
    prompt_tokens = len(asked.system.split()) + len(asked.user.split())
    completion_tokens = len(text.split())
    return {
        "id": f"chatcmpl-fake-{number}",
        "object": "chat.completion",
        "created": 0,
        "model": asked.model,
        "choices": [{"index": 0, "message": {"role": "assistant", "content": text}, "finish_reason": finish_reason}],
        "usage": {
            "prompt_tokens": prompt_tokens,
            "completion_tokens": completion_tokens,
            "total_tokens": prompt_tokens + completion_tokens,
            "prompt_tokens_details": {"cached_tokens": min(cached_tokens, prompt_tokens)},
        },
    }


def refusal(status: int, message: str, code: str, headers: Mapping[str, str] | None = None) -> web.Response:
    """An answer of another status than 200, as OpenAI words it."""
    body = {"error": {"message": message, "type": code, "code": code, "param": None}}
    return web.json_response(body, status=status, headers=headers)


async def _half(request: web.Request, body: bytes) -> web.StreamResponse:
    """Announce the whole body, send half of it, and close the connection."""
    response = web.StreamResponse(headers={"Content-Type": "application/json", "Content-Length": str(len(body))})
    await response.prepare(request)
    await response.write(body[: len(body) // 2])
    if request.transport is not None:
        request.transport.close()
    return response


def main() -> int:
    """Serve until interrupted."""
    parser = argparse.ArgumentParser(description="An OpenAI-compatible server without a model, for trying things out.")
    parser.add_argument("--port", type=int, default=8080)
    parser.add_argument("--latency", type=float, default=0.0, help="seconds before each answer")
    given = parser.parse_args()
    return serve(FakeServer(Behaviour(latency_s=given.latency), port=given.port), given.port)


def serve(server: FakeServer, port: int) -> int:
    """Say where the server is and run it until it is interrupted; returns the exit code."""
    signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background jobs are started deaf to it
    try:
        with server:
            sys.stdout.write(f"OPENAI_BASE_URL={server.url}\n")
            sys.stdout.flush()
            server.wait()
    except KeyboardInterrupt:
        return 130
    except OSError as exc:
        sys.stderr.write(f"{HOST}:{port} cannot be listened on ({exc.strerror}): choose another --port\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
