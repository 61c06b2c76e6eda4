"""SNAC (Siuzdak et al. 2024) as a codec: its codebooks of several rates laid out as layers of one rate.

Its coarsest codebook gives one code where finer ones give two or four, so that a frame of seven layers holds

    24 kHz:  1 + 2 + 4 codes, 11.7 frames a second

as Mini-Omni has them. The `snac` package (MIT) is imported when a network is loaded; weights come by hub name or
folder.
"""

import hashlib
import pickle
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from pipeline.backends.audio import Clip, resample
from pipeline.errors import EngineError
from pipeline.model.melrvq import check_codes
from pipeline.store.atomic import files_digest

NETWORKS = {
    "snac": "hubertsiuzdak/snac_24khz",  # MIT, speech
    "snac-24khz": "hubertsiuzdak/snac_24khz",
}
"""Short names of networks on the Hub."""
_CONFIG, _WEIGHTS = "config.json", "pytorch_model.bin"


class Snac:
    """A `Codec`. The same clip gives the same codes, the same codes the same clip."""

    def __init__(self, folder: Path) -> None:
        """Load a network.

        Args:
            folder: config.json and pytorch_model.bin, as on the Hub.

        Raises:
            EngineError: the package is missing, or the network cannot be read.
        """
        self._folder = folder
        self._net = _network(folder)
        coarsest = self._net.vq_strides[0]
        if any(coarsest % stride for stride in self._net.vq_strides):
            raise EngineError(f"snac {folder}: strides {self._net.vq_strides} do not share a frame")
        self._codes_per_frame = [coarsest // stride for stride in self._net.vq_strides]
        self._samples_per_frame = int(self._net.hop_length) * int(coarsest)

    @property
    def frame_rate_hz(self) -> float:
        """Frames of codes a second: codes of the coarsest codebook."""
        return self.sample_rate_hz / self._samples_per_frame

    @property
    def n_layers(self) -> int:
        """Codes of a frame, of all codebooks."""
        return sum(self._codes_per_frame)

    @property
    def codebook_size(self) -> int:
        """Codes of a layer."""
        return int(self._net.codebook_size)

    @property
    def sample_rate_hz(self) -> int:
        """Rate of the clips it decodes to."""
        return int(self._net.sampling_rate)

    @property
    def digest(self) -> str:
        """Of the network's two files."""
        digests = [files_digest(self._folder / name) for name in (_CONFIG, _WEIGHTS)]
        return hashlib.blake2b("".join(digests).encode(), digest_size=16).hexdigest()

    @torch.inference_mode()
    def encode(self, clip: Clip) -> Tensor:
        """Codes of a clip of any rate, [n_layers, n_frames] int64; its end is filled up with silence."""
        samples = resample(clip, self.sample_rate_hz).samples
        n_frames = -(-len(samples) // self._samples_per_frame)
        if n_frames == 0:
            return torch.zeros(self.n_layers, 0, dtype=torch.long)
        books = self._net.encode(torch.from_numpy(samples)[None, None])  # of each codebook [1, n_codes]
        layers = [
            book[0].reshape(-1, per_frame).T for book, per_frame in zip(books, self._codes_per_frame, strict=True)
        ]
        # Attention windows fill the end up to more than a frame.
        return torch.cat(layers)[:, :n_frames].clone()

    @torch.inference_mode()
    def decode(self, codes: Tensor) -> Clip:
        """The clip of codes [n_layers, n_frames].

        Raises:
            ContractError: codes of another codec's layers or size.
        """
        check_codes(codes, self.n_layers, self.codebook_size)
        n_frames = codes.shape[1]
        if n_frames == 0:
            return Clip(np.zeros(0, np.float32), self.sample_rate_hz)
        missing = -n_frames % self._frames_at_once()
        filled = torch.cat([codes.cpu(), codes.cpu()[:, -1:].expand(-1, missing)], dim=1)
        books = [layers.T.reshape(1, -1) for layers in torch.split(filled, self._codes_per_frame)]
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(0)  # its decoder adds noise
            wave = self._net.decode(books)[0, 0]
        samples = wave[: n_frames * self._samples_per_frame].clamp(-1.0, 1.0).numpy()
        return Clip(np.ascontiguousarray(samples, np.float32), self.sample_rate_hz)

    def save(self, folder: Path) -> None:
        """Copy the network's two files into a folder."""
        folder.mkdir(parents=True, exist_ok=True)
        for name in (_CONFIG, _WEIGHTS):
            shutil.copyfile(self._folder / name, folder / name)

    def _frames_at_once(self) -> int:
        """Frames that its attention window spans; 1 without attention."""
        window = self._net.attn_window_size or 1
        return int(np.lcm(self._net.vq_strides[0], window)) // int(self._net.vq_strides[0])


def load(name_or_path: str) -> Snac:
    """Load a network by short name, hub name or folder.

    Raises:
        EngineError: the package is missing, or the network cannot be fetched or read.
    """
    if Path(name_or_path).is_dir():
        return Snac(Path(name_or_path))
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import HfHubHTTPError, HFValidationError

    name = NETWORKS.get(name_or_path, name_or_path)
    try:
        folder = snapshot_download(name, allow_patterns=[_CONFIG, _WEIGHTS])
    except (OSError, HfHubHTTPError, HFValidationError) as exc:
        raise EngineError(
            f"codec {name_or_path}: no folder of a codec, and not to be fetched from the Hub as {name}: "
            f"{(str(exc).strip().splitlines() or [''])[0][:200]}"
        ) from exc
    return Snac(Path(folder))


def _network(folder: Path) -> Any:  # noqa: ANN401 - the package ships no types
    try:
        from snac import SNAC
    except ImportError as exc:
        raise EngineError(f"codec snac needs its package ({exc}): pip install 'smp3m[train]'") from exc
    try:
        return SNAC.from_pretrained(str(folder)).eval()
    # A damaged file raises whatever json, pickle, torch or the class's constructor choose to.
    except (OSError, ValueError, KeyError, TypeError, RuntimeError, EOFError, pickle.UnpicklingError) as exc:
        raise EngineError(
            f"codec snac in {folder} does not load: {(str(exc).strip().splitlines() or [''])[0][:200]}"
        ) from exc
