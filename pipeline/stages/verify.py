"""Stage verify: judge every row anew from its token stream alone, and let a model judge what numbers cannot show.

Nothing that interleave stored is trusted: the stream is de-serialised, detokenised, and held to the same gates; the
stored ids, slack and text must come out again.
"""

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from pipeline.backends.llm.protocol import Postponed
from pipeline.config import Config
from pipeline.core import quantities
from pipeline.core.fingerprint import fraction_of
from pipeline.core.gates import Limits, check
from pipeline.core.interleaving import Rechecked, recheck
from pipeline.core.outcome import Unreadable
from pipeline.errors import Reason
from pipeline.stages.ask import or_postponed, usage_stats
from pipeline.stages.desk import Desk
from pipeline.stages.interleave import Vocabulary, vocabulary
from pipeline.stages.interview import interviewing
from pipeline.stages.judge_llm import Case, Judged, judge_row, listener_record
from pipeline.stages.rewrite import limits_of
from pipeline.stages.run_rows import run_rows
from pipeline.stages.stage import Inputs, Outcome, Transform, attempts_in, joined, refuse
from pipeline.stages.stored_answer import answer_of
from schemas.rows import Rejected, Verified

TABLE = "verified"
STAGE = "verify"
VERSION = 1
COLUMNS = {
    "interleaved": ("id", "response", "token_ids", "streams", "slack", "interleave"),
    "speech": ("id", "asr_text", "wer"),
    "response_speech": ("id",),
}
"""What it reads of tables that hold more: streams beside what was derived from them, audio where there is any."""
SPOKEN = ("speech", "response_speech")
"""The tables that only rows have which were heard."""

_Row = Mapping[str, Any]


class _Checked(NamedTuple):
    """A row and what its stream says of it."""

    problem: _Row
    spoken: _Row
    interleaved: _Row
    finding: Rechecked | Unreadable


def load(config: Config) -> Transform:
    """Make the transform of the exact checks alone."""
    words, limits = vocabulary(config.interleave), limits_of(config.rewrite)

    def verify_all(inputs: Inputs) -> Outcome:
        rows: list[Verified] = []
        refused: list[Rejected] = []
        for row in _rechecked(inputs, words, limits):
            if isinstance(row.finding, Unreadable):
                refused.append(_refusal(row, row.finding, {}))
            else:
                rows.append(_verified(row, row.finding, {}))
        return Outcome(rows, refused)

    return verify_all


async def judged(config: Config, desk: Desk, inputs: Inputs) -> Outcome:
    """Check exactly, then ask the model about the drawn share of what passed.

    Raises:
        EngineError: the server does not answer or refuses the key.
        StoreError: an answer could not be stored.
    """
    words, limits = vocabulary(config.interleave), limits_of(config.rewrite)
    checked = list(_rechecked(inputs, words, limits))
    heard = _doubtful(inputs)
    share = config.verify.sample
    passed = [row for row in checked if not isinstance(row.finding, Unreadable) and drawn(row.problem["id"], share)]
    attempts = attempts_in(inputs)

    async def judge(row: _Checked) -> Judged:
        row_id = row.problem["id"]
        asked = interviewer.about(row_id, attempts.get(row_id, 0))
        return await judge_row(asked, _case(row, words, heard.get(row_id)))

    async with interviewing(config.llm, desk, config.rewrite.repair_turns) as interviewer:
        verdicts = await run_rows(passed, lambda row: or_postponed(judge(row)), config.llm.requests.concurrency)
    by_id = {row.problem["id"]: verdict for row, verdict in zip(passed, verdicts, strict=True)}
    waiting = {row_id: verdict for row_id, verdict in by_id.items() if isinstance(verdict, Postponed)}
    told = {row_id: verdict for row_id, verdict in by_id.items() if not isinstance(verdict, Postponed)}
    outcomes = [
        _outcome(row, told.get(row.problem["id"]), share, attempts.get(row.problem["id"], 0))
        for row in checked
        if row.problem["id"] not in waiting
    ]
    return Outcome(
        [row for row in outcomes if isinstance(row, Verified)],
        [row for row in outcomes if isinstance(row, Rejected)],
        usage_stats(verdict.usage for verdict in told.values()),
        Counter(postponed.cause for postponed in waiting.values()),
    )


def drawn(row_id: str, share: float) -> bool:
    """Whether a row is in a sample of this share; a larger share holds every smaller one."""
    return fraction_of(row_id, "judge") < share


def _doubtful(inputs: Inputs) -> dict[str, str]:
    """Transcripts that are worth a look: the ear let them pass though a word differs from the text."""
    if "speech" not in inputs:
        return {}
    return {row["id"]: row["asr_text"] for row in inputs["speech"].to_pylist() if row["wer"]}


def _rechecked(inputs: Inputs, words: Vocabulary, limits: Limits) -> Iterator[_Checked]:
    # A row that no ear understood is refused already: it is neither checked nor paid a judge for.
    heard = [name for name in SPOKEN if name in inputs]
    for problem, spoken, interleaved, *_ in joined(inputs, "problem", "spoken", "interleaved", *heard):
        yield _Checked(problem, spoken, interleaved, _finding(problem, spoken, interleaved, words, limits))


def _finding(
    problem: _Row, spoken: _Row, interleaved: _Row, words: Vocabulary, limits: Limits
) -> Rechecked | Unreadable:
    if interleaved["interleave"] != words.stored:
        return Unreadable(Reason.ROUND_TRIP, f"made with another vocabulary: {interleaved['interleave']}")
    found = recheck(
        interleaved["token_ids"],
        interleaved["streams"],
        quantities.read(spoken["spoken_question"]),
        words.layout,
    )
    if isinstance(found, Unreadable):
        return found
    stored = (interleaved["response"], spoken["reasoning"], interleaved["slack"])
    if stored != (found.response, found.reasoning, found.slack):
        return Unreadable(Reason.ROUND_TRIP, "the stream gives another response, reasoning or slack than the row says")
    answer = answer_of(problem)
    if isinstance(answer, Unreadable):
        return answer
    return (
        check(problem["question"], spoken["spoken_question"], found.reasoning, found.response, answer, limits) or found
    )


def _case(row: _Checked, words: Vocabulary, heard: str | None) -> Case:
    layout = words.layout
    record = listener_record(
        row.interleaved["token_ids"],
        row.interleaved["streams"],
        (layout.control.response_end, layout.control.reasoning_end),
        layout.decode,
    )
    return Case(row.problem["question"], row.interleaved["response"], record, heard)


def _outcome(row: _Checked, verdict: Judged | None, share: float, attempt: int) -> Verified | Rejected:
    if isinstance(row.finding, Unreadable):
        return _refusal(row, row.finding, {})
    if not drawn(row.problem["id"], share):
        return _verified(row, row.finding, {"not_sampled": {"share": share}})
    if verdict is None:
        raise ValueError(f"row {row.problem['id']}: passed the checks but was not judged")
    if verdict.finding is not None:
        return _refusal(row, verdict.finding, {"judge": verdict.payload}, attempt)
    return _verified(row, row.finding, json.loads(verdict.judge))


def _verified(row: _Checked, found: Rechecked, verdicts: Mapping[str, object]) -> Verified:
    exact = {"exact": {"claims": len(found.claims), "slack": found.slack, "version": VERSION}}
    return Verified(id=row.problem["id"], judge=json.dumps({**exact, **verdicts}, sort_keys=True, ensure_ascii=False))


def _refusal(row: _Checked, why: Unreadable, more: Mapping[str, object], attempt: int = 0) -> Rejected:
    draft = {
        "spoken_question": row.spoken["spoken_question"],
        "reasoning": row.spoken["reasoning"],
        "response": row.interleaved["response"],
    }
    return refuse(STAGE, row.problem, why, {**draft, **more}, attempt)
