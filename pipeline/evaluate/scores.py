"""Scores of an evaluation: each item's verdicts, and their shares by subset.

Accuracy is given by both conventions of `core.scoring`, each on the answer as it was written and, where it was listened
to, as it was heard. An item without an answer is wrong to the normalised convention; to the published one it takes the
answer of the item before.
"""

import math
import statistics
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import NamedTuple

from pipeline.core.outcome import Unreadable
from pipeline.core.scoring import normalised, official_all, official_gold
from pipeline.evaluate.evaluation import Answered
from pipeline.evaluate.items import ARITHMETIC

_Z = 1.96  # of a 95% interval

POOLED = {
    "spoken_mqa": {
        "arithmetic": ("short_digit", "long_digit"),
        "reasoning": ("single_step_reasoning", "multi_step_reasoning"),
    }
}
"""Subsets that are also reported together, by items."""


class Verdict(NamedTuple):
    """Of one item."""

    answered: Answered
    official: bool
    normalised: bool
    heard_official: bool | None
    heard_normalised: bool | None


@dataclass(frozen=True, slots=True)
class Score:
    """Of a contestant, asked in one way, on one subset. Shares are from 0 to 1; None where nothing tells."""

    contestant: str
    source: str
    set: str
    subset: str
    n_items: int
    n_failed: int
    """Items without an answer."""
    n_unended: int
    """Answers that a limit cut."""
    official: float
    normalised: float
    normalised_low: float
    """Lower end of the 95% interval (Wilson)."""
    normalised_high: float
    heard_official: float | None
    heard_normalised: float | None
    words: float | None
    """Mean words of a response."""
    drift: float | None
    """Share of the responses with a derived claim that say one of them too early."""
    ungrounded: float | None
    """Share of the responses that claim something from nowhere."""
    before_first: float | None
    """Mean tokens before the first spoken one."""
    first_token_ms: float | None
    """Median, of items that were answered alone."""
    total_ms: float | None
    """Median time of a whole answer, of items that were answered alone."""


def verdicts(answered: Sequence[Answered]) -> list[Verdict]:
    """Judge answers; those of a subset, contestant and source stand together, in the benchmark's order."""
    made: list[Verdict] = []
    for _, group in groupby(answered, key=_group):
        made += _judged(list(group))
    return made


def scores(judged: Sequence[Verdict]) -> list[Score]:
    """Shares by contestant, source and subset, and of the subsets that are pooled."""
    made: list[Score] = []
    for (contestant, source, name), group in groupby(judged, key=lambda one: _group(one.answered)[:3]):
        members = list(group)
        for subset in dict.fromkeys(one.answered.item.subset for one in members):
            own = [one for one in members if one.answered.item.subset == subset]
            made.append(_score(contestant, source, name, subset, own))
        for pool, subsets in POOLED.get(name, {}).items():
            own = [one for one in members if one.answered.item.subset in subsets]
            if {one.answered.item.subset for one in own} == set(subsets):
                made.append(_score(contestant, source, name, pool, own))
    return made


def _group(one: Answered) -> tuple[str, str, str, str]:
    return one.contestant, one.source, one.item.set, one.item.subset


def _judged(group: Sequence[Answered]) -> Iterator[Verdict]:
    golds = [official_gold(one.item.gold, arithmetic=one.item.subset in ARITHMETIC) for one in group]
    written = official_all([one.given.response for one in group], golds)
    heard = official_all([one.heard for one in group], golds)
    for one, right, heard_right in zip(group, written, heard, strict=True):
        gold = one.item.answer
        yield Verdict(
            one,
            right,
            not isinstance(gold, Unreadable) and normalised(one.given.response, gold),
            heard_right if one.listened else None,
            not isinstance(gold, Unreadable) and normalised(one.heard, gold) if one.listened else None,
        )


def _score(contestant: str, source: str, name: str, subset: str, judged: Sequence[Verdict]) -> Score:
    given = [one.answered.given for one in judged]
    alone = [one for one in given if one.batch == 1]
    claiming = [one.n_early for one in given if one.n_derived and one.n_early is not None]
    responses = [one.response for one in given if one.response is not None]
    right = sum(one.normalised for one in judged)
    low, high = wilson(right, len(judged))
    return Score(
        contestant=contestant,
        source=source,
        set=name,
        subset=subset,
        n_items=len(judged),
        n_failed=sum(one.response is None for one in given),
        n_unended=sum(not one.ended for one in given),
        official=sum(one.official for one in judged) / len(judged),
        normalised=right / len(judged),
        normalised_low=low,
        normalised_high=high,
        heard_official=_share([one.heard_official for one in judged]),
        heard_normalised=_share([one.heard_normalised for one in judged]),
        words=_mean([len(text.split()) for text in responses]),
        drift=_mean([early > 0 for early in claiming]),
        ungrounded=_mean([one.n_ungrounded > 0 for one in given if one.n_ungrounded is not None]),
        before_first=_mean([one.n_before_first for one in given if one.n_before_first is not None]),
        first_token_ms=_median_ms([one.first_token_s for one in alone]),
        total_ms=_median_ms([one.total_s for one in alone]),
    )


def wilson(n_right: int, n: int) -> tuple[float, float]:
    """The 95% interval of a share (Wilson 1927)."""
    share = n_right / n
    middle = (share + _Z**2 / (2 * n)) / (1 + _Z**2 / n)
    half = _Z / (1 + _Z**2 / n) * math.sqrt(share * (1 - share) / n + _Z**2 / (4 * n**2))
    return max(0.0, middle - half), min(1.0, middle + half)


def _share(values: Sequence[bool | None]) -> float | None:
    known = [value for value in values if value is not None]
    return sum(known) / len(known) if known else None


def _mean(values: Sequence[float]) -> float | None:
    return statistics.fmean(values) if values else None


def _median_ms(values: Sequence[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return 1000 * statistics.median(known) if known else None
