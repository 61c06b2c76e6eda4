"""OpenAI's Batch API: a file of requests up, a batch made of it, a file of answers down.

It keeps nothing: what was sent, and what came back, is for the caller to note. Each step can be found again by the name
that the caller gives it.
"""

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import openai
from openai import AsyncOpenAI, DefaultAioHttpClient
from openai.types import Batch

from pipeline.backends.llm.collector import ENDPOINT
from pipeline.backends.llm.completion import reply_in
from pipeline.backends.llm.failures import Transient, hopeless, translate
from pipeline.backends.llm.protocol import Reply
from pipeline.backends.openai_address import read_address
from pipeline.errors import EngineError

MOST_REQUESTS = 50_000
MOST_BYTES = 200_000_000
"""Of one file."""
NAME = "smp3m"
"""Under which a batch carries our name for it."""
ENDED = frozenset({"completed", "failed", "expired", "cancelled"})
_RETRIES = 8
_REFUSED_ONCE = frozenset({408, 409, 425, 429})


class Again(Enum):
    """What became of a request that has no answer."""

    LATER = "later"
    """It may be sent again: expired, too many, a server's error."""


class Gone(Exception):
    """The server does not know a batch or its files, or no longer."""


@dataclass(frozen=True)
class Line:
    """One request of a batch that has ended."""

    key: str
    outcome: Reply | str | Again | EngineError
    """The answer; or why it is refused for good; or that it may be sent again; or why none is answered for now."""


@dataclass(frozen=True)
class State:
    """How far a batch is."""

    batch_id: str
    status: str
    done: int
    files: tuple[str, ...]
    """Of answers and of errors, those that there are."""
    error: str
    """Why the whole batch failed, "" if it did not."""
    too_large: bool
    """It failed for having more tokens than may wait at a time."""

    @property
    def ended(self) -> bool:
        """Whether nothing more will come of it."""
        return self.status in ENDED


class BatchClient:
    """A client of one server; an async context manager."""

    def __init__(self, server: str, model: str) -> None:
        """Open a client for an address; the key comes from the environment."""
        self._server = server
        self._model = model
        self._address = read_address(server)
        # These calls are few, and safe to repeat: the client's own retries do.
        self._client = AsyncOpenAI(
            base_url=server, api_key=self._address.sent_key, max_retries=_RETRIES, http_client=DefaultAioHttpClient()
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._client.close()

    async def send(self, requests: Path, name: str) -> State:
        """Have the requests of a file answered, unless a batch of this name is there already.

        Raises:
            EngineError: the server does not answer, or refuses the file.
        """
        try:
            async for batch in self._client.batches.list(limit=100):
                if (batch.metadata or {}).get(NAME) == name:
                    return self._state(batch)
            file_id = await self._uploaded(requests)
            batch = await self._client.batches.create(
                completion_window="24h", endpoint=ENDPOINT, input_file_id=file_id, metadata={NAME: name}
            )
        except openai.APIError as exc:
            raise self._stop(exc) from exc
        return self._state(batch)

    async def state(self, batch_id: str) -> State:
        """Ask how far a batch is.

        Raises:
            EngineError: the server does not answer.
            Gone: it knows no such batch.
        """
        try:
            return self._state(await self._client.batches.retrieve(batch_id))
        except openai.NotFoundError as exc:
            raise Gone(f"{self._server} knows no batch {batch_id}") from exc
        except openai.APIError as exc:
            raise self._stop(exc) from exc

    async def lines(self, state: State) -> AsyncIterator[Line]:
        """What became of the requests of a batch that has ended; those that it does not name may be sent again.

        Raises:
            EngineError: the server does not answer.
            Gone: the files are not there any more.
        """
        for file_id in state.files:
            try:
                async with self._client.files.with_streaming_response.content(file_id) as response:
                    async for text in _lines(response.iter_bytes()):
                        yield self._line(json.loads(text))
            except openai.NotFoundError as exc:
                raise Gone(f"{self._server} has no file {file_id} of batch {state.batch_id}") from exc
            except openai.APIError as exc:
                raise self._stop(exc) from exc
            except json.JSONDecodeError as exc:
                raise EngineError(f"{self._server}: file {file_id} of batch {state.batch_id} is damaged") from exc

    async def _uploaded(self, requests: Path) -> str:
        async for file in self._client.files.list(purpose="batch", limit=1000):
            if file.filename == requests.name:
                return file.id
        return (await self._client.files.create(file=requests, purpose="batch")).id

    def _line(self, line: dict[str, Any]) -> Line:
        key, response = line["custom_id"], line.get("response")
        if response is None:
            return Line(key, Again.LATER)
        status, body = response["status_code"], response["body"]
        if status == 200:
            return Line(key, self._answer(body))
        error = (body or {}).get("error") or {}
        said = self._address.cleaned(str(error.get("message", "")))
        fatal = hopeless(status, error.get("code"), self._server, self._model, said)
        if fatal is not None:
            return Line(key, fatal)
        if status >= 500 or status in _REFUSED_ONCE:
            return Line(key, Again.LATER)
        return Line(key, f"{self._server} refused the request ({status}): {said}")

    def _answer(self, body: object) -> Reply | Again:
        try:
            return reply_in(body, self._model, self._server, batch=True)
        except Transient:
            return Again.LATER

    def _stop(self, exc: openai.APIError) -> EngineError:
        meant = translate(exc, self._server, self._model, self._address.cleaned(exc.message))
        if isinstance(meant, EngineError):
            return meant
        return EngineError(f"{meant}: batches that were sent go on at the server; run again to fetch them")

    def _state(self, batch: Batch) -> State:
        errors = (batch.errors.data if batch.errors else None) or []
        codes = {error.code for error in errors}
        counts = batch.request_counts
        return State(
            batch_id=batch.id,
            status=batch.status,
            done=(counts.completed + counts.failed) if counts else 0,
            files=tuple(file for file in (batch.output_file_id, batch.error_file_id) if file),
            error=self._address.cleaned("; ".join(f"{error.code}: {error.message}" for error in errors[:3])),
            too_large="token_limit_exceeded" in codes,
        )


async def _lines(chunks: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """The lines of a file, which LF alone ends: the client's own reader ends them at U+2028 too, inside of a text."""
    rest = b""
    async for chunk in chunks:
        *whole, rest = (rest + chunk).split(b"\n")
        for line in whole:
            if line.strip():
                yield line
    if rest.strip():
        yield rest
