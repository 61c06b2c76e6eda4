"""Low-rank adapters in the language model, by peft: put in for a stage, merged into its weights at the end.

The network keeps its structure: adapters sit inside the layers that they adapt, and a merged network is as it was.
"""

from dataclasses import dataclass
from typing import Any

from torch import nn

from pipeline.errors import UsageError
from pipeline.model.thinker import Thinker

MARK = ".lora_"
"""Part of the name of an adapter's parameter."""
_ADAPTED = r".*\.(q_proj|k_proj|v_proj|o_proj|gate_proj|up_proj|down_proj)"


@dataclass(frozen=True, slots=True)
class LoraConfig:
    """Adapters of the decoder's layers."""

    rank: int = 0
    """Width of an adapter; 0 trains the layers themselves."""
    alpha: float = 32.0
    """Weight of an adapter, divided by its rank."""
    dropout: float = 0.0

    def __post_init__(self) -> None:
        """Refuse adapters that adapt nothing."""
        if self.rank < 0 or self.alpha <= 0 or not 0 <= self.dropout < 1:
            raise UsageError(f"{self}: the rank is at least 0, alpha above 0, dropout from 0 to below 1")


def inject(thinker: Thinker, config: LoraConfig) -> None:
    """Put fresh adapters into the decoder; at first they change nothing."""
    import peft

    wanted = peft.LoraConfig(
        r=config.rank, lora_alpha=config.alpha, lora_dropout=config.dropout, target_modules=_ADAPTED
    )
    peft.inject_adapter_in_model(wanted, thinker.decoder)


def merge(thinker: Thinker) -> None:
    """Add the adapters to the weights that they adapt, and take them out."""
    from peft.tuners.lora import LoraLayer

    adapted: list[tuple[str, Any]] = [
        (name, module) for name, module in thinker.decoder.named_modules() if isinstance(module, LoraLayer)
    ]
    for name, module in adapted:
        module.merge()
        parent, _, child = name.rpartition(".")
        plain: nn.Module = module.get_base_layer()
        setattr(thinker.decoder.get_submodule(parent), child, plain)
    if adapted:
        del thinker.decoder.peft_config
