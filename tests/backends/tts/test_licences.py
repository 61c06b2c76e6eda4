import importlib.util

import pytest

from pipeline.backends import tts
from pipeline.backends.tts.licences import UNKNOWN, licence_of


@pytest.mark.parametrize("engine", [name for name in tts.ENGINES if name != "coqui"])
def test_every_engine_says_something(engine: str) -> None:
    assert licence_of(engine, "model") != UNKNOWN


@pytest.mark.skipif(importlib.util.find_spec("TTS") is None, reason="coqui-tts is not installed")
def test_coqui_models_have_the_licence_of_its_list() -> None:
    assert licence_of("coqui", "tts_models/multilingual/multi-dataset/xtts_v2") == "CPML"
    assert licence_of("coqui", "tts_models/en/vctk/vits") == "apache 2.0"
    for model in ("tts_models/en/vctk", "tts_models/en/vctk/nothing", "/some/folder"):
        assert licence_of("coqui", model) == UNKNOWN
