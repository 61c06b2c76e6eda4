"""Cross-entropy of what is learned, stream by stream.

Prompt, audio and pads are masked: pads are forced in decoding, never learned. Sums and counts are kept apart, so
that one optimiser step over several batches and processes weighs every token alike.
"""

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional

from pipeline.core.schedule import Stream
from pipeline.errors import UsageError
from pipeline.model.thinker import Thinker
from pipeline.train.packing import N_STREAMS, Batch, learned


@dataclass(frozen=True, slots=True)
class StreamWeights:
    """How much a token of each stream counts."""

    response: float = 1.0
    reasoning: float = 1.0
    switch: float = 1.0

    def __post_init__(self) -> None:
        """Refuse weights that teach nothing or the opposite."""
        values = (self.response, self.reasoning, self.switch)
        if min(values) < 0 or max(values) == 0:
            raise UsageError(f"stream weights {values}: none may be negative, one must be above 0")

    def tensor(self) -> Tensor:
        """Weights by `Stream`, [4]; pads have none."""
        weights = [0.0] * N_STREAMS
        weights[Stream.RESPONSE], weights[Stream.REASONING] = self.response, self.reasoning
        weights[Stream.SWITCH] = self.switch
        return torch.tensor(weights)


def stream_losses(thinker: Thinker, batch: Batch) -> Tensor:
    """Summed cross-entropy of each stream, [4]; scores are made only where something is learned."""
    states = thinker.states(thinker.embed(batch.rows, batch.heard), batch.positions)
    targets, streams = batch.rows[:, 1:], batch.streams[:, 1:]
    taught = learned(streams)
    scores = thinker.logits(states[:, :-1][taught])  # [n_taught, n_rows]
    losses = functional.cross_entropy(scores.float(), targets[taught], reduction="none")
    return torch.zeros(N_STREAMS, device=losses.device).index_add(0, streams[taught], losses)
