"""Speech engines by name. An engine's module, and what it needs, is imported when the engine is made."""

from collections.abc import Callable

from pipeline.backends.tts.protocol import Synthesizer


def _nanotts() -> Synthesizer:
    from pipeline.backends.tts.nanotts import NanoTTS

    return NanoTTS()


ENGINES: dict[str, Callable[..., Synthesizer]] = {"nanotts": _nanotts}
