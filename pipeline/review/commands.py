"""What `smp3m review` and `smp3m show` do with their flags: choose, show, write the page, apply the verdicts."""

from dataclasses import dataclass
from pathlib import Path

from rich.console import Console

from pipeline.config_types import chosen
from pipeline.errors import UsageError
from pipeline.review.choose import Filter, Order, Verdicts, choose, slack_range
from pipeline.review.dataset import find, places_of
from pipeline.review.looking import Looking, said_of
from pipeline.review.summary import lines, summarise
from pipeline.review.terminal import plain, show_view
from pipeline.review.verdicts import consolidate, verdicts
from pipeline.store.atomic import write_text
from pipeline.store.place import Place
from pipeline.store.quarantine import write_quarantine

MB = 1e6


@dataclass(frozen=True)
class Wish:
    """Which rows go into a page."""

    n_rows: int = 20
    source: str | None = None
    reason: str | None = None
    """Why refused; refused rows are looked at then."""
    voice: str | None = None
    slack: str | None = None
    """LOW:HIGH."""
    verdicts: str = Verdicts.ANY
    order: str = Order.RANDOM
    seed: int = 0

    @property
    def filter(self) -> Filter:
        """Which rows pass."""
        slack = slack_range(self.slack) if self.slack else (None, None)
        said = chosen(Verdicts, "--verdicts", self.verdicts)
        return Filter(self.reason is None, self.source, self.reason, self.voice, slack, said)


def run_show(out: Place, prefix: str, console: Console) -> None:
    """Print the row whose id begins with `prefix`.

    Raises:
        UsageError: no build, or no one row of that id.
    """
    looking = Looking.at(out)
    [view] = looking.views([find(looking.build, prefix.strip().lower())])
    show_view(view, said_of(view, looking.said()), console)


def run_page(out: Place, file: Path, wish: Wish, console: Console) -> None:
    """Write a page of rows and say how large it is.

    Raises:
        UsageError: no build, no row passes, or the file cannot be written there.
    """
    order, wanted = chosen(Order, "--order", wish.order), wish.filter
    looking = Looking.at(out)
    standing = summarise(looking, verdicts(out)).standing
    rows = choose(looking.index, wanted, order, wish.seed, standing)
    if not rows.num_rows:
        raise UsageError(f"--html {file}: no row passes ({wanted.pool or 'all accepted'}); ask for others")
    if not file.parent.is_dir() or file.is_dir():
        raise UsageError(f"--html {file}: cannot be written there; name a file in a folder that exists")
    views = looking.views(places_of(rows.slice(0, wish.n_rows)))
    how = f"{order}, seed {wish.seed}" if order is Order.RANDOM else order
    about = f"{len(views)} of {rows.num_rows:,} rows ({wanted.pool or 'all accepted'}), order: {how}."
    from pipeline.review.page import page_html  # a template engine, which `show` needs not wait for

    title = f"Spoken math problems: {out.absolute().name}"
    said = looking.said()
    write_text(file, page_html([(view, said_of(view, said)) for view in views], title=title, about=about))
    size = file.stat().st_size / MB
    console.print(f"{file}: {len(views)} rows, {size:.1f} MB", highlight=False, markup=False, soft_wrap=True)


def run_apply(out: Path, console: Console) -> None:
    """Say what the verdicts come to, and list the bad rows for the next publishing to leave out.

    Raises:
        UsageError: no build, or nobody has judged a row of it.
    """
    looking = Looking.at(out)
    if not verdicts(out):
        raise UsageError(f"{out}: nobody has judged a row yet; run smp3m review {out}")
    summary = summarise(looking, consolidate(out))
    write_quarantine(out, summary.listed)
    for line in lines(summary):
        console.print(plain(line), highlight=False, markup=False, soft_wrap=True)
    console.print(
        f"{len(summary.bad)} rows will be left out by the next smp3m build of {out} (only publishing runs again)",
        highlight=False,
        markup=False,
        soft_wrap=True,
    )
