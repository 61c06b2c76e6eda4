"""Read the body of a chat completion, of which only what a `Reply` holds is looked at.

Not by openai's own types: walking the request and the response along them took a third of the client's time.
"""

import json

from pydantic import BaseModel, Field, ValidationError

from pipeline.backends.llm.failures import Transient
from pipeline.backends.llm.protocol import Reply


class _Message(BaseModel):
    content: str | None = None
    refusal: str | None = None


class _Choice(BaseModel):
    message: _Message
    finish_reason: str | None = None


class _Details(BaseModel):
    cached_tokens: int | None = None


class _Usage(BaseModel):
    prompt_tokens: int = 0
    completion_tokens: int = 0
    prompt_tokens_details: _Details | None = None


class _Completion(BaseModel):
    choices: list[_Choice] = Field(min_length=1)
    model: str | None = None
    usage: _Usage | None = None


def reply_of(body: bytes, model: str, server: str) -> Reply:
    """The reply that a response of status 200 holds; `model` is the one asked for, should it name none.

    Raises:
        Transient: it is no chat completion; servers send pages, error objects and half bodies under status 200.
    """
    try:
        # Not pydantic's JSON reader: it refuses half a surrogate pair.
        plain = json.loads(body)
    except (ValueError, RecursionError) as exc:
        raise Transient(f"{server} sent a body that is no chat completion") from exc
    return reply_in(plain, model, server)


def reply_in(plain: object, model: str, server: str, *, batch: bool = False) -> Reply:
    """The reply that decoded JSON holds; see `reply_of`.

    Raises:
        Transient: it is no chat completion.
    """
    try:
        completion = _Completion.model_validate(plain)
    except ValidationError as exc:
        raise Transient(f"{server} sent a body that is no chat completion") from exc
    choice = completion.choices[0]
    usage = completion.usage or _Usage()
    details = usage.prompt_tokens_details or _Details()
    refusal = choice.message.refusal
    return Reply(
        # JSON can carry half a surrogate pair, which no file can.
        text=(choice.message.content or refusal or "").encode(errors="replace").decode(),
        finish_reason="refusal" if refusal else choice.finish_reason or "",
        model=completion.model or model,
        prompt_tokens=usage.prompt_tokens,
        completion_tokens=usage.completion_tokens,
        cached_tokens=details.cached_tokens or 0,
        batch=batch,
    )
