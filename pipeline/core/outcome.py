"""What a pure function returns when it cannot read its input: a value, never an exception."""

from dataclasses import dataclass

from pipeline.errors import Reason


@dataclass(frozen=True, slots=True)
class Unreadable:
    """Why a text was refused; a stage turns it into a rejected row."""

    reason: Reason
    detail: str
    """One line that names the offending text."""
