"""moonshine tiny-en: the embedded ear. Its weights ship inside the package; English only.

It knows no text that should have been said: `core.wer` compares.
"""

from pathlib import Path

from pipeline.backends.audio import Clip, resample
from pipeline.errors import EngineError

SAMPLE_RATE_HZ = 16_000

# The voice detector keeps state between clips: with it the second hearing of a clip may give another text
# ("boxes, and there" once, "boxes. And there" then). Without it the clip is one segment and 20% faster.
_OPTIONS = {"vad_threshold": "0", "return_audio_data": "false", "identify_speakers": "false"}


class Moonshine:
    """A `Transcriber`. The same clip gives the same text, whatever was heard before."""

    def __init__(self, model_path: str | Path | None = None) -> None:
        """Load the model.

        Args:
            model_path: folder of tiny-en weights; None for those inside the package.

        Raises:
            EngineError: the package is missing or holds no weights, or the model does not load.
        """
        # These modules by name: the package's microphone module needs portaudio, which servers have not.
        try:
            from moonshine_voice.errors import MoonshineError
            from moonshine_voice.moonshine_api import ModelArch
            from moonshine_voice.transcriber import Transcriber
            from moonshine_voice.utils import get_model_path
        except (ImportError, OSError) as exc:
            raise EngineError(f"moonshine does not load: {exc}; pip install moonshine-voice==0.0.68") from exc
        folder = Path(model_path) if model_path is not None else get_model_path("tiny-en")
        if not (folder / "encoder_model.ort").is_file():
            raise EngineError(
                f"moonshine: no model in {folder}; 0.0.68 is the version that ships its weights"
            )
        self._error: type[Exception] = MoonshineError
        try:
            self._model = Transcriber(folder, ModelArch.TINY, options=_OPTIONS)
        except MoonshineError as exc:
            raise EngineError(f"moonshine: the model in {folder} does not load: {exc}") from exc

    def transcribe(self, clip: Clip) -> str:
        """Return the words heard, "" for none.

        Raises:
            EngineError: the engine failed on this clip.
        """
        if len(clip.samples) == 0:
            return ""
        samples = resample(clip, SAMPLE_RATE_HZ).samples
        try:
            transcript = self._model.transcribe_without_streaming(samples.tolist(), SAMPLE_RATE_HZ)
        except self._error as exc:
            raise EngineError(f"moonshine: {clip.duration_s:.1f} s of audio: {exc}") from exc
        return " ".join(line.text.strip() for line in transcript.lines).strip()
