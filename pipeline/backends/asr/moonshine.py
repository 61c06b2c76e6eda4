"""moonshine tiny-en: the embedded ear, English. Its weights come out of the moonshine-voice package.

The package's own runtime is not used. Its voice detector keeps state between clips (the second hearing of
a clip gave another text than the first), it takes every core it sees, a clip costs it 2.5 times the CPU
time, and it cannot say how likely a text is. Here the two graphs run in onnxruntime on one thread, and
nothing is kept between clips. It knows no text that should have been said.
"""

from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from pipeline.backends.asr.moonshine_tokens import END, START, Tokens
from pipeline.backends.audio import Clip, resample
from pipeline.errors import EngineError

SAMPLE_RATE_HZ = 16_000
_TOKENS_PER_S = 6.5
"""The package's own bound: beyond it the model repeats itself."""
_HEADS, _HEAD_SIZE = 8, 36
_SAMPLES_PER_FRAME = 384  # the decoder wants its mask in samples and thins it by this
_FATAL = 4
_SHORTEST = 1_600  # samples; the encoder's windows need 1,500 or so, and no word is shorter


_Floats = NDArray[np.float32]
_Cache = dict[str, _Floats]


class Moonshine:
    """A `ScoringTranscriber`. The same clip gives the same answer, whatever was heard before."""

    def __init__(self, model_path: str | Path | None = None) -> None:
        """Load the model.

        Args:
            model_path: folder with encoder_model.ort, decoder_model_merged.ort and tokenizer.bin; None for
                the weights inside the package.

        Raises:
            EngineError: the package is missing or holds no weights, or the model does not load.
        """
        folder = Path(model_path) if model_path is not None else _packaged()
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.log_severity_level = _FATAL  # what goes wrong is raised, not printed
        try:
            self._tokens = Tokens(folder / "tokenizer.bin")
            self._encoder, self._decoder = (
                onnxruntime.InferenceSession(folder / name, options, providers=["CPUExecutionProvider"])
                for name in ("encoder_model.ort", "decoder_model_merged.ort")
            )
        # onnxruntime's exceptions have no common base but Exception; a damaged file raises several of them.
        except Exception as exc:
            raise EngineError(f"moonshine: the model in {folder} does not load: {exc}") from exc
        self._past = [i.name for i in self._decoder.get_inputs() if i.name.startswith("past_key_values")]

    def transcribe(self, clip: Clip) -> str:
        """Return the words heard, "" for none.

        Raises:
            EngineError: the engine failed on this clip.
        """
        sound = self._listen(clip)
        return "" if sound is None else self._tokens.decode(self._write(sound, clip.duration_s))

    def score(self, clip: Clip, texts: Sequence[str]) -> list[float]:
        """Return the log-probability of each text given the audio; 0 for all of a clip without sound."""
        sound = self._listen(clip)
        if sound is None or not texts:
            return [0.0] * len(texts)
        return [self._score(sound, [START, *self._tokens.encode(text), END]) for text in texts]

    def _score(self, sound: _Floats, ids: list[int]) -> float:
        # One text a call: the weights are int8 with scales taken per call, so that the texts of a batch would
        # change each other's scores (by 0.5 where it was tried).
        logits, _ = self._step(np.array([ids[:-1]]), sound, None)
        rows = logits[0].astype(np.float64)  # [T-1, V]
        top = rows.max(axis=-1)
        norm = top + np.log(np.exp(rows - top[:, None]).sum(axis=-1))
        return float((np.take_along_axis(rows, np.array(ids[1:])[:, None], axis=-1)[:, 0] - norm).sum())

    def _listen(self, clip: Clip) -> _Floats | None:
        samples = resample(clip, SAMPLE_RATE_HZ).samples
        if not samples.any():
            return None
        padded = np.pad(samples, (0, max(0, _SHORTEST - len(samples))))[None]  # [1, n_samples]
        mask = np.ones(padded.shape, np.int64)
        sound: _Floats = _run(self._encoder, {"input_values": padded, "attention_mask": mask})[0]
        return sound  # [1, n_frames, width]

    def _write(self, sound: _Floats, duration_s: float) -> list[int]:
        """The likeliest next token, again and again."""
        ids = [START]
        cache: _Cache | None = None
        for _ in range(int(duration_s * _TOKENS_PER_S) + 1):
            logits, cache = self._step(np.array([[ids[-1]]]), sound, cache)
            best = int(logits[0, -1].argmax())
            if best == END:
                break
            ids.append(best)
        return ids[1:]

    def _step(self, ids: NDArray[np.int64], sound: _Floats, cache: _Cache | None) -> tuple[_Floats, _Cache]:
        """Run the decoder: logits [B, T, V], and the cache with these ids in it."""
        mask = np.ones((1, sound.shape[1] * _SAMPLES_PER_FRAME), np.int64)
        none = np.zeros((len(ids), _HEADS, 0, _HEAD_SIZE), np.float32)
        logits, *present = _run(
            self._decoder,
            {
                "input_ids": ids,
                "encoder_hidden_states": sound,
                "encoder_attention_mask": mask,
                "use_cache_branch": np.array([cache is not None]),
                **(cache or dict.fromkeys(self._past, none)),
            },
        )
        new: _Cache = dict(zip(self._past, present, strict=True))
        if cache is not None:  # what the decoder knows of the sound is computed once and not given out again
            new |= {name: value for name, value in cache.items() if ".encoder." in name}
        return logits, new


def _run(session: onnxruntime.InferenceSession, feed: dict[str, Any]) -> list[Any]:
    try:
        results: list[Any] = session.run(None, feed)
    # As at loading: no common base. The clip is refused, the run goes on.
    except Exception as exc:
        raise EngineError(f"moonshine: {str(exc).strip().splitlines()[0][:200]}") from exc
    return results


def _packaged() -> Path:
    package = find_spec("moonshine_voice")
    if package is None or package.origin is None:
        raise EngineError("moonshine: its package is not installed; pip install moonshine-voice==0.0.68")
    folder = Path(package.origin).parent / "assets" / "tiny-en"
    if not (folder / "encoder_model.ort").is_file():
        raise EngineError(f"moonshine: no model in {folder}; 0.0.68 is the version that ships its weights")
    return folder
