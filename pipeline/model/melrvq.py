"""A codec that fits in seconds: log-mel frames, quantised in layers, heard again through Griffin-Lim.

Some log-mel frames that follow each other make one frame of codes. Its first layer names the nearest of a codebook's
entries, every further layer the nearest to what is still missing. It is fitted on the audio that it is to speak
(k-means, layer by layer), so that a talker can be trained anywhere; it knows no other voices than it has heard.
Phases are not stored: they are guessed (Griffin and Lim 1984, with the momentum of Perraudin et al. 2013).
"""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from pipeline.backends.audio import Clip, resample
from pipeline.backends.torchaudio_cpu import import_torchaudio
from pipeline.errors import ContractError, UsageError

NOTE = "melrvq.json"
_BOOKS = "codebooks.safetensors"
_FLOOR = 1e-4
"""Magnitudes below it count as silence: about 80 dB under a loud vowel."""
_CHUNK = 8192
"""Frames compared with a codebook at once: bounds memory."""


@dataclass(frozen=True, slots=True)
class MelRvqConfig:
    """Sizes of the codec. The defaults' word errors are in the tests and in docs."""

    sample_rate_hz: int = 24_000
    n_mels: int = 80
    hop: int = 256
    """Samples between log-mel frames."""
    window: int = 1024
    """Samples of a log-mel frame."""
    stacked: int = 4
    """Log-mel frames in a frame of codes."""
    n_layers: int = 8
    codebook_size: int = 512
    rounds: int = 12
    """Of k-means, for each layer."""
    phase_rounds: int = 32
    """Of Griffin-Lim."""
    momentum: float = 0.99
    """Of Griffin-Lim."""
    seed: int = 0
    """Draws the first entries of the codebooks."""

    def __post_init__(self) -> None:
        """Refuse sizes that make no codec."""
        counts = (self.n_mels, self.hop, self.stacked, self.n_layers, self.rounds, self.phase_rounds)
        if min(counts) < 1 or self.sample_rate_hz < 8000 or self.codebook_size < 2:
            raise UsageError("melrvq: sizes must be at least 1, codebook_size 2 and sample_rate_hz 8000")
        if self.window < 2 * self.hop:
            raise UsageError(f"melrvq: a window of {self.window} samples must span two hops of {self.hop} or more")
        if not 0 <= self.momentum < 1:
            raise UsageError(f"melrvq: momentum is {self.momentum:g}: it must be from 0 to below 1")


class MelRvq:
    """A `Codec`. The same clip gives the same codes, the same codes the same clip."""

    def __init__(self, config: MelRvqConfig, codebooks: Tensor) -> None:
        """Make the codec of these codebooks.

        Args:
            config: sizes.
            codebooks: [n_layers, codebook_size, stacked * n_mels] float32.

        Raises:
            ContractError: codebooks of other sizes.
        """
        wanted = (config.n_layers, config.codebook_size, config.stacked * config.n_mels)
        if tuple(codebooks.shape) != wanted or codebooks.dtype != torch.float32:
            raise ContractError(f"melrvq: codebooks {tuple(codebooks.shape)} where the sizes say {wanted} of float32")
        self.config = config
        self._codebooks = codebooks
        self._analysis = _Analysis(config)

    @property
    def frame_rate_hz(self) -> float:
        """Frames of codes a second."""
        return self.config.sample_rate_hz / (self.config.hop * self.config.stacked)

    @property
    def n_layers(self) -> int:
        """Codes of a frame."""
        return self.config.n_layers

    @property
    def codebook_size(self) -> int:
        """Codes of a layer."""
        return self.config.codebook_size

    @property
    def sample_rate_hz(self) -> int:
        """Rate of the clips it decodes to."""
        return self.config.sample_rate_hz

    @property
    def digest(self) -> str:
        """Of sizes and codebooks."""
        said = json.dumps(asdict(self.config), sort_keys=True).encode()
        data = np.ascontiguousarray(self._codebooks.numpy(), "<f4").tobytes()
        return hashlib.blake2b(said + data, digest_size=16).hexdigest()

    def encode(self, clip: Clip) -> Tensor:
        """Codes of a clip of any rate, [n_layers, n_frames] int64; its end is filled up to a whole frame."""
        left = self._analysis.frames(clip)
        codes = []
        for book in self._codebooks:
            nearest = _nearest(left, book)
            left = left - book[nearest]
            codes.append(nearest)
        return torch.stack(codes)

    def decode(self, codes: Tensor) -> Clip:
        """The clip of codes [n_layers, n_frames].

        Raises:
            ContractError: codes of another codec's layers or size.
        """
        check_codes(codes, self.n_layers, self.codebook_size)
        if codes.shape[1] == 0:
            return Clip(np.zeros(0, np.float32), self.sample_rate_hz)
        frames = sum(book[layer] for book, layer in zip(self._codebooks, codes.cpu(), strict=True))
        if not isinstance(frames, Tensor):
            raise TypeError("a codec has at least one layer")
        return self._analysis.clip(frames)

    def save(self, folder: Path) -> None:
        """Write sizes and codebooks into a folder."""
        from safetensors.torch import save_file

        folder.mkdir(parents=True, exist_ok=True)
        save_file({"codebooks": self._codebooks.contiguous()}, folder / _BOOKS)
        note = {"config": asdict(self.config), "digest": self.digest}
        (folder / NOTE).write_text(json.dumps(note, indent=1, sort_keys=True) + "\n", encoding="utf-8")


def load(folder: Path) -> MelRvq:
    """Read what `MelRvq.save` wrote.

    Raises:
        ContractError: the files are damaged or of another version.
    """
    from safetensors import SafetensorError
    from safetensors.torch import load_file

    try:
        note = json.loads((folder / NOTE).read_text(encoding="utf-8"))
        codec = MelRvq(MelRvqConfig(**note["config"]), load_file(folder / _BOOKS)["codebooks"])
        digest = note["digest"]
    except (OSError, ValueError, KeyError, TypeError, SafetensorError) as exc:
        raise ContractError(f"codec {folder}: not readable ({exc}): fit it again") from exc
    if codec.digest != digest:
        raise ContractError(f"codec {folder}: its codebooks are not those it was saved with: fit it again")
    return codec


def fit(clips: Iterable[Clip], config: MelRvqConfig = MelRvqConfig()) -> MelRvq:
    """Fit codebooks on clips; the same clips in the same order give the same codec.

    Raises:
        UsageError: there are fewer frames than a codebook has entries.
    """
    analysis = _Analysis(config)
    made = [analysis.frames(clip) for clip in clips]
    left = torch.cat(made) if made else torch.zeros(0, config.stacked * config.n_mels)
    if len(left) < config.codebook_size:
        seconds = config.codebook_size * config.hop * config.stacked / config.sample_rate_hz
        raise UsageError(
            f"melrvq: {len(left)} frames of audio for codebooks of {config.codebook_size}: "
            f"give {seconds:.0f} s of speech or more, or lower codebook_size"
        )
    generator = torch.Generator().manual_seed(config.seed)
    books = []
    for _ in range(config.n_layers):
        book = _k_means(left, config.codebook_size, config.rounds, generator)
        left = left - book[_nearest(left, book)]
        books.append(book)
    return MelRvq(config, torch.stack(books))


def check_codes(codes: Tensor, n_layers: int, codebook_size: int) -> None:
    """Refuse codes that a codec cannot decode.

    Raises:
        ContractError: another number of layers, or a code beyond the codebook.
    """
    if codes.ndim != 2 or codes.shape[0] != n_layers:
        raise ContractError(f"codes of shape {tuple(codes.shape)}: this codec has {n_layers} layers")
    if codes.numel() and not 0 <= int(codes.min()) <= int(codes.max()) < codebook_size:
        raise ContractError(f"codes from {int(codes.min())} to {int(codes.max())}: this codec's end at {codebook_size}")


class _Analysis:
    """Clip to stacked log-mel frames and back."""

    def __init__(self, config: MelRvqConfig) -> None:
        transforms = import_torchaudio().transforms
        self._config = config
        sizes = {"n_fft": config.window, "win_length": config.window, "hop_length": config.hop, "power": 1.0}
        scale = {"norm": "slaney", "mel_scale": "slaney"}
        self._mel = transforms.MelSpectrogram(config.sample_rate_hz, n_mels=config.n_mels, **sizes, **scale)
        # Least squares over the filters, once and for all frames.
        self._unmel = torch.linalg.pinv(self._mel.mel_scale.fb.T)  # [n_bins, n_mels]
        self._phases = transforms.GriffinLim(
            **sizes, n_iter=config.phase_rounds, momentum=config.momentum, rand_init=False
        )

    def frames(self, clip: Clip) -> Tensor:
        """Stacked log-mel frames, [n_frames, stacked * n_mels]; none of a clip shorter than half a window."""
        config = self._config
        wave = torch.from_numpy(resample(clip, config.sample_rate_hz).samples)
        if len(wave) <= config.window // 2:
            return torch.zeros(0, config.stacked * config.n_mels)
        mel = self._mel(wave).clamp(min=_FLOOR).log()  # [n_mels, n]
        missing = -mel.shape[1] % config.stacked
        filled = torch.cat([mel, mel[:, -1:].expand(-1, missing)], dim=1)
        return filled.T.reshape(-1, config.stacked * config.n_mels)

    def clip(self, frames: Tensor) -> Clip:
        """The sound of stacked log-mel frames."""
        mel = frames.reshape(-1, self._config.n_mels).T.exp()
        wave = self._phases((self._unmel @ mel).clamp(min=0.0))
        samples = np.ascontiguousarray(wave.clamp(-1.0, 1.0).numpy(), np.float32)
        return Clip(samples, self._config.sample_rate_hz)


def _nearest(frames: Tensor, book: Tensor) -> Tensor:
    """Index of each frame's nearest entry, [n_frames]."""
    if len(frames) == 0:
        return torch.zeros(0, dtype=torch.long)
    return torch.cat([torch.cdist(part, book).argmin(dim=1) for part in torch.split(frames, _CHUNK)])


def _k_means(frames: Tensor, n_entries: int, rounds: int, generator: torch.Generator) -> Tensor:
    """Lloyd's algorithm from entries drawn among the frames; an entry that nothing is near to is drawn anew."""
    book = frames[torch.randperm(len(frames), generator=generator)[:n_entries]].clone()  # [n_entries, width]
    for _ in range(rounds):
        nearest = _nearest(frames, book)
        sums = torch.zeros_like(book).index_add_(0, nearest, frames)
        sizes = torch.bincount(nearest, minlength=n_entries)
        drawn = frames[torch.randint(len(frames), (n_entries,), generator=generator)]
        book = torch.where((sizes > 0)[:, None], sums / sizes.clamp(min=1)[:, None], drawn)
    return book
