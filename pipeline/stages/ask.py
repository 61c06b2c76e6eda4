"""Ask a model until its answer passes: journal first, then the server, then findings sent back.

It knows neither what is asked nor what makes an answer good; `rewrite_llm` and `judge_llm` do.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache
from typing import Generic, NamedTuple, Self, TypeVar

from pydantic import BaseModel

from pipeline.backends.llm.answers import json_schema, read_answer
from pipeline.backends.llm.protocol import (
    BadAnswer,
    Chat,
    Message,
    Reply,
    Request,
    RequestFailed,
    Sampling,
)
from pipeline.core.fingerprint import digest
from pipeline.core.outcome import Unreadable
from pipeline.errors import Reason
from pipeline.store.journal import Journal, Record
from prompts import Prompt

_SHOWN_CHARACTERS = 4_000
"""Of a refused answer, what is sent back: a model that ran on is not paid to read it all."""

Answer = TypeVar("Answer", bound=BaseModel)
Value = TypeVar("Value")


@dataclass(frozen=True, slots=True)
class Interviewer:
    """Whom to ask and how; the same for every row of a stage."""

    chat: Chat
    journal: Journal
    model: str
    sampling: Sampling
    repair_turns: int = 2
    """How often a finding goes back to the model."""
    attempt: int = 0
    """Raised to ask afresh what is in the journal already."""


class Turn(NamedTuple):
    """One answer and what was found in it ("" when it passed)."""

    answer: str
    finish_reason: str
    prompt_tokens: int
    completion_tokens: int
    finding: str


@dataclass(frozen=True, slots=True)
class Usage:
    """What answers cost, whether they were paid now or earlier."""

    answers: int = 0
    prompt_tokens: int = 0
    completion_tokens: int = 0

    @classmethod
    def of(cls, turns: Iterable[Turn]) -> Self:
        """The sum over some turns."""
        listed = list(turns)
        prompt, completion = sum(t.prompt_tokens for t in listed), sum(t.completion_tokens for t in listed)
        return cls(len(listed), prompt, completion)


@dataclass(frozen=True, slots=True)
class Passed(Generic[Value]):
    """An answer that passed."""

    value: Value
    turns: tuple[Turn, ...]


@dataclass(frozen=True, slots=True)
class Failed:
    """No answer passed; `finding` is that of the last turn."""

    finding: Unreadable
    turns: tuple[Turn, ...]


async def ask(
    interviewer: Interviewer,
    prompt: Prompt,
    user: str,
    answer: type[Answer],
    accept: Callable[[Answer], Value | Unreadable],
) -> Passed[Value] | Failed:
    """Ask `prompt` with the filled-in `user` message until `accept` returns a value.

    Raises:
        EngineError: no request can be answered.
        StoreError: an answer could not be stored.
    """
    messages: tuple[Message, ...] = (Message("system", prompt.text), Message("user", user))
    turns: list[Turn] = []
    while True:
        request = Request(messages, interviewer.model, interviewer.sampling, answer)
        try:
            reply = await _reply(interviewer, request, prompt.digest)
        except RequestFailed as exc:
            return Failed(Unreadable(Reason.LLM_FAILED, str(exc)), tuple(turns))
        found = _judge(reply, answer, accept)
        finding = f"{found.reason}: {found.detail}" if isinstance(found, Unreadable) else ""
        turns.append(Turn(reply.text, reply.finish_reason, reply.prompt_tokens, reply.completion_tokens, finding))
        if not isinstance(found, Unreadable):
            return Passed(found, tuple(turns))
        if len(turns) > interviewer.repair_turns:
            return Failed(found, tuple(turns))
        messages = (*messages, *_back(reply, found))


def story(turns: tuple[Turn, ...]) -> list[dict[str, str | int]]:
    """All turns as plain values, for the payload of a rejected row."""
    return [turn._asdict() for turn in turns]


def journal_key(request: Request, prompt_digest: str, attempt: int) -> str:
    """The content address of a request: what it says, to whom, how, and for the how-manieth time."""
    sampling = request.sampling
    return digest(
        {
            "messages": [[message.role, message.content] for message in request.messages],
            "model": request.model,
            "sampling": [sampling.temperature, sampling.top_p, sampling.seed, sampling.max_tokens],
            "schema": _schema_digest(request.answer),
            "prompt": prompt_digest,
            "attempt": attempt,
        }
    )


@cache
def _schema_digest(answer: type[BaseModel]) -> str:
    return digest(json_schema(answer))


async def _reply(interviewer: Interviewer, request: Request, prompt_digest: str) -> Reply:
    key = journal_key(request, prompt_digest, interviewer.attempt)
    kept = interviewer.journal.get(key)
    if kept is not None:
        return _read(kept)
    reply = await interviewer.chat.complete(request)
    await interviewer.journal.put(key, _record(reply))
    return reply


def _record(reply: Reply) -> Record:
    return {
        "text": reply.text,
        "finish_reason": reply.finish_reason,
        "model": reply.model,
        "prompt_tokens": reply.prompt_tokens,
        "completion_tokens": reply.completion_tokens,
    }


def _read(record: Record) -> Reply:
    return Reply(
        text=str(record["text"]),
        finish_reason=str(record["finish_reason"]),
        model=str(record["model"]),
        prompt_tokens=int(record["prompt_tokens"]),
        completion_tokens=int(record["completion_tokens"]),
    )


def _judge(reply: Reply, answer: type[Answer], accept: Callable[[Answer], Value | Unreadable]) -> Value | Unreadable:
    try:
        read = read_answer(reply, answer)
    except BadAnswer as exc:
        return Unreadable(Reason.LLM_FAILED, str(exc))
    return accept(read)


def _back(reply: Reply, found: Unreadable) -> tuple[Message, Message]:
    """The refused answer and the finding, as the next turns of the conversation."""
    shown = reply.text[:_SHOWN_CHARACTERS] or "(nothing)"
    wish = (
        f"This answer was refused. {found.reason}: {found.detail}\n"
        "Mend that, keep what was right, and answer with the whole JSON object again."
    )
    return Message("assistant", shown), Message("user", wish)
