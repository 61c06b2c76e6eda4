"""An evaluation as a Markdown table beside the figures that others published."""

from collections.abc import Sequence
from typing import NamedTuple

from pipeline.evaluate.scores import Score


class Published(NamedTuple):
    """What somebody else reports, as they write it; "" where they do not."""

    who: str
    set: str
    subset: str
    official: str
    """Percent."""
    words: str
    source: str


_PAPER = "arXiv 2508.15827"
PUBLISHED = (
    Published("Qwen2.5-Omni-3B", "spoken_mqa", "arithmetic", "64.9", "", _PAPER),
    Published("Mini-Omni-Reasoner", "spoken_mqa", "arithmetic", "77.25", "", _PAPER),
    Published("Qwen2.5-Omni-3B", "spoken_mqa", "reasoning", "64.0", "", _PAPER),
    Published("Mini-Omni-Reasoner", "spoken_mqa", "reasoning", "68.1", "", _PAPER),
    Published("Qwen2.5-Omni-3B", "spoken_mqa", "single_step_reasoning", "", "66-71", _PAPER),
    Published("Mini-Omni-Reasoner", "spoken_mqa", "single_step_reasoning", "", "32", _PAPER),
    Published("Qwen2.5-Omni-3B", "spoken_mqa", "multi_step_reasoning", "", "112-121", _PAPER),
    Published("Mini-Omni-Reasoner", "spoken_mqa", "multi_step_reasoning", "", "46", _PAPER),
)
"""Spoken-MQA from audio, by the published scorer."""

_HEADS = (
    "benchmark", "contestant", "asked by", "items", "official %", "normalised %", "heard, official %",
    "heard, normalised %", "words", "drift %", "ungrounded %", "tokens before", "first token, ms", "answer, ms",
    "failed", "cut",
)  # fmt: skip


def markdown(made: Sequence[Score]) -> str:
    """The table; published figures stand under ours of the same subset."""
    rows = [list(_HEADS), ["---"] * len(_HEADS)]
    seen: dict[tuple[str, str], None] = dict.fromkeys((score.set, score.subset) for score in made)
    for name, subset in seen:
        rows += [_row(score) for score in made if (score.set, score.subset) == (name, subset)]
        rows += [_published(one) for one in PUBLISHED if (one.set, one.subset) == (name, subset)]
    return "".join(f"| {' | '.join(row)} |\n" for row in rows)


def _row(score: Score) -> list[str]:
    interval = f"{100 * score.normalised_low:.1f}-{100 * score.normalised_high:.1f}"
    return [
        f"{score.set} {score.subset}",
        score.contestant,
        score.source,
        f"{score.n_items:,}",
        _percent(score.official),
        f"{_percent(score.normalised)} ({interval})",
        _percent(score.heard_official),
        _percent(score.heard_normalised),
        _number(score.words),
        _percent(score.drift),
        _percent(score.ungrounded),
        _number(score.before_first),
        _number(score.first_token_ms),
        _number(score.total_ms),
        str(score.n_failed),
        str(score.n_unended),
    ]


def _published(one: Published) -> list[str]:
    row = [""] * len(_HEADS)
    row[:3] = [f"{one.set} {one.subset}", f"{one.who} ({one.source})", "audio"]
    row[4] = one.official
    row[8] = one.words
    return row


def _percent(share: float | None) -> str:
    return "-" if share is None else f"{100 * share:.1f}"


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:.0f}" if value >= 100 else f"{value:.1f}"
