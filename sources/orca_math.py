r"""Orca-Math: 200,035 word problems with free-form solutions (microsoft/orca-math-word-problems-200k, split train).

A raw row (this one was written for this page, in the data set's form):

    {"question": "A ribbon of 84 cm is cut into 7 equal pieces. How long is each piece?",
     "answer": "To find the length, divide the ribbon by the number of pieces:\n\n84 cm / 7 = 12 cm\n\n"
               "So each piece is 12 cm long."}

There is no field for the final answer: it is read from the solution's last sentence. Rows carry no id: the 0-based row
number is the source_id.
"""

from collections.abc import Mapping

from pipeline.core.answer import Convention
from pipeline.core.outcome import Unreadable
from schemas.rows import Problem
from sources.problem import problem, text_fields
from sources.source import Hub, Source

NAME = "orca_math"
LICENSE = "MIT"
FIELDS = ("question", "answer")


def parse(
    raw: Mapping[str, object], source_id: str, *, source: str = NAME, license_name: str = LICENSE
) -> Problem | Unreadable:
    """One raw row to a Problem; Unreadable(NO_ANSWER) where the last sentence states none."""
    texts = text_fields(raw, FIELDS)
    if isinstance(texts, Unreadable):
        return texts
    question, solution = texts
    return problem(
        source=source,
        subset="default",
        source_id=source_id,
        license_name=license_name,
        question=question,
        solution=solution,
        original_question=None,
        convention=Convention.ORCA_MATH,
    )


SOURCE = Source(
    name=NAME,
    origin=Hub(
        "microsoft/orca-math-word-problems-200k",
        "default",
        "train",
        "29255d1770cc4eac66e5e7fa378cba542c026350",
        200_035,
    ),
    license=LICENSE,
    convention=Convention.ORCA_MATH,
    fields=FIELDS,
    parse=parse,
)
