"""A checkpoint of ours as a contestant: decoded in batches, its drift judged from its own stream."""

import time
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from pipeline.backends.audio import encode
from pipeline.core.outcome import Unreadable
from pipeline.core.paradigm import name_of, paradigm_named
from pipeline.core.schedule import Stream
from pipeline.core.speak import speak
from pipeline.errors import EngineError, UsageError
from pipeline.evaluate.contestants import Asked, Given
from pipeline.evaluate.drifting import drifting
from pipeline.infer.checkpoint import open_checkpoint, open_talker
from pipeline.infer.decode import DEFAULT_LIMITS, Emitted, Limits, Prompt, decode
from pipeline.infer.question import Question, clip_of, prompt_of
from pipeline.infer.sampling import GREEDY, Sampling
from pipeline.model.talker_voice import TalkerVoice
from pipeline.model.thinker import Thinker
from pipeline.store.atomic import files_digest


@dataclass(frozen=True, slots=True)
class Decoding:
    """How a checkpoint is made to answer."""

    ratio: str = "2:8"
    sampling: Sampling = GREEDY
    limits: Limits = DEFAULT_LIMITS
    batch: int = 8
    talker: bool = False
    """Whether it speaks its answers by its own talker."""

    def __post_init__(self) -> None:
        """Refuse batches of nothing, and paradigms that there are not."""
        paradigm_named(self.ratio)
        if self.batch < 1:
            raise UsageError(f"--batch {self.batch}: at least 1")


class Checkpoint:
    """A `Contestant`."""

    def __init__(self, path: str, how: Decoding, device: str | None = None) -> None:
        """Load it.

        Raises:
            UsageError, ContractError, EngineError: as `infer.checkpoint` says.
        """
        self._thinker = open_checkpoint(path, device)
        self._voice = open_talker(path, device) if how.talker else None
        self._how = how
        self._paradigm = paradigm_named(how.ratio)
        self.name = f"{Path(path)} {name_of(self._paradigm)}"
        # A batch gives what single turns give, but its times are no latencies: who wants those is asked anew.
        self.identity: Mapping[str, Any] = {
            "checkpoint": files_digest(Path(path)),
            "paradigm": name_of(self._paradigm),
            "sampling": asdict(how.sampling),
            "limits": asdict(how.limits),
            "alone": how.batch == 1,
            "talker": how.talker,
        }

    @property
    def hears(self) -> bool:
        """Whether the network has an audio tower."""
        return self._thinker.hears

    @property
    def speaks(self) -> bool:
        """Whether its talker speaks."""
        return self._how.talker

    async def answer(self, questions: Iterable[tuple[int, Asked]]) -> AsyncIterator[tuple[int, Given]]:
        """Answer in batches; see `Contestant`."""
        waiting = iter(questions)
        while batch := list(islice(waiting, self._how.batch)):
            for number, given in self._batch(batch):
                yield number, given

    def _batch(self, asked: Sequence[tuple[int, Asked]]) -> Iterator[tuple[int, Given]]:
        begun = time.monotonic()
        prompts: list[tuple[int, Asked, Prompt]] = []
        for number, one in asked:
            try:
                prompts.append((number, one, prompt_of(_question(one), self._thinker)))
            except (UsageError, EngineError) as exc:  # silent, too long, or no audio: this item alone is lost
                yield number, Given(None, str(exc))
        if not prompts:
            return
        turns: list[list[Emitted]] = [[] for _ in prompts]
        how = self._how
        given_prompts = [prompt for _, _, prompt in prompts]
        for emitted in decode(
            self._thinker, given_prompts, self._paradigm, how.sampling, how.limits, time.monotonic, begun
        ):
            turns[emitted.turn].append(emitted)
        for (number, one, _), turn in zip(prompts, turns, strict=True):
            yield number, _given(self._thinker, self._voice, one.text, turn, len(prompts))


def _question(asked: Asked) -> Question:
    """The question in the words that training had, written ones that cannot be said as they are."""
    if asked.audio is not None:
        return Question(clip=clip_of(asked.audio, f"{asked.item.set} {asked.item.subset} {asked.item.id}"))
    spoken = speak(asked.text)
    return Question(asked.text if isinstance(spoken, Unreadable) else spoken)


def _given(thinker: Thinker, voice: TalkerVoice | None, question: str, turn: Sequence[Emitted], batch: int) -> Given:
    control, decode_ids = thinker.vocabulary.control, thinker.vocabulary.loaded.decode
    tokens = [emitted.token for emitted in turn]
    streams = [int(emitted.stream) for emitted in turn]
    texts = {
        stream: decode_ids([e.token for e in turn if e.stream is stream and e.token < control.n_text_ids]).strip()
        for stream in (Stream.RESPONSE, Stream.REASONING)
    }
    found = drifting(question, tokens, streams, control, decode_ids)
    first = next((at for at, emitted in enumerate(turn) if emitted.stream is Stream.RESPONSE), None)
    return Given(
        texts[Stream.RESPONSE],
        thinking=texts[Stream.REASONING],
        audio=None if voice is None else _spoken(voice, turn, control.n_text_ids),
        n_tokens=len(turn),
        n_before_first=first,
        n_calls=turn[-1].call,
        first_token_s=None if first is None else round(turn[first].time_s, 6),
        total_s=round(turn[-1].time_s, 6),
        batch=batch,
        n_derived=found.n_derived,
        n_early=found.n_early,
        n_ungrounded=found.n_ungrounded,
        ended=not turn[-1].hurried,
    )


def _spoken(voice: TalkerVoice, turn: Sequence[Emitted], n_text_ids: int) -> bytes | None:
    """The response as the talker speaks it, a WAV file; None where it makes no sound."""
    said = [emitted for emitted in turn if emitted.stream is Stream.RESPONSE and emitted.token < n_text_ids]
    clip = voice.speak(emitted.state for emitted in said if emitted.state is not None)
    return encode(clip, "wav") if len(clip.samples) else None
