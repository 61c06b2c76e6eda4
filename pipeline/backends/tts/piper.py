"""piper's voices (VITS) through piper-tts: natural, fast, one file a voice.

piper-tts is under the GPL, version 3 or later; it is an extra that nothing else needs, and each voice has a licence of
its own (its MODEL_CARD). The model's noise is left out, so that a text has one pronunciation: same text, same samples.
It runs behind `watched.py`, and knows no audio post-processing.
"""

import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from pipeline.backends.audio import Clip
from pipeline.backends.tts.onnx import Phoneme, session, word_times
from pipeline.backends.tts.protocol import Voice, VoiceModel, WordTime
from pipeline.errors import EngineError

HUB = "rhasspy/piper-voices"
_NAME = re.compile(r"(?P<family>[a-z]{2,3})_(?P<region>[A-Z]{2})-(?P<name>[^-/]+)-(?P<quality>[^-/]+)")
_PAUSE_S = 0.15
"""Between sentences, besides the silence that the model puts at their ends."""


class Piper:
    """A `TimedSynthesizer`."""

    deterministic = True

    def __init__(self, model: VoiceModel) -> None:
        """Load a voice.

        Args:
            model: an .onnx file with its .onnx.json beside it, a folder that holds one, or a voice's name such as
                en_US-lessac-medium, which is fetched from the Hub when it is not in its cache.

        Raises:
            EngineError: piper-tts is not installed, or the voice cannot be fetched or loaded.
        """
        try:
            from piper import PiperVoice, SynthesisConfig
            from piper.config import PiperConfig
        except ImportError as exc:
            raise EngineError(f"piper does not load ({exc}); pip install 'smp3m[piper]'") from exc
        self._settings = SynthesisConfig
        path = _located(model.name_or_path)
        settings = path.with_name(f"{path.name}.json")
        try:
            config = PiperConfig.from_dict(json.loads(settings.read_text(encoding="utf-8")))
        except FileNotFoundError:
            raise EngineError(f"piper: no such file: {settings}; it comes with the voice") from None
        except (ValueError, KeyError, TypeError, OSError) as exc:
            raise EngineError(f"piper: {settings} is no voice's settings: {type(exc).__name__}: {exc}") from exc
        self._voice: Any = PiperVoice(session=session("piper", path, _with_durations(path)), config=config)
        speakers = {name: number for name, number in config.speaker_id_map.items() if config.num_speakers > 1}
        self._speakers: dict[str, int | None] = {**speakers} or {path.stem: None}

    @property
    def voices(self) -> tuple[str, ...]:
        """Names of the model's speakers, or of its file where it has one."""
        return tuple(self._speakers)

    def synthesize(self, text: str, voice: Voice, seed: int) -> Clip:
        """Speak `text`.

        Raises:
            EngineError: unknown voice, nothing to say, or the model failed on this text.
        """
        return self._speak(text, voice, seed)[0]

    def synthesize_timed(self, text: str, voice: Voice, seed: int) -> tuple[Clip, tuple[WordTime, ...]]:
        """Speak `text`; times are the model's own durations.

        Raises:
            EngineError: as `synthesize`.
        """
        clip, spoken = self._speak(text, voice, seed)
        words = text.split()
        alone = ["".join(symbol for part in self._voice.phonemize(word) for symbol in part) for word in words]
        return clip, word_times(words, alone, spoken)

    def _speak(self, text: str, voice: Voice, seed: int) -> tuple[Clip, list[Phoneme]]:
        del seed  # no noise is drawn
        if voice.name not in self._speakers:
            raise EngineError(f"piper: unknown voice {voice.name!r}: use one of {', '.join(self.voices[:8])}")
        if "[[" in text:
            raise EngineError(f"piper: the text holds '[[', which the engine takes for phonemes: {text[:60]!r}")
        config = self._settings(
            speaker_id=self._speakers[voice.name],
            length_scale=self._voice.config.length_scale / voice.speed,
            noise_scale=0.0,
            noise_w_scale=0.0,
            normalize_audio=False,
        )
        rate_hz: int = self._voice.config.sample_rate
        pause = np.zeros(round(_PAUSE_S * rate_hz), np.float32)
        parts: list[np.ndarray[Any, np.dtype[np.float32]]] = []
        spoken: list[Phoneme] = []
        for chunk in self._voice.synthesize(text, config, include_alignments=True):
            if parts:
                parts.append(pause)
            spoken += _timed(chunk.phoneme_alignments or (), sum(map(len, parts)), rate_hz)
            parts.append(chunk.audio_float_array)
        if not parts:
            raise EngineError(f"piper: no sound for {text[:60]!r}")
        return Clip(np.concatenate(parts), rate_hz), spoken


def _timed(alignments: Sequence[Any], offset: int, rate_hz: int) -> list[Phoneme]:
    """Phonemes of one sentence that starts at sample `offset`."""
    spoken: list[Phoneme] = []
    for part in alignments:
        start, offset = offset, offset + int(part.num_samples)
        if part.phoneme not in ("^", "$"):
            spoken.append(Phoneme(part.phoneme, start / rate_hz, offset / rate_hz))
    return spoken


def _with_durations(path: Path) -> bytes | None:
    """The graph with the durations it computes as an output; None where it cannot be read so."""
    import onnx
    from google.protobuf.message import DecodeError
    from piper.patch_voice_with_alignment import add_alignment_output

    try:
        model = onnx.load(str(path))
        add_alignment_output(model)
    except (DecodeError, ValueError):
        return None  # damaged, which loading it will tell, or it has that output already
    return bytes(model.SerializeToString())


def _located(model: str | None) -> Path:
    if not model:
        raise EngineError("piper: no model is named; give the path of an .onnx file, or a name as en_US-lessac-medium")
    path = Path(model)
    if path.is_dir():
        found = sorted(path.glob("*.onnx"))
        if len(found) != 1:
            raise EngineError(f"piper: {path} holds {len(found)} .onnx files; name the one to use")
        return found[0]
    if path.exists():
        return path
    name = _NAME.fullmatch(model)
    if name is None:
        raise EngineError(f"piper: no such file: {path}; nor is it a voice's name, as en_US-lessac-medium")
    return _fetched(model, name)


def _fetched(model: str, name: re.Match[str]) -> Path:
    """From the Hub's cache or the Hub; piper's own downloader leaves half a file behind when it is stopped."""
    from huggingface_hub import hf_hub_download
    from huggingface_hub.errors import HfHubHTTPError, LocalEntryNotFoundError

    folder = f"{name['family']}/{name['family']}_{name['region']}/{name['name']}/{name['quality']}"
    try:
        hf_hub_download(HUB, f"{folder}/{model}.onnx.json")
        return Path(hf_hub_download(HUB, f"{folder}/{model}.onnx"))
    except (HfHubHTTPError, LocalEntryNotFoundError, OSError) as exc:
        reason = (str(exc).strip().splitlines() or [""])[0][:200]
        raise EngineError(f"piper: the voice {model} cannot be fetched from {HUB}: {reason}") from exc
