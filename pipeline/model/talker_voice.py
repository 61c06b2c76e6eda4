"""A talker with the codec that it speaks in: from a thinker's states to sound, chunk by chunk.

Codecs decode whole clips. A chunk is therefore decoded with some frames before and after it, which are cut off again,
and laid over the end of the one before for a few milliseconds, so that no step is heard.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from pipeline.backends.audio import Clip
from pipeline.errors import UsageError
from pipeline.model import codec as codecs
from pipeline.model import talker as talkers
from pipeline.model.codec import Codec
from pipeline.model.talker import Draw, Talker, likeliest

FOLDER = "talker"
"""Where it lies within a checkpoint, beside the thinker that it reads."""
_CODEC = "codec"
_FADE_S = 0.008


@dataclass(frozen=True)
class TalkerVoice:
    """A talker and its codec."""

    talker: Talker
    codec: Codec

    def __post_init__(self) -> None:
        """Refuse a codec other than the talker's.

        Raises:
            ContractError: it is another.
        """
        self.talker.facts.require(self.codec)

    def speak(self, states: Iterable[Tensor], draw: Draw = likeliest) -> Clip:
        """The sound of a whole response.

        Args:
            states: of the response's rows, each [state_size].
            draw: takes a code of each layer.
        """
        frames = list(self.talker.stream(states, draw))
        none = torch.zeros(self.codec.n_layers, 0, dtype=torch.long)
        return self.codec.decode(torch.stack(frames, dim=1) if frames else none)

    def save(self, folder: Path) -> None:
        """Write both into a folder."""
        self.talker.save(folder)
        self.codec.save(folder / _CODEC)


def load(folder: Path) -> TalkerVoice:
    """Read what `TalkerVoice.save` wrote.

    Raises:
        EngineError: there is no talker, or its codec does not load.
        ContractError: files are damaged, of another version, or do not belong together.
    """
    talker = talkers.load(folder).eval()
    return TalkerVoice(talker, codecs.load(str(folder / _CODEC)))


class ChunkDecoder:
    """Frames of codes in, chunks of sound out."""

    def __init__(self, codec: Codec, chunk_s: float = 0.4, context_s: float = 0.4) -> None:
        """Begin a response.

        Args:
            codec: of the frames.
            chunk_s: sound given out at once.
            context_s: sound decoded besides, before a chunk and, a quarter of it, after.

        Raises:
            UsageError: chunks of no length.
        """
        if chunk_s <= 0 or context_s < 0:
            raise UsageError(f"chunks of {chunk_s:g} s with {context_s:g} s around them: give more than 0 s")
        self._codec = codec
        self._chunk = max(1, round(chunk_s * codec.frame_rate_hz))
        self._before = max(1, round(context_s * codec.frame_rate_hz))
        self._after = max(1, round(context_s / 4 * codec.frame_rate_hz))
        self._samples_per_frame = round(codec.sample_rate_hz / codec.frame_rate_hz)
        self._fade = round(_FADE_S * codec.sample_rate_hz)
        self._frames: list[Tensor] = []
        self._n_given = 0
        self._over = np.zeros(0, np.float32)

    def take(self, frame: Tensor) -> Clip | None:
        """Take a frame [n_layers]; the chunk that it completes."""
        self._frames.append(frame)
        if len(self._frames) - self._n_given < self._chunk + self._after:
            return None
        return self._decode(self._n_given + self._chunk)

    def end(self) -> Clip | None:
        """The rest."""
        if self._n_given == len(self._frames):
            return None
        return self._decode(len(self._frames))

    def _decode(self, end: int) -> Clip:
        """The sound from what was given out up to frame `end`."""
        per_frame = self._samples_per_frame
        first = max(0, self._n_given - self._before)
        last = min(len(self._frames), end + self._after)
        wave = self._codec.decode(torch.stack(self._frames[first:last], dim=1)).samples
        start = (self._n_given - first) * per_frame
        stop = (end - first) * per_frame if end < len(self._frames) else len(wave)
        chunk = _faded(self._over, wave[start:stop])
        self._over = wave[stop : stop + self._fade]
        self._n_given = end
        return Clip(chunk, self._codec.sample_rate_hz)


def _faded(before: NDArray[np.float32], after: NDArray[np.float32]) -> NDArray[np.float32]:
    """What comes next, coming out of what would have gone on."""
    n = min(len(before), len(after))
    rising = np.linspace(0.0, 1.0, n, dtype=np.float32)
    faded: NDArray[np.float32] = np.concatenate([before[:n] * (1 - rising) + after[:n] * rising, after[n:]])
    return faded
