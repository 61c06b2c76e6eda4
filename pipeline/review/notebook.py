"""The notebook's widgets: filters above, a desk with the row and its buttons below. All it knows of rows is a Session.

from pipeline.review.notebook import Review
review = Review("my-data")
review
"""

import getpass
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import anywidget
import ipywidgets
import traitlets
from IPython.display import Image, Pretty, display

from pipeline.errors import Smp3mError
from pipeline.review import plots
from pipeline.review.choose import Filter, Order, Verdicts, slack_range, values_of
from pipeline.review.looking import said_of
from pipeline.review.page import asset, desk_html, row_html
from pipeline.review.session import Session
from pipeline.review.summary import lines

_ANY = ("any", None)
_STATES = [("accepted", True), ("refused", False), ("all", None)]


class Desk(anywidget.AnyWidget):
    """Shows HTML and says what was clicked or pressed in it."""

    _esm = str(asset("desk.js"))
    _css = str(asset("style.css"))
    html = traitlets.Unicode("").tag(sync=True)


class Review:
    """Look at rows of a build one by one and judge them; shown by being the last line of a cell."""

    def __init__(self, out: str | Path = ".", reviewer: str | None = None) -> None:
        """Open a finished build.

        Args:
            out: the directory that `--out` named.
            reviewer: who judges; the name of the user that runs this, if not given.
        """
        self.session = Session.of(Path(out), _user() if reviewer is None else reviewer)
        self.desk = Desk()
        self.desk.on_msg(self._on_message)
        self._filters = _filters(self.session)
        for widget in self._filters.values():
            widget.observe(self._on_filter, names="value")
        grid = ipywidgets.GridBox(
            list(self._filters.values()), layout={"grid_template_columns": "repeat(auto-fill, minmax(18rem, 1fr))"}
        )
        self.panel = ipywidgets.VBox([grid, self.desk])
        self._show("")

    def _ipython_display_(self) -> None:
        display(self.panel)  # type: ignore[no-untyped-call]

    def summary(self) -> Pretty:
        """What all verdicts come to: counts, agreement, how many rows are good."""
        return Pretty("\n".join(lines(self.session.summary())))  # type: ignore[no-untyped-call]

    def plots(self) -> Image:
        """The build in six pictures."""
        index = self.session.looking.index
        return Image(plots.to_png(plots.overview(index)), alt=plots.in_words(index))  # type: ignore[no-untyped-call]

    def _on_message(self, _desk: Desk, message: Mapping[str, str], _buffers: object) -> None:
        """Do what was clicked; whatever goes wrong is said, for a callback's own error would be seen by nobody."""
        try:
            self._show(self._do(message))
        except (Smp3mError, OSError) as exc:
            self._show(str(exc))
        finally:
            self.desk.send({"answered": True})

    def _do(self, message: Mapping[str, str]) -> str:
        what = message["do"]
        if what in ("next", "before"):
            self.session.step(1 if what == "next" else -1)
            return ""
        review = self.session.judge(what, message["reason"], message["note"])
        if what != "withdrawn":
            self.session.step(1)
        said = f"{review.verdict} ({review.reason})" if review.reason else review.verdict
        return f"Stored: {review.id[:8]} is {said}, says {review.reviewer} at {review.time[11:19]} UTC."

    def _on_filter(self, _change: object) -> None:
        value = {name: widget.value for name, widget in self._filters.items()}
        self.session.reviewer = value["reviewer"].strip()
        try:
            slack = slack_range(value["slack"]) if value["slack"].strip() else (None, None)
            wanted = Filter(
                value["state"], value["source"], value["reason"], value["voice"], slack, Verdicts(value["verdicts"])
            )
            self.session.choose(wanted, Order(value["order"]), value["seed"])
            self._show("")
        except (Smp3mError, OSError) as exc:
            self._show(str(exc))

    def _show(self, status: str) -> None:
        session, view = self.session, self.session.view
        about: dict[str, Any] = {"status": status, "message": "No row passes these filters.", "can_be_judged": False}
        row = None
        if view is not None:
            title = f"Row {session.at + 1}"
            row = row_html(view, said_of(view, session.looking.said()), title=title, anchor="desk")
            about["message"] = f"{session.at + 1} of {session.rows.num_rows:,}, {session.order}"
            about |= {"can_be_judged": view.can_be_judged, "mine": session.mine(view)}
        self.desk.html = desk_html(row, **about)


def _user() -> str:
    """The name of the user, "" where the system has none for them (a container): then a verdict asks for it."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return ""


def _filters(session: Session) -> dict[str, ipywidgets.Widget]:
    index = session.looking.index
    style = {"description_width": "5.5rem"}

    def choice(label: str, options: list[Any]) -> ipywidgets.Dropdown:
        return ipywidgets.Dropdown(options=options, description=label, style=style)

    def text(label: str, value: str, hint: str) -> ipywidgets.Text:
        return ipywidgets.Text(value, description=label, placeholder=hint, continuous_update=False, style=style)

    return {
        "reviewer": text("Reviewer", session.reviewer, "your name"),
        "order": choice("Order", [order.value for order in Order]),
        "seed": ipywidgets.IntText(session.seed, description="Seed", style=style),
        "state": choice("Rows", _STATES),
        "source": choice("Source", [_ANY, *((name, name) for name in values_of(index, "source"))]),
        "voice": choice("Voice", [_ANY, *((name, name) for name in values_of(index, "voice"))]),
        "slack": text("Slack", "", "LOW:HIGH"),
        "reason": choice("Refused for", [_ANY, *((name, name) for name in values_of(index, "reason"))]),
        "verdicts": choice("Verdicts", [verdict.value for verdict in Verdicts]),
    }
