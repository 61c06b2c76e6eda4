"""Ask a model until its answer passes: journal first, then the server, then findings sent back.

It knows neither what is asked nor what makes an answer good; `rewrite_llm` and `judge_llm` do.
"""

from collections.abc import Awaitable, Callable, Iterable
from dataclasses import asdict, dataclass, fields, replace
from functools import cache
from typing import Generic, NamedTuple, Self, TypeVar

from pydantic import BaseModel

from pipeline.backends.llm.answers import json_schema, read_answer
from pipeline.backends.llm.prices import Price
from pipeline.backends.llm.protocol import (
    BadAnswer,
    Chat,
    Message,
    Postponed,
    Reply,
    Request,
    RequestFailed,
    Sampling,
)
from pipeline.core.fingerprint import digest
from pipeline.core.outcome import Unreadable
from pipeline.errors import Reason
from pipeline.stages.stage import guarded
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
    provider: str = ""
    """Who runs the model; part of what an answer is filed under."""
    price: Price | None = None
    """What the model charges; None where it is not known."""
    row: str = ""
    """Id of the row that is asked about, for the journal."""
    attempt: int = 0
    """Raised to ask afresh what is in the journal already."""

    def about(self, row: str, attempt: int) -> "Interviewer":
        """The same interviewer for one row that has been tried afresh so often; each attempt has a seed of its own."""
        seed = self.sampling.seed
        sampling = self.sampling if seed is None or not attempt else replace(self.sampling, seed=seed + attempt)
        return replace(self, sampling=sampling, row=row, attempt=attempt)


class Turn(NamedTuple):
    """One answer and what was found in it ("" when it passed)."""

    answer: str
    finish_reason: str
    prompt_tokens: int
    completion_tokens: int
    finding: str
    cached_tokens: int = 0
    nano_usd: int | None = None
    """What it cost, in billionths of a dollar; None where no price is known."""


@dataclass(frozen=True, slots=True)
class Usage:
    """What answers cost, whether they were paid now or earlier."""

    answers: int = 0
    prompt_tokens: int = 0
    cached_tokens: int = 0
    """Of the prompts' tokens, those that cost less."""
    completion_tokens: int = 0
    nano_usd: int = 0
    unpriced: int = 0
    """Answers whose cost is not known."""

    @classmethod
    def of(cls, turns: Iterable[Turn]) -> Self:
        """The sum over some turns."""
        listed = list(turns)
        return cls(
            answers=len(listed),
            prompt_tokens=sum(turn.prompt_tokens for turn in listed),
            cached_tokens=sum(turn.cached_tokens for turn in listed),
            completion_tokens=sum(turn.completion_tokens for turn in listed),
            nano_usd=sum(turn.nano_usd or 0 for turn in listed),
            unpriced=sum(turn.nano_usd is None for turn in listed),
        )


def usage_stats(usages: Iterable[Usage]) -> dict[str, float]:
    """The sum of what rows have used, as a stage reports it."""
    listed = [asdict(usage) for usage in usages]
    return {field.name: sum(usage[field.name] for usage in listed) for field in fields(Usage)}


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
        Postponed: there is no answer for now.
        EngineError: no request can be answered.
        StoreError: an answer could not be stored.
    """
    messages: tuple[Message, ...] = (Message("system", prompt.text), Message("user", user))
    turns: list[Turn] = []
    while True:
        request = Request(messages, interviewer.model, interviewer.sampling, answer)
        try:
            reply, nano_usd = await _reply(interviewer, request, prompt.digest)
        except RequestFailed as exc:
            return Failed(Unreadable(Reason.LLM_FAILED, str(exc)), tuple(turns))
        found = _judge(reply, answer, accept)
        finding = f"{found.reason}: {found.detail}" if isinstance(found, Unreadable) else ""
        turns.append(_turn(reply, finding, nano_usd))
        if not isinstance(found, Unreadable):
            return Passed(found, tuple(turns))
        if len(turns) > interviewer.repair_turns:
            return Failed(found, tuple(turns))
        messages = (*messages, *_back(reply, found))


async def or_postponed(work: Awaitable[Value]) -> Value | Postponed:
    """What a row's work gives, or why it has to wait; a row that waits keeps no other from its answer."""
    try:
        return await work
    except Postponed as exc:
        return exc


def story(turns: tuple[Turn, ...]) -> list[dict[str, str | int]]:
    """All turns as plain values, for the payload of a rejected row; money is for the journal and the report."""
    told = ("answer", "finish_reason", "prompt_tokens", "completion_tokens", "finding")
    return [{name: getattr(turn, name) for name in told} for turn in turns]


def journal_key(request: Request, prompt_digest: str, attempt: int, provider: str = "") -> str:
    """The content address of a request: what it says, to whom, how, and for the how-manieth time."""
    sampling = request.sampling
    return digest(
        {
            "messages": [[message.role, message.content] for message in request.messages],
            "model": request.model,
            "provider": provider,
            "sampling": [sampling.temperature, sampling.top_p, sampling.seed, sampling.max_tokens],
            "schema": _schema_digest(request.answer),
            "prompt": prompt_digest,
            "attempt": attempt,
        }
    )


@cache
def _schema_digest(answer: type[BaseModel]) -> str:
    return digest(json_schema(answer))


async def _reply(interviewer: Interviewer, request: Request, prompt_digest: str) -> tuple[Reply, int | None]:
    """The answer and its cost in billionths of a dollar, from the journal or else from the server."""
    key = journal_key(request, prompt_digest, interviewer.attempt, interviewer.provider)
    kept = interviewer.journal.get(key)
    if kept is not None:
        return read_record(kept)
    reply = await interviewer.chat.complete(replace(request, key=key))
    nano_usd = None if interviewer.price is None else interviewer.price.nano_usd(reply)
    await interviewer.journal.put(key, record_of(reply, nano_usd, interviewer.provider, interviewer.row))
    return reply, nano_usd


def record_of(reply: Reply, nano_usd: int | None, provider: str, row: str) -> Record:
    """An answer as the journal keeps it."""
    record: dict[str, str | int] = {
        "text": reply.text,
        "finish_reason": reply.finish_reason,
        "model": reply.model,
        "prompt_tokens": reply.prompt_tokens,
        "completion_tokens": reply.completion_tokens,
        "cached_tokens": reply.cached_tokens,
        "batch": int(reply.batch),
        "provider": provider,
        "row": row,
    }
    return record if nano_usd is None else {**record, "nano_usd": nano_usd}


def read_record(record: Record) -> tuple[Reply, int | None]:
    """Inverse of `record_of`, as far as the answer and its cost go."""
    reply = Reply(
        text=str(record["text"]),
        finish_reason=str(record["finish_reason"]),
        model=str(record["model"]),
        prompt_tokens=int(record["prompt_tokens"]),
        completion_tokens=int(record["completion_tokens"]),
        cached_tokens=int(record["cached_tokens"]),
        batch=bool(record["batch"]),
    )
    return reply, int(record["nano_usd"]) if "nano_usd" in record else None


def _turn(reply: Reply, finding: str, nano_usd: int | None) -> Turn:
    return Turn(
        answer=reply.text,
        finish_reason=reply.finish_reason,
        prompt_tokens=reply.prompt_tokens,
        completion_tokens=reply.completion_tokens,
        finding=finding,
        cached_tokens=reply.cached_tokens,
        nano_usd=nano_usd,
    )


def _judge(reply: Reply, answer: type[Answer], accept: Callable[[Answer], Value | Unreadable]) -> Value | Unreadable:
    try:
        read = read_answer(reply, answer)
    except BadAnswer as exc:
        return Unreadable(Reason.LLM_FAILED, str(exc))
    # What a model writes when it runs on is beyond what the gates were made for; it costs its turn, not the build.
    return guarded(lambda: accept(read))


def _back(reply: Reply, found: Unreadable) -> tuple[Message, Message]:
    """The refused answer and the finding, as the next turns of the conversation."""
    shown = reply.text[:_SHOWN_CHARACTERS] or "(nothing)"
    wish = (
        f"This answer was refused. {found.reason}: {found.detail}\n"
        "Mend that, keep what was right, and answer with the whole JSON object again."
    )
    return Message("assistant", shown), Message("user", wish)
