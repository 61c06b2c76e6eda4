"""Under which licence the voices of an engine come, as far as it can be told without loading them."""

import json
from importlib.util import find_spec
from pathlib import Path

_KNOWN = {
    "nanotts": "Apache-2.0",
    "kokoro": "Apache-2.0",
    "piper": "each voice's own: see its MODEL_CARD",
    "openai": "the server's terms",
}
UNKNOWN = "not stated: give the voice's `license` in speak.roster"


def licence_of(engine: str, model: str | None) -> str:
    """The licence of an engine's voices.

    Args:
        engine: name of the engine.
        model: name or path of its model.

    Returns:
        What its makers say, for coqui the list of models that coqui-tts ships; `UNKNOWN` where nobody says.
    """
    if engine == "coqui" and model is not None:
        return _of_coqui(model)
    return _KNOWN.get(engine, UNKNOWN)


def _of_coqui(model: str) -> str:
    package = find_spec("TTS")
    if package is None or package.origin is None:
        return UNKNOWN
    listed = json.loads((Path(package.origin).parent / ".models.json").read_text(encoding="utf-8"))
    for part in model.split("/"):
        listed = listed.get(part) if isinstance(listed, dict) else None
    stated = listed.get("license") if isinstance(listed, dict) else None
    return stated if isinstance(stated, str) and stated else UNKNOWN
