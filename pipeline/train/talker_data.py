"""Rows of the data set as a talker learns them: a thinker's states, when they are read, and the codec's frames.

A response is spoken by its own audio, with the times of its words. Where the objective is the question's transcript,
the question's audio speaks it: no times are known of it, so that they are taken to follow the letters.
"""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

import torch
from torch import Tensor

from pipeline.backends.audio import Clip, decode
from pipeline.core.schedule import Stream
from pipeline.errors import ContractError
from pipeline.model.codec import Codec
from pipeline.model.melrvq import MelRvq, MelRvqConfig
from pipeline.model.melrvq import fit as fit_melrvq
from pipeline.model.talker import Utterance, reading_steps
from pipeline.model.thinker import Thinker
from pipeline.model.vocabulary import Vocabulary
from pipeline.train.packing import collate
from pipeline.train.reader import Corpus
from pipeline.train.samples import TRANSCRIPT, Objective, Sample, columns_of, question_audio, sample_of

_DEFAULT = MelRvqConfig()


@dataclass(frozen=True)
class SpokenSample:
    """A row: what the thinker reads, and how it is spoken."""

    sample: Sample
    starts_s: list[float]
    """When each row of the response is spoken, its end left out."""
    audio: bytes
    """The encoded speech."""

    def __len__(self) -> int:
        return len(self.sample)

    def plain(self) -> dict[str, Any]:
        """All but the audio, as plain values."""
        return {**self.sample.plain(), "starts_s": self.starts_s}


def spoken_columns(objectives: tuple[Objective, ...]) -> list[str]:
    """Columns of the data set that a talker needs."""
    columns = dict.fromkeys([*columns_of(objectives), "response_audio", "response_words"])
    if any(objective.target == TRANSCRIPT for objective in objectives):
        columns["question_audio"] = None
    return list(columns)


def spoken_sample(row: Mapping[str, Any], objective: Objective, vocabulary: Vocabulary) -> SpokenSample:
    """Lay a row out.

    Raises:
        ContractError: it was not spoken.
    """
    sample = sample_of(row, objective, vocabulary)
    if objective.target == TRANSCRIPT:
        audio = _speech(row, "question_audio", "with a voice")
        response = [row for row, mark in zip(sample.rows, sample.streams, strict=True) if mark == Stream.RESPONSE]
        starts_s = _by_letters([len(vocabulary.decode([row]).strip()) for row in response[:-1]], decode(audio))
    else:
        audio = _speech(row, "response_audio", "with --speak both")
        starts_s = _by_words(row, vocabulary)
    return SpokenSample(sample, starts_s, audio)


@dataclass
class Utterances:
    """Makes what a talker learns of samples; keeps the codes that it has made."""

    thinker: Thinker
    codec: Codec
    lead_s: float
    kept: int = 100_000
    """Responses whose codes are kept: a few kilobytes each."""
    _codes: dict[bytes, Tensor] = field(default_factory=dict, repr=False)

    @torch.no_grad()
    def of(self, samples: Sequence[SpokenSample]) -> list[Utterance]:
        """Read or hear each question, and take the states that chose the response's rows.

        Raises:
            EngineError, ContractError: audio that cannot be heard.
        """
        thinker = self.thinker
        batch = collate([[one.sample] for one in samples], thinker).to(thinker.embeddings.weight.device)
        states = thinker.states(thinker.embed(batch.rows, batch.heard), batch.positions)
        made = []
        for one, read in zip(samples, states, strict=True):
            places = response_places(one.sample, thinker.vocabulary)
            steps = reading_steps(one.starts_s, self.codec.frame_rate_hz, self.lead_s)
            made.append(Utterance(read[places].float().cpu(), steps, self._coded(one)))
        return made

    def _coded(self, one: SpokenSample) -> Tensor:
        key = hashlib.blake2b(one.audio, digest_size=16).digest()
        known = self._codes.get(key)
        if known is None:
            known = self.codec.encode(decode(one.audio)).to(torch.int16)
            if known.shape[1] == 0:
                raise ContractError(f"row {one.sample.id}: its speech is too short for a frame of the codec")
            if len(self._codes) < self.kept:
                self._codes[key] = known
        return known.long()


def response_places(sample: Sample, vocabulary: Vocabulary) -> list[int]:
    """Where the states lie that chose the response's rows, its end left out: one before each."""
    end = vocabulary.control_rows.response_end
    marked = enumerate(zip(sample.rows, sample.streams, strict=True))
    return [place - 1 for place, (row, mark) in marked if mark == Stream.RESPONSE and row != end]


def fit_codec(corpus: Corpus, config: MelRvqConfig = _DEFAULT, n_rows: int = 500) -> MelRvq:
    """Fit a codec on the responses of the first rows of a corpus.

    Raises:
        ContractError: a row was not spoken.
        UsageError: it is too little speech.
    """
    return fit_melrvq(islice(_responses(corpus), n_rows), config)


def require_heard(corpus: Corpus) -> None:
    """Look whether questions were spoken, at the first row alone: soon, before hours of training.

    Raises:
        ContractError: they were not.
    """
    question_audio(corpus.rows(corpus.pieces[0], ["id", "question_audio"])[0])


def require_spoken(corpus: Corpus) -> None:
    """As `require_heard`, of responses.

    Raises:
        ContractError: they were not.
    """
    _speech(corpus.rows(corpus.pieces[0], ["id", "response_audio"])[0], "response_audio", "with --speak both")


def _responses(corpus: Corpus) -> Iterator[Clip]:
    for piece in corpus.pieces:
        for row in corpus.rows(piece, ["id", "response_audio"]):
            yield decode(_speech(row, "response_audio", "with --speak both"))


def _speech(row: Mapping[str, Any], column: str, how: str) -> bytes:
    audio: bytes | None = (row[column] or {}).get("bytes")
    if audio is None:
        raise ContractError(f"row {row['id']} has no {column}: build {how}, or name the stages before the talker's")
    return audio


def _by_words(row: Mapping[str, Any], vocabulary: Vocabulary) -> list[float]:
    """When each row of a response is spoken: with the word that it belongs to."""
    words = row["response_words"]
    if not words:
        raise ContractError(f"row {row['id']} has no response_words: build it again with --speak both")
    starts_s: list[float] = []
    word = 0
    for k, token in enumerate(row["response_ids"]):
        while word + 1 < len(words) and words[word + 1]["resp_start"] <= k:
            word += 1
        starts_s += [float(words[word]["start_s"])] * len(vocabulary.rows([token]))
    return starts_s


def _by_letters(n_letters: Sequence[int], clip: Clip) -> list[float]:
    """When each row of a text is spoken if its letters follow each other evenly."""
    total = max(1, sum(n_letters))
    starts_s: list[float] = []
    passed = 0
    for n in n_letters:
        starts_s.append(clip.duration_s * passed / total)
        passed += n
    return starts_s
