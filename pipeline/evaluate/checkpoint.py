"""A checkpoint of ours as a contestant: decoded in batches, its drift judged from its own stream."""

import time
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from pipeline.core.outcome import Unreadable
from pipeline.core.paradigm import name_of, paradigm_named
from pipeline.core.schedule import Stream
from pipeline.core.speak import speak
from pipeline.errors import EngineError, UsageError
from pipeline.evaluate.contestants import Asked, Given
from pipeline.evaluate.drifting import drifting
from pipeline.infer.checkpoint import open_checkpoint
from pipeline.infer.decode import DEFAULT_LIMITS, Emitted, Limits, Prompt, decode
from pipeline.infer.question import Question, clip_of, prompt_of
from pipeline.infer.sampling import GREEDY, Sampling
from pipeline.model.thinker import Thinker
from pipeline.store.atomic import files_digest


@dataclass(frozen=True, slots=True)
class Decoding:
    """How a checkpoint is made to answer."""

    ratio: str = "2:8"
    sampling: Sampling = GREEDY
    limits: Limits = DEFAULT_LIMITS
    batch: int = 8

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
            UsageError, ContractError, EngineError: as `infer.checkpoint.open_checkpoint`.
        """
        self._thinker = open_checkpoint(path, device)
        self._how = how
        self._paradigm = paradigm_named(how.ratio)
        folder = Path(path).resolve()
        self.name = f"{folder.parent.name}/{folder.name} {name_of(self._paradigm)}"
        # A batch gives what single turns give, but its times are no latencies: who wants those is asked anew.
        self.identity: Mapping[str, Any] = {
            "checkpoint": files_digest(folder),
            "paradigm": name_of(self._paradigm),
            "sampling": asdict(how.sampling),
            "limits": asdict(how.limits),
            "alone": how.batch == 1,
        }

    @property
    def hears(self) -> bool:
        """Whether the network has an audio tower."""
        return self._thinker.hears

    async def answer(self, questions: Sequence[Asked]) -> AsyncIterator[tuple[int, Given]]:
        """Answer in batches; see `Contestant`."""
        for start in range(0, len(questions), self._how.batch):
            places = range(start, min(start + self._how.batch, len(questions)))
            for place, given in self._batch([(place, questions[place]) for place in places]):
                yield place, given

    def _batch(self, asked: Sequence[tuple[int, Asked]]) -> Iterator[tuple[int, Given]]:
        begun = time.monotonic()
        prompts: list[tuple[int, Asked, Prompt]] = []
        for place, one in asked:
            try:
                prompts.append((place, one, prompt_of(_question(one), self._thinker)))
            except (UsageError, EngineError) as exc:  # silent, too long, or no audio: this item alone is lost
                yield place, Given(None, str(exc))
        if not prompts:
            return
        turns: list[list[Emitted]] = [[] for _ in prompts]
        how = self._how
        given_prompts = [prompt for _, _, prompt in prompts]
        for emitted in decode(
            self._thinker, given_prompts, self._paradigm, how.sampling, how.limits, time.monotonic, begun
        ):
            turns[emitted.turn].append(emitted)
        for (place, one, _), turn in zip(prompts, turns, strict=True):
            yield place, _given(self._thinker, one.text, turn, len(prompts))


def _question(asked: Asked) -> Question:
    """The question in the words that training had, written ones that cannot be said as they are."""
    if asked.audio is not None:
        return Question(clip=clip_of(asked.audio, f"{asked.item.set} {asked.item.subset} {asked.item.id}"))
    spoken = speak(asked.text)
    return Question(asked.text if isinstance(spoken, Unreadable) else spoken)


def _given(thinker: Thinker, question: str, turn: Sequence[Emitted], batch: int) -> Given:
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
