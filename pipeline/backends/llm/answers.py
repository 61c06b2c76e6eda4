"""Between an answer's text and a typed value: the JSON schema that is asked for, and reading what comes back.

It knows nothing of servers: the same reading serves strict servers and those that wrap JSON in prose.
"""

import json
from functools import cache
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from pipeline.backends.llm.protocol import BadAnswer, Fault, Reply

MAX_CHARACTERS = 20_000
"""A joint rewriting of a long problem has some 3,000; more is a model that does not stop."""

_NAMED_ERRORS = 3
_SHOWN = 120

Answer = TypeVar("Answer", bound=BaseModel)


@cache
def json_schema(answer: type[BaseModel]) -> dict[str, Any]:
    """The schema that strict servers accept, to be read only: every field required, nothing beside them."""
    return answer.model_json_schema()


def read_answer(reply: Reply, answer: type[Answer]) -> Answer:
    """The reply's text as a value of `answer`.

    Raises:
        BadAnswer: cut, declined, empty, huge, not JSON, or other fields than asked for.
    """
    if reply.finish_reason == "length":
        raise BadAnswer(Fault.CUT, f"the answer was cut after {reply.completion_tokens} tokens: be shorter")
    if reply.finish_reason in {"content_filter", "refusal"}:
        raise BadAnswer(Fault.FILTERED, "the answer was declined or filtered by the server")
    text = reply.text.strip()
    if not text:
        raise BadAnswer(Fault.EMPTY, "the answer was empty")
    if len(text) > MAX_CHARACTERS:
        raise BadAnswer(Fault.HUGE, f"the answer has {len(text)} characters, more than {MAX_CHARACTERS}")
    try:
        return answer.model_validate(_first_object(text))
    except ValidationError as exc:
        found = "; ".join(
            f"{'.'.join(map(str, error['loc'])) or 'the object'}: {error['msg']}"
            for error in exc.errors()[:_NAMED_ERRORS]
        )
        raise BadAnswer(Fault.WRONG_FIELDS, f"the answer's fields are wrong: {found}") from exc


def _first_object(text: str) -> object:
    """The first JSON object of a text; servers without JSON mode put fences or prose around it."""
    start = text.find("{")
    if start < 0:
        raise BadAnswer(Fault.NOT_JSON, f"the answer holds no JSON object: {text[:_SHOWN]!r}")
    try:
        value: object = json.JSONDecoder().raw_decode(text, start)[0]
        # JSON may escape half a surrogate pair: text that no file can hold.
        json.dumps(value, ensure_ascii=False).encode()
    except (UnicodeEncodeError, json.JSONDecodeError, RecursionError) as exc:
        raise BadAnswer(Fault.NOT_JSON, f"the answer is not valid JSON: {exc}") from exc
    return value
