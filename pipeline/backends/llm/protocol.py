"""What a language model is to the rest of the project: messages in, one text out.

It knows neither HTTP nor prompts. What can go wrong with one request, beside an `EngineError` that stops the run:

    ChatError                  this request alone failed, the others go on
    ├── RequestFailed          the server refuses this request, now and always; the row that asked is refused
    ├── Postponed              no answer for now; the row waits for the next run
    │   ├── BudgetSpent        no money is left for it
    │   └── InBatch            it waits for its batch
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
    key: str = ""
    """The name under which its answer is kept; no part of what is asked."""


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
    cached_tokens: int = 0
    """Of the prompt's tokens, those that the server had in its cache and charges less for."""
    batch: bool = False
    """Whether it came by way of a batch, which costs less."""


class ChatError(Exception):
    """One request failed; the message names why, never the key."""


class RequestFailed(ChatError):
    """The server refuses this request and would refuse it again."""


class Postponed(ChatError):
    """No answer now, though nothing is wrong with the request: given up after the last retry, or not asked yet."""

    cause = "unanswered"
    """What rows are called that wait for this reason."""


class BudgetSpent(Postponed):
    """The request would cost more than is left of the budget."""

    cause = "max_cost"


class InBatch(Postponed):
    """The request waits for its batch."""

    cause = "batch"


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
            Postponed: it gets none for now.
            EngineError: no request will: wrong key, unknown model, server down.
        """
        ...
