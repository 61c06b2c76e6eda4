"""What the fake server answers: the project's own rules in the place of a model.

It reads the project's prompts by the labels of their user messages and answers in the shape that was asked for.
Deterministic: the same request gives the same text.
"""

import base64
import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from itertools import zip_longest
from typing import Any, Self

from pipeline.core.answer import Convention, from_text
from pipeline.core.fingerprint import digest
from pipeline.core.outcome import Unreadable
from pipeline.core.quantities import read
from pipeline.core.speak import speak
from pipeline.core.split import split

_LABEL = re.compile(
    r"^(Problem|Written solution|Final answer|Record|Spoken answer|Written problem|Understood):[ \n]", re.MULTILINE
)
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
    """(role, text) of every turn."""
    recordings: tuple[bytes, ...] = ()
    """The sounds of all turns, WAV files."""
    voice: str = ""
    """The voice that is to speak the answer, "" for an answer in writing."""

    @classmethod
    def read(cls, body: dict[str, Any]) -> Self:
        """Read the JSON body of a request."""
        messages = tuple((message["role"], _text(message["content"])) for message in body["messages"])
        recordings = tuple(sound for message in body["messages"] for sound in _sounds(message["content"]))
        wanted = body.get("response_format") or {"type": "text"}
        if wanted["type"] == "json_schema":
            answer = wanted["json_schema"]["name"]
        else:
            title = _TITLE.search(messages[0][1])
            answer = title.group(1) if title else ""
        voice = body["audio"]["voice"] if "audio" in body.get("modalities", ()) else ""
        return cls(body["model"], wanted["type"], answer, messages, recordings, voice)

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


def _text(content: str | list[dict[str, Any]]) -> str:
    """The text of a turn, whose content may be parts."""
    if isinstance(content, str):
        return content
    return "\n".join(part["text"] for part in content if part["type"] == "text")


def _sounds(content: str | list[dict[str, Any]]) -> list[bytes]:
    if isinstance(content, str):
        return []
    return [base64.b64decode(part["input_audio"]["data"]) for part in content if part["type"] == "input_audio"]


def answer_by_rules(asked: Asked) -> str:
    """The text of an honest answer; in plain words where the rules cannot do what is asked."""
    rule = _RULES.get(asked.answer)
    if rule is None:
        return "I do not know what is asked."
    answer = rule(asked)
    if isinstance(answer, Unreadable):
        return f"I cannot do this: {answer.reason}: {answer.detail}"
    return json.dumps(answer, ensure_ascii=False)


_Fields = dict[str, str]


def _joint(asked: Asked) -> _Fields | Unreadable:
    question, parts = _question(asked), _split(asked)
    if isinstance(question, Unreadable):
        return question
    return parts if isinstance(parts, Unreadable) else question | parts


def _question(asked: Asked) -> _Fields | Unreadable:
    spoken = speak(asked.field("Problem"))
    return spoken if isinstance(spoken, Unreadable) else {"spoken_question": spoken}


def _split(asked: Asked) -> _Fields | Unreadable:
    question, solution = asked.field("Problem"), asked.field("Written solution")
    answer = from_text(asked.field("Final answer"))
    if isinstance(answer, Unreadable):
        return answer
    convention = Convention.METAMATH if "The answer is:" in solution else Convention.GSM8K
    parts = split(question, solution, answer, convention, key=digest(question))
    return parts if isinstance(parts, Unreadable) else {"reasoning": parts.reasoning, "response": parts.response}


def _judge_drift(asked: Asked) -> _Fields:
    """Accuse the first number that the problem does not give and that is said before a line that thinks it, if any."""
    given = {quantity.value for quantity in read(asked.field("Problem"))}
    said, lines_of, thoughts = "", list[int](), list[str]()
    for line in asked.field("Record").splitlines():
        if line.startswith("SAYS>"):
            words = line.removeprefix("SAYS>")
            said += words
            lines_of += [len(thoughts)] * len(words)
        else:
            thoughts.append(line.removeprefix("THINKS>"))
    ever = {quantity.value for quantity in read("".join(thoughts))}
    for quantity in read(said):
        thought = {other.value for other in read("".join(thoughts[: lines_of[quantity.start]]))}
        # "twenty cents" may be thought as 0.2 dollars, "five percent" as 5.
        meant = {quantity.value, quantity.value / 100, quantity.value * 100}
        if not meant & (given | thought):
            words = said[quantity.start : quantity.end]
            if meant & ever:
                return _accuse("drift", words, "It is said before it is thought.")
            return _accuse("unfounded", words, "It is never thought.")
    return _APPROVAL


def _judge_colloquial(asked: Asked) -> _Fields:
    left = re.search(r"[\d$%=\\^_{}<>|~#@*]", asked.field("Spoken answer"))
    return _accuse("not_colloquial", left.group(), "This is not speech.") if left else _APPROVAL


def _judge_transcript(asked: Asked) -> _Fields:
    written, understood = asked.field("Written problem"), asked.field("Understood")
    for meant, heard in zip_longest(read(written), read(understood)):
        if heard is None:
            return _accuse("other_problem", written[meant.start : meant.end], "It is missing.")
        if meant is None or meant.value != heard.value:
            return _accuse("other_problem", understood[heard.start : heard.end], "It was not written so.")
    return _APPROVAL


def _accuse(verdict: str, quote: str, explanation: str) -> _Fields:
    return {"quote": quote, "explanation": explanation, "verdict": verdict}


_APPROVAL = _accuse("ok", "", "Nothing is at fault.")

_RULES: dict[str, Callable[[Asked], _Fields | Unreadable]] = {
    "JointRewriting": _joint,
    "SpokenQuestion": _question,
    "SplitSolution": _split,
    "DriftVerdict": _judge_drift,
    "ColloquialVerdict": _judge_colloquial,
    "TranscriptVerdict": _judge_transcript,
}
