"""The prompts that language models are given: one Markdown file each, identified by the digest of its content.

    ---
    name: rewrite_joint
    version: 1
    answer: JointRewriting
    ---
    (what the model is told: the system message)
    === user ===
    (what it is asked, with {{places}} to be filled)

`answer` names the pydantic model in `prompts.answers` that the reply must satisfy.
"""

import re
from dataclasses import dataclass
from functools import cache
from hashlib import blake2b
from importlib.resources import files

from pydantic import BaseModel

from prompts.answers import ANSWERS

_HEADER = re.compile(r"\A---\n(?P<header>.*?)\n---\n(?P<system>.*?)\n=== user ===\n(?P<user>.*)\Z", re.DOTALL)
_PLACE = re.compile(r"\{\{(\w+)\}\}")


@dataclass(frozen=True, slots=True)
class Prompt:
    """One prompt file, read."""

    name: str
    version: int
    digest: str
    """blake2b-128 of the file's bytes: any edit makes it another prompt."""
    text: str
    """The system message."""
    user: str
    """The user message, with {{places}}."""
    answer: type[BaseModel]

    @property
    def places(self) -> frozenset[str]:
        """Names that `fill` must be given."""
        return frozenset(_PLACE.findall(self.user))

    def fill(self, **values: str) -> str:
        """The user message for one row; every place needs a value, and no other is taken."""
        if values.keys() != self.places:
            raise ValueError(f"prompt {self.name} takes {sorted(self.places)}, not {sorted(values)}")
        return _PLACE.sub(lambda match: values[match.group(1)], self.user)


@cache
def load(name: str) -> Prompt:
    """The prompt called `name`.

    Raises:
        ValueError: the file is missing a header field, or is named unlike its header.
    """
    data = files("prompts").joinpath(f"{name}.md").read_bytes()
    parts = _HEADER.match(data.decode())
    if parts is None:
        raise ValueError(f"prompts/{name}.md needs a header between --- lines and a line '=== user ==='")
    header = dict(line.split(": ", 1) for line in parts["header"].splitlines())
    if header.keys() != {"name", "version", "answer"} or header["name"] != name:
        raise ValueError(f"prompts/{name}.md: the header must hold name ({name}), version and answer")
    return Prompt(
        name=name,
        version=int(header["version"]),
        digest=blake2b(data, digest_size=16).hexdigest(),
        text=parts["system"].strip(),
        user=parts["user"].strip(),
        answer=ANSWERS[header["answer"]],
    )
