"""What a build says at the end: a table of what became of every row, and where everything lies."""

from collections.abc import Iterator

from rich.console import Console
from rich.table import Table

from pipeline.errors import RunError
from pipeline.stages.report import NANO_USD, SECONDS_PER_HOUR, Report, costs
from pipeline.store.outputs import Outputs
from pipeline.store.place import Place

SHOWN_REASONS = 12


def close(report: Report, out: Place, elapsed_s: float, console: Console, *, published: bool) -> None:
    """Print the closing table.

    Raises:
        RunError: the build was published, but not one row was accepted.
    """
    table = Table(title=f"{out}", show_header=False, title_justify="left")
    for name, value in _figures(report, elapsed_s, published=published):
        table.add_row(name, value)
    console.print(table)
    if report.stopped:
        raise RunError(f"{report.stopped}; everything paid for is kept: raise it and run the same command to go on")
    if not published:
        console.print("not published: run without --stage, or with --stage verify, to finish", highlight=False)
        return
    place = Outputs.under(out.absolute())
    for label, path in (("data set", place.dataset), ("rejected", place.rejected), ("report", place.report)):
        console.print(f"{label:<9} {path}", highlight=False, soft_wrap=True)
    total = report.total
    if total.pending:
        raise RunError(
            f"{total.pending} rows are pending, for which there was no answer: run the same command again to ask for "
            "them; what lies there now is without them"
        )
    if not total.accepted:
        reasons = ", ".join(f"{reason} {n}" for reason, n in report.reasons.most_common(3)) or "none in"
        raise RunError(f"nothing accepted of {total.rows_in} rows ({reasons}); each row and why: {place.rejected}")


def _figures(report: Report, elapsed_s: float, *, published: bool) -> Iterator[tuple[str, str]]:
    total = report.total
    yield "rows in", f"{total.rows_in:,}"
    yield "accepted", _share(total.accepted, total.rows_in)
    yield "rejected", _share(total.rejected, total.rows_in)
    for reason, count in report.reasons.most_common(SHOWN_REASONS):
        yield f"  {reason}", f"{count:,}"
    yield "duplicates", f"{total.duplicates:,}"
    yield "pending", f"{total.pending:,}"
    if published:
        yield from _published(report)
    yield from _costs(report)
    yield "time", f"{elapsed_s:.1f} s"


def _costs(report: Report) -> Iterator[tuple[str, str]]:
    cost = costs(report)
    if cost is None or report.spent is None:
        return
    for name, sums in report.asked.items():
        tokens = f"{sums['prompt_tokens']:,.0f} + {sums['completion_tokens']:,.0f} tokens"
        yield f"asked for {name}", f"{sums['answers']:,.0f} answers, {tokens}"
    usd, each = cost["usd"], cost["usd_per_row"]
    if isinstance(usd, float):
        yield "cost", f"${usd:.4f}" + (f" (${each:.6f} a row)" if isinstance(each, float) else "")
    else:
        yield "cost", "not known: no price of this model (llm.prices)"
    for name, figure in (report.forecast or {}).items():
        if figure["error"] is not None:
            yield f"planned {name}", f"{figure['predicted']:,.4g} for {figure['actual']:,.4g} ({figure['error']:+.0%})"
    unpriced = report.spent["unpriced"]
    beside = f", and {unpriced:,} answers of unknown price" if unpriced else ""
    yield "paid so far", f"${report.spent['nano_usd'] / NANO_USD:.4f} in this directory{beside}"


def _published(report: Report) -> Iterator[tuple[str, str]]:
    if report.audio_s:
        yield "audio", f"{report.audio_s / SECONDS_PER_HOUR:.2f} hours"
    if report.mean_wer is not None:
        yield "mean WER", f"{report.mean_wer:.3f} (number-aware)"
    yield "tokens", f"{report.tokens:,}"
    if report.tokens:
        yield "pad share", f"{100 * report.pads / report.tokens:.1f}%"
        yield "repaired", _share(report.repaired, report.total.accepted)
    if report.least_slack is not None:
        yield "least slack", f"{report.least_slack} reasoning tokens"


def _share(part: int, whole: int) -> str:
    return f"{part:,} ({100 * part / whole:.1f}%)" if whole else f"{part:,}"
