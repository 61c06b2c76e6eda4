"""whisper through faster-whisper (CTranslate2): hears better than the embedded ear, and knows more of what it hears.

It says how likely a text is, and when each word of a text is spoken.

A model is a folder in CTranslate2's format or a name that faster-whisper knows (tiny.en, base, large-v3-turbo, ...)
or one on the Hub. It runs on the GPU where there is one, else on one thread. It draws nothing: the same clip gives
the same answer. It knows no text that should have been said.
"""

import math
from collections.abc import Iterator, Sequence
from itertools import accumulate, pairwise
from pathlib import Path
from statistics import median
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from pipeline.backends.asr.windows import cut_texts, cut_where
from pipeline.backends.audio import Clip, resample
from pipeline.backends.tts.protocol import WordTime
from pipeline.errors import EngineError

SAMPLE_RATE_HZ = 16_000
_FRAMES = 3000
"""Mel frames of the 30 s that the encoder sees."""
_WINDOW_S = 30.0
_PAIRS_PER_S = 50
"""The decoder attends to pairs of mel frames."""
_TYPICAL_S = 0.7
_MARKS = ".,;:?!"
_LEAST = 1e-9


class Whisper:
    """A `ScoringTranscriber` that aligns words too."""

    def __init__(self, model: str | None, *, language: str = "en", device: str = "auto") -> None:
        """Load a model.

        Args:
            model: folder, size, or name on the Hub; fetched when it is not in the Hub's cache.
            language: that is spoken.
            device: cpu, cuda, or auto for the GPU where there is one.

        Raises:
            EngineError: faster-whisper is not installed, or the model cannot be fetched or loaded.
        """
        if not model:
            raise EngineError("whisper: no model is named; give a folder in CTranslate2's format, or a name as base.en")
        try:
            from faster_whisper import WhisperModel
            from faster_whisper.tokenizer import Tokenizer
        except ImportError as exc:
            raise EngineError(f"whisper does not load ({exc}); pip install 'smp3m[whisper]'") from exc
        if Path(model).is_absolute() and not Path(model).is_dir():
            raise EngineError(f"whisper: no such folder: {model}")
        compute_type = "int8" if device == "cpu" or (device == "auto" and not _gpus()) else "default"
        try:
            self._model: Any = WhisperModel(model, device=device, compute_type=compute_type, cpu_threads=1)
        # A damaged folder, a name that is none or an absent network raise whatever the libraries beneath choose to.
        except Exception as exc:
            raise EngineError(f"whisper: {model} does not load: {_line(exc)}") from exc
        self._tokens: Any = Tokenizer(
            self._model.hf_tokenizer, self._model.model.is_multilingual, task="transcribe", language=language
        )
        self._language = language

    def transcribe(self, clip: Clip) -> str:
        """Return the words heard, "" for none.

        Raises:
            EngineError: the engine failed on this clip.
        """
        return " ".join(text for text, _ in self._heard(_samples(clip), timed=False))

    def score(self, clip: Clip, texts: Sequence[str]) -> list[float]:
        """Return the log-probability of each text given the audio; 0 for all of a clip without sound.

        The encoder sees 30 s: a longer clip is cut between two words and the texts with it, at the place that the
        first of them has there; the others should differ from it little.

        Raises:
            EngineError: the engine failed on this clip.
        """
        samples = _samples(clip)
        if not samples.any() or not texts:
            return [0.0] * len(texts)
        totals = [0.0] * len(texts)
        for window, parts in self._windows(samples, list(texts)):
            sound = self._encoded(window)
            known: dict[str, float] = {}
            for i, part in enumerate(parts):
                if part not in known:
                    known[part] = self._score(sound, part)
                totals[i] += known[part]
        return totals

    def align(self, clip: Clip, words: Sequence[str]) -> tuple[WordTime, ...]:
        """Return the times of the words, seconds from the clip's start, one per word and in order.

        Raises:
            EngineError: there is no sound, or the engine failed on this clip.
        """
        samples = _samples(clip)
        if not samples.any():
            raise EngineError("whisper: there is no sound to find words in")
        times: list[WordTime] = []
        offset = 0
        for window, (text,) in self._windows(samples, [" ".join(words)]):
            times += self._times(self._encoded(window), text.split(), offset / SAMPLE_RATE_HZ)
            offset += len(window)
        return tuple(times)

    def _times(self, sound: "_Sound", words: list[str], offset_s: float) -> list[WordTime]:
        ids = [self._tokens.encode(f" {word}") for word in words]
        if not ids:
            return []
        (result,) = self._align(sound, [token for word in ids for token in word])
        first: dict[int, int] = {}  # the frame pair at which each token begins, the end of the text last
        for token, pair in result.alignments:
            first.setdefault(token, pair)
        edges = [0, *accumulate(len(word) for word in ids)]
        last = max(first.values(), default=0)
        starts_s = [offset_s + first.get(edge, last) / _PAIRS_PER_S for edge in edges]
        spans = [*pairwise(starts_s)]
        # The pause behind a mark is counted to the word before it; faster-whisper's own bound for such words.
        longest_s = 2 * min(_TYPICAL_S, median(end - start for start, end in spans))
        return [
            WordTime(word, start, min(end, start + longest_s) if word[-1] in _MARKS else end)
            for word, (start, end) in zip(words, spans, strict=True)
        ]

    def _windows(
        self, samples: NDArray[np.float32], texts: list[str]
    ) -> Iterator[tuple[NDArray[np.float32], list[str]]]:
        while len(samples) > _WINDOW_S * SAMPLE_RATE_HZ:
            heard = [word for _, words in self._heard(samples, timed=True) for word in words]
            cut = cut_where(texts[0], heard, _WINDOW_S)
            if cut is None:
                break  # nothing was heard by which to cut: the first 30 s decide
            before, texts = cut_texts(texts, cut.character)
            end = round(cut.time_s * SAMPLE_RATE_HZ)
            yield samples[:end], before
            samples = samples[end:]
        yield samples, texts

    def _score(self, sound: "_Sound", text: str) -> float:
        ids = self._tokens.encode(f" {text.strip()}")
        if not ids:
            return 0.0
        (result,) = self._align(sound, ids)
        return sum(math.log(max(probability, _LEAST)) for probability in result.text_token_probs)

    def _align(self, sound: "_Sound", ids: list[int]) -> list[Any]:
        try:
            results: list[Any] = self._model.model.align(
                sound.encoded, self._tokens.sot_sequence, [ids], sound.n_frames
            )
        except (RuntimeError, ValueError) as exc:
            raise EngineError(f"whisper: {_line(exc)}") from exc
        return results

    def _encoded(self, samples: NDArray[np.float32]) -> "_Sound":
        features = self._model.feature_extractor(samples)[:, :_FRAMES]  # [n_mels, n_frames]
        n_frames = features.shape[1]
        padded = np.pad(features, ((0, 0), (0, _FRAMES - n_frames)))
        try:
            return _Sound(self._model.encode(padded), n_frames)
        except (RuntimeError, ValueError) as exc:
            raise EngineError(f"whisper: {_line(exc)}") from exc

    def _heard(
        self, samples: NDArray[np.float32], *, timed: bool
    ) -> Iterator[tuple[str, list[tuple[str, float, float]]]]:
        """Each segment's text, and its words with their start and end in seconds if `timed`."""
        if not samples.any():
            return
        try:
            segments, _ = self._model.transcribe(
                samples,
                language=self._language,
                beam_size=1,
                temperature=0.0,
                condition_on_previous_text=False,  # else one loop infects the next window
                without_timestamps=not timed and len(samples) <= _WINDOW_S * SAMPLE_RATE_HZ,
                word_timestamps=timed,
            )
            for segment in segments:
                words = [(word.word.strip(), word.start, word.end) for word in segment.words or ()]
                yield segment.text.strip(), words
        except (RuntimeError, ValueError) as exc:
            raise EngineError(f"whisper: {_line(exc)}") from exc


class _Sound(NamedTuple):
    """What the encoder makes of a window."""

    encoded: Any
    n_frames: int


def _samples(clip: Clip) -> NDArray[np.float32]:
    return resample(clip, SAMPLE_RATE_HZ).samples


def _gpus() -> int:
    import ctranslate2

    return int(ctranslate2.get_cuda_device_count())


def _line(exc: Exception) -> str:
    return f"{type(exc).__name__}: {(str(exc).strip().splitlines() or [''])[0][:200]}"
