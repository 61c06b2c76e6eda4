"""Types that the sections of a config share. Part of `pipeline.config`."""

from enum import StrEnum
from typing import Annotated, TypeVar

from pydantic import ConfigDict, Field

from pipeline.errors import UsageError

_E = TypeVar("_E", bound=StrEnum)

CHECKED = ConfigDict(extra="forbid")
"""A key that no section knows is refused, not passed over."""
Count = Annotated[int, Field(ge=1, le=10**12)]
Positive = Annotated[float, Field(gt=0)]


def chosen(kind: type[_E], flag: str, name: str) -> _E:
    """Read one of several names from the command line.

    Raises:
        UsageError: there is no such name.
    """
    try:
        return kind(name)
    except ValueError:
        raise UsageError(f"{flag} {name}: unknown; choose from {', '.join(kind)}") from None
