"""`--retry-rejected REASON`: have rows that were refused for a reason tried afresh.

It raises attempts of a finished build and lets the build make what has changed by that. A build that is not finished,
because it never was or because an earlier retry was interrupted, is finished first: giving the flag again resumes, it
does not raise the same rows twice.
"""

from collections.abc import Iterable, Sequence

from pipeline.errors import Reason, UsageError
from pipeline.run.lanes import Lane, split_found
from pipeline.stages import respond, speak
from pipeline.stages.stage import Async, Stage
from pipeline.store.attempts import Attempts
from pipeline.store.parts import Store


def raise_attempts(store: Store, lanes: Sequence[Lane], stages: Sequence[Stage], reason: Reason) -> str:
    """Raise the attempt of every row that the build refuses for this reason in a stage that may do better.

    Returns:
        What was done, in words.

    Raises:
        UsageError: rows are refused for it, but only by stages that would refuse them again.
    """
    for stage in stages:
        if split_found(store, _own(lanes, stage), stage).missing:
            return f"--retry-rejected {reason}: the build here is not finished; it is finished first"
    attempts = Attempts(store.root)
    raised, fixed = 0, set()
    for stage in stages:
        rows = list(_refused(store, _own(lanes, stage), stage, reason))
        if rows and not _draws(stage):
            fixed.add(stage.name)
        elif rows:
            attempts.raise_for(stage.identity_key, rows)
            raised += len(rows)
    if fixed and not raised:
        raise UsageError(
            f"--retry-rejected {reason}: refused by {', '.join(sorted(fixed))}, which draws nothing and would refuse "
            "the same rows again; change a setting instead"
        )
    return f"--retry-rejected {reason}: {raised} rows are tried afresh"


def _own(lanes: Iterable[Lane], stage: Stage) -> list[Lane]:
    return [lane for lane in lanes if stage.makes(lane.source)]


def _draws(stage: Stage) -> bool:
    """Whether trying again may give something else: models and voices draw, rules do not."""
    return isinstance(stage.transform, Async) or stage.table in (speak.TABLE, respond.TABLE)


def _refused(store: Store, lanes: Iterable[Lane], stage: Stage, reason: Reason) -> Iterable[str]:
    for lane in lanes:
        record = lane.parts[stage.table]
        if reason in record.rejected:
            table = store.read_rejected(record)
            if table is not None:
                yield from (row["id"] for row in table.select(["id", "reason"]).to_pylist() if row["reason"] == reason)
