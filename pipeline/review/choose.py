"""Which rows to look at, and in which order. How a row was chosen is kept with its verdict.

Rows drawn at random from all accepted ones estimate how many are good; rows chosen because they look bad do not.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum
from hashlib import blake2b

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from pipeline.errors import UsageError

_Floats = NDArray[np.float64]


class Order(StrEnum):
    """In which order rows are looked at."""

    RANDOM = "random"
    """By the hash of seed and id: a row keeps its place when others come and go."""
    WORST = "worst"
    """First what is most extreme in any one of slack, WER and pad share."""
    SLACK = "slack"
    """Least slack first."""
    WER = "wer"
    """Highest word error rate first."""
    PADS = "pads"
    """Largest share of pads first."""
    FIRST = "first"
    """As published."""


class Verdicts(StrEnum):
    """Which rows by what reviewers said of them."""

    ANY = "any"
    NONE = "none"
    GOOD = "good"
    BAD = "bad"


@dataclass(frozen=True)
class Filter:
    """Which rows are of interest; None and ANY let all pass."""

    accepted: bool | None = True
    """Accepted rows, refused ones, or both."""
    source: str | None = None
    reason: str | None = None
    """Why refused."""
    voice: str | None = None
    slack: tuple[int | None, int | None] = (None, None)
    """Least and greatest, both inclusive; a row without a slack lies in no range."""
    verdicts: Verdicts = Verdicts.ANY

    @property
    def pool(self) -> str:
        """How a verdict names what its row was chosen from: empty for all accepted rows."""
        state = {True: "", False: "refused", None: "all"}[self.accepted]
        low, high = ("" if bound is None else bound for bound in self.slack)
        named = {"source": self.source, "reason": self.reason, "voice": self.voice}
        parts = [state, *(f"{name}={value}" for name, value in named.items() if value is not None)]
        parts += [f"slack={low}:{high}"] if self.slack != (None, None) else []
        parts += [f"verdicts={self.verdicts}"] if self.verdicts is not Verdicts.ANY else []
        return " ".join(part for part in parts if part)


def slack_range(text: str) -> tuple[int | None, int | None]:
    """Read "LOW:HIGH" with either end left out.

    Raises:
        UsageError: it is no range.
    """
    low, colon, high = text.partition(":")
    try:
        bounds = (int(low) if low else None, int(high) if high else None)
    except ValueError:
        bounds = (None, None)
    if not colon or bounds == (None, None):
        raise UsageError(f"--slack {text}: expected LOW:HIGH in reasoning tokens, such as 0:3, :5 or 20:")
    return bounds


def values_of(index: pa.Table, column: str) -> list[str]:
    """What a filter on `source`, `reason` or `voice` can ask for."""
    return sorted(value for value in pc.unique(index.column(column)).to_pylist() if value is not None)


def choose(
    index: pa.Table, wanted: Filter, order: Order, seed: int, standing: Mapping[str, str] | None = None
) -> pa.Table:
    """The rows that pass, in order.

    Args:
        index: `dataset.index_of` a build.
        wanted: what to look at.
        order: what comes first; equal rows come by id.
        seed: of the random order.
        standing: id -> "good" or "bad" for rows that have been judged.

    Raises:
        UsageError: a source, reason or voice that no row has.
    """
    rows = index.filter(_mask(index, wanted, standing or {}))
    if order is Order.FIRST:
        return rows
    ids = rows.column("id").to_pylist()
    if order is Order.RANDOM:
        return rows.take(np.lexsort((_texts(ids), _draws(ids, seed))))
    return rows.take(np.lexsort((_texts(ids), -_badness(rows, order))))


def _texts(ids: list[str]) -> NDArray[np.str_]:
    return np.array(ids, dtype=np.str_)


def _draws(ids: list[str], seed: int) -> NDArray[np.uint64]:
    """One number for each id, evenly spread and for ever the same."""
    salt = str(seed).encode()[: blake2b.MAX_KEY_SIZE]
    drawn = b"".join(blake2b(row_id.encode(), digest_size=8, key=salt).digest() for row_id in ids)
    return np.frombuffer(drawn, dtype=">u8").astype(np.uint64)


def _mask(index: pa.Table, wanted: Filter, standing: Mapping[str, str]) -> pa.Array:
    mask = pc.is_valid(index.column("id"))
    if wanted.accepted is not None:
        mask = pc.and_(mask, pc.equal(index.column("accepted"), wanted.accepted))
    for column in ("source", "reason", "voice"):
        value = getattr(wanted, column)
        if value is not None:
            known = values_of(index, column)
            if value not in known:
                raise UsageError(f"--{column} {value}: no row has it; choose from {', '.join(known) or 'nothing'}")
            mask = pc.and_(mask, pc.fill_null(pc.equal(index.column(column), value), False))
    for bound, within in zip(wanted.slack, (pc.greater_equal, pc.less_equal), strict=True):
        if bound is not None:
            mask = pc.and_(mask, pc.fill_null(within(index.column("slack"), bound), False))
    if wanted.verdicts is not Verdicts.ANY:
        mask = pc.and_(mask, _judged(index, wanted.verdicts, standing))
    return mask


def _judged(index: pa.Table, wanted: Verdicts, standing: Mapping[str, str]) -> pa.Array:
    ids: Collection[str]
    if wanted is Verdicts.NONE:
        ids = standing.keys()
    else:
        ids = [row_id for row_id, verdict in standing.items() if verdict == wanted]
    found = pc.is_in(index.column("id"), value_set=pa.array(list(ids), pa.string()))
    return pc.invert(found) if wanted is Verdicts.NONE else found


def _badness(rows: pa.Table, order: Order) -> _Floats:  # [n_rows], the greater the worse
    measures = {
        Order.SLACK: -_numbers(rows, "slack"),
        Order.WER: _numbers(rows, "wer"),
        Order.PADS: _numbers(rows, "pad_share"),
    }
    if order is not Order.WORST:
        return np.where(np.isnan(measures[order]), -np.inf, measures[order])
    worst: _Floats = np.array([_share_not_worse(values) for values in measures.values()]).max(axis=0)
    return worst


def _numbers(rows: pa.Table, column: str) -> _Floats:
    """The values, NaN where a row has none."""
    values: _Floats = pc.cast(rows.column(column), pa.float64()).to_numpy()
    return values


def _share_not_worse(values: _Floats) -> _Floats:
    """For each value the share of rows that are less bad, 0 where there is none."""
    known = np.sort(values[~np.isnan(values)])
    below = np.searchsorted(known, values, side="left") / max(1, len(known))
    return np.where(np.isnan(values), 0.0, below)
