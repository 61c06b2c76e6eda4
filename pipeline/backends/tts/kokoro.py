"""Kokoro-82M (StyleTTS 2) through kokoro-onnx: many natural voices at 24 kHz.

Model and voices are Apache-2.0, kokoro-onnx is MIT; phonemizer and espeak-ng, which it needs, are under the GPL,
version 3 or later. It draws nothing: same text and voice, same samples. It runs behind `watched.py`, and knows no audio
post-processing.
"""

import tempfile
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pipeline.backends.audio import Clip
from pipeline.backends.tts.onnx import session
from pipeline.backends.tts.protocol import Voice, VoiceModel
from pipeline.errors import EngineError

HUB = "onnx-community/Kokoro-82M-v1.0-ONNX"
_HUB_FILES = ("onnx/model_quantized.onnx", "voices/*.bin")
_STYLES = (1, 256)  # a style for each number of phonemes: [n, 1, 256]
_LANGUAGES = {"a": "en-us", "b": "en-gb"}
"""By a voice's first letter; those of other languages are left out."""
SPEEDS = (0.5, 2.0)


class Kokoro:
    """A `Synthesizer`."""

    deterministic = True

    def __init__(self, model: VoiceModel) -> None:
        """Load the model and its English voices.

        Args:
            model: a folder with one .onnx file (or one in its folder onnx) and the voices, either as voices/NAME.bin
                (raw float32, as on the Hub) or as one voices*.bin or voices*.npz; or a name on the Hub, such as
                onnx-community/Kokoro-82M-v1.0-ONNX.

        Raises:
            EngineError: kokoro-onnx is not installed, or the model cannot be fetched or loaded.
        """
        try:
            import kokoro_onnx
        except ImportError as exc:
            raise EngineError(f"kokoro does not load ({exc}); pip install 'smp3m[kokoro]'") from exc
        graph, folder = _located(model.name_or_path)
        voices = _voices(folder)
        if not voices:
            raise EngineError(f"kokoro: no English voices in {folder}: they are voices/NAME.bin, or voices*.bin")
        running = session("kokoro", graph)
        with tempfile.TemporaryDirectory() as scratch:
            # The package takes voices from one archive only, and opens it anew for each text.
            archive = Path(scratch) / "voices.npz"
            np.savez(archive, none=np.zeros(1))
            try:
                self._kokoro: Any = kokoro_onnx.Kokoro.from_session(running, str(archive))
            except (RuntimeError, OSError, AttributeError, ValueError) as exc:
                raise EngineError(f"kokoro: {graph} does not load: {exc}") from exc
        self._styles = voices

    @property
    def voices(self) -> tuple[str, ...]:
        """Names of the English voices: af_, am_ (American), bf_, bm_ (British)."""
        return tuple(self._styles)

    def synthesize(self, text: str, voice: Voice, seed: int) -> Clip:
        """Speak `text`; long texts are cut at their marks and joined.

        Raises:
            EngineError: unknown voice, a pace it has not, nothing to say, or the model failed on this text.
        """
        del seed  # nothing is drawn
        if voice.name not in self._styles:
            raise EngineError(f"kokoro: unknown voice {voice.name!r}: use one of {', '.join(self.voices[:8])}")
        if not SPEEDS[0] <= voice.speed <= SPEEDS[1]:
            raise EngineError(f"kokoro: voice {voice}: its pace goes from {SPEEDS[0]:g} to {SPEEDS[1]:g}")
        try:
            samples, rate_hz = self._kokoro.create(
                text, self._styles[voice.name], voice.speed, _LANGUAGES[voice.name[0]]
            )
        # The package raises ValueError for a text without phonemes, onnxruntime has no common base but Exception.
        except Exception as exc:
            reason = (str(exc).strip().splitlines() or [""])[0][:200]
            raise EngineError(f"kokoro: {text[:60]!r}: {reason}") from exc
        return Clip(np.asarray(samples, dtype=np.float32).reshape(-1), rate_hz)


def _voices(folder: Path) -> dict[str, NDArray[np.float32]]:
    """Styles by voice, each [n, 1, 256], the English ones."""
    styles: dict[str, NDArray[np.float32]] = {}
    try:
        for path in sorted((folder / "voices").glob("*.bin")):
            styles[path.stem] = np.fromfile(path, "<f4").reshape(-1, *_STYLES)
        for path in sorted((*folder.glob("voices*.bin"), *folder.glob("voices*.npz"))):
            with np.load(path) as archive:
                styles |= {name: archive[name].astype(np.float32).reshape(-1, *_STYLES) for name in archive.files}
    except (ValueError, OSError) as exc:
        raise EngineError(f"kokoro: {path} holds no voice: {exc}") from exc
    return {name: style for name, style in sorted(styles.items()) if name[0] in _LANGUAGES and name[2:3] == "_"}


def _located(model: str | None) -> tuple[Path, Path]:
    """The graph and the folder of its voices."""
    if not model:
        raise EngineError(f"kokoro: no model is named; give a folder with the .onnx file and voices, or {HUB}")
    path = Path(model)
    if not path.exists():
        if path.is_absolute() or model.count("/") != 1:
            raise EngineError(f"kokoro: no such file: {path}")
        path = _fetched(model)
    if path.is_file():
        raise EngineError(f"kokoro: {path} is a file; give the folder that holds it and its voices")
    found = sorted((*path.glob("*.onnx"), *path.glob("onnx/*.onnx")))
    if len(found) != 1:
        raise EngineError(f"kokoro: {path} holds {len(found)} .onnx files; leave the one to use")
    return found[0], path


def _fetched(name: str) -> Path:
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import HfHubHTTPError, LocalEntryNotFoundError

    try:
        return Path(snapshot_download(name, allow_patterns=list(_HUB_FILES)))
    except (HfHubHTTPError, LocalEntryNotFoundError, OSError, ValueError) as exc:
        reason = (str(exc).strip().splitlines() or [""])[0][:200]
        raise EngineError(f"kokoro: {name} cannot be fetched: {reason}") from exc
