"""Which of the tokens that a slot allows comes next."""

from dataclasses import dataclass

import torch
from torch import Tensor

from pipeline.core.control import ControlIds
from pipeline.core.slot_machine import Slot
from pipeline.errors import UsageError


@dataclass(frozen=True, slots=True)
class Sampling:
    """How a token is drawn; temperature 0 takes the likeliest."""

    temperature: float = 0.0
    top_p: float = 1.0
    seed: int = 0

    def __post_init__(self) -> None:
        """Refuse settings that no draw has."""
        if self.temperature < 0 or not 0 < self.top_p <= 1:
            raise UsageError(
                f"sampling: temperature {self.temperature:g} and top_p {self.top_p:g}: "
                "the temperature is at least 0, top_p above 0 and at most 1"
            )


GREEDY = Sampling()


def allowed_scores(scores: Tensor, slot: Slot, control: ControlIds, only: int | None = None) -> Tensor:
    """Scores with everything at -inf that the slot forbids.

    Args:
        scores: [n_rows] of the model.
        slot: what may come.
        control: control tokens as rows.
        only: one allowed control token that must be taken now.
    """
    kept = torch.full_like(scores, float("-inf"))
    if only is None and slot.text:
        kept[: control.n_text_ids] = scores[: control.n_text_ids]
    for row in slot.controls if only is None else (only,):
        kept[row] = scores[row]
    return kept


def draw(scores: Tensor, sampling: Sampling, generator: torch.Generator) -> int:
    """Take a row.

    Args:
        scores: [n_rows], -inf where forbidden.
        sampling: how.
        generator: of this turn alone, so that a batch draws what single turns would.
    """
    if sampling.temperature == 0:
        return int(scores.argmax())
    shares = torch.softmax(scores.float() / sampling.temperature, dim=-1)
    if sampling.top_p < 1:
        ordered, rows = shares.sort(descending=True)
        # The likeliest tokens up to the share asked for, the one that passes it included.
        beyond = ordered.cumsum(0) - ordered >= sampling.top_p
        shares = shares.index_fill(0, rows[beyond], 0.0)
    return int(torch.multinomial(shares.cpu(), 1, generator=generator))
