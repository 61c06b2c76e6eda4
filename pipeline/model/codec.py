"""A codec: a clip as a few small numbers a frame, and back. What a talker speaks in.

    layers of codes of two frames       layer 0   17  3
    (coarse above, fine below)          layer 1    5 90
                                        layer 2   41 41

A name says which: the folder of a fitted `melrvq`, or a SNAC by hub name or folder.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from torch import Tensor

from pipeline.backends.audio import Clip
from pipeline.errors import ContractError
from pipeline.model import melrvq, snac


class Codec(Protocol):
    """A codec of speech. It trains nothing: a talker's codes mean something to one codec only."""

    @property
    def frame_rate_hz(self) -> float:
        """Frames of codes a second."""
        ...

    @property
    def n_layers(self) -> int:
        """Codes of a frame."""
        ...

    @property
    def codebook_size(self) -> int:
        """Codes of a layer."""
        ...

    @property
    def sample_rate_hz(self) -> int:
        """Rate of the clips it decodes to."""
        ...

    @property
    def digest(self) -> str:
        """Of all that gives codes their meaning."""
        ...

    def encode(self, clip: Clip) -> Tensor:
        """Codes of a clip of any rate, [n_layers, n_frames] int64."""
        ...

    def decode(self, codes: Tensor) -> Clip:
        """The clip of codes [n_layers, n_frames].

        Raises:
            ContractError: codes of another codec's layers or size.
        """
        ...

    def save(self, folder: Path) -> None:
        """Write all that `load` needs into a folder."""
        ...


def load(name_or_path: str) -> Codec:
    """Load the folder of a fitted codec, or a SNAC by short name, hub name or folder.

    Raises:
        ContractError: a fitted codec's files are damaged.
        EngineError: the snac package is missing, or the network cannot be fetched or read.
    """
    folder = Path(name_or_path)
    if (folder / melrvq.NOTE).is_file():
        return melrvq.load(folder)
    return snac.load(name_or_path)


@dataclass(frozen=True, slots=True)
class CodecFacts:
    """What a talker knows of the codec that it speaks in."""

    n_layers: int
    codebook_size: int
    frame_rate_hz: float
    digest: str

    @classmethod
    def of(cls, codec: Codec) -> "CodecFacts":
        """The facts of a codec."""
        return cls(codec.n_layers, codec.codebook_size, codec.frame_rate_hz, codec.digest)

    def require(self, codec: Codec) -> None:
        """Refuse a codec other than this one.

        Raises:
            ContractError: it is another.
        """
        if codec.digest != self.digest:
            raise ContractError(
                f"codec mismatch: the talker was trained with codec {self.digest[:12]}, this one is "
                f"{codec.digest[:12]}: give the codec it was trained with, or train the talker again"
            )
