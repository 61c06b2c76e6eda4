"""An existing build, read row group by row group: rows as they were rewritten, and streams as they were published.

The response *without* its lead-ins is what another schedule starts from. It is not stored: the lead-ins are taken out
of the published response at the tokens where `lead_in` says they stand. Rows that the build's own schedule refused
(drift, tail) come from DIR/rejected, so that a generous schedule is not measured on what a mean one let through.
No audio is read.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import pyarrow as pa
import pyarrow.parquet as pq
from pydantic import TypeAdapter

from pipeline.backends.tokenizer import control_ids, require
from pipeline.backends.tokenizer import load as load_tokenizer
from pipeline.backends.tokenizer.protocol import Tokenizer
from pipeline.config import InterleaveConfig
from pipeline.config_llm import LlmConfig
from pipeline.core.repair import Limits
from pipeline.errors import ContractError, Reason, UsageError
from pipeline.stages.interleave import STAGE
from pipeline.store.outputs import Outputs
from pipeline.store.place import Place, ending, open_input, read_text

COLUMNS = (
    "id", "question", "spoken_question", "reasoning", "response", "lead_in", "tokenizer", "response_ids",
    "reasoning_ids", "token_ids", "streams", "ratio", "order", "slack", "provenance",
)  # fmt: skip
_OF_INTERLEAVE = (Reason.DRIFT, Reason.TAIL, Reason.UNGROUNDED)
"""Why step interleave refuses a row: a schedule does not fit it, or none can."""


class Piece(NamedTuple):
    """One row group: what is read at a time."""

    path: Place
    row_group: int
    n_rows: int
    rejected: bool
    """Whether it holds refused rows."""


class Draft(NamedTuple):
    """A rewritten row before any schedule."""

    id: str
    spoken_question: str
    reasoning: str
    response: str
    """Without lead-ins."""


@dataclass(frozen=True)
class DataSet:
    """A finished build: where its rows lie and what they were made with."""

    folder: Place
    pieces: tuple[Piece, ...]
    interleave: InterleaveConfig
    llm: LlmConfig
    """The model that the build asks, or would ask."""
    repair_turns: int
    seed: int
    key: str
    """Identifies what is published."""

    @property
    def limits(self) -> Limits:
        """The margin and the deferral of the build."""
        return Limits(slack_margin=self.interleave.margin, max_deferral=self.interleave.max_deferral)

    @property
    def published(self) -> tuple[Piece, ...]:
        """The pieces of accepted rows."""
        return tuple(piece for piece in self.pieces if not piece.rejected)


def open_dataset(folder: Place) -> DataSet:
    """Find the files of a build.

    Raises:
        UsageError: no finished build here.
        ContractError: its files are not of this project's columns.
    """
    place = Outputs.under(folder)
    try:
        report = json.loads(read_text(place.report))
        config = report["config"]
        interleave = TypeAdapter(InterleaveConfig).validate_python(config["interleave"])
        llm = TypeAdapter(LlmConfig).validate_python(config["llm"])
        seed, repair_turns, key = int(config["seed"]), int(config["rewrite"]["repair_turns"]), str(report["key"])
    except FileNotFoundError:
        raise UsageError(f"{folder}: no finished build here; give the directory that --out named") from None
    except (ValueError, KeyError, TypeError) as exc:
        raise ContractError(f"{place.report}: not a report of this version; build again") from exc
    pieces: list[Piece] = []
    for path in ending(place.dataset / "data", ".parquet"):
        pieces += _pieces(path, COLUMNS, rejected=False)
    if not pieces:
        raise UsageError(f"{folder}: its data set holds no rows; build again")
    for path in ending(place.rejected, ".parquet"):
        pieces += _pieces(path, ("id", "stage", "reason", "payload_json"), rejected=True)
    return DataSet(folder, tuple(pieces), interleave, llm, repair_turns, seed, key)


def _pieces(path: Place, columns: Sequence[str], *, rejected: bool) -> Iterator[Piece]:
    try:
        meta = pq.read_metadata(open_input(path))
    except (pa.ArrowInvalid, OSError) as exc:
        raise ContractError(f"{path}: not a readable parquet file; build again") from exc
    missing = sorted(set(columns) - set(meta.schema.to_arrow_schema().names))
    if missing:
        raise ContractError(f"{path}: has no column {missing[0]!r}; build again with this version")
    for group in range(meta.num_row_groups):
        if meta.row_group(group).num_rows:
            yield Piece(path, group, meta.row_group(group).num_rows, rejected)


def published_rows(piece: Piece) -> Iterator[dict[str, Any]]:
    """The rows of a piece of accepted rows, without audio."""
    with pq.ParquetFile(open_input(piece.path)) as file:
        yield from file.read_row_group(piece.row_group, columns=list(COLUMNS)).to_pylist()


def draft_of(row: Mapping[str, Any], tokenizer: Tokenizer) -> Draft:
    """A published row without its lead-ins.

    Raises:
        ContractError: the lead-ins are not where the row says.
    """
    response = row["response"]
    if row["lead_in"]:
        ends = tokenizer.encode(response).ends
        for lead_in in sorted(row["lead_in"], key=lambda entry: -entry["resp_start"]):
            start = ends[lead_in["resp_start"] - 1] if lead_in["resp_start"] else 0
            start += response[start : start + 1] == " "
            words = f"{lead_in['text']} "
            if not response.startswith(words, start):
                raise ContractError(f"row {row['id']}: no {lead_in['text']!r} at token {lead_in['resp_start']}")
            response = response[:start] + response[start + len(words) :]
    return Draft(row["id"], row["spoken_question"], row["reasoning"], response)


def refused_drafts(piece: Piece) -> Iterator[Draft]:
    """The rows of a piece of refused ones that had been rewritten, and that step interleave refused."""
    with pq.ParquetFile(open_input(piece.path)) as file:
        table = file.read_row_group(piece.row_group, columns=["id", "stage", "reason", "payload_json"])
    for row in table.to_pylist():
        if row["stage"] == STAGE and row["reason"] in _OF_INTERLEAVE:
            made = json.loads(row["payload_json"])
            yield Draft(row["id"], made["spoken_question"], made["reasoning"], made["response"])


def vocabulary_of(data: DataSet) -> Tokenizer:
    """The tokenizer that a build was made with, by the name in its settings.

    Raises:
        UsageError: the name or path leads to no tokenizer any more.
    """
    return load_tokenizer(data.interleave.tokenizer)


def require_vocabulary(row: Mapping[str, Any], tokenizer: Tokenizer) -> None:
    """Refuse a row of another vocabulary or of other control ids.

    Raises:
        ContractError: the row's provenance names another one.
    """
    made_with = json.loads(row["provenance"])["interleave"]
    require(tokenizer, made_with["tokenizer_digest"], f"row {row['id']}")
    if made_with["control_ids"] != control_ids(tokenizer).as_map():
        raise ContractError(f"row {row['id']}: has control ids {made_with['control_ids']}; build again")
