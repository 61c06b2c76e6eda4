"""Ears by name. An ear's module, and what it needs, is imported when the ear is made."""

from collections.abc import Callable
from typing import Any

from pipeline.backends.asr.protocol import Transcriber


def _moonshine(**options: Any) -> Transcriber:  # noqa: ANN401 - each ear types its own options
    from pipeline.backends.asr.moonshine import Moonshine

    return Moonshine(**options)


ENGINES: dict[str, Callable[..., Transcriber]] = {"moonshine": _moonshine}
