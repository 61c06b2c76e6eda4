"""Stage decontaminate: refuse problems that are items of evaluation sets, with the evidence.

A problem is compared by its question and, where it was made from another, by that one too: what is a rephrasing of an
item is found by its `original_question`, however it is rephrased.
"""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

from pipeline.config_screen import DecontaminateConfig
from pipeline.core.contamination import Items, Kind, Match
from pipeline.core.outcome import Unreadable
from pipeline.core.wording import Wording, unspoken, wording
from pipeline.errors import Reason, RunError
from pipeline.stages.stage import Engine, Inputs, Outcome, Stage, Transform, guarded, refuse
from schemas.clean import CleanTable
from schemas.rows import Clean, Rejected
from sources.evaluation import EvaluationSet, read_set

TABLE = "clean"
STAGE = "decontaminate"
VERSION = 2
COLUMNS = ("id", "source", "source_id", "question", "original_question")
TEMPLATES = "templates: "
"""Before the name of a set: problems that share an item's template and state other numbers."""


@dataclass(frozen=True)
class Evidence:
    """Why a problem is taken for an item; the payload of its rejected row holds it under `evidence`."""

    set: str
    item: int
    """0-based number of the item in its files."""
    kind: str
    """"same" or "ngram"; see core.contamination."""
    column: str
    """Which text of the problem was recognised: question or original_question."""
    share: float
    """Share of the item's words that occur in it in order."""
    span: str
    """The longest run of words of both, as spoken."""


class Named(NamedTuple):
    """An evaluation set as workers are told of it: they read it themselves, as they do models."""

    name: str
    path: Path
    digest: str


class _Place(NamedTuple):
    set: str
    number: int


def stage(config: DecontaminateConfig, sets: Sequence[EvaluationSet]) -> Stage:
    """The stage that compares every problem with these sets."""
    identity = {
        "sets": [[one.name, one.digest] for one in sets],
        "ngram": config.ngram,
        "share": config.share,
    }
    return Stage(
        TABLE,
        STAGE,
        VERSION,
        CleanTable,
        ("problem",),
        Engine(partial(load, config, tuple(Named(one.name, one.path, one.digest) for one in sets))),
        identity,
        columns={"problem": COLUMNS},
    )


def load(config: DecontaminateConfig, named: Sequence[Named]) -> Transform:
    """Read and index the items, once per process.

    Raises:
        UsageError: a set cannot be read where the worker runs.
        RunError: it is another one than the build began with.
    """
    sets = [read_set(one.name, one.path) for one in named]
    for one, found in zip(named, sets, strict=True):
        if found.digest != one.digest:
            raise RunError(f"--decontaminate {one.name}={one.path}: changed since the build began; run it again")
    places = [_Place(one.name, number) for one in sets for number in range(len(one.questions))]
    wordings = [worded(question) for one in sets for question in one.questions]
    return partial(_screen, Items(wordings, config.ngram, config.share), places)


def worded(text: str) -> Wording:
    """How a text is worded; one that makes the reader raise is taken as it stands: the rewriting refuses its row."""
    read = guarded(partial(wording, text))
    return unspoken(text) if isinstance(read, Unreadable) else read


def _screen(items: Items, places: Sequence[_Place], inputs: Inputs) -> Outcome:
    rows: list[Clean] = []
    refused: list[Rejected] = []
    templates: Counter[str] = Counter()
    for problem in inputs["problem"].to_pylist():
        found = _found(items, problem)
        if found is not None and found[1].kind is not Kind.TEMPLATE:
            refused.append(_refusal(problem, *found, places[found[1].item]))
            continue
        rows.append(Clean(id=problem["id"]))
        if found is not None:
            templates[f"{TEMPLATES}{places[found[1].item].set}"] += 1
    return Outcome(rows, refused, templates)


def _found(items: Items, problem: Mapping[str, Any]) -> tuple[str, Match] | None:
    """The column and what it is like: an item before a template, the question before what it was made from."""
    found = [
        (column, match)
        for column in ("question", "original_question")
        if problem[column] is not None and (match := items.match(worded(problem[column]))) is not None
    ]
    hits = [(column, match) for column, match in found if match.kind is not Kind.TEMPLATE]
    return next(iter(hits or found), None)


def _refusal(problem: Mapping[str, Any], column: str, match: Match, place: _Place) -> Rejected:
    evidence = Evidence(place.set, place.number, match.kind, column, round(match.share, 3), match.span)
    how = "is" if match.kind is Kind.SAME else f"has {match.share:.0%} of the words and all numbers of"
    why = Unreadable(Reason.CONTAMINATED, f"{column} {how} item {place.number} of {place.set}: {match.span}")
    return refuse(STAGE, problem, why, {"evidence": asdict(evidence)})


def evidence_of(payload_json: str) -> Evidence:
    """The evidence in a rejected row."""
    return Evidence(**json.loads(payload_json)["evidence"])
