"""What the fake server answers: the project's own rules in the place of a model.

It reads the project's prompts by the labels of their user messages and answers in the shape that was asked for.
Deterministic: the same request gives the same text.
"""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Self

_LABEL = re.compile(r"^(Problem|Written solution|Final answer):[ \n]", re.MULTILINE)
_TITLE = re.compile(r'"title": "([A-Z]\w+)", "type": "object"\}\s*\Z')


@dataclass(frozen=True, slots=True)
class Asked:
    """One chat request as a server sees it."""

    model: str
    response_format: str
    """json_schema, json_object or text."""
    answer: str
    """Name of the shape that is asked for ("JointRewriting"), "" when it cannot be told."""
    messages: tuple[tuple[str, str], ...]
    """(role, content) of every turn."""

    @classmethod
    def read(cls, body: dict[str, Any]) -> Self:
        """Read the JSON body of a request."""
        messages = tuple((message["role"], message["content"]) for message in body["messages"])
        wanted = body.get("response_format") or {"type": "text"}
        if wanted["type"] == "json_schema":
            answer = wanted["json_schema"]["name"]
        else:
            title = _TITLE.search(messages[0][1])
            answer = title.group(1) if title else ""
        return cls(body["model"], wanted["type"], answer, messages)

    @property
    def system(self) -> str:
        """The first message."""
        return self.messages[0][1]

    @property
    def user(self) -> str:
        """The first message of the user: the row itself, not a request to mend an answer."""
        return next((content for role, content in self.messages if role == "user"), "")

    @property
    def turns(self) -> int:
        """How many answers the model has given before."""
        return sum(role == "assistant" for role, _ in self.messages)

    def field(self, label: str) -> str:
        """The text under one label of the user message, "" without it."""
        parts = _LABEL.split(self.user)
        return dict(zip(parts[1::2], parts[2::2], strict=True)).get(label, "").strip()


def answer_by_rules(asked: Asked) -> str:
    """The text of a good answer, or an honest refusal in words when the rules cannot do it."""
    rule = _RULES.get(asked.answer)
    return json.dumps(rule(asked)) if rule else "I do not know what is asked."


def _joint(asked: Asked) -> dict[str, str]:
    return _question(asked) | _split(asked)


def _question(asked: Asked) -> dict[str, str]:
    return {"spoken_question": asked.field("Problem")}


def _split(asked: Asked) -> dict[str, str]:
    return {"reasoning": asked.field("Written solution"), "response": asked.field("Final answer")}


def _approve(_asked: Asked) -> dict[str, str]:
    return {"quote": "", "explanation": "Nothing is at fault.", "verdict": "ok"}


_RULES: dict[str, Callable[[Asked], dict[str, str]]] = {
    "JointRewriting": _joint,
    "SpokenQuestion": _question,
    "SplitSolution": _split,
    "DriftVerdict": _approve,
    "ColloquialVerdict": _approve,
    "TranscriptVerdict": _approve,
}
