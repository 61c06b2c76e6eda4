"""What all verdicts on a build come to: which rows are bad, how far reviewers agree, how many rows are good.

A verdict holds for what was heard and read. Where a row has been made anew since, its verdicts are *outdated*: they
are kept and say nothing of the new row. A row is *bad* when at least as many reviewers call it bad as good.
"""

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

from pipeline.errors import Reason
from pipeline.review.agreement import Interval, krippendorff_alpha, sample_size, wilson
from pipeline.review.choose import Order
from pipeline.review.dataset import Build, places_of, rows_at
from pipeline.review.verdicts import current
from pipeline.store.quarantine import Quarantined, content_of
from schemas.rows import Review

HALF_WIDTH = 0.01
_CONTENT = ("id", "question", "spoken_question", "reasoning", "response", "question_audio")


@dataclass(frozen=True)
class Summary:
    """Figures of the verdicts that hold."""

    n_verdicts: int
    """Last words of reviewers on rows as they are."""
    n_outdated: int
    """Last words on rows that were made anew or are gone."""
    reviewers: tuple[str, ...]
    bad: tuple[Quarantined, ...]
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


def summarise(build: Build, index: pa.Table, found: Iterable[Review]) -> Summary:
    """Count the verdicts, given in order of time, on the rows of a build."""
    found = list(found)
    last = current(found)
    contents = contents_of(build, index, {review.id for review in last})
    held = [review for review in last if contents.get(review.id) == review.content]
    by_row: dict[str, list[Review]] = defaultdict(list)
    for review in held:
        by_row[review.id].append(review)
    bad = {row_id: reviews for row_id, reviews in by_row.items() if _is_bad(reviews)}
    shared = [[review.verdict for review in reviews] for reviews in by_row.values() if len(reviews) > 1]
    # A row that was drawn stays drawn, whatever else it was looked at for.
    drawn = {(review.id, review.content) for review in found if review.chosen == Order.RANDOM and not review.pool}
    random = {review.id for review in held if (review.id, review.content) in drawn}
    # What was judged bad and has been left out since belongs to what was sampled.
    population = pc.sum(pc.or_(index.column("accepted"), _held_back(index))).as_py() or 1
    acceptance = wilson(len(random - bad.keys()), len(random), population) if random else None
    return Summary(
        n_verdicts=len(held),
        n_outdated=len(last) - len(held),
        reviewers=tuple(sorted({review.reviewer for review in held})),
        bad=tuple(Quarantined(row_id, reviews[0].content, _detail(reviews)) for row_id, reviews in sorted(bad.items())),
        good=tuple(sorted(by_row.keys() - bad.keys())),
        n_shared=len(shared),
        alpha=krippendorff_alpha(shared),
        same=sum(len(set(said)) == 1 for said in shared) / len(shared) if shared else None,
        n_random=len(random),
        acceptance=acceptance,
        n_needed=sample_size(acceptance.share if acceptance else 0.5, HALF_WIDTH, population),
    )


def contents_of(build: Build, index: pa.Table, ids: set[str]) -> dict[str, str]:
    """Id -> digest of what is heard and read, for the rows that can be judged."""
    rows = index.filter(pc.is_in(index.column("id"), value_set=pa.array(sorted(ids), pa.string())))
    accepted = rows.filter(rows.column("accepted"))
    contents = {row["id"]: content_of(row) for row in rows_at(build, places_of(accepted), _CONTENT)}
    for row in rows_at(build, places_of(rows.filter(_held_back(rows)))):
        contents[row["id"]] = held_content(row)
    return contents


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


def held_content(row: Mapping[str, str]) -> str:
    """The digest that a row held back by reviewers keeps in its payload."""
    return str(json.loads(row["payload_json"])["content"])


def _is_bad(reviews: Sequence[Review]) -> bool:
    n_bad = sum(review.verdict == "bad" for review in reviews)
    return n_bad > 0 and 2 * n_bad >= len(reviews)


def _detail(reviews: Sequence[Review]) -> str:
    parts = []
    for review in sorted(reviews, key=lambda review: review.time):
        words = ", ".join(part for part in (review.reason, " ".join(review.note.split())) if part)
        parts.append(f"{review.reviewer}: {review.verdict}" + (f" ({words})" if words else ""))
    return "; ".join(parts)


def _held_back(index: pa.Table) -> pa.ChunkedArray:
    return pc.fill_null(pc.equal(index.column("reason"), Reason.REVIEW.value), False)
