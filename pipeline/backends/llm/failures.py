"""What an exception of the openai client means for the request, and how long to wait before the next try.

Decided by type, status and error code alone, never by the wording of a message:

    EngineError      every request would fail so: key refused, model unknown, quota used up
    RequestFailed    this request would always fail so
    FormatRefused    perhaps the server cannot do the asked-for response format
    Transient        may pass when tried again
    ├── TooMany      the server asks for fewer requests
    └── Unreachable  nobody listens at the address
"""

import email.utils
import time
from collections.abc import Iterator, Mapping
from typing import Final

import aiohttp
import httpx2
import openai
from tenacity import RetryCallState

from pipeline.backends.llm.protocol import RequestFailed
from pipeline.errors import EngineError

_LONGEST_WAIT_S = 120.0
_OVERLOADED: Final = frozenset({429, 503, 529})
_TRY_AGAIN: Final = frozenset({408, 409, 425})
_NOBODY: Final = (aiohttp.ClientConnectorError, httpx2.ConnectError)
"""Of the client's two transports: no connection could be made."""
_UNPAID: Final = frozenset({"insufficient_quota", "billing_hard_limit_reached", "billing_not_active"})
"""Codes that say what others say by status 402."""
_FORMAT: Final = frozenset({400, 422, 501})


class Transient(Exception):
    """A failure that another try may cure."""

    def __init__(self, message: str, retry_after_s: float | None = None) -> None:
        super().__init__(message)
        self.retry_after_s = retry_after_s


class TooMany(Transient):
    """The server is asked too often or has too much to do."""


class Unreachable(Transient):
    """No connection can be made."""


class FormatRefused(Exception):
    """The request was refused as it is; another response format may do."""


def translate(exc: openai.APIError, server: str, model: str, message: str) -> Exception:
    """The project's exception for one of the client's; `message` is the server's own text, freed of the key."""
    if isinstance(exc, openai.APIStatusError):
        return _of_status(exc, server, model, message)
    if any(isinstance(cause, _NOBODY) for cause in _causes(exc)):
        return Unreachable(f"{server} does not answer: {_root(exc)}")
    if isinstance(exc, openai.APITimeoutError) and not _disconnected(exc):
        return Transient(f"{server} took too long")
    return Transient(f"{server} broke the connection: {_root(exc)}")


def _of_status(exc: openai.APIStatusError, server: str, model: str, message: str) -> Exception:
    status = exc.status_code
    fatal = hopeless(status, exc.code, server, model, message)
    if fatal is not None:
        return fatal
    if status in _OVERLOADED:
        return TooMany(f"{server} is overloaded ({status})", retry_after_s(exc.response.headers))
    if status in _TRY_AGAIN or (status >= 500 and status not in _FORMAT):
        return Transient(f"{server} failed ({status}): {message}", retry_after_s(exc.response.headers))
    refusal = f"{server} refused the request ({status}): {message}"
    return FormatRefused(refusal) if status in _FORMAT else RequestFailed(refusal)


def hopeless(status: int, code: str | None, server: str, model: str, message: str) -> EngineError | None:
    """The error that stops the run, if no request could fare better."""
    if status in {401, 403}:
        return EngineError(f"{server} refused the key in OPENAI_API_KEY ({status}): set one that may use {model}")
    if status == 404:
        return EngineError(
            f"{server} has no model {model!r}, or its address is incomplete (404: {message}): check the model's name "
            "and OPENAI_BASE_URL (it usually ends in /v1)"
        )
    if status == 402 or code in _UNPAID:
        return EngineError(f"{server}: the quota of this key is used up: raise it and run again, answers are kept")
    return None


def retry_after_s(headers: Mapping[str, str]) -> float | None:
    """The wait that a server asks for, at most two minutes; None when it names none, or one that is over."""
    for header, scale in (("retry-after-ms", 0.001), ("retry-after", 1.0)):
        value = headers.get(header)
        if value is None:
            continue
        try:
            wait_s = float(value) * scale
        except ValueError:
            date = email.utils.parsedate_tz(value)
            if date is None:
                continue
            wait_s = email.utils.mktime_tz(date) - time.time()
        # "0" from a server that has just said "too many" would have it asked at full speed.
        return min(wait_s, _LONGEST_WAIT_S) if wait_s > 0 else None
    return None


class Patience:
    """When one request gives up (a tenacity `stop`).

    "Too many" says later, not never: it is measured by time, other failures are counted.
    """

    def __init__(self, retries: int, patience_s: float, reached: bool) -> None:
        self._left = retries
        self._patience_s = patience_s
        self._connections_left = retries if reached else min(retries, 1)

    def __call__(self, state: RetryCallState) -> bool:
        """Whether to stop after the failure that `state` holds."""
        error = state.outcome.exception() if state.outcome else None
        if isinstance(error, TooMany):
            return (state.seconds_since_start or 0.0) > self._patience_s
        if isinstance(error, Unreachable):
            self._connections_left -= 1
            return self._connections_left < 0
        self._left -= 1
        return self._left < 0


def _causes(exc: BaseException | None) -> Iterator[BaseException]:
    while exc is not None:
        yield exc
        exc = exc.__cause__


def _disconnected(exc: BaseException) -> bool:
    # openai's aiohttp transport reports every lost connection as a timeout; the cause tells which it was.
    return any(isinstance(cause, aiohttp.ServerConnectionError) for cause in _causes(exc)) and not any(
        isinstance(cause, TimeoutError) for cause in _causes(exc)
    )


def _root(exc: BaseException) -> str:
    *_, root = _causes(exc)
    return str(root) or type(root).__name__
