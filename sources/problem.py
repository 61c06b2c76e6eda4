"""The part that every parser shares: checked raw fields to a Problem with id, family and extracted answer.

It does not know any source's field names.
"""

import unicodedata
from collections.abc import Mapping

from pipeline.core import answer as answers
from pipeline.core import fingerprint
from pipeline.core.answer import Convention
from pipeline.core.outcome import Unreadable
from pipeline.errors import Reason
from schemas.rows import Problem


def text_fields(raw: Mapping[str, object], names: tuple[str, ...]) -> tuple[str, ...] | Unreadable:
    """The named fields, NFC and stripped; Unreadable names the first that is missing, not a text, or empty."""
    texts: list[str] = []
    for name in names:
        if name not in raw:
            return Unreadable(Reason.MALFORMED, f"field {name!r} is missing")
        value = raw[name]
        if not isinstance(value, str):
            return Unreadable(Reason.MALFORMED, f"field {name!r} is {type(value).__name__}, not text")
        if not value.strip():
            return Unreadable(Reason.EMPTY, f"field {name!r} is empty")
        texts.append(unicodedata.normalize("NFC", value.strip()))
    return tuple(texts)


def problem(
    *,
    source: str,
    subset: str,
    source_id: str,
    license_name: str,
    question: str,
    solution: str,
    original_question: str | None,
    convention: Convention,
) -> Problem | Unreadable:
    """A Problem from texts that are present; Unreadable(NO_ANSWER) when the solution states no answer.

    Rows whose `original_question`, or else question, is the same after normalisation share a family.
    """
    answer = answers.extract(solution, convention, question)
    if isinstance(answer, Unreadable):
        return answer
    # Orca-Math has no gold answer: what is read from its last sentence is a value, not a field of the row.
    stated = "" if convention is Convention.ORCA_MATH else answer.text
    return Problem(
        id=fingerprint.row_id(source, source_id, question, solution, stated),
        source=source,
        subset=subset,
        source_id=source_id,
        family=fingerprint.family(original_question or question),
        license=license_name,
        original_question=original_question,
        question=question,
        solution=solution,
        answer=stated,
        answer_value=answer.value,
        answer_kind=answer.kind,
        duplicate_key=fingerprint.duplicate_key(question, solution),
    )
