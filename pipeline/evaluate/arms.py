"""The arms of the experiment: the same published problems, laid out in each way of talking.

Every arm begins with the response as it was rewritten, without lead-ins. An arm of a schedule gets those that it
needs; one that keeps drift gets none and is never refused for drift. Rows that one arm cannot lay out are in none.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import pyarrow as pa
import pyarrow.parquet as pq

from pipeline.backends.tokenizer import control_ids
from pipeline.backends.tokenizer.protocol import Tokenizer
from pipeline.core import quantities
from pipeline.core.adaptive import Adaptive
from pipeline.core.claims import claims as read_claims
from pipeline.core.drift import place, row_slack
from pipeline.core.interleaving import Layout, Prepared, lay_out_row, prepare
from pipeline.core.outcome import Unreadable
from pipeline.core.paradigm import Paradigm, Sequential, lay_out, paradigm_named
from pipeline.core.quantity import Quantity
from pipeline.core.repair import measure
from pipeline.core.schedule import Schedule, TokenStream, Turn, emitted_before
from pipeline.errors import UsageError
from pipeline.evaluate.dataset import COLUMNS, DataSet, Piece, draft_of, require_vocabulary
from pipeline.store.atomic import write_atomic, write_json
from pipeline.store.made_with import require_same

_KEEPS = "+drift"
_MANIFEST = "arms.json"


class Arm(NamedTuple):
    """One way of talking."""

    name: str
    paradigm: Paradigm
    keeps_drift: bool

    @property
    def folder(self) -> str:
        """The name as a file system takes it."""
        return self.name.replace(":", "-").replace("/", "_")


def arm_named(name: str) -> Arm:
    """Read an arm's name.

    Raises:
        UsageError: no such paradigm, or one in which nothing could drift.
    """
    bare = name.removesuffix(_KEEPS)
    paradigm = paradigm_named(bare)
    keeps = bare != name
    if keeps and not (isinstance(paradigm, Schedule) and paradigm.q):
        raise UsageError(f"arm {name}: only a ratio p:q can leave drift in")
    return Arm(name, paradigm, keeps)


class Laid(NamedTuple):
    """A row in one arm."""

    turn: Turn
    stream: TokenStream
    slack: int | None


@dataclass(frozen=True)
class LayoutOf:
    """How an arm lays rows out with a vocabulary."""

    arm: Arm
    layout: Layout | None
    """Where there is a schedule that the arm is repaired for."""
    tokenizer: Tokenizer

    @classmethod
    def make(cls, arm: Arm, data: DataSet, tokenizer: Tokenizer) -> "LayoutOf":
        """Measure the lead-ins where some may be needed."""
        scheduled = isinstance(arm.paradigm, Adaptive) or (isinstance(arm.paradigm, Schedule) and arm.paradigm.q > 0)
        if not scheduled or arm.keeps_drift or isinstance(arm.paradigm, Sequential):
            return cls(arm, None, tokenizer)
        phrases = measure(tokenizer.encode)
        made = Layout(arm.paradigm, control_ids(tokenizer), tokenizer.decode, phrases, data.limits)
        return cls(arm, made, tokenizer)

    def lay(self, row: Prepared) -> Laid | None:
        """A row in this arm, None where it has no place in it."""
        if self.layout is not None:
            made = lay_out_row(row, self.layout)
            if isinstance(made, Unreadable):
                return None
            turn = Turn(made.response_ids, made.reasoning_ids)
            return Laid(turn, TokenStream(made.token_ids, made.streams), made.slack)
        paradigm = self.arm.paradigm
        if isinstance(paradigm, Adaptive):
            raise TypeError("the adaptive layout is the repaired one: a bug")
        encoded = self.tokenizer.encode(row.response)
        turn = Turn(encoded.ids, row.reasoning_ids)
        if isinstance(paradigm, Schedule) and paradigm.tail(len(turn.response_ids), len(turn.reasoning_ids)):
            return None
        control = control_ids(self.tokenizer)
        stream = lay_out(turn, paradigm, control)
        if isinstance(paradigm, Schedule) and not paradigm.q:
            return Laid(turn, stream, None)
        emitted = emitted_before(stream.streams, stream.token_ids, control).__getitem__
        return Laid(turn, stream, row_slack(place(row.claims, encoded.ends, row.reasoning_ends, emitted)))


def slack_of(
    question: Sequence[Quantity], reasoning: str, response: str, ends: tuple[list[int], list[int]], emitted: list[int]
) -> int | None:
    """The least slack of a turn that a model made; None where it claims nothing that it reasoned.

    Args:
        question: quantities of the question.
        reasoning: as decoded.
        response: as decoded.
        ends: of the response's and the reasoning's tokens, in characters.
        emitted: [n_response] reasoning tokens before each token of the response.
    """
    claims = read_claims(question, reasoning, response)
    response_ends, reasoning_ends = ends
    return row_slack(place(claims, response_ends, reasoning_ends, emitted.__getitem__))


class ArmFacts(NamedTuple):
    """What an arm is made of."""

    mean_tokens: float
    """Of a training row's stream, its question left out."""
    drift_share: float
    """Share of the training rows in which a result is spoken before it is reasoned."""
    lead_in_words: float
    """Mean number of words beyond the response as it was rewritten."""


class Arms(NamedTuple):
    """The tables of all arms."""

    folders: dict[str, Path]
    facts: dict[str, ArmFacts]
    n_train: int
    n_test: int
    n_left_out: int
    """Rows that are in no arm: some arm could not lay them out, or the settings ask for smaller problems."""


def write_arms(
    data: DataSet,
    names: Sequence[str],
    folder: Path,
    tokenizer: Tokenizer,
    keep: "Smaller",
) -> Arms:
    """Write a table per arm, or find those that are there.

    Raises:
        ContractError: rows of another vocabulary, or tables of other arms in `folder`.
        UsageError: nothing is left to train or to test on.
    """
    arms = [arm_named(name) for name in names]
    folders = {arm.name: folder / arm.folder for arm in arms}
    manifest = folder / _MANIFEST
    asked = {"arms": list(names), "data": data.key, **keep._asdict()}
    if manifest.is_file():
        found = json.loads(manifest.read_text(encoding="utf-8"))
        require_same(manifest, found["asked"], asked)
        facts = {name: ArmFacts(*values) for name, values in found["facts"].items()}
        return Arms(folders, facts, found["n_train"], found["n_test"], found["n_left_out"])
    layouts = [LayoutOf.make(arm, data, tokenizer) for arm in arms]
    tables: dict[str, dict[str, list[dict[str, Any]]]] = {arm.name: {"train": [], "test": []} for arm in arms}
    n_left_out = 0
    for row in _rows(data, tokenizer):
        laid = _laid(row, layouts, keep)
        if laid is None:
            n_left_out += 1
            continue
        for arm, made in zip(arms, laid, strict=True):
            if row["split"] in tables[arm.name]:
                tables[arm.name][row["split"]].append(_stored(row, made))
    first = tables[arms[0].name]
    if not first["train"] or not first["test"]:
        raise UsageError(
            f"{data.folder}: {len(first['train'])} rows to train on and {len(first['test'])} to test on are in all "
            "arms: build more rows, with a test split (--set split.test=0.1), or ask for larger problems"
        )
    facts = {name: _facts(splits["train"], tokenizer) for name, splits in tables.items()}
    for name, splits in tables.items():
        for split, rows in splits.items():
            _write(folders[name] / "data" / f"{split}-00000-of-00001.parquet", rows)
    sizes = {"n_train": len(first["train"]), "n_test": len(first["test"]), "n_left_out": n_left_out}
    write_json(manifest, {"asked": asked, "facts": {name: list(fact) for name, fact in facts.items()}, **sizes})
    return Arms(folders, facts, sizes["n_train"], sizes["n_test"], n_left_out)


class Smaller(NamedTuple):
    """Which problems are left in."""

    max_equations: int | None
    max_number: float | None

    def holds(self, reasoning: str, question: Sequence[Quantity]) -> bool:
        """Whether a problem is small enough."""
        if self.max_equations is not None and reasoning.count("=") > self.max_equations:
            return False
        if self.max_number is None:
            return True
        return all(abs(one.value) <= self.max_number for one in (*question, *quantities.read(reasoning)))


def _rows(data: DataSet, tokenizer: Tokenizer) -> Iterator[dict[str, Any]]:
    """Published rows, each with its response as it was rewritten as `bare`."""
    for piece in data.published:
        for row in _read(piece):
            require_vocabulary(row, tokenizer)
            yield {**row, "bare": draft_of(row, tokenizer).response}


def _read(piece: Piece) -> list[dict[str, Any]]:
    columns = [*COLUMNS, "answer", "split"]
    with pq.ParquetFile(piece.path) as file:
        rows: list[dict[str, Any]] = file.read_row_group(piece.row_group, columns=columns).to_pylist()
    return rows


def _laid(row: dict[str, Any], layouts: Sequence[LayoutOf], keep: Smaller) -> list[Laid] | None:
    """A row in every arm, None where it is not in all of them."""
    asked = quantities.read(row["spoken_question"])
    if not keep.holds(row["reasoning"], asked):
        return None
    prepared = prepare(asked, row["reasoning"], row["bare"], layouts[0].tokenizer.encode, key=row["id"])
    if isinstance(prepared, Unreadable):
        return None
    laid = [layout.lay(prepared) for layout in layouts]
    made = [one for one in laid if one is not None]
    return made if len(made) == len(laid) else None


def _stored(row: dict[str, Any], made: Laid) -> dict[str, Any]:
    same = {name: row[name] for name in ("id", "spoken_question", "answer", "provenance", "bare")}
    ids = {"response_ids": made.turn.response_ids, "reasoning_ids": made.turn.reasoning_ids}
    return {
        **same,
        **ids,
        "token_ids": made.stream.token_ids,
        "streams": [int(stream) for stream in made.stream.streams],
        "slack": made.slack,
    }


def _facts(rows: Sequence[dict[str, Any]], tokenizer: Tokenizer) -> ArmFacts:
    n_words = sum(len(tokenizer.decode(row["response_ids"]).split()) - len(row["bare"].split()) for row in rows)
    return ArmFacts(
        sum(len(row["token_ids"]) for row in rows) / len(rows),
        sum(row["slack"] is not None and row["slack"] < 0 for row in rows) / len(rows),
        n_words / len(rows),
    )


def _write(path: Path, rows: Sequence[dict[str, Any]]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    table = pa.Table.from_pylist(list(rows))
    write_atomic(path, lambda temp: pq.write_table(table, temp))
