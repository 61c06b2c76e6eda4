"""A mono clip: the value that speech engines give and ears take."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Clip:
    """Mono PCM."""

    samples: NDArray[np.float32]  # [n_samples], -1..1
    sample_rate_hz: int

    @property
    def duration_s(self) -> float:
        """Length in seconds."""
        return len(self.samples) / self.sample_rate_hz
