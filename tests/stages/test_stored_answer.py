import pytest

from pipeline.core.answer import Answer
from pipeline.stages.stored_answer import answer_of


@pytest.mark.parametrize(
    ("answer", "value", "kind", "text"),
    [
        ("645.86", "32293/50", "number", "645.86"),
        ("", "32293/50", "number", "645.86"),
        ("", "1/3", "number", "1/3"),
        ("", "72", "number", "72"),
        ("", "-1/8", "number", "-0.125"),
        ("(B)", "B", "option", "(B)"),
    ],
)
def test_an_answer_is_written_as_its_source_wrote_it_else_as_people_would(
    answer: str, value: str, kind: str, text: str
) -> None:
    found = answer_of({"answer": answer, "answer_value": value, "answer_kind": kind})
    assert isinstance(found, Answer)
    assert (found.text, found.value) == (text, value)
