"""What all verdicts on a build come to: which rows are bad, how far reviewers agree, how many rows are good.

A verdict holds for what was heard and read. Where a row has been made anew since, its verdicts are *outdated*: they
are kept and say nothing of the new row. A row is *bad* when at least as many reviewers call it bad as good.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import pyarrow.compute as pc

from pipeline.review.agreement import Interval, krippendorff_alpha, sample_size, wilson
from pipeline.review.choose import Order
from pipeline.review.looking import Looking, held_back
from pipeline.review.verdicts import current
from pipeline.store.quarantine import Quarantined
from schemas.rows import Review

HALF_WIDTH = 0.01


@dataclass(frozen=True)
class Summary:
    """Figures of the verdicts that hold."""

    n_verdicts: int
    """Last words of reviewers on rows as they are."""
    n_outdated: int
    """Last words on rows that were made anew or are gone."""
    reviewers: tuple[str, ...]
    listed: tuple[Quarantined, ...]
    """All that is bad, also what the build at hand lacks: other settings may bring it back."""
    bad: tuple[Quarantined, ...]
    """Rows of the build."""
    good: tuple[str, ...]
    """Ids."""
    n_shared: int
    """Rows that two or more reviewers judged."""
    alpha: float | None
    """Krippendorff's, over shared rows; None where it is not defined."""
    same: float | None
    """Share of shared rows on which all say the same."""
    n_random: int
    """Judged rows that were drawn at random from all accepted ones."""
    acceptance: Interval | None
    """Share of good ones among those, with Wilson's 95% interval."""
    n_needed: int
    """Random rows to judge for one percent point either way."""

    @property
    def standing(self) -> dict[str, str]:
        """Id -> "good" or "bad"."""
        return dict.fromkeys(self.good, "good") | {row.id: "bad" for row in self.bad}


def summarise(looking: Looking, found: Iterable[Review]) -> Summary:
    """Count the verdicts, given in order of time, on the rows of a build."""
    found = list(found)
    last = current(found)
    contents = looking.contents({review.id for review in last})
    held = [review for review in last if contents.get(review.id) == review.content]
    by_content: dict[tuple[str, str], list[Review]] = defaultdict(list)
    for review in last:
        by_content[review.id, review.content].append(review)
    listed = tuple(Quarantined(*row, _detail(said)) for row, said in sorted(by_content.items()) if _is_bad(said))
    bad = tuple(row for row in listed if contents.get(row.id) == row.content)
    bad_ids = {row.id for row in bad}
    by_row = {row_id: said for (row_id, content), said in by_content.items() if contents.get(row_id) == content}
    shared = [[review.verdict for review in reviews] for reviews in by_row.values() if len(reviews) > 1]
    # A row that was drawn stays drawn, whatever else it was looked at for.
    drawn = {(review.id, review.content) for review in found if review.chosen == Order.RANDOM and not review.pool}
    random = {review.id for review in held if (review.id, review.content) in drawn}
    # What was judged bad and has been left out since belongs to what was sampled.
    population = pc.sum(pc.or_(looking.index.column("accepted"), held_back(looking.index))).as_py() or 1
    acceptance = wilson(len(random - bad_ids), len(random), population) if random else None
    return Summary(
        n_verdicts=len(held),
        n_outdated=len(last) - len(held),
        reviewers=tuple(sorted({review.reviewer for review in held})),
        listed=listed,
        bad=bad,
        good=tuple(sorted(by_row.keys() - bad_ids)),
        n_shared=len(shared),
        alpha=krippendorff_alpha(shared),
        same=sum(len(set(said)) == 1 for said in shared) / len(shared) if shared else None,
        n_random=len(random),
        acceptance=acceptance,
        n_needed=sample_size(acceptance.share if acceptance else 0.5, HALF_WIDTH, population),
    )


def lines(summary: Summary) -> list[str]:
    """The figures as sentences."""
    who = ", ".join(summary.reviewers) or "nobody"
    said = [f"{summary.n_verdicts} verdicts by {who}: {len(summary.good)} rows good, {len(summary.bad)} bad"]
    if summary.n_outdated:
        said.append(f"{summary.n_outdated} verdicts are on rows that were made anew or are gone; they do not count")
    if summary.same is not None:
        alpha = "not defined, all say the same" if summary.alpha is None else f"{summary.alpha:.3f}"
        said.append(
            f"{summary.n_shared} rows judged by two or more: all agree on {100 * summary.same:.1f}%, "
            f"Krippendorff's alpha {alpha}"
        )
    if summary.acceptance is None:
        said.append("no row was drawn at random from all accepted ones: the share of good rows cannot be told")
    else:
        share, low, high = (100 * value for value in summary.acceptance)
        said.append(
            f"good rows: {share:.1f}% of {summary.n_random} drawn at random, "
            f"{low:.1f}% to {high:.1f}% with 95% confidence (Wilson)"
        )
    said.append(f"for 1 percent point either way judge {summary.n_needed:,} random rows")
    return said


def _is_bad(reviews: Sequence[Review]) -> bool:
    n_bad = sum(review.verdict == "bad" for review in reviews)
    return n_bad > 0 and 2 * n_bad >= len(reviews)


def _detail(reviews: Sequence[Review]) -> str:
    parts = []
    for review in sorted(reviews, key=lambda review: review.time):
        words = ", ".join(part for part in (review.reason, " ".join(review.note.split())) if part)
        parts.append(f"{review.reviewer}: {review.verdict}" + (f" ({words})" if words else ""))
    return "; ".join(parts)
