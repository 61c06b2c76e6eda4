"""Who takes part in an evaluation: something that is asked items and answers each."""

from collections.abc import AsyncIterator, Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any, NamedTuple, Protocol

from pipeline.evaluate.items import Item


class Asked(NamedTuple):
    """An item as it is put to a contestant."""

    item: Item
    text: str
    """The question in writing."""
    audio: bytes | None
    """The question as a recording; None where it is put in writing."""


@dataclass(frozen=True, slots=True)
class Given:
    """What came back; figures are None where they have no meaning or were not measured."""

    response: str | None
    """What is said to the listener, all of it; None for no answer."""
    failure: str = ""
    """Why there is none."""
    thinking: str = ""
    """What is not said."""
    audio: bytes | None = None
    """The response as the contestant itself speaks it, a WAV file."""
    n_tokens: int | None = None
    n_before_first: int | None = None
    """Tokens before the first spoken one."""
    n_calls: int | None = None
    first_token_s: float | None = None
    total_s: float | None = None
    batch: int = 1
    """Items that were under way together; times of many are no latencies."""
    n_derived: int | None = None
    """Claims of the response that a step of the reasoning yields."""
    n_early: int | None = None
    """Those that were spoken before they were reasoned."""
    n_ungrounded: int | None = None
    """Claims from nowhere."""
    ended: bool = True
    """Whether the contestant ended by itself, unhurried by a limit."""

    def record(self) -> dict[str, Any]:
        """Plain form, without the sound."""
        return {name: value for name, value in asdict(self).items() if name != "audio"}

    @classmethod
    def of_record(cls, record: Mapping[str, Any]) -> "Given":
        """Inverse of `record`."""
        return cls(**{name: record[name] for name in cls.__dataclass_fields__ if name in record})


class Contestant(Protocol):
    """Someone to ask."""

    @property
    def name(self) -> str:
        """As tables say it."""
        ...

    @property
    def identity(self) -> Mapping[str, Any]:
        """All that its answers hang on, with stable bytes: another identity is asked anew."""
        ...

    @property
    def hears(self) -> bool:
        """Whether it takes recordings."""
        ...

    @property
    def speaks(self) -> bool:
        """Whether it is to speak its answers itself."""
        ...

    def answer(self, questions: Iterable[tuple[int, Asked]]) -> AsyncIterator[tuple[int, Given]]:
        """Answers as they come, each with its question's number.

        Args:
            questions: numbered; one is taken when it is about to be put, for it may have to be read aloud first.

        Raises:
            RunError: it can answer nothing more; what was given out is kept.
        """
        ...
