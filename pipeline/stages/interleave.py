"""Step interleave: a spoken problem and a tokenizer to one token stream without drift.

It depends on the spoken problem alone: a new ratio or vocabulary asks no model and no voice again.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

from pipeline.backends.tokenizer import QWEN_DIGEST, TIKTOKEN_NAMES, control_ids
from pipeline.backends.tokenizer import load as load_tokenizer
from pipeline.backends.tokenizer.protocol import Tokenizer
from pipeline.config import InterleaveConfig
from pipeline.core import quantities
from pipeline.core.adaptive import Adaptive
from pipeline.core.interleaving import Interleaved as Row
from pipeline.core.interleaving import Layout, interleave_row, layout
from pipeline.core.outcome import Unreadable
from pipeline.core.remembered import OF_A_SHARD
from pipeline.core.repair import Limits
from pipeline.core.schedule import Schedule
from pipeline.errors import UsageError
from pipeline.stages.stage import Inputs, Outcome, Transform, joined, refuse
from schemas.rows import Interleaved, Rejected

TABLE = "interleaved"
STAGE = "interleave"
VERSION = 1


@dataclass(frozen=True)
class Vocabulary:
    """A layout, and what is stored of its vocabulary with every row."""

    name: str
    layout: Layout
    order: str | None
    """The `order` column; the adaptive schedule has none."""
    stored: str
    """JSON of the `interleave` column."""


def schedule_named(config: InterleaveConfig) -> Schedule | Adaptive:
    """Read the schedule of a data set.

    Raises:
        UsageError: not a schedule, or one without reasoning slots.
    """
    if config.schedule == "adaptive":
        return Adaptive()
    schedule = Schedule.parse(config.ratio, config.order)
    if schedule.q == 0:
        raise UsageError(f"--ratio {config.ratio}: a data set needs reasoning slots; give q of at least 1")
    return schedule


def stored_name(tokenizer: Tokenizer) -> str:
    """What rows call a vocabulary: its known name, else its digest; never a path."""
    if tokenizer.digest == QWEN_DIGEST:
        return "qwen2.5"
    return tokenizer.name if tokenizer.name in TIKTOKEN_NAMES else f"tokenizer-{tokenizer.digest[:12]}"


@lru_cache(maxsize=4)
def vocabulary(config: InterleaveConfig) -> Vocabulary:
    """Load the tokenizer and measure the lead-ins with it; the stages of one process share it, and its memory of texts.

    Raises:
        UsageError: no such tokenizer or schedule.
        EngineError: the tokenizer's file is missing or damaged.
    """
    tokenizer = load_tokenizer(config.tokenizer)
    control = control_ids(tokenizer)
    order = None if config.schedule == "adaptive" else config.order
    made = layout(
        schedule_named(config),
        control,
        lru_cache(maxsize=OF_A_SHARD)(tokenizer.encode),
        tokenizer.decode,
        Limits(slack_margin=config.margin, max_deferral=config.max_deferral),
    )
    name = stored_name(tokenizer)
    stored = {"control_ids": control.as_map(), "tokenizer": name, "tokenizer_digest": tokenizer.digest}
    return Vocabulary(name, made, order, json.dumps(stored, sort_keys=True))


def load(config: InterleaveConfig) -> Transform:
    """Make the transform; see `vocabulary` for what it raises."""
    return _interleaving(vocabulary(config))


def _interleaving(vocabulary: Vocabulary) -> Callable[[Inputs], Outcome]:
    def interleave_all(inputs: Inputs) -> Outcome:
        rows: list[Interleaved] = []
        refused: list[Rejected] = []
        for problem, spoken in joined(inputs, "problem", "spoken"):
            made = interleave_row(
                quantities.read(spoken["spoken_question"]),
                spoken["reasoning"],
                spoken["response"],
                vocabulary.layout,
                key=spoken["id"],
            )
            if isinstance(made, Unreadable):
                draft = {name: spoken[name] for name in ("spoken_question", "reasoning", "response")}
                refused.append(refuse(STAGE, problem, made, draft))
            else:
                rows.append(_row(spoken["id"], made, vocabulary))
        return Outcome(rows, refused)

    return interleave_all


def _row(row_id: str, made: Row, vocabulary: Vocabulary) -> Interleaved:
    return Interleaved(
        id=row_id,
        response=made.response,
        lead_in=[{"text": lead_in.text, "resp_start": lead_in.resp_start} for lead_in in made.lead_in],
        tokenizer=vocabulary.name,
        response_ids=made.response_ids,
        reasoning_ids=made.reasoning_ids,
        token_ids=made.token_ids,
        streams=made.streams,
        ratio=vocabulary.layout.schedule.ratio,
        order=vocabulary.order,
        slack=made.slack,
        repaired=made.repaired,
        claims=[
            {
                "value": _exact(claim.value.numerator, claim.value.denominator),
                "kind": claim.kind,
                "basis": claim.basis,
                "resp_start": claim.resp_start,
                "resp_end": claim.resp_end,
                "reas_end": claim.reas_end,
                "slack": claim.slack,
            }
            for claim in made.claims
        ],
        interleave=vocabulary.stored,
    )


def _exact(numerator: int, denominator: int) -> str:
    return str(numerator) if denominator == 1 else f"{numerator}/{denominator}"
