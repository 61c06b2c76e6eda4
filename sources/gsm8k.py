r"""GSM8K: 7,473 grade-school word problems with worked solutions (openai/gsm8k, config main, split train).

A raw row (this one was written for this page, in the data set's form):

    {"question": "Mira fills 6 trays with 12 rolls each. She sells 50 rolls. How many rolls are left?",
     "answer": "The trays hold 6*12=<<6*12=72>>72 rolls.\nShe has 72-50=<<72-50=22>>22 rolls left\n#### 22"}

The text after `####` is the answer; `<<a=b>>` are calculator annotations that stay in the solution as collected.
Rows carry no id: the 0-based row number is the source_id.
"""

from collections.abc import Mapping

from pipeline.core.answer import Convention
from pipeline.core.outcome import Unreadable
from schemas.rows import Problem
from sources.problem import problem, text_fields
from sources.source import Hub, Source

NAME = "gsm8k"
LICENSE = "MIT"
FIELDS = ("question", "answer")


def parse(
    raw: Mapping[str, object], source_id: str, *, source: str = NAME, license_name: str = LICENSE
) -> Problem | Unreadable:
    """One raw row to a Problem whose solution is the whole `answer` text."""
    texts = text_fields(raw, FIELDS)
    if isinstance(texts, Unreadable):
        return texts
    question, solution = texts
    return problem(
        source=source,
        subset="main",
        source_id=source_id,
        license_name=license_name,
        question=question,
        solution=solution,
        original_question=None,
        convention=Convention.GSM8K,
    )


SOURCE = Source(
    name=NAME,
    origin=Hub("openai/gsm8k", "main", "train", "740312add88f781978c0658806c59bc2815b9866", 7_473),
    license=LICENSE,
    convention=Convention.GSM8K,
    fields=FIELDS,
    parse=parse,
)
