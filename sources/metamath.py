r"""MetaMathQA: 395,000 problems rewritten from GSM8K and MATH (meta-math/MetaMathQA, split train).

A raw row (this one was written for this page, in the data set's form):

    {"type": "GSM_FOBAR",
     "query": "Omar buys x pens at $2 each and pays $14. If we know the answer to the above question is 7, ...",
     "response": "Each pen costs $2.\nSo 14 / 2 = 7 pens.\n#### 7\nThe answer is: 7",
     "original_question": "Omar buys pens at $2 each and pays $14. How many pens does he buy?"}

`type` is one of eight: GSM_ or MATH_ with AnsAug, Rephrased, SV, FOBAR; it becomes the subset. Several rows share one
`original_question`: they are one family, not duplicates. Only GSM rows repeat the answer after `####`; some queries
are empty. Rows carry no id: the 0-based row number is the source_id.
"""

from collections.abc import Mapping

from pipeline.core.answer import Convention
from pipeline.core.outcome import Unreadable
from pipeline.errors import Reason
from schemas.rows import Problem
from sources.problem import problem, text_fields
from sources.source import Hub, Source

NAME = "metamath"
LICENSE = "MIT"
FIELDS = ("type", "query", "response", "original_question")
TYPES = frozenset(f"{base}_{way}" for base in ("GSM", "MATH") for way in ("AnsAug", "Rephrased", "SV", "FOBAR"))


def parse(
    raw: Mapping[str, object], source_id: str, *, source: str = NAME, license_name: str = LICENSE
) -> Problem | Unreadable:
    """One raw row to a Problem; `original_question` is kept beside the rewritten query."""
    texts = text_fields(raw, FIELDS)
    if isinstance(texts, Unreadable):
        return texts
    subset, question, solution, original_question = texts
    if subset not in TYPES:
        return Unreadable(Reason.MALFORMED, f"field 'type' is {subset[:60]!r}, not one of {', '.join(sorted(TYPES))}")
    return problem(
        source=source,
        subset=subset,
        source_id=source_id,
        license_name=license_name,
        question=question,
        solution=solution,
        original_question=original_question,
        convention=Convention.METAMATH,
    )


SOURCE = Source(
    name=NAME,
    origin=Hub("meta-math/MetaMathQA", "default", "train", "aa4f34d3d2d3231299b5b03d9b3e5a20da45aa18", 395_000),
    license=LICENSE,
    convention=Convention.METAMATH,
    fields=FIELDS,
    parse=parse,
)
