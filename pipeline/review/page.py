"""Rows as HTML: one row for the notebook, or one self-contained page of rows to send to a colleague.

Whatever a row holds is escaped. The page asks nothing of a network: audio, style and script are in it, and its content
security policy forbids the rest.
"""

import base64
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import NamedTuple

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from pipeline.review.verdicts import REASONS
from pipeline.review.view import RowView
from schemas.rows import Review

TEMPLATES = Path(__file__).with_name("templates")


class Entry(NamedTuple):
    """A row of the page."""

    anchor: str
    title: str
    html: Markup


def row_html(view: RowView, said: Sequence[Review], *, title: str, anchor: str) -> Markup:
    """One row.

    Args:
        view: the row.
        said: what reviewers said of it.
        title: its heading.
        anchor: its id in the page, which begins those of its parts.
    """
    template = _environment().get_template("row.html.j2")
    return Markup(template.render(view=view, said=said, title=title, anchor=anchor))


def desk_html(row: Markup | None, **about: object) -> str:
    """The notebook's desk around a row, or around nothing: see `templates/desk.html.j2` for what it says."""
    return _environment().get_template("desk.html.j2").render(row=row, reasons=REASONS, **about)


def page_html(rows: Sequence[tuple[RowView, Sequence[Review]]], *, title: str, about: str) -> str:
    """One self-contained page.

    Args:
        rows: views with what reviewers said of them.
        title: its heading.
        about: one paragraph: what the rows are and how they were chosen.
    """
    entries = [
        Entry(f"row-{n}", f"Row {n}", row_html(view, said, title=f"Row {n}", anchor=f"row-{n}"))
        for n, (view, said) in enumerate(rows, 1)
    ]
    clips = [clip for view, _ in rows for clip in (view.sound, view.response_sound) if clip]
    size = (
        f"{len(rows)} rows, {sum(clip.duration_s for clip in clips):.0f} s of audio in "
        f"{sum(len(clip.data) for clip in clips) / 1e6:.1f} MB. This page needs no network and sends nothing."
    )
    template = _environment().get_template("page.html.j2")
    return template.render(
        entries=entries, title=title, about=about, size=size, style=asset("style.css"), script=asset("page.js")
    )


def asset(name: str) -> Markup:
    """A style or script of ours, as it is."""
    return Markup((TEMPLATES / name).read_text(encoding="utf-8"))


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=StrictUndefined,
    )
    environment.filters["base64"] = lambda data: base64.b64encode(data).decode()
    return environment
