"""Coqui's models (VITS, YourTTS, XTTS, ...) through coqui-tts: many voices, and clones of a recording.

coqui-tts is under the MPL 2.0, its models have licences of their own (XTTS: the Coqui Public Model Licence, for
non-commercial use). It runs behind `watched.py`, and knows no audio post-processing; the sample rate is the model's
own.
"""

import inspect
from pathlib import Path
from typing import Any

import numpy as np

from pipeline.backends.audio import Clip
from pipeline.backends.torchaudio_cpu import import_torchaudio
from pipeline.backends.tts.protocol import Voice, VoiceModel
from pipeline.errors import EngineError

_ONLY_VOICE = "default"


class Coqui:
    """A `Synthesizer`. What the model draws hangs on the seed: same text, voice and seed, same samples."""

    def __init__(self, model: VoiceModel, *, language: str = "en", device: str | None = None) -> None:
        """Load a model.

        Args:
            model: coqui's name, as "tts_models/en/vctk/vits", fetched when it is not in coqui's cache; or a
                checkpoint file, or for XTTS its folder, with the config.json beside it. References are recordings
                to clone, for models that clone.
            language: spoken by multilingual models.
            device: torch's name of it; None for the GPU where there is one.

        Raises:
            EngineError: coqui-tts is not installed, or the model cannot be fetched or loaded.
        """
        torch, api = _import()
        self._torch = torch
        arguments = _arguments(model.name_or_path)
        device = device or ("cuda" if torch.cuda.is_available() else "cpu")
        try:
            tts = api.TTS(progress_bar=False, **arguments).to(device)
        # A damaged file, an odd config or an absent network raise whatever the libraries beneath choose to.
        except Exception as exc:
            raise EngineError(f"coqui: {model.name_or_path} does not load: {_line(exc)}") from exc
        self._tts = tts
        self._language = language if tts.is_multi_lingual else None
        self._references = {name: str(path) for name, path in model.references.items()}
        for name, path in model.references.items():
            if not path.is_file():
                raise EngineError(f"coqui: the recording of voice {name!r} is not there: {path}")
        if self._references and not _clones(tts.synthesizer.tts_model):
            raise EngineError(f"coqui: {model.name_or_path} clones no voices; leave out the recordings")
        speakers = () if self._references else tuple(tts.speakers or ())
        self._voices = tuple(self._references) or speakers or (_ONLY_VOICE,)
        self._length_scale: float | None = getattr(tts.synthesizer.tts_model, "length_scale", None)
        self._rate_hz = int(tts.synthesizer.output_sample_rate)

    deterministic = True

    @property
    def voices(self) -> tuple[str, ...]:
        """Names of the references, else of the model's speakers, else "default"."""
        return self._voices

    def synthesize(self, text: str, voice: Voice, seed: int) -> Clip:
        """Speak `text`.

        Raises:
            EngineError: unknown voice, or the model failed on this text.
        """
        if voice.name not in self._voices:
            raise EngineError(f"coqui: unknown voice {voice.name!r}: use one of {', '.join(self._voices[:8])}")
        if not text.strip():
            raise EngineError("coqui: no sound for ''")
        who: dict[str, Any] = {"language": self._language}
        if voice.name in self._references:
            who["speaker_wav"] = self._references[voice.name]
        elif voice.name != _ONLY_VOICE:
            who["speaker"] = voice.name
        who |= self._paced(voice)
        with self._torch.random.fork_rng():
            self._torch.manual_seed(seed)
            try:
                # A sentence at a time: models drift in long texts, and XTTS takes 250 characters at most.
                samples = self._tts.tts(text, split_sentences=True, **who)
            # Models fail on odd texts with whatever their layers raise; the others must go on.
            except Exception as exc:
                raise EngineError(f"coqui: {text[:60]!r}: {_line(exc)}") from exc
        return Clip(np.asarray(samples, dtype=np.float32).reshape(-1), self._rate_hz)

    def _paced(self, voice: Voice) -> dict[str, Any]:
        """Set the pace where the model has a scale of durations (VITS, GlowTTS); what it must be given for it else."""
        network = self._tts.synthesizer.tts_model
        if self._length_scale is not None:
            network.length_scale = self._length_scale / voice.speed
            return {}
        if voice.speed == 1.0:
            return {}
        if "speed" not in inspect.signature(network.inference).parameters:  # XTTS has it
            raise EngineError(f"coqui: voice {voice}: this model speaks at one pace; leave out @{voice.speed:g}")
        return {"speed": voice.speed}


def _import() -> tuple[Any, Any]:
    try:
        import torch

        import_torchaudio()
        from TTS import api
    except ImportError as exc:
        reason = str(exc).strip().splitlines()[0]
        raise EngineError(f"coqui does not load ({reason}); pip install 'smp3m[coqui]'") from exc
    return torch, api


def _arguments(model: str | None) -> dict[str, Any]:
    if not model:
        raise EngineError("coqui: no model is named; give a name, or the path of a checkpoint")
    path = Path(model)
    if not path.exists():
        if path.is_absolute():
            raise EngineError(f"coqui: no such file: {path}")
        return {"model_name": model}
    config = (path if path.is_dir() else path.parent) / "config.json"
    if not config.exists():
        raise EngineError(f"coqui: no such file: {config}")
    return {"model_path": str(path), "config_path": str(config)}


def _clones(network: object) -> bool:
    """Whether the model turns a recording into a voice: by itself (XTTS, Bark, Tortoise) or by a speaker encoder."""
    from TTS.tts.models.base_tts import BaseTTS

    manager = getattr(network, "speaker_manager", None)
    by_itself = getattr(type(network), "_clone_voice", None) is not BaseTTS._clone_voice
    return by_itself or getattr(manager, "encoder", None) is not None


def _line(exc: Exception) -> str:
    """An exception's first line: some carry a page of parameter names."""
    return f"{type(exc).__name__}: {(str(exc).strip().splitlines() or [''])[0][:200]}"
