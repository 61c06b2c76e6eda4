"""The learning rate over the steps of a stage."""

import math


def cosine_with_warmup(step: int, steps: int, warmup: float) -> float:
    """Share of the highest learning rate at a step."""
    climbing = max(1, round(warmup * steps))
    if step < climbing:
        return (step + 1) / climbing
    done = (step - climbing) / max(1, steps - climbing)
    return 0.1 + 0.9 * 0.5 * (1 + math.cos(math.pi * min(1.0, done)))
