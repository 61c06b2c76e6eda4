"""The ratio table, for the screen and as CSV. It counts nothing."""

import csv
import io
from collections.abc import Callable, Sequence

from rich.box import SIMPLE_HEAD
from rich.table import Table

from pipeline.core.ratio_figures import SLACK_PERCENTILES, RatioFigures
from pipeline.errors import Reason

_DIGITS = 6
"""Of shares and means in the CSV: enough for a million rows."""

_Columns = dict[str, Callable[[RatioFigures], str]]
_ROWS: _Columns = {
    "accepted": lambda line: f"{line.accepted_share:.1%}",
    "repaired": lambda line: f"{line.repaired_share:.1%}",
    "lead-in": lambda line: f"{line.lead_in_tokens:.1f}",
    "slack p1/50/99": lambda line: "/".join(str(line.slack[p]) for p in (1, 50, 99)) if line.slack else "",
    "with tail": lambda line: f"{line.tail_share:.1%}",
    "tail": lambda line: f"{line.tail_tokens:.1f}",
}
_TIMES: _Columns = {
    "pads": lambda line: f"{line.pad_share:.1%}",
    "underruns": lambda line: f"{line.underruns:.3f}",
    "rows": lambda line: f"{line.underrun_share:.1%}",
    "first word": lambda line: f"{line.first_word_s:.2f} s",
    "last word": lambda line: f"{line.last_word_s:.2f} s",
    "least tok/s": lambda line: f"{line.least_tokens_per_s:.1f}",
}
"""Each half fits a terminal of 80 columns."""


def label(line: RatioFigures) -> str:
    """A schedule's name, short: "2:8", "2:8 r-first", "adaptive"."""
    return f"{line.ratio} r-first" if line.order == "reasoning_first" else line.ratio


def tables(lines: Sequence[RatioFigures]) -> tuple[Table, Table]:
    """The lines for a terminal: what becomes of the rows, and what a listener meets."""
    return _table("rows", _ROWS, lines), _table("listening", _TIMES, lines)


def _table(title: str, columns: _Columns, lines: Sequence[RatioFigures]) -> Table:
    shown = Table(title=title, title_justify="left", box=SIMPLE_HEAD, collapse_padding=True)
    shown.add_column("schedule", no_wrap=True)
    for name in columns:
        shown.add_column(name, justify="right", no_wrap=True)
    for line in lines:
        shown.add_row(label(line), *(cell(line) for cell in columns.values()))
    return shown


def to_csv(lines: Sequence[RatioFigures]) -> str:
    """All figures, one line a schedule; refused rows by reason, slack by percentile."""
    reasons = (Reason.DRIFT, Reason.TAIL, Reason.UNGROUNDED, Reason.EMPTY)
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    plain = (
        "rows", "accepted_share", "repaired_share", "lead_in_tokens", "tail_share", "tail_tokens", "pad_share",
        "underruns", "underrun_share", "stalled_s", "first_word_s", "last_word_s", "least_tokens_per_s",
    )  # fmt: skip
    slacks = [f"slack_p{p}" for p in SLACK_PERCENTILES]
    writer.writerow(["ratio", "order", *plain, *slacks, *(f"refused_{reason}" for reason in reasons)])
    for line in lines:
        writer.writerow(
            [
                line.ratio,
                line.order or "",
                *(round(getattr(line, name), _DIGITS) for name in plain),
                *(line.slack.get(p, "") for p in SLACK_PERCENTILES),
                *(line.refused.get(reason, 0) for reason in reasons),
            ]
        )
    return out.getvalue()
