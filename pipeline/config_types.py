"""Types that the sections of a config share. Part of `pipeline.config`."""

from typing import Annotated

from pydantic import ConfigDict, Field

CHECKED = ConfigDict(extra="forbid")
"""A key that no section knows is refused, not passed over."""
Count = Annotated[int, Field(ge=1, le=10**12)]
Positive = Annotated[float, Field(gt=0)]
