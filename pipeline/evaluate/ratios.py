"""`smp3m ratios DIR`: what other schedules would make of an existing build, without a voice, a model or a new build.

Read row group by row group on every core; what is kept is one tally a schedule. On the way every published stream is
taken apart and put together again (`round_trip`): a build that fails this has no ratio table.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cache, partial
from typing import NamedTuple

from pipeline.backends.tokenizer import control_ids
from pipeline.backends.tokenizer import load as load_tokenizer
from pipeline.core import quantities
from pipeline.core.adaptive import Adaptive
from pipeline.core.interleaving import Layout, Prepared, prepare
from pipeline.core.latency import TOKENS_PER_S, WORDS_PER_MIN
from pipeline.core.outcome import Unreadable
from pipeline.core.ratio_figures import RatioFigures, Tally, tally
from pipeline.core.repair import Limits, measure
from pipeline.core.schedule import Order, Schedule
from pipeline.errors import RunError, UsageError
from pipeline.evaluate.dataset import (
    DataSet,
    Draft,
    Piece,
    draft_of,
    published_rows,
    refused_drafts,
    require_vocabulary,
)
from pipeline.evaluate.processes import mapping
from pipeline.evaluate.round_trip import NOTHING, Checked, check_rows

DEFAULT_SCHEDULES = ("1:4", "2:8", "4:16", "2:4", "2:12", "5:5", "adaptive")


@dataclass(frozen=True)
class Pace:
    """How fast a decoder decodes and a voice speaks."""

    tokens_per_s: int = TOKENS_PER_S
    words_per_min: int = WORDS_PER_MIN

    def __post_init__(self) -> None:
        """Refuse a standstill."""
        if self.tokens_per_s < 1 or self.words_per_min < 1:
            raise UsageError(f"pace {self.tokens_per_s} tokens/s, {self.words_per_min} words/min: both are at least 1")


class Ratios(NamedTuple):
    """A build under several schedules."""

    lines: tuple[RatioFigures, ...]
    checked: Checked
    """What the published streams themselves came to."""


def schedules_named(names: Sequence[str], pace: Pace) -> tuple[Schedule | Adaptive, ...]:
    """Read "2:8" (both orders), "2:8/reasoning_first" (one) and "adaptive", each schedule once.

    Raises:
        UsageError: a name that is no schedule of a data set.
    """
    found: list[Schedule | Adaptive] = []
    for name in names:
        ratio, slash, order = name.partition("/")
        if name == Adaptive.ratio:
            found.append(Adaptive(pace.tokens_per_s, pace.words_per_min))
            continue
        try:
            made = [Schedule.parse(ratio, one) for one in ([order] if slash else Order)]
        except UsageError as exc:
            raise UsageError(f"--schedule {name}: {exc}") from None
        if made[0].q == 0:
            raise UsageError(f"--schedule {name}: a data set needs reasoning slots; give q of at least 1")
        found += made
    return tuple(dict.fromkeys(found))


@dataclass(frozen=True)
class _Work:
    """What a process is told once for all pieces."""

    tokenizer: str
    schedules: tuple[Schedule | Adaptive, ...]
    limits: Limits
    pace: Pace


def ratios(
    data: DataSet,
    schedules: tuple[Schedule | Adaptive, ...],
    pace: Pace,
    workers: int,
    watch: Callable[[int], None] = lambda _: None,
) -> Ratios:
    """Count a build under several schedules.

    Args:
        data: the build.
        schedules: the lines of the table, in order.
        pace: of decoder and voice.
        workers: processes to read with.
        watch: told after each piece how many rows it held.

    Raises:
        RunError: a published stream does not come apart into what was put in, or has drift.
        ContractError: rows of another vocabulary, or lead-ins that are not where they should be.
    """
    work = _Work(data.interleave.tokenizer, schedules, data.limits, pace)
    load_tokenizer(work.tokenizer)  # refuse here what every process would refuse
    checked = NOTHING
    tallies: list[Tally] | None = None
    with mapping(workers if len(data.pieces) > workers else 1) as mapped:
        for piece, done in zip(data.pieces, mapped(partial(_count, work), data.pieces), strict=True):
            checked = checked.and_then(done.checked)
            if tallies is None:
                tallies = done.tallies
            else:
                for mine, other in zip(tallies, done.tallies, strict=True):
                    mine.add(other)
            watch(piece.n_rows)
    if checked.faults:
        first = checked.faults[0]
        raise RunError(
            f"{data.folder}: {len(checked.faults)} of {checked.n_rows} rows fail the round trip, first {first.id}: "
            f"{first.detail}; build again"
        )
    return Ratios(tuple(tally.figures() for tally in tallies or ()), checked)


class _Counted(NamedTuple):
    tallies: list[Tally]
    checked: Checked


def _count(work: _Work, piece: Piece) -> _Counted:
    tokenizer = load_tokenizer(work.tokenizer)
    checked = NOTHING
    if piece.rejected:
        found: Iterable[Draft] = refused_drafts(piece)
    else:
        rows = list(published_rows(piece))
        for row in rows:
            require_vocabulary(row, tokenizer)
        checked = check_rows(rows, tokenizer, work.limits.slack_margin)
        if checked.faults:  # nothing can be said of rows that are not what they seem
            return _Counted(tally((), _layouts(work)), checked)
        found = (draft_of(row, tokenizer) for row in rows)
    prepared = (prepared_row(draft, _layouts(work)[0]) for draft in found)
    return _Counted(tally(prepared, _layouts(work), work.pace.tokens_per_s, work.pace.words_per_min), checked)


def prepared_row(draft: Draft, how: Layout) -> Prepared | Unreadable:
    """Read a draft's texts, each once."""
    return prepare(quantities.read(draft.spoken_question), draft.reasoning, draft.response, how.encode, key=draft.id)


@cache
def _layouts(work: _Work) -> tuple[Layout, ...]:
    tokenizer = load_tokenizer(work.tokenizer)
    phrases = measure(tokenizer.encode)
    control = control_ids(tokenizer)
    return tuple(Layout(schedule, control, tokenizer.decode, phrases, work.limits) for schedule in work.schedules)
