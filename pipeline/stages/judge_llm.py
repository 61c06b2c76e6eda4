"""Let a model judge one finished row: drift, colloquial speech, and the transcript of the question.

The judge reads what a listener would meet, not what the builder knows: the token stream written out in time, the
spoken words alone, the recogniser's text. An accusation must quote the words at fault; one that quotes nothing real
goes back to the judge. It does not know where rows come from or go.
"""

import json
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Literal, NamedTuple

from pipeline.backends.llm.protocol import Postponed
from pipeline.core.outcome import Unreadable
from pipeline.core.schedule import Stream
from pipeline.errors import Reason
from pipeline.stages.ask import Failed, Interviewer, Passed, Usage, ask, or_postponed, story
from prompts import load
from prompts.answers import ColloquialVerdict, DriftVerdict, TranscriptVerdict, Verdict

Aspect = Literal["drift", "colloquial", "transcript"]

_SAYS, _THINKS = "SAYS>", "THINKS>"

REASONS: Mapping[str, Reason] = {
    "drift": Reason.JUDGED_DRIFT,
    "unfounded": Reason.JUDGED_UNFOUNDED,
    "not_colloquial": Reason.JUDGED_COLLOQUIAL,
    "other_problem": Reason.JUDGED_TRANSCRIPT,
}
"""What a verdict that is not "ok" refuses a row for."""


@dataclass(frozen=True, slots=True)
class Case:
    """What the judge is shown of one row."""

    question: str
    """The written question."""
    response: str
    """All spoken words."""
    record: str
    """The token stream in time, from `listener_record`."""
    transcript: str | None
    """What the ear understood of the question; None without an ear, and nothing is asked of it."""


@dataclass(frozen=True, slots=True)
class Judged:
    """The verdicts on one row, and the finding that refuses it, if any."""

    judge: str
    """Canonical JSON: per aspect verdict, quote, explanation, model and prompt digest."""
    finding: Unreadable | None
    payload: Mapping[str, object]
    """Every turn of every judge."""
    usage: Usage


class Charge(NamedTuple):
    """One aspect: what is asked, of what, and where its evidence must be found."""

    aspect: Aspect
    answer: type[DriftVerdict] | type[ColloquialVerdict] | type[TranscriptVerdict]
    fields: dict[str, str]
    evidence: str


def listener_record(
    token_ids: Sequence[int],
    streams: Sequence[int],
    end_ids: Collection[int],
    decode: Callable[[list[int]], str],
) -> str:
    """The token stream as lines in time, "SAYS>" what is heard, "THINKS>" what is thought, without control tokens."""
    lines = []
    kept = [
        (stream, token)
        for stream, token in zip(streams, token_ids, strict=True)
        if stream in (Stream.RESPONSE, Stream.REASONING) and token not in end_ids
    ]
    for stream, run in groupby(kept, key=lambda pair: pair[0]):
        text = decode([token for _, token in run]).replace("\n", " ; ")
        lines.append(f"{_SAYS if stream == Stream.RESPONSE else _THINKS}{text}")
    return "\n".join(lines)


async def judge_row(interviewer: Interviewer, case: Case) -> Judged:
    """Judge all aspects of a row; the first bad one names the refusal.

    Raises:
        Postponed: there is no answer for now.
        EngineError: no request can be answered.
        StoreError: an answer could not be stored.
    """
    charges = _charges(case)
    # One after the other: rows run side by side, and an error then leaves no request behind. A charge that has to wait
    # does not keep the next from being heard: what waits for a batch waits for the same one.
    told_or_not = [await or_postponed(hear(interviewer, charge)) for charge in charges]
    for postponed in told_or_not:
        if isinstance(postponed, Postponed):
            raise postponed
    heard = [outcome for outcome in told_or_not if not isinstance(outcome, Postponed)]
    verdicts: dict[str, dict[str, str]] = {}
    findings: list[Unreadable] = []
    for charge, outcome in zip(charges, heard, strict=True):
        if isinstance(outcome, Failed):
            findings.append(Unreadable(outcome.finding.reason, f"judge of {charge.aspect}: {outcome.finding.detail}"))
            continue
        verdict = outcome.value
        verdicts[charge.aspect] = {
            **verdict.model_dump(),
            "model": interviewer.model,
            "provider": interviewer.provider,
            "prompt": load(f"judge_{charge.aspect}").digest,
        }
        if verdict.verdict != "ok":
            findings.append(Unreadable(REASONS[verdict.verdict], f'"{verdict.quote}": {verdict.explanation}'))
    told = {charge.aspect: story(outcome.turns) for charge, outcome in zip(charges, heard, strict=True)}
    return Judged(
        judge=json.dumps(verdicts, sort_keys=True, ensure_ascii=False),
        finding=findings[0] if findings else None,
        payload={"verdicts": verdicts, "turns": told},
        usage=Usage.of(turn for outcome in heard for turn in outcome.turns),
    )


def drift_charge(question: str, record: str) -> Charge:
    """Whether the voice runs ahead of the thought, in a record of `listener_record`."""
    said = "".join(line.removeprefix(_SAYS) for line in record.splitlines() if line.startswith(_SAYS))
    return Charge("drift", DriftVerdict, {"question": question, "record": record}, said)


def _charges(case: Case) -> list[Charge]:
    charges = [
        drift_charge(case.question, case.record),
        Charge(
            "colloquial",
            ColloquialVerdict,
            {"question": case.question, "response": case.response},
            case.response,
        ),
    ]
    if case.transcript is not None:
        charges.append(
            Charge(
                "transcript",
                TranscriptVerdict,
                {"question": case.question, "transcript": case.transcript},
                f"{case.transcript}\n{case.question}",
            )
        )
    return charges


async def hear(interviewer: Interviewer, charge: Charge) -> Passed[Verdict] | Failed:
    """Ask one charge until a verdict comes that is "ok" or quotes words that are really there.

    Raises:
        EngineError: no request can be answered.
        StoreError: an answer could not be stored.
    """
    prompt = load(f"judge_{charge.aspect}")

    def accept(verdict: Verdict) -> Verdict | Unreadable:
        if verdict.verdict == "ok" or _quoted(verdict.quote, charge.evidence):
            return verdict
        detail = f'the quote "{verdict.quote}" does not occur in the text: copy the words at fault, or say "ok"'
        return Unreadable(Reason.LLM_FAILED, detail)

    return await ask(interviewer, prompt, prompt.fill(**charge.fields), charge.answer, accept)


def _quoted(quote: str, text: str) -> bool:
    """Whether a quote occurs in a text, spaces, case and punctuation aside."""
    words = _letters(quote)
    return bool(words) and words in _letters(text)


def _letters(text: str) -> str:
    return "".join(character for character in text.casefold() if character.isalnum())
