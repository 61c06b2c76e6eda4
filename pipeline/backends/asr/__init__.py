"""Ears by name. An ear's module, and what it needs, is imported when the ear is made."""

from collections.abc import Callable

from pipeline.backends.asr.protocol import Transcriber


def _moonshine() -> Transcriber:
    from pipeline.backends.asr.moonshine import Moonshine

    return Moonshine()


ENGINES: dict[str, Callable[..., Transcriber]] = {"moonshine": _moonshine}
