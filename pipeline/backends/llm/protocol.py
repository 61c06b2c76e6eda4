"""What a language model is to the rest of the project: messages in, one text out.

It knows neither HTTP nor prompts. What can go wrong with one request, beside an `EngineError` that stops the run:

    ChatError                  this request alone failed; the row that asked is refused, the others go on
    ├── RequestFailed          the server gave no answer: it refused the request, or retrying did not help
    └── BadAnswer              the server answered (and was paid), but the text is of no use; `fault` says how
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Literal, Protocol

from pydantic import BaseModel

Role = Literal["system", "user", "assistant"]


@dataclass(frozen=True, slots=True)
class Message:
    """One turn of a conversation."""

    role: Role
    content: str


@dataclass(frozen=True, slots=True)
class Sampling:
    """Decoding parameters; None leaves one to the server (some models refuse to be told)."""

    temperature: float | None = None
    top_p: float | None = None
    seed: int | None = None
    max_tokens: int = 1500
    """Most tokens of an answer; a cut answer has finish_reason "length"."""


@dataclass(frozen=True, slots=True)
class Request:
    """One question to a model; equal requests may be given the same answer."""

    messages: tuple[Message, ...]
    model: str
    sampling: Sampling
    answer: type[BaseModel]
    """The model that the answer's JSON must satisfy; its schema is part of the request."""


@dataclass(frozen=True, slots=True)
class Reply:
    """What the server answered, as it came."""

    text: str
    finish_reason: str
    """"stop", "length", "content_filter", as servers say."""
    model: str
    """The model that the server says it used."""
    prompt_tokens: int
    completion_tokens: int


class ChatError(Exception):
    """One request failed; the message names why, never the key."""


class RequestFailed(ChatError):
    """No answer: refused by the server, or given up after the last retry."""


class Fault(StrEnum):
    """What is wrong with an answer that came."""

    CUT = "cut"
    """It ran into max_tokens."""
    FILTERED = "filtered"
    """The server's content filter or the model itself declined."""
    EMPTY = "empty"
    HUGE = "huge"
    NOT_JSON = "not_json"
    WRONG_FIELDS = "wrong_fields"


class BadAnswer(ChatError):
    """An answer that cannot be read; the message can be sent back to the model."""

    def __init__(self, fault: Fault, message: str) -> None:
        super().__init__(message)
        self.fault = fault


class Chat(Protocol):
    """A model to talk to: opened once per process, asked concurrently."""

    async def complete(self, request: Request) -> Reply:
        """Answer one request.

        Raises:
            RequestFailed: this request gets no answer; others may.
            EngineError: no request will: wrong key, unknown model, server down.
        """
        ...
