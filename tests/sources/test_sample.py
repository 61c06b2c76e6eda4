"""The shipped sample: complete, correct, and refused only where a row means to be."""

import json
import re
from fractions import Fraction

import pytest

from pipeline.core.expression import evaluate
from pipeline.core.outcome import Unreadable
from pipeline.errors import Reason
from schemas.rows import Problem
from sources import metamath, sample
from sources.reading import open_rows
from sources.source import Source

_ANNOTATION = re.compile(r"<<([^=<>]+)=([^=<>]+)>>(-?[\d,.]*\d)")


def rows(source: Source) -> list[tuple[dict[str, str], Problem | Unreadable]]:
    found = []
    for row in open_rows(source):
        assert row.raw is not None, row.error
        found.append((json.loads(row.payload), source.parse(row.raw, str(row.index))))
    return found


def value(text: str) -> Fraction:
    number = evaluate(text.replace(",", ""))
    assert isinstance(number, Fraction), text
    return number


@pytest.mark.parametrize("source", sample.SOURCES, ids=lambda source: source.name)
def test_rows_are_named_for_what_they_are(source: Source) -> None:
    problems = [problem for _, problem in rows(source) if isinstance(problem, Problem)]
    assert len(problems) >= 30
    assert {(problem.source, problem.license) for problem in problems} == {(source.name, "Apache-2.0")}
    assert len({problem.duplicate_key for problem in problems}) == len(problems)


def test_what_is_refused_is_refused_for_what_it_is() -> None:
    refused = {
        source.name: [problem.reason for _, problem in rows(source) if isinstance(problem, Unreadable)]
        for source in sample.SOURCES
    }
    assert refused == {
        "sample/gsm8k": [],
        "sample/metamath": [Reason.EMPTY],
        "sample/orca_math": [Reason.NO_ANSWER],
    }


def test_all_metamath_types_occur() -> None:
    assert {raw["type"] for raw, _ in rows(sample.SOURCES[1])} == metamath.TYPES


def test_every_calculator_annotation_is_true_and_repeated_after_it() -> None:
    for raw, problem in rows(sample.SOURCES[0]):
        assert isinstance(problem, Problem)
        found = _ANNOTATION.findall(raw["answer"])
        assert found
        assert raw["answer"].count("<<") == len(found)
        for left, right, shown in found:
            assert value(left) == value(right) == value(shown), (left, right, shown)
        assert value(found[-1][1]) == Fraction(problem.answer_value)
