"""The delay pattern of Mini-Omni and MusicGen: every layer of codes stands one step behind the one above it.

    layer 0   a0 a1 a2  .  .
    layer 1    . b0 b1 b2  .
    layer 2    .  . c0 c1 c2

A step's layers can then be predicted all at once, and a finer layer still knows the coarser ones of its frame.
"""

import torch
from torch import Tensor


def delayed(codes: Tensor, fill: int) -> Tensor:
    """Shift layer i by i steps, [n_layers, n_frames + n_layers - 1].

    Args:
        codes: [n_layers, n_frames].
        fill: stands where a layer has not begun or is over.
    """
    n_layers, n_frames = codes.shape
    steps = codes.new_full((n_layers, n_frames + n_layers - 1), fill)
    for i, layer in enumerate(codes):
        steps[i, i : i + n_frames] = layer
    return steps


def undelayed(steps: Tensor) -> Tensor:
    """Inverse of `delayed`: [n_layers, n_frames]; no frames of steps too few for one.

    Args:
        steps: [n_layers, n_frames + n_layers - 1].
    """
    n_layers, n_steps = steps.shape
    n_frames = max(0, n_steps - n_layers + 1)
    return torch.stack([layer[i : i + n_frames] for i, layer in enumerate(steps)])
