"""Speech engines by name. An engine's module, and what it needs, is imported when the engine is made."""

from collections.abc import Callable
from typing import Any

from pipeline.backends.tts.protocol import Synthesizer


def _nanotts(**options: Any) -> Synthesizer:  # noqa: ANN401 - each engine types its own options
    from pipeline.backends.tts.nanotts import NanoTTS

    return NanoTTS(**options)


def _coqui(**options: Any) -> Synthesizer:  # noqa: ANN401
    from pipeline.backends.tts.coqui import Coqui

    return Coqui(**options)


ENGINES: dict[str, Callable[..., Synthesizer]] = {"nanotts": _nanotts, "coqui": _coqui}
