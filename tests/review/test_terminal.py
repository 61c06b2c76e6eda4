"""A row in the terminal: colours where there are some, the same marks everywhere, and nothing of a row is obeyed."""

import io
import re
from dataclasses import replace
from pathlib import Path

import pytest
from rich.console import Console

from pipeline.review.dataset import Place
from pipeline.review.looking import Looking
from pipeline.review.terminal import show_view
from pipeline.review.texts import Segment
from pipeline.review.view import RowView
from schemas.rows import Review

ESCAPE = "\x1b"


@pytest.fixture
def view(built: Path) -> RowView:
    """The first accepted row."""
    return Looking.at(built).views([Place(0, 0, 0)])[0]


def shown(view: RowView, said: tuple[Review, ...] = (), *, terminal: bool = False) -> str:
    stream = io.StringIO()
    show_view(
        view,
        said,
        Console(file=stream, force_terminal=terminal, width=100, color_system="standard" if terminal else "auto"),
    )
    return stream.getvalue()


def test_without_a_terminal_there_are_marks_and_no_colours(view: RowView) -> None:
    text = shown(view)
    assert ESCAPE not in text
    assert view.timeline is not None
    for claim in view.timeline.claims:
        assert f"{{{claim.number}}}" in text
        assert claim.said in text
    assert "{→" in text
    assert re.search(r"O\|.*R\|", text)
    assert "accepted" in text


def test_in_a_terminal_the_same_text_has_colours(view: RowView) -> None:
    coloured = shown(view, terminal=True)
    assert f"{ESCAPE}[1;32m" in coloured
    assert re.sub(rf"{ESCAPE}\[[\d;]*m", "", coloured) == shown(view)


def test_control_characters_and_markup_of_a_row_are_shown_and_not_obeyed(view: RowView) -> None:
    evil = replace(view, reasoning=f"{ESCAPE}[31m[bold]red[/bold]\x07", question=(Segment(f"a\rb{ESCAPE}]0;x\x07"),))
    text = shown(evil)
    assert ESCAPE not in text
    assert "\x07" not in text
    assert "␛[31m[bold]red[/bold]␇" in text
    assert "a␍b" in text


def test_a_refused_row_says_by_whom_and_why(built: Path) -> None:
    looking = Looking.at(built)
    [view] = looking.views([Place(looking.build.n_accepted_files, 0, 0)])
    text = shown(view)
    assert "refused by collect: no_answer" in text
    assert "Nobody can tell." in text


def test_what_reviewers_said_is_told(view: RowView) -> None:
    review = Review(
        id=view.id, verdict="bad", reason="audio", note="hisses", reviewer="ann", time="2031-05-06T07:08:09.000000Z",
        content=view.content, chosen="random", pool="",
    )  # fmt: skip
    assert "bad audio hisses" in shown(view, (review,))
