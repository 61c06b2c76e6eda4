"""Accelerate's view of the machine: processes, devices, precision. One for every stage."""

import logging
from typing import Any, Literal

Precision = Literal["no", "bf16"]


def accelerator_of(precision: Precision = "no") -> Any:  # noqa: ANN401 - accelerate ships no types
    """An accelerator that knows nothing of the stage before: what was prepared there is not saved again.

    Processes that torchrun started find one another; where there is no accelerator they exchange gradients by gloo.
    """
    import torch
    from accelerate import Accelerator
    from accelerate.state import AcceleratorState

    # Embeddings that are tied to the head are kept once: nothing to warn of at every checkpoint.
    logging.getLogger("accelerate.utils.other").setLevel(logging.ERROR)
    # Nothing public forgets the precision; the group of processes stays as it is.
    AcceleratorState._reset_state()
    return Accelerator(cpu=not torch.cuda.is_available(), mixed_precision=precision)
