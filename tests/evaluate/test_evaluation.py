"""Asking and listening, with contestants, a voice and an ear of the test's own."""

from collections import Counter
from collections.abc import AsyncIterator, Iterable, Mapping
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import pytest

pytest.importorskip("torch", reason="the train extra is not installed")

from pipeline.backends.audio import Clip, decode, encode
from pipeline.backends.tts.protocol import Voice
from pipeline.errors import EngineDown, EngineError
from pipeline.evaluate.contestants import Asked, Given
from pipeline.evaluate.evaluation import AUDIO, TEXT, Answered, Studio, evaluate
from pipeline.evaluate.items import Item

ITEMS = [Item("gsm8k", "test", str(k), f"What is {k} plus one?", str(k + 1)) for k in range(5)]


class Reader:
    """Speaks a text as so many samples as it has characters."""

    voices = ("alto",)
    deterministic = True

    def __init__(self) -> None:
        self.said: list[str] = []

    def synthesize(self, text: str, voice: Voice, seed: int) -> Clip:  # noqa: ARG002 - one voice, drawing nothing
        self.said.append(text)
        if "four" in text:
            raise EngineError("reader: four is not said")
        return Clip(np.full(len(text), 0.5, np.float32), 16_000)


class Counting:
    """Hears how many samples there are."""

    def transcribe(self, clip: Clip) -> str:
        return f"{len(clip.samples)} samples"


class Pupil:
    """A `Contestant` that says what it is asked, `most` questions at most, and may be asked to speak."""

    name = "pupil"
    hears = True

    def __init__(self, *, speaks: bool = False, most: int | None = None, sound: bytes | None = None) -> None:
        self.speaks = speaks
        self.asked: list[Asked] = []
        self._most = most
        self._sound = sound
        self.identity: Mapping[str, Any] = {"pupil": 1}

    async def answer(self, questions: Iterable[tuple[int, Asked]]) -> AsyncIterator[tuple[int, Given]]:
        waiting = iter(questions)
        for number, asked in islice(waiting, self._most):
            self.asked.append(asked)
            yield number, Given(f"It is {asked.item.gold}.", audio=self._sound)
        if self._most is not None and next(waiting, None) is not None:
            raise EngineError("the pupil is tired")


@pytest.fixture
def reader() -> Reader:
    return Reader()


@pytest.fixture
def studio(reader: Reader) -> Studio:
    return Studio(reader, Voice("alto"), Counting(), {"tts": "reader"})


def run(pupil: Pupil, source: str, folder: Path, studio: Studio | None, *, listen: bool = False) -> list[Answered]:
    return evaluate([pupil], ITEMS, [source], folder, studio, lambda *_: None, listen=listen)


def test_questions_are_read_aloud_one_by_one_as_they_are_put(tmp_path: Path, reader: Reader, studio: Studio) -> None:
    tired = Pupil(most=2)
    with pytest.raises(EngineError, match="tired"):
        run(tired, AUDIO, tmp_path, studio)
    assert reader.said == ["What is zero plus one?", "What is one plus one?", "What is two plus one?"]
    rested = Pupil()
    done = run(rested, AUDIO, tmp_path, studio)
    assert [asked.item.id for asked in rested.asked] == ["2", "3"]
    assert len(decode(rested.asked[0].audio or b"").samples) == len("What is two plus one?")
    assert [one.given.response for one in done] == ["It is 1.", "It is 2.", "It is 3.", "It is 4.", None]
    assert done[-1].given.failure == "the question reader: four is not said"
    assert run(Pupil(most=0), AUDIO, tmp_path, studio) == done


def test_every_item_is_told_once_whether_it_was_known_or_not(tmp_path: Path, studio: Studio) -> None:
    with pytest.raises(EngineError, match="tired"):
        run(Pupil(most=2), TEXT, tmp_path, None)
    told: Counter[tuple[str, str]] = Counter()
    done = evaluate([Pupil()], ITEMS, [TEXT], tmp_path, studio, lambda *what: told.update([what]), listen=True)
    assert told == {("pupil", "asked by text"): 5, ("pupil", "asked by text, heard"): 5}
    assert [one.heard for one in done] == ["10 samples"] * 2 + ["12 samples"] * 1 + [None, "11 samples"]
    assert done[3].unheard == "reader: four is not said"
    assert [one.item.id for one in done if one.unheard] == ["3"]


def test_a_voice_or_an_ear_that_is_gone_stops_the_run_and_blames_no_item(tmp_path: Path, studio: Studio) -> None:
    class Gone(Reader, Counting):
        def synthesize(self, *_: object) -> Clip:
            raise EngineDown("the reader is gone")

        def transcribe(self, _: Clip) -> str:
            raise EngineDown("the ear is gone")

    with pytest.raises(EngineDown, match="reader"):
        run(Pupil(), AUDIO, tmp_path, replace(studio, voice=Gone()))
    with pytest.raises(EngineDown, match="ear"):
        run(Pupil(), TEXT, tmp_path, replace(studio, ear=Gone()), listen=True)
    done = run(Pupil(most=0), TEXT, tmp_path, studio, listen=True)
    assert [one.unheard for one in done] == ["", "", "", "reader: four is not said", ""]
    assert [one.given.failure for one in run(Pupil(), AUDIO, tmp_path, studio)][:4] == [""] * 4


def test_who_speaks_is_heard_in_his_own_voice_or_not_at_all(tmp_path: Path, reader: Reader, studio: Studio) -> None:
    sound = encode(Clip(np.full(160, 0.5, np.float32), 16_000), "wav")
    spoken = run(Pupil(speaks=True, sound=sound), TEXT, tmp_path / "spoken", studio, listen=True)
    assert {one.heard for one in spoken} == {"160 samples"}
    mute = run(Pupil(speaks=True), TEXT, tmp_path / "mute", studio, listen=True)
    assert {one.heard for one in mute} == {None}
    assert {one.unheard for one in mute} == {"it was to be spoken by the contestant itself, and was not"}
    assert not reader.said
