"""Samples side by side and behind one another: the tensors of one forward pass.

Packed, a row of the batch holds as many samples as fit, and positions start again at each, which is what keeps them
apart. Unpacked, samples of like length share a batch, one to a row. What is left at a row's end is padding: a sample
of its own that nothing is learned from.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from pipeline.core.schedule import Stream
from pipeline.errors import UsageError
from pipeline.model.features import Heard, joined
from pipeline.model.thinker import Thinker
from pipeline.train.samples import PROMPT, Sample

N_STREAMS = len(Stream)


@dataclass(frozen=True, slots=True)
class Shape:
    """How large a batch may be."""

    rows: int = 4
    """Rows of a batch."""
    row_tokens: int = 1024
    """Longest row, in tokens."""
    packed: bool = True
    """Several samples to a row, or one."""

    def __post_init__(self) -> None:
        """Refuse an empty shape."""
        if self.rows < 1 or self.row_tokens < 1:
            raise UsageError(f"loop.shape: rows = {self.rows}, row_tokens = {self.row_tokens}: both must be at least 1")


@dataclass(frozen=True, slots=True)
class Batch:
    """One forward pass."""

    rows: Tensor  # [batch, n] int64
    positions: Tensor  # [batch, n] int64, from 0 at each sample's start
    streams: Tensor  # [batch, n] int64: Stream, or PROMPT
    heard: Heard | None
    n_filled: int
    """Tokens that are no padding."""

    @property
    def n_places(self) -> int:
        """Tokens that the tensors have room for."""
        return self.rows.numel()

    @property
    def n_learned(self) -> Tensor:
        """Tokens of each `Stream` that it teaches, [4]; the first of a row has nothing before it."""
        targets = self.streams[:, 1:]
        return torch.bincount(targets[learned(targets)], minlength=N_STREAMS)

    def to(self, device: torch.device | str) -> "Batch":
        """The same on another device."""
        return replace(
            self,
            rows=self.rows.to(device),
            positions=self.positions.to(device),
            streams=self.streams.to(device),
            heard=None if self.heard is None else self.heard.to(device),
        )


def groups(lengths: Sequence[int], shape: Shape) -> list[list[list[int]]]:
    """Which samples share a row, and which rows a batch.

    Packed: first fit, longest first, so that rows of a batch are full and alike; unpacked: by length.

    Args:
        lengths: [n_samples] tokens of each.
        shape: how large a batch may be.

    Returns:
        Batches of rows of sample indices; every sample once.

    Raises:
        UsageError: a sample is longer than a row may be.
    """
    order = sorted(range(len(lengths)), key=lambda k: (-lengths[k], k))
    if order and lengths[order[0]] > shape.row_tokens:
        raise UsageError(
            f"a sample of {lengths[order[0]]} tokens is longer than a batch row of {shape.row_tokens}: "
            "raise the row's tokens"
        )
    rows: list[list[int]] = []
    if not shape.packed:
        rows = [[k] for k in order]
    else:
        free: list[int] = []
        for k in order:
            place = next((r for r, room in enumerate(free) if room >= lengths[k]), None)
            if place is None:
                rows.append([])
                free.append(shape.row_tokens)
                place = len(rows) - 1
            rows[place].append(k)
            free[place] -= lengths[k]
        rows.sort(key=lambda row: -sum(lengths[k] for k in row))
    return [rows[start : start + shape.rows] for start in range(0, len(rows), shape.rows)]


def collate(rows: Sequence[Sequence[Sample]], thinker: Thinker) -> Batch:
    """Make the tensors of a batch.

    Raises:
        EngineError, ContractError: a sample's audio cannot be heard.
    """
    width = max(sum(map(len, row)) for row in rows)
    tokens = torch.zeros(len(rows), width, dtype=torch.long)
    positions = torch.zeros(len(rows), width, dtype=torch.long)
    streams = torch.full((len(rows), width), PROMPT, dtype=torch.long)
    for r, row in enumerate(rows):
        start = 0
        for sample in row:
            end = start + len(sample)
            tokens[r, start:end] = torch.tensor(sample.rows)
            streams[r, start:end] = torch.tensor(sample.streams)
            positions[r, start:end] = torch.arange(end - start)
            start = end
        positions[r, start:] = torch.arange(width - start)
    samples = [sample for row in rows for sample in row]
    heard = [made for sample in samples if (made := sample.heard(thinker)) is not None]
    return Batch(
        tokens,
        positions,
        streams,
        joined(heard) if heard else None,
        sum(map(len, samples)),
    )


def learned(streams: Tensor) -> Tensor:
    """Which tokens are learned: both streams, their ends and switches; not prompts, pads and padding."""
    return (streams >= 0) & (streams != int(Stream.PAD))
