"""Whether every stream of a build comes apart into exactly what was put in, read from its Parquet files alone.

For each row: the stream taken apart gives both id columns; put together by the row's own schedule, they give the
stream; both texts give both id columns and back; no slack is below the margin. Rows of one data set may differ in
schedule.
"""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from pipeline.backends.tokenizer import control_ids
from pipeline.backends.tokenizer.protocol import Tokenizer
from pipeline.core.adaptive import schedule_of
from pipeline.core.interleaving import laid_out_again
from pipeline.core.schedule import TokenStream, Turn, deinterleave
from pipeline.errors import UsageError


class Fault(NamedTuple):
    """A row whose stream is not what its columns say."""

    id: str
    detail: str


class Checked(NamedTuple):
    """What was found in some rows."""

    n_rows: int
    n_repaired: int
    least_slack: int | None
    faults: tuple[Fault, ...]

    def and_then(self, other: "Checked") -> "Checked":
        """Both findings as one."""
        slacks = [slack for slack in (self.least_slack, other.least_slack) if slack is not None]
        return Checked(
            self.n_rows + other.n_rows,
            self.n_repaired + other.n_repaired,
            min(slacks, default=None),
            self.faults + other.faults,
        )


NOTHING = Checked(0, 0, None, ())


def check_rows(rows: Sequence[Mapping[str, Any]], tokenizer: Tokenizer, margin: int) -> Checked:
    """Check published rows; `margin` is the least slack that the build allowed."""
    faults = [Fault(row["id"], detail) for row in rows if (detail := fault_of(row, tokenizer, margin)) is not None]
    slacks = [row["slack"] for row in rows if row["slack"] is not None]
    return Checked(len(rows), sum(bool(row["lead_in"]) for row in rows), min(slacks, default=None), tuple(faults))


def fault_of(row: Mapping[str, Any], tokenizer: Tokenizer, margin: int) -> str | None:
    """What is wrong with a published row, None when nothing is."""
    turn = Turn(row["response_ids"], row["reasoning_ids"])
    stream = TokenStream(row["token_ids"], row["streams"])
    control = control_ids(tokenizer)
    try:
        if deinterleave(*stream, control) != turn:
            return "the stream does not come apart into response_ids and reasoning_ids"
        schedule = schedule_of(row["ratio"], row["order"])
        if laid_out_again(turn, stream.token_ids, schedule, control) != stream:
            return f"response_ids and reasoning_ids laid out by {row['ratio']} do not give the stream"
    except (ValueError, UsageError) as exc:
        return str(exc)
    for name, ids in (("response", turn.response_ids), ("reasoning", turn.reasoning_ids)):
        if tokenizer.encode(row[name]).ids != ids or tokenizer.decode(ids) != row[name]:
            return f"{name}_ids are not the tokens of {name}"
    if row["slack"] is not None and row["slack"] < margin:
        return f"slack {row['slack']} is below the margin {margin}"
    return None
