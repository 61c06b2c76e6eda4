"""Ask contestants the items of benchmarks, in writing and aloud, and keep every answer; score what is kept.

Whatever happens half-way, what was answered is on disk: the same command goes on, and asks nothing twice.
"""

import asyncio
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipeline.backends.asr.protocol import Transcriber
from pipeline.backends.audio import Clip, decode, encode
from pipeline.backends.tts.protocol import Synthesizer, Voice
from pipeline.core.fingerprint import digest
from pipeline.core.outcome import Unreadable
from pipeline.core.speak import speak
from pipeline.errors import EngineDown, EngineError
from pipeline.evaluate.contestants import Asked, Contestant, Given
from pipeline.evaluate.items import Item
from pipeline.evaluate.records import Records
from pipeline.store.atomic import write_bytes

TEXT, AUDIO = "text", "audio"
_SOUNDS = "audio"


@dataclass(frozen=True)
class Studio:
    """The voice that reads what has no recording, and the ear that hears answers."""

    voice: Synthesizer
    speaker: Voice
    ear: Transcriber
    identity: Mapping[str, Any]
    """Engines and voice by name."""

    def say(self, text: str) -> Clip:
        """Speak a text that may hold digits and signs.

        Raises:
            EngineError: it has no spoken form, or the engine fails on it.
        """
        spoken = speak(text)
        if isinstance(spoken, Unreadable):
            raise EngineError(f"cannot be said: {spoken.detail}")
        return self.voice.synthesize(spoken, self.speaker, 0)


@dataclass(frozen=True, slots=True)
class Answered:
    """An item and what came of it."""

    contestant: str
    source: str
    """text or audio."""
    item: Item
    given: Given
    heard: str | None
    """What the ear made of the answer spoken; None where nobody listened, or there was nothing to hear."""
    listened: bool
    """Whether answers were listened to."""
    unheard: str = ""
    """Why there was nothing to hear."""


Progress = Callable[[str, str], None]
"""Told a contestant's name, and what is done of one item more."""


def evaluate(
    contestants: Sequence[Contestant],
    items: Sequence[Item],
    sources: Sequence[str],
    folder: Path,
    studio: Studio | None,
    progress: Progress,
    *,
    listen: bool,
) -> list[Answered]:
    """Ask what has not been asked; returns everything, contestants and sources in order, items in theirs.

    Args:
        contestants: who is asked.
        items: what is asked.
        sources: `text`, `audio`, or both.
        folder: where records and sounds are kept.
        studio: speaks and hears; None where neither is needed.
        progress: called for each item that was asked and each that was heard, by earlier runs too.
        listen: whether answers are also scored as they are heard.

    Raises:
        StoreError: the folder is in use, damaged or full.
        EngineError: a contestant, the voice or the ear can do no more; what was answered is kept.
    """
    with Records(folder) as records:
        done: list[Answered] = []
        for contestant in contestants:
            for source in sources:
                if source == AUDIO and not contestant.hears:
                    continue
                run = _Run(contestant, source, folder, records, studio, listen=listen)
                done += asyncio.run(run.all(items, progress))
        return done


@dataclass
class _Run:
    """One contestant, asked in one way."""

    contestant: Contestant
    source: str
    folder: Path
    records: Records
    studio: Studio | None
    listen: bool

    async def all(self, items: Sequence[Item], progress: Progress) -> list[Answered]:
        keys = [self._key(item) for item in items]
        async for number, given in self.contestant.answer(self._questions(items, keys, progress)):
            self._keep(keys[number], items[number], given)
            progress(self.contestant.name, f"asked by {self.source}")
        return [self._answered(item, key, progress) for item, key in zip(items, keys, strict=True)]

    def _questions(self, items: Sequence[Item], keys: Sequence[str], progress: Progress) -> Iterator[tuple[int, Asked]]:
        """What has not been asked, by the item's number; what has is told as it is passed."""
        for number, (item, key) in enumerate(zip(items, keys, strict=True)):
            if self.records.get(key) is None:
                asked = self._asked(item)
                if isinstance(asked, Asked):
                    yield number, asked
                    continue
                self._keep(key, item, asked)
            progress(self.contestant.name, f"asked by {self.source}")

    def _key(self, item: Item) -> str:
        spoken = self.source == AUDIO and item.audio is None and self.studio is not None
        voice = dict(self.studio.identity) if spoken and self.studio is not None else None
        return digest([dict(self.contestant.identity), self.source, item.digest, voice])

    def _asked(self, item: Item) -> Asked | Given:
        if self.source == TEXT:
            return Asked(item, item.question, None)
        if item.audio is not None:
            return Asked(item, item.question, item.audio)
        if self.studio is None:
            raise ValueError("an item without a recording needs a studio")
        try:
            return Asked(item, item.question, encode(self.studio.say(item.question), "wav"))
        except EngineDown:
            raise
        except EngineError as exc:
            return Given(None, f"the question {exc}")

    def _keep(self, key: str, item: Item, given: Given) -> None:
        if given.audio is not None:
            path = self._sound(key)
            path.parent.mkdir(parents=True, exist_ok=True)
            write_bytes(path, given.audio)
        self.records.put(
            key,
            {
                "contestant": self.contestant.name,
                "source": self.source,
                "set": item.set,
                "subset": item.subset,
                "id": item.id,
                "gold": item.gold,
                **given.record(),
            },
        )

    def _answered(self, item: Item, key: str, progress: Progress) -> Answered:
        record = self.records.get(key)
        assert record is not None
        given = Given.of_record(record)
        heard, unheard = None, ""
        if self.listen:
            heard, unheard = self._heard(key, given)
            progress(self.contestant.name, f"asked by {self.source}, heard")
        return Answered(self.contestant.name, self.source, item, given, heard, self.listen, unheard)

    def _heard(self, key: str, given: Given) -> tuple[str | None, str]:
        """What the ear makes of an answer, heard once, or why there is nothing to hear."""
        assert self.studio is not None
        heard_key = digest(["heard", key, dict(self.studio.identity)])
        record = self.records.get(heard_key)
        if record is None:
            record = {"heard_of": key, **self._hear(key, given)}
            self.records.put(heard_key, record)
        return record["heard"], record["failure"]

    def _hear(self, key: str, given: Given) -> dict[str, str | None]:
        assert self.studio is not None
        if given.response is None:
            return {"heard": None, "failure": "there is no answer"}
        sound = self._sound(key)
        if self.contestant.speaks and not sound.exists():
            return {"heard": None, "failure": "it was to be spoken by the contestant itself, and was not"}
        try:
            clip = decode(sound.read_bytes()) if sound.exists() else self.studio.say(given.response)
            return {"heard": self.studio.ear.transcribe(clip), "failure": ""}
        except EngineDown:
            raise
        except EngineError as exc:
            return {"heard": None, "failure": str(exc)}

    def _sound(self, key: str) -> Path:
        return self.folder / _SOUNDS / f"{key}.wav"
