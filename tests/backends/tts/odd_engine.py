"""An engine that goes wrong on demand, for what watches over engines."""

import os
import time

import numpy as np

from pipeline.backends.audio import Clip
from pipeline.backends.tts.protocol import Voice, VoiceModel, WordTime
from pipeline.errors import EngineError


class Odd:
    voices = ("plain",)
    deterministic = True

    def __init__(self, model: VoiceModel) -> None:
        if model.name_or_path == "missing":
            raise EngineError("odd_engine: no such file: missing")
        if model.name_or_path == "hang":
            time.sleep(60)
        self.references = sorted(model.references)

    def synthesize(self, text: str, voice: Voice, seed: int) -> Clip:
        print("chatter")
        if text == "hang":
            time.sleep(60)
        if text == "crash":
            os.abort()
        if text == "raise":
            raise ValueError("too odd\nto be spoken")
        if text == "refuse":
            raise EngineError("odd_engine: refused")
        return Clip(np.full(len(text) * 1000, seed * voice.speed / 10, np.float32), 24_000)


class OddTimed(Odd):
    def synthesize_timed(self, text: str, voice: Voice, seed: int) -> tuple[Clip, tuple[WordTime, ...]]:
        words = text.split()
        times = tuple(WordTime(word, float(i), i + 0.5) for i, word in enumerate(words))
        return self.synthesize(text, voice, seed), times
