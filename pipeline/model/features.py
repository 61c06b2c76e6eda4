"""Questions as a thinker hears them: log-mel frames, by the feature extractor that belongs to the model.

Frames come at 100 Hz; the audio tower makes one embedding of four, 25 a second.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from pipeline.backends.audio import Clip
from pipeline.backends.torchaudio_cpu import import_torchaudio
from pipeline.errors import EngineError

SAMPLE_RATE_HZ = 16_000
_SHORTEST_S = 0.05
_LONGEST_S = 300.0


@dataclass(frozen=True)
class Heard:
    """Log-mel frames of one or more clips, one behind the other."""

    frames: Tensor  # [n_mels, sum(lengths)] float32
    lengths: Tensor  # [n_clips] int64, frames of each clip

    @property
    def n_embeddings(self) -> list[int]:
        """Embeddings that the audio tower makes of each clip."""
        return [embeddings_of(int(n)) for n in self.lengths]

    def to(self, device: torch.device | str) -> "Heard":
        """The same on another device."""
        return Heard(self.frames.to(device), self.lengths.to(device))


def embeddings_of(n_frames: int) -> int:
    """Embeddings made of `n_frames` log-mel frames: a convolution of stride 2, then pairs averaged."""
    return ((n_frames - 1) // 2 + 1) // 2


def joined(heard: Sequence[Heard]) -> Heard:
    """Clips of several rows behind one another."""
    return Heard(torch.cat([h.frames for h in heard], dim=1), torch.cat([h.lengths for h in heard]))


def hear(clip: Clip, extractor: Any) -> Heard:  # noqa: ANN401 - transformers ships no types
    """Resample to 16 kHz and take log-mel frames.

    Args:
        clip: mono, any rate.
        extractor: transformers' WhisperFeatureExtractor, or one that behaves alike.

    Raises:
        EngineError: shorter than 50 ms, or longer than five minutes.
    """
    if not _SHORTEST_S <= clip.duration_s <= _LONGEST_S:
        raise EngineError(
            f"the audio is {clip.duration_s:.2f} s long: {_SHORTEST_S:g} to {_LONGEST_S:g} s can be heard"
        )
    wave = torch.from_numpy(clip.samples)
    if clip.sample_rate_hz != SAMPLE_RATE_HZ:
        functional = import_torchaudio().functional
        wave = functional.resample(wave, clip.sample_rate_hz, SAMPLE_RATE_HZ)
    made = extractor(wave.numpy(), sampling_rate=SAMPLE_RATE_HZ, return_tensors="pt", padding=False, truncation=False)
    frames = made["input_features"][0]  # [n_mels, n_frames]
    return Heard(frames, torch.tensor([frames.shape[1]]))
